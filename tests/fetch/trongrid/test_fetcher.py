"""TronGrid's pace is kept, its end of the chain is found, and options that mean nothing are refused."""

from __future__ import annotations

import time
from typing import Any

import pytest

import chaintrace as ct
from chaintrace.errors import ChainError, Contradiction, MethodError, RateLimited, Refused, SeedError
from chaintrace.model.page import Nothing
from chaintrace.testing.grid import HURRY, Grid
from tests.fetch.trongrid.asking import KEY, Stage, asked_of, question, trongrid


@pytest.mark.parametrize("hurry", HURRY)
def test_who_is_too_fast_waits(stage: Stage, grid: Grid, hurry: str) -> None:
    grid.rate, grid.hurry, grid.penalty = 2, hurry, 0.2
    with trongrid(grid, limits=ct.Limits(patience=1.5, tries=9)) as fetcher:
        fetcher._desk.sleep = time.sleep
        for _ in range(4):
            fetcher.block_of(stage.planted.thefts[0][2:])
    assert grid.refused >= 1


def test_the_pace_that_is_set_is_kept_and_nothing_is_refused(stage: Stage, grid: Grid) -> None:
    grid.rate = 16
    with trongrid(grid, limits=ct.Limits(rate=9)) as fetcher:
        for _ in range(24):
            fetcher.block_of(stage.planted.thefts[0][2:])
        assert fetcher.calls == 24
    assert grid.refused == 0
    assert sum(grid.calls.values()) == 24


@pytest.mark.parametrize(
    ("said", "calls"),
    [
        ({"Error": "The key exceeds the frequency limit(15), and the query server is suspended for 30 s"}, 7),
        ((403, b'{"Error":"exceeds the frequency limit"}'), 7),
        ({"Error": "Exceed the user daily usage (100000)"}, 1),
        ((403, b'{"Error":"Exceed the user daily usage"}'), 1),
    ],
)
def test_patience_has_an_end_and_a_spent_day_none(stage: Stage, grid: Grid, said: Any, calls: int) -> None:
    grid.change = lambda path, asked, told: said
    with trongrid(grid) as fetcher:
        with pytest.raises(RateLimited):
            fetcher.block_of(stage.planted.thefts[0][2:])
        assert fetcher.calls == calls


def test_another_403_is_refused(stage: Stage, grid: Grid) -> None:
    grid.change = lambda path, asked, told: (403, b"forbidden")
    with trongrid(grid) as fetcher, pytest.raises(Refused, match="403"):
        fetcher.block_of(stage.planted.thefts[0][2:])


# ---- the chain's end ---------------------------------------------------------------------------------------------


def test_a_block_that_is_another_by_now_is_found_out(stage: Stage, grid: Grid) -> None:
    with pytest.raises(Contradiction, match="lags behind"):
        asked_of(grid, question(stage, [stage.planted.one("lone")], last_hash="1" * 64))


def test_a_young_block_that_changes_while_it_is_asked_for_is_found_out(stage: Stage, grid: Grid) -> None:
    last = stage.planted.last

    def change(path: str, asked: dict[str, Any], told: Any) -> Any:
        is_last = path == "wallet/getblock" and asked["id_or_num"] == str(last)
        if is_last and grid.calls["/wallet/getblock"] > 3:
            return {**told, "blockID": told["blockID"][:16] + "1" * 48}
        return told

    grid.change = change
    with pytest.raises(Contradiction, match="changed while"):
        asked_of(grid, question(stage, [stage.planted.one("lone")], final=last - 1))


def test_the_head_is_the_last_solid_block(stage: Stage, grid: Grid) -> None:
    with trongrid(grid) as fetcher:
        final, young = fetcher.head(), fetcher.head(young=True)
        assert final.number == final.final == young.final == grid.solid < young.number == grid.seen.last
        assert (final.hash, young.hash) == tuple(grid.tron.blocks[n]["blockID"] for n in (final.number, young.number))
        assert fetcher.block_at(0) == 0
        at = grid.tron.blocks[20]["block_header"]["raw_data"]["timestamp"] // 1000
        assert (fetcher.block_at(at), fetcher.block_at(at + 1)) == (20, 21)
        assert fetcher.hashes([3, 10**6]) == {3: grid.tron.blocks[3]["blockID"]}
        assert (fetcher.window, fetcher.way()) == (None, "lists")
        with pytest.raises(SeedError):
            fetcher.block_of("1" * 64)


def test_another_chain_is_found_out_by_its_first_block(grid: Grid) -> None:
    def change(path: str, asked: dict[str, Any], told: Any) -> Any:
        return {**told, "blockID": "0" * 56 + "deadbeef"} if path == "wallet/getblock" else told

    grid.change = change
    with trongrid(grid) as fetcher, pytest.raises(ChainError, match="deadbeef"):
        fetcher.head()


@pytest.mark.parametrize(
    ("how", "says"),
    [({"page": 0}, "page"), ({"page": 201}, "page"), ({"chain": "bitcoin"}, "TronGrid"), ({"key": " "}, "empty")],
)
def test_options_that_mean_nothing_are_refused(how: dict[str, Any], says: str) -> None:
    with pytest.raises(MethodError, match=says):
        ct.TronGrid("http://127.0.0.1:1", **({"key": KEY} | how))


def test_nothing_is_asked_before_the_first_question(grid: Grid) -> None:
    with trongrid(grid) as fetcher:
        assert (fetcher.chain, fetcher.window, fetcher.calls) == ("tron:0x2b6653dc", None, 0)
        assert sum(grid.calls.values()) == 0


def test_a_question_about_nobody_has_no_rows(stage: Stage, grid: Grid) -> None:
    with trongrid(grid) as fetcher:
        assert fetcher.ask(question(stage, ()), Nothing()).answer.rows.num_rows == 0


def test_what_it_costs(stage: Stage, grid: Grid) -> None:
    """The figures of docs/how-to/trongrid.md: two requests a list, one for coins, one a token, two about the head."""
    who = stage.planted.roles["stranger"][9]
    page = asked_of(grid, question(stage, [who]))
    rows = page.answer.rows.to_pylist()
    blocks = {row["block"] for row in rows if row["kind"] != "opening"}
    tokens = {row["asset"] for row in rows if row["kind"] in ("token", "mint", "burn")}
    infos = sum("gettransactioninfobyid" in one.call for one in page.asked)
    assert len(page.asked) == 3 + 2 * 3 + 1 + len(tokens) + 2 + len(blocks) + infos
