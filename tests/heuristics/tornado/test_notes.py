"""Notes stand once, in order, and their columns say what counting says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.heuristics.tornado.notes import Notes
from chaintrace.model.note import Note
from tests.heuristics.tornado.told import HUNDRED, ONE, numbered, paid, taken

moves = st.lists(
    st.tuples(st.booleans(), st.sampled_from("abcd"), st.integers(0, 20), st.sampled_from([HUNDRED, ONE])), max_size=14
)


def notes_of(drawn: list[tuple[bool, str, int, object]]) -> list[Note]:
    return [
        (paid if way else taken)(who, at, pool, tx=f"{n}")  # type: ignore[arg-type]
        for n, (way, who, at, pool) in enumerate(drawn)
    ]


@given(moves, st.randoms())
def test_columns_say_what_counting_says(drawn: list[tuple[bool, str, int, object]], random: Random) -> None:
    notes = notes_of(drawn)
    told = Notes.of(random.sample(notes, len(notes)))
    c = told.columns
    assert sorted(map(repr, told)) == sorted(map(repr, notes))
    assert [c.accounts[n] for n in c.account] == [one.account for one in told]
    assert [c.pools[n] for n in c.pool] == [one.pool for one in told]
    for n, note in enumerate(told):
        same = [one for one in told if one.pool == note.pool]
        before = [one for one in same if one.time < note.time]
        held = sum(1 if one.kind == "deposit" else -1 for one in before)
        assert c.unspent[n] == held
        assert c.later[n] == sum(one.kind == "withdrawal" and one.time > note.time for one in same)


def test_a_pool_is_whole_when_its_leaves_have_no_gap_and_its_withdrawals_are_there() -> None:
    notes = numbered([paid("a"), paid("b", 1), paid("c", 2, ONE), taken("d", 3), taken("e", 3, ONE)])
    assert Notes.of(notes).columns.whole == (True, True)
    assert Notes.of(notes[1:]).columns.whole == (False, True)
    assert Notes.of([*notes, taken("early", 2)]).columns.whole == (True, True)
    assert Notes.of([*notes, taken("early", -1)]).columns.whole == (False, True)
    assert Notes.of([note for note in notes if note.kind == "deposit"]).columns.whole == (False, False)
    assert Notes.of([paid("a"), taken("d", 3)]).columns.whole == (False,)


def test_what_is_told_twice_stands_once_and_what_contradicts_is_counted() -> None:
    first = paid("a", leaf=0, mark="0x" + "11" * 32, log_index=5)
    assert len(Notes.of([first, first])) == 1
    assert Notes.of([first, first]).rejected.counts == {}
    for other in (
        replace(first, account=taken("z").account),  # the same place
        paid("b", 1, leaf=0),  # the same leaf
        paid("b", 1, leaf=7, mark="0x" + "11" * 32),  # the same mark
    ):
        told = Notes.of([first, other])
        assert (list(told), told.rejected.counts) == ([first], {"conflict": 1})


def test_two_notes_of_one_transaction_are_two() -> None:
    told = Notes.of(
        [paid("a", tx="x", log_index=1), paid("a", tx="x", log_index=2), paid("b", tx="y"), paid("b", tx="y")]
    )
    assert len(told) == 4


def test_it_says_what_it_holds() -> None:
    told = Notes.of([paid("a"), taken("b", 1), paid("a", 0, ONE)])
    assert repr(told) == "<Notes: 2 deposits, 1 withdrawals of 2 pools>"
    assert told.to_pandas()["pool"].tolist().count("Tornado Cash 100 ETH") == 2


few = st.lists(
    st.builds(
        lambda who, tx, fee, at: taken(who, 0, tx=tx, fee=fee, log_index=at),
        st.sampled_from("ab"),
        st.sampled_from("xy"),
        st.integers(0, 1),
        st.one_of(st.none(), st.none(), st.integers(0, 9)),
    ),
    max_size=8,
    unique_by=lambda note: note.log_index if note.log_index is not None else object(),
)


def counted(notes: Iterable[Note]) -> Counter[Note]:
    """How many there are of each, wherever they stand in their block."""
    return Counter(replace(one, log_index=None) for one in notes)


@given(few, st.data())
def test_what_several_sources_tell_is_as_often_there_as_the_source_says_that_tells_most(
    notes: list[Note], data: st.DataObject
) -> None:
    """Sources are parts of the truth; some of them do not tell places."""
    parts = []
    for _ in range(data.draw(st.integers(1, 3))):
        part = [note for note in notes if data.draw(st.booleans())]
        parts.append([replace(note, log_index=None) for note in part] if data.draw(st.booleans()) else part)
    told = Notes.joined([*parts, notes])
    assert counted(told) == counted(notes)
    assert told.rejected.counts == {}
    again = Notes.joined(data.draw(st.permutations([*parts, notes])))
    assert counted(again) == counted(notes)


def test_a_source_that_is_read_twice_counts_once_and_says_so() -> None:
    twice = [taken("b", 1, tx="y", fee=5)] * 2
    told = ct.read_notes([Notes.of(twice), Notes.of(twice)])
    assert (len(told), told.columns.whole) == (2, (False,))
    assert told.told == ("2 notes without a place, leaf or mark are told by several sources, and were counted once",)
    assert ct.read_notes([Notes.of(twice), Notes.of(twice[:1]), taken("c", 1)]).told[0].startswith("1 notes")
    assert len(ct.read_notes(twice)) == 2
    assert ct.read_notes(twice).told == ()
