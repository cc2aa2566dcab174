"""Wraps: ether that became its wrapped token in one transaction, and back, as observed links."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

import pyarrow as pa

from chaintrace.graph.link import Link
from chaintrace.model.asset import contract_of

Key = tuple[str, str, str, bytes]
Found = tuple[tuple[str, str, int], str]


def wraps(table: pa.Table, wrappers: Collection[str]) -> list[Link]:
    """A link for each deposit into and withdrawal from one of ``wrappers``, 1:1: coins that an account pays to the
    contract (or gets from it) and the same amount of its token that is minted for it (or burnt) in one transaction.

    Several of one amount in one transaction are paired in their order. Rule: WETH9, ``deposit`` and ``withdraw``.
    """
    paid, minted, burnt, got = (defaultdict[Key, list[Found]](list) for _ in range(4))
    for row in _rows(table, wrappers):
        ref = ((row["tx_hash"], row["kind"], row["seq"]), row["evidence"])
        contract = contract_of(row["asset"])
        if contract is None and row["receiver"] in wrappers:
            paid[row["tx_hash"], row["receiver"], row["sender"], row["amount"]].append(ref)
        elif contract is None:
            got[row["tx_hash"], row["sender"], row["receiver"], row["amount"]].append(ref)
        elif row["kind"] == "mint":
            minted[row["tx_hash"], contract, row["receiver"], row["amount"]].append(ref)
        else:
            burnt[row["tx_hash"], contract, row["sender"], row["amount"]].append(ref)
    pairs = [("wrap", pair) for key in paid for pair in zip(paid[key], minted.get(key, []), strict=False)]
    pairs += [("unwrap", pair) for key in burnt for pair in zip(burnt[key], got.get(key, []), strict=False)]
    return [_link(kind, source, target) for kind, (source, target) in pairs]


def _rows(table: pa.Table, wrappers: Collection[str]) -> list[dict[str, Any]]:
    nothing = bytes(32)
    names = ("tx_hash", "kind", "seq", "sender", "receiver", "asset", "amount", "evidence")
    return [
        row
        for row in table.select(names).to_pylist()
        if row["amount"] != nothing
        and row["kind"] in ("native", "internal", "mint", "burn")
        and (
            contract_of(row["asset"]) in wrappers
            if row["kind"] in ("mint", "burn")
            else (row["receiver"] in wrappers) != (row["sender"] in wrappers)
        )
    ]


def _link(kind: str, source: Found, target: Found) -> Link:
    (tx_hash, _, seq), evidence = source[0], f"{source[1]} {target[1]}"
    return Link(
        [source[0]],
        [target[0]],
        id=f"{kind}:{tx_hash}:{seq}",
        kind=kind,
        basis="observed",
        by="the wrapper's own log and the coins beside it",
        confidence="high",
        evidence=evidence,
    )
