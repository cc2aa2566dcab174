"""The local Blockscout pages, refuses and lies as it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from chaintrace.testing.scout import Scout
from tests.testing.conftest import Stage

KEY = "a key of sixteen or more"


@pytest.fixture(scope="module")
def scout(stage: Stage) -> Iterator[Scout]:
    with Scout(stage.node, key=KEY) as found:
        yield found


def get(scout: Scout, path: str, headers: dict[str, str] | None = None, **query: Any) -> Any:
    """The answer, or HTTP's status and what comes with it."""
    asked = urlencode({"apikey": KEY, **query})
    try:
        with urlopen(Request(f"{scout.url}/{path}?{asked}", headers=headers or {})) as answer:
            return json.load(answer)
    except HTTPError as error:
        return error.code, json.load(error), dict(error.headers)


def items(scout: Scout, path: str, headers: dict[str, str] | None = None, **query: Any) -> list[Any]:
    """All rows of a list, page by page."""
    found, key = [], {}
    while True:
        page = get(scout, path, headers, **query, **key)
        found += page["items"]
        key = page["next_page_params"]
        if key is None:
            return found


LISTS = ("transactions", "internal-transactions", "token-transfers")


@pytest.mark.parametrize("name", LISTS)
def test_pages_of_any_size_are_the_whole_list_newest_first(stage: Stage, scout: Scout, name: str) -> None:
    path = f"addresses/{stage.planted.one('exploiter')}/{name}"
    whole = items(scout, path, items_count=100)
    assert whole == items(scout, path, items_count=1) == items(scout, path, items_count=3)
    blocks = [one["block_number"] for one in whole]
    assert blocks == sorted(blocks, reverse=True)


def test_calls_of_a_transaction_are_told_in_their_order(stage: Stage, scout: Scout) -> None:
    tx_hash = next(row.tx_hash for row in stage.planted.rows if row.kind == "internal" and row.sender)
    found = [one["index"] for one in items(scout, f"transactions/{tx_hash}/internal-transactions", items_count=1)]
    assert found == sorted(found)
    assert found[0] > 0


def test_transfers_of_scams_are_for_those_who_ask_for_them(stage: Stage, scout: Scout) -> None:
    scout.scams = {next(iter(stage.planted.liars)).rpartition(":")[2]}
    path = f"addresses/{stage.planted.one('exploiter')}/token-transfers"
    some, every = items(scout, path), items(scout, path, {"show-scam-tokens": "true"})
    scout.scams = set()
    assert {one["token"]["reputation"] for one in some} == {"ok"}
    assert {one["token"]["reputation"] for one in every} == {"ok", "scam"}
    assert len(items(scout, path)) == len(every)


@pytest.mark.parametrize("query", [{"limit": 5}, {"items_count": 0}, {"items_count": 101}, {"items_count": "x"}])
def test_what_it_does_not_know_is_422(stage: Stage, scout: Scout, query: dict[str, Any]) -> None:
    status, told, _ = get(scout, f"addresses/{stage.planted.one('lone')}/transactions", **query)
    assert status == 422
    assert told["errors"][0]["source"] == {"pointer": f"/{next(iter(query))}"}


def test_a_key_is_needed_in_the_query_or_as_a_bearer_s(stage: Stage, scout: Scout) -> None:
    path = f"addresses/{stage.planted.one('lone')}/transactions"
    assert get(scout, path, apikey="")[0] == 401
    assert get(scout, path, {"Authorization": f"Bearer {KEY}"}, apikey="")["items"]


def test_too_many_requests_and_used_up_credits_are_429(stage: Stage, scout: Scout) -> None:
    path = f"addresses/{stage.planted.one('lone')}/transactions"
    scout.rate, scout.after = 1, 3
    get(scout, path)
    status, _, headers = get(scout, path)
    assert (status, headers["Retry-After"], headers["x-ratelimit-remaining"]) == (429, "3", "0")
    scout.rate, scout.credits = None, 25
    get(scout, path)
    status, _, headers = get(scout, path)
    scout.credits = None
    assert (status, headers["x-credits-remaining"]) == (429, "5")
    assert "Retry-After" not in headers
