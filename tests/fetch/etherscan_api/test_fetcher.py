"""An explorer's pace is kept, its end of the chain is found, and options that mean nothing are refused."""

from __future__ import annotations

import time
from typing import Any

import pytest

import chaintrace as ct
from chaintrace.errors import Contradiction, MethodError, RateLimited
from chaintrace.model.page import Nothing
from chaintrace.testing.explorer import Explorer
from tests.fetch.etherscan_api.asking import KEY, Stage, asked_of, etherscan, question


@pytest.mark.parametrize("loud", [False, True])
def test_an_explorer_that_is_asked_too_often_is_given_time(stage: Stage, explorer: Explorer, loud: bool) -> None:
    explorer.rate, explorer.loud = 5, loud
    with etherscan(explorer, limits=ct.Limits(patience=1, tries=9)) as fetcher:
        fetcher._desk.sleep = time.sleep
        for _ in range(8):
            fetcher.block_of(stage.planted.thefts[0])
    assert explorer.refused >= 1


def test_the_pace_that_is_set_is_kept_and_nothing_is_refused(stage: Stage, explorer: Explorer) -> None:
    explorer.rate = 10
    with etherscan(explorer, limits=ct.Limits(rate=9)) as fetcher:
        for _ in range(14):
            fetcher.block_of(stage.planted.thefts[0])
        assert fetcher.calls == 14
    assert explorer.refused == 0
    assert sum(explorer.calls.values()) == 14


@pytest.mark.parametrize(
    ("said", "tries"), [("Max rate limit reached", 7), ("Max daily rate limit reached. 100000 per day", 1)]
)
def test_patience_has_an_end_and_a_spent_day_none(stage: Stage, explorer: Explorer, said: str, tries: int) -> None:
    explorer.change = lambda query, told: {"status": "0", "message": "NOTOK", "result": said}
    with etherscan(explorer) as fetcher:
        with pytest.raises(RateLimited, match="rate limit"):
            fetcher.block_of(stage.planted.thefts[0])
        assert fetcher.calls == tries


# ---- the chain's end ---------------------------------------------------------------------------------------------


def test_a_block_that_is_another_by_now_is_found_out(stage: Stage, explorer: Explorer) -> None:
    with pytest.raises(Contradiction, match="lags behind"):
        asked_of(explorer, question(stage, [stage.planted.one("lone")], last_hash="0x" + "1" * 64))


def test_the_head_is_final_or_well_before_the_last_block(stage: Stage, explorer: Explorer) -> None:
    with etherscan(explorer) as fetcher:
        final, young = fetcher.head(), fetcher.head(young=True)
        assert final.number == final.final == young.final <= young.number
        explorer.change = lambda query, told: (
            {"jsonrpc": "2.0", "id": 1, "error": {"code": -32000, "message": "unknown tag"}}
            if query.get("tag") == "finalized"
            else told
        )
        assert fetcher.head().number == max(young.number - 64, 0)
        assert fetcher.block_at(0) == 0
        at = int(stage.node.rpc("eth_getBlockByNumber", "0x14", False)["timestamp"], 16)
        assert (fetcher.block_at(at), fetcher.block_at(at + 1)) == (20, 21)
        assert fetcher.hashes([3, 10**6]) == {3: stage.node.rpc("eth_getBlockByNumber", "0x3", False)["hash"]}
        assert fetcher.window is None
        with pytest.raises(ct.errors.SeedError):
            fetcher.block_of("0x" + "1" * 64)


@pytest.mark.parametrize(
    ("how", "says"),
    [({"page": 0}, "page"), ({"page": 10_001}, "page"), ({"chain": "bitcoin"}, "explorer"), ({"key": " "}, "empty")],
)
def test_options_that_mean_nothing_are_refused(how: dict[str, Any], says: str) -> None:
    with pytest.raises(MethodError, match=says):
        ct.Etherscan("http://127.0.0.1:1/api", **({"key": KEY} | how))


def test_nothing_is_asked_before_the_first_question(stage: Stage, explorer: Explorer) -> None:
    with etherscan(explorer) as fetcher:
        assert (fetcher.chain, fetcher.window, fetcher.calls) == ("eip155:1", None, 0)
        assert sum(explorer.calls.values()) == 0
        assert fetcher.ask(question(stage, ()), Nothing()).answer.rows.num_rows == 0
