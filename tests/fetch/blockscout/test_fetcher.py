"""Blockscout's pace is kept, its end of the chain is found, and options that mean nothing are refused."""

from __future__ import annotations

from typing import Any

import pytest

import chaintrace as ct
from chaintrace.errors import Contradiction, MethodError, RateLimited
from chaintrace.fetch.blockscout.call import BLOCK, MOVED, block, listed, request
from chaintrace.model.page import Nothing
from chaintrace.testing.scout import Scout
from tests.fetch.blockscout.asking import KEY, Stage, asked_of, blockscout, question

WHO = "0x" + "1" * 40


@pytest.mark.parametrize("after", [None, 1])
def test_a_blockscout_that_is_asked_too_often_is_given_time(stage: Stage, scout: Scout, after: int | None) -> None:
    scout.rate, scout.after = 5, after
    with blockscout(scout, limits=ct.Limits(patience=2, tries=9)) as fetcher:
        for _ in range(8):
            fetcher.block_of(stage.planted.thefts[0])
    assert scout.refused >= 1


def test_the_pace_that_is_set_is_kept_for_lists_and_node_together(stage: Stage, scout: Scout) -> None:
    scout.rate = 10
    with blockscout(scout, limits=ct.Limits(rate=9)) as fetcher:
        for _ in range(7):
            fetcher.block_of(stage.planted.thefts[0])
            fetcher._way = None
            fetcher.way()
        assert fetcher.calls == 14
    assert scout.refused == 0
    assert sum(scout.calls.values()) == 14


def test_patience_has_an_end(stage: Stage, scout: Scout) -> None:
    scout.change = lambda name, query, told: {"message": "429 Too Many Requests"}
    with blockscout(scout) as fetcher:
        with pytest.raises(RateLimited, match="Too Many"):
            fetcher.block_of(stage.planted.thefts[0])
        assert fetcher.calls == 7


def test_every_request_is_a_call_and_costs_its_credits(stage: Stage, scout: Scout) -> None:
    scout.credits = 10**6
    with blockscout(scout) as fetcher:
        fetcher.ask(question(stage, [stage.planted.one("exploiter")]), Nothing())
        assert fetcher.calls == sum(scout.calls.values()) == (10**6 - scout.credits) // 20


# ---- the chain's end ---------------------------------------------------------------------------------------------


def test_a_block_that_is_another_by_now_is_found_out(stage: Stage, scout: Scout) -> None:
    with pytest.raises(Contradiction, match="lag"):
        asked_of(scout, question(stage, [stage.planted.one("lone")], last_hash="0x" + "1" * 64))


def test_tables_that_still_have_another_block_are_found_out(stage: Stage, scout: Scout) -> None:
    scout.change = lambda name, query, told: {**told, "hash": "0x" + "1" * 64} if name == "blocks" else told
    with pytest.raises(Contradiction, match="its own tables"):
        asked_of(scout, question(stage, [stage.planted.one("lone")]))


def test_the_head_is_final_or_well_before_the_last_block(stage: Stage, scout: Scout) -> None:
    with blockscout(scout) as fetcher:
        final, young = fetcher.head(), fetcher.head(young=True)
        assert final.number == final.final == young.final <= young.number
        scout.change = lambda name, query, told: (
            {"jsonrpc": "2.0", "id": 0, "error": "unknown tag"}
            if isinstance(told.get("result"), dict) and told["result"].get("hash") == final.hash
            else told
        )
        assert fetcher.block_at(0) == 0
        at = int(stage.node.rpc("eth_getBlockByNumber", "0x14", False)["timestamp"], 16)
        assert (fetcher.block_at(at), fetcher.block_at(at + 1)) == (20, 21)
        assert fetcher.hashes([3, 10**6]) == {3: stage.node.rpc("eth_getBlockByNumber", "0x3", False)["hash"]}
        with pytest.raises(ct.errors.SeedError):
            fetcher.block_of("0x" + "1" * 64)


# ---- where and how it is asked -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"url": "https://eth.blockscout.com"}, "api/v2"),
        ({"url": 7}, "api/v2"),
        ({"chain": "bitcoin"}, "explorer"),
        ({"key": " "}, "empty"),
    ],
)
def test_options_that_mean_nothing_are_refused(how: dict[str, Any], says: str) -> None:
    with pytest.raises(MethodError, match=says):
        ct.Blockscout(**({"url": "http://127.0.0.1:1/api/v2", "key": KEY} | how))


@pytest.mark.parametrize(
    ("how", "name", "place"),
    [
        ({}, "blockscout api.blockscout.com", "json-rpc"),
        ({"url": "https://api.blockscout.com/137/api/v2"}, "blockscout api.blockscout.com", "json-rpc"),
        ({"url": "https://eth.blockscout.com/api/v2/"}, "blockscout eth.blockscout.com", "api/eth-rpc"),
    ],
)
def test_its_node_is_found_beside_it(how: dict[str, Any], name: str, place: str) -> None:
    fetcher = ct.Blockscout(key=KEY, **how)
    assert (fetcher.name, fetcher._desk.place, fetcher.calls, fetcher.window) == (name, place, 0, None)  # type: ignore[attr-defined]
    assert fetcher._desk.transport.limits.rate == 5
    place = fetcher._desk.transport._url.reveal()
    assert place.endswith(f"?apikey={KEY}")
    assert "/api/v2" not in place


def test_a_call_is_a_path_and_a_query() -> None:
    assert request(block(7, False)) == ("blocks/7", {})
    assert request(listed(MOVED, WHO)) == (f"addresses/{WHO}/token-transfers", {"items_count": "100"})
    keyed = listed(MOVED, WHO, '{"block_number":5,"index":null,"items_count":50}')
    assert request(keyed)[1] == {"items_count": "50", "block_number": "5", "index": "null"}
    assert listed(MOVED, WHO).method == MOVED
    assert block(7, True).method == BLOCK


def test_nothing_is_asked_before_the_first_question(stage: Stage, scout: Scout) -> None:
    with blockscout(scout) as fetcher:
        assert (fetcher.chain, fetcher.window, fetcher.calls) == ("eip155:1", None, 0)
        assert sum(scout.calls.values()) == 0
        assert fetcher.ask(question(stage, ()), Nothing()).answer.rows.num_rows == 0
