"""Decoys keep what a rule must not live on, and what is measured on them is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from chaintrace.heuristics.tornado.chance import DAYS, Chance, dealt, elsewhere, measured, shifted
from chaintrace.heuristics.tornado.notes import Columns, Notes
from tests.heuristics.tornado.told import HUNDRED, ONE, TENTH, ask, paid, taken

STORY = [
    *(paid(f"p{n % 7}", 24 * n) for n in range(60)),
    *(taken(f"t{n % 9}", 24 * n + 5) for n in range(60)),
    *(paid(f"q{n}", 24 * n, ONE) for n in range(60)),
    *(taken(f"u{n}", 24 * n + 30, ONE) for n in range(60)),
]
COLUMNS = Notes.of(STORY).columns


def test_shifting_keeps_who_and_how_often_and_moves_every_withdrawal() -> None:
    decoys = list(shifted(COLUMNS))
    assert len(decoys) == len(DAYS)
    for one in decoys:
        assert (np.diff(one.time) >= 0).all()
        assert (np.diff(one.place) >= 0).all()
        for pool in range(len(COLUMNS.pools)):
            for way in (True, False):
                before, after = COLUMNS.of(pool, deposit=way), one.of(pool, deposit=way)
                assert sorted(COLUMNS.account[before]) == sorted(one.account[after])
                same = np.array_equal(COLUMNS.time[before], one.time[after])
                assert same is way
        assert COLUMNS.time.min() <= one.time.min() <= one.time.max() <= COLUMNS.time.max()


def test_dealing_pays_withdrawals_to_those_whom_other_pools_pay() -> None:
    (one,) = dealt(COLUMNS)
    assert np.array_equal(one.account[one.deposit], COLUMNS.account[COLUMNS.deposit])
    for pool in range(2):
        mine, theirs = one.of(pool, deposit=False), COLUMNS.of(1 - pool, deposit=False)
        assert set(one.account[mine]) <= set(COLUMNS.account[theirs])
    assert dealt(Notes.of(STORY[:120]).columns) == ()


def test_elsewhere_withdrawals_are_of_every_other_pool_of_their_chain_in_turn() -> None:
    alone = replace(HUNDRED, chain="eip155:56")
    columns = Notes.of([*STORY, taken("v", 7, TENTH), paid("w", 8, TENTH), taken("z", 9, alone)]).columns
    decoys = list(elsewhere(columns))
    assert len(decoys) == 2
    out = [n for n in range(len(columns)) if not columns.deposit[n] and columns.notes[n].pool != alone]
    met = {columns.notes[n].tx_hash: {columns.notes[n].pool} for n in out}
    for one in decoys:
        moved = [n for n in range(len(one)) if not one.deposit[n]]
        assert {one.notes[n].tx_hash for n in moved} == met.keys()
        for n in moved:
            assert one.accounts[one.account[n]] == one.notes[n].account
            met[one.notes[n].tx_hash].add(one.pools[one.pool[n]])
        assert [one.notes[n] for n in range(len(one)) if one.deposit[n]] == [
            note for note in columns.notes if note.kind == "deposit"
        ]
    assert all(pools == {HUNDRED, ONE, TENTH} for pools in met.values())
    assert list(elsewhere(Notes.of(STORY[:120]).columns)) == []


def test_a_rule_no_better_than_chance_says_so() -> None:
    assert "no better than chance" in Chance(50, 100, 50, 100).doubt
    assert Chance(50, 100, 5, 100).doubt == "Among these notes chance alone makes 10 for each 100 findings."
    assert Chance(5000, 10_000, 4000, 10_000).doubt.startswith("Most of them are chance: among these notes")
    assert "too few" in Chance(1, 1, 1, 29).doubt
    assert "chance alone makes 0" in Chance(90, 100, 0, 30).doubt


def test_what_is_measured_is_what_a_rule_finds() -> None:
    def ask_all(some: Columns) -> tuple[int, int]:
        return int((~some.deposit).sum()), len(some)

    assert measured(ask_all, COLUMNS, [COLUMNS, COLUMNS]) == Chance(120, 240, 240, 480)


def test_findings_carry_what_was_measured() -> None:
    found = ask(STORY, "nearest")
    assert found
    assert {"found", "asked", "decoys_found", "decoys"} <= set(found[0].evidence)
    assert "chance" in found[0].doubt
    assert found[0].evidence["found"] == len(found)
