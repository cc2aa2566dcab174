"""What is usual: read as it is written, counted as the events are, and a small pool counted by hand."""

from __future__ import annotations

import importlib
from collections import Counter
from pathlib import Path

import pytest

from chaintrace.heuristics.demix.form import FORMS, Form, form, likeness
from chaintrace.heuristics.demix.recipient import known_of, recipients
from chaintrace.heuristics.demix.usual import FILE, Usual, count, usual, write_usual
from tests.heuristics.demix.pools import HOUR, POOL, START, address, paid, taken

ROOT = Path(__file__).parents[3]


def test_a_small_pool_counted_by_hand() -> None:
    notes = [paid(address("p", n), START + n) for n in range(9)]
    notes += [taken(address("a", 1), START + HOUR)]  # one note
    notes += [taken(address("b", 1), START + HOUR * n) for n in (1, 2, 3)]  # three, an hour apart
    notes += [taken(address("c", 1), START + HOUR, fee=0)]  # sent by itself: not fresh
    notes += [taken(address("p", 1), START + HOUR)]  # has paid in: not fresh
    notes += [taken(address("d", 1), START - HOUR), taken(address("d", 1), START + HOUR)]  # began before
    made = count(notes, known_of(notes), START, START + 86400, ("a", "b"))
    assert made == Usual(Counter({Form(0, 0): 1, Form(2, 3): 1}), 9, 7, "a", "b")


@pytest.mark.parametrize(
    ("gaps", "wanted"),
    [
        ([], Form(0, 0)),
        ([299], Form(1, 0)),
        ([300], Form(1, 1)),
        ([60, 86400], Form(2, 0)),
        ([1, 900, 86400], Form(3, 2)),
    ],
)
def test_a_form_is_the_count_and_the_middle_pause(gaps: list[int], wanted: Form) -> None:
    times = [START + sum(gaps[:n]) for n in range(len(gaps) + 1)]
    notes = [taken(address("a", 1), time) for time in times]
    (one,) = recipients(notes, known_of(notes))
    assert form(one) == wanted


def test_likeness_is_shared_out_whole_and_a_single_note_is_like_nothing_else() -> None:
    made = likeness()
    assert made.shape == (len(FORMS), len(FORMS))
    assert abs(made.sum(axis=0) - 1).max() < 1e-12
    assert made[0, 1:].max() == 0
    assert made[1:, 0].max() == 0


def test_it_is_read_as_it_is_written() -> None:
    path = ROOT / "src" / "chaintrace" / "heuristics" / "demix" / FILE
    text = path.read_text(encoding="utf-8")
    keys = {tuple(line.split(",")[:2]) for line in text.splitlines()[1:]}
    from chaintrace.labels.pools import tornado_pools

    read = {key: usual(one) for one in tornado_pools() if (key := (one.chain, one.address)) in keys}
    assert write_usual(read, text.splitlines()[1].split(",")[-1]) == text  # type: ignore[arg-type]
    assert usual(POOL) is not None


def test_it_is_what_the_events_say(data: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "bench")
        bench = importlib.import_module("usual")
    path = ROOT / "src" / "chaintrace" / "heuristics" / "demix" / FILE
    assert write_usual(bench.counted(data), bench.ORIGIN) == path.read_text(encoding="utf-8")
