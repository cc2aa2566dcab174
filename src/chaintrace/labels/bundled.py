"""Bundled lists: facts that come with chaintrace, each row with its origin."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import replace
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from chaintrace.labels.edition import Edition
from chaintrace.labels.labellist import LabelList, Unusable
from chaintrace.labels.pools import SOURCE, pool_label, tornado_pools
from chaintrace.labels.read.plain import read_csv, read_toml
from chaintrace.labels.read.source import Source


@cache
def bundled_lists() -> tuple[LabelList, ...]:
    """All of them, lowest layer first: services, mixers, Tornado Cash's pools, the DPRK's, and OFAC's history."""
    told = tomllib.loads(_bytes("lists.toml").decode())
    found = [_list(one) for one in told["list"]]
    return (found[0], _pools(), *found[1:])


def _list(told: dict[str, Any]) -> LabelList:
    source = Source(_bytes(told["file"]), told["file"])
    read = read_toml if told["file"].endswith(".toml") else read_csv
    made = read(source, told["published"], name=told["name"])
    lost = tuple(_unusable(told["unusable"])) if "unusable" in told else ()
    count = made.edition.count + len(lost)
    edition = Edition(
        told["name"], told["published"], source.sha256, count, told["origin"], told.get("snapshot", False)
    )
    return replace(made.dated(edition), unusable=lost)


def _pools() -> LabelList:
    data = _bytes("tornado_pools.csv")
    labels = tuple(pool_label(pool) for pool in tornado_pools())
    made = LabelList(Edition("tornado-pools"), labels)
    return made.dated(Edition("tornado-pools", "", sha256(data).hexdigest(), len(labels), SOURCE))


def _unusable(name: str) -> list[Unusable]:
    return [Unusable(**row) for row in csv.DictReader(_bytes(name).decode().splitlines())]


def _bytes(name: str) -> bytes:
    return files("chaintrace.labels").joinpath("data", name).read_bytes()
