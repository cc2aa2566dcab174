"""The laws bite: a tracer with a known mistake in it breaks the law that is there to catch it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from hashlib import sha256
from random import Random
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st

from tests import oracle
from tests.laws import (
    test_additivity,
    test_agreement,
    test_bounds,
    test_causality,
    test_conservation,
    test_disjoint_money,
    test_duality,
    test_nothing_moved,
    test_permutation,
    test_renaming,
    test_split_ingest,
    test_support,
)
from tests.laws.run import Law
from tests.laws.subject import Subject, by_place, oracle_subject
from tests.oracle import poison, roads, shares, words
from tests.oracle.words import Answer, Pot, Question, Row
from tests.strategies import asked

TAKE, WALK, REACH = roads._take, roads.trace, poison.trace  # as they are, before anything is replaced


def broken(**wrong: object) -> Subject:
    """The oracle with some of its functions replaced; ``roads__moves`` is the ``moves`` that roads uses."""

    def subject(rows: list[Row], question: Question, pages: Sequence[list[int]] = ()) -> Answer:
        with ExitStack() as stack:
            for name, function in wrong.items():
                stack.enter_context(patch("tests.oracle." + name.replace("__", "."), function))
            return oracle_subject(rows, question, pages)

    return subject


def reordered(key: Callable[[Row], object]) -> Subject:
    """The oracle on rows in another order than their positions say."""

    def subject(rows: list[Row], question: Question, pages: Sequence[list[int]] = ()) -> Answer:
        return oracle.answer(sorted(rows, key=key), question)  # type: ignore[arg-type]

    return subject


def repeats_overlaps(rows: list[Row], question: Question, pages: Sequence[list[int]] = ()) -> Answer:
    read = [i for page in pages for i in page] if pages else range(len(rows))
    return oracle.answer(by_place([rows[i] for i in read]), question)


def early_until(rows: list[Row], question: Question) -> list[Row]:
    return [row for row in rows if question.until is None or row.block < question.until]


def counts_itself(row: Row) -> bool:
    return row.amount > 0


def drops_remainder(sweep: shares.Sweep, pot: Pot, amount: int, balance: int) -> list[int]:
    had = sweep.taint[pot]
    sweep.taint[pot] = [share * (balance - amount) // balance for share in had]
    return [share * amount // balance for share in had]


def fills_all(trace: roads.Trace, here: list[int], seed: int, asset: str, hops: int = 0) -> list[list[int]]:
    trace.own(here, seed, hops)
    trace.answer.seeded[asset] += trace.amount(here)
    return [here]


def cuts_equal(question: Question, hops: int, amount: int) -> str | None:
    return words.cut(question.but(min_amount=question.min_amount + 1), hops, amount)


def one_hop_more(question: Question, hops: int, amount: int) -> str | None:
    return words.cut(question, hops - 1, amount)


def reverses_slices(lots: list[roads.Atom], amount: int, order: str) -> tuple[list[roads.Atom], list[roads.Atom]]:
    leaving, staying = TAKE(lots, amount, order)
    return leaving[::-1], staying


def pools_accounts(row: Row) -> Pot | None:
    return None if row.sender is None else ("everybody", row.asset, None)


def pools_receivers(row: Row) -> Pot | None:
    return None if row.receiver is None else ("everybody", row.asset, None)


def takes_lifo_backwards(rows: list[Row], question: Question) -> Answer:
    return WALK(rows, question.but(method="lifo" if question.direction == "backward" else "fifo"))


def poison_stays_home(rows: list[Row], question: Question) -> Answer:
    return Answer() if len(rows) > 4 else REACH(rows, question)


def forgets_fees(row: Row, question: Question, stops: dict[str, str]) -> tuple[str, str] | None:
    end = words.end_of(row, question, stops)
    return ("burnt", "") if end and end[0] == "fees" else end


def mirrors_backwards(sweep: shares.Sweep, i: int, row: Row) -> tuple[Pot | None, list[int]]:
    pot = words.source(row) if sweep.question.direction == "forward" else words.target(row)
    if pot is None:
        return None, [0] * len(sweep.question.seeds)
    balance = max(sweep.balances[i][pot], row.amount)  # the balance before, whichever way the trace goes
    return pot, sweep.part(pot, row.amount, balance)


def first_takes_all(rows: list[Row], question: Question) -> Answer:
    return WALK(rows, question.but(seeds=question.seeds[:1]))


FIFO, LIFO, HAIRCUT = ("fifo", "forward"), ("lifo", "forward"), ("haircut", "forward")

MISTAKES: dict[str, tuple[Subject, Law, tuple[str, str]]] = {
    "haircut drops the remainder": (broken(shares__Sweep__part=drops_remainder), test_conservation.law, HAIRCUT),
    "an overlap of seeds counts twice": (broken(roads__Trace__fill=fills_all), test_conservation.law, FIFO),
    "until is < instead of <=": (broken(roads__until=early_until), test_causality.law, FIFO),
    "missing history stands first always": (
        broken(roads__heads=lambda rows, question: words.shortfall(rows)),
        test_causality.law,
        FIFO,
    ),
    "a self-transfer moves": (broken(roads__moves=counts_itself, words__moves=counts_itself), test_bounds.law, LIFO),
    "a self-transfer changes the queue": (
        broken(roads__moves=counts_itself, words__moves=counts_itself),
        test_nothing_moved.law,
        FIFO,
    ),
    "rows stand as they were read": (reordered(lambda row: 0), test_permutation.law, FIFO),
    "ties are broken by hash": (
        reordered(lambda row: (row.block, sha256(str(row[:2]).encode()).digest())),
        test_renaming.law,
        FIFO,
    ),
    "the same page twice is twice the money": (repeats_overlaps, test_split_ingest.law, FIFO),
    "everybody has one pot": (
        broken(roads__source=pools_accounts, roads__target=pools_receivers),
        test_disjoint_money.law,
        FIFO,
    ),
    "poison gives up": (broken(poison__trace=poison_stays_home), test_support.law, FIFO),
    "backwards is another method": (broken(roads__trace=takes_lifo_backwards), test_duality.law, FIFO),
    "backwards takes the balance before": (
        broken(shares__Sweep__arriving=mirrors_backwards),
        test_duality.law,
        HAIRCUT,
    ),
    "only the first seed counts": (broken(roads__trace=first_takes_all), test_additivity.law, FIFO),
    "a piece of exactly the threshold is cut": (broken(roads__cut=cuts_equal), test_agreement.law, FIFO),
    "one hop too many": (broken(roads__cut=one_hop_more), test_agreement.law, FIFO),
    "fees are called burnt": (broken(roads__end_of=forgets_fees), test_agreement.law, FIFO),
    "a slice loses its order": (broken(**{"roads._take": reverses_slices}), test_agreement.law, LIFO),
}

QUICK = settings(
    max_examples=3000,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_breaks_its_law(mistake: str) -> None:
    subject, law, (method, direction) = MISTAKES[mistake]
    limits = law not in (test_additivity.law, test_duality.law)

    def caught(example: tuple[tuple[list[Row], Question], int]) -> bool:
        (rows, question), luck = example
        law(oracle_subject, rows, question, Random(luck))  # the law holds where there is no mistake
        try:
            law(subject, rows, question, Random(luck))
        except (AssertionError, ArithmeticError, LookupError):
            return True
        return False

    assert find(st.tuples(asked(method, direction, limits), st.integers(0, 2**16)), caught, settings=QUICK)
