"""The reference kernel: every method in plain Python, readable as its specification."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from chaintrace.errors import MethodError
from chaintrace.taint.fifo import Fifo
from chaintrace.taint.lifo import Lifo
from chaintrace.taint.lots import follow
from chaintrace.taint.poison import reach
from chaintrace.taint.pools import DirtyFirst, Haircut, HighestOut, Pool
from chaintrace.taint.question import Outcome, Question
from chaintrace.taint.sweep import sweep


class Method(NamedTuple):
    """``lots``: each unit has one road. ``accounts``: the ledger sums to what was seeded."""

    run: Callable[[Question], Outcome]
    backward: bool
    lots: bool = False
    accounts: bool = True


def fifo(question: Question) -> Outcome:
    return follow(question, Fifo(question.book.lines))


def lifo(question: Question) -> Outcome:
    return follow(question, Lifo(question.book.lines))


def haircut(question: Question) -> Outcome:
    return sweep(question, lambda pot: Haircut())


def dirty_first(question: Question) -> Outcome:
    return sweep(question, lambda pot: DirtyFirst())


def tiho(question: Question) -> Outcome:
    book = question.book

    def pool_of(pot: int) -> Pool:
        if book.pots[pot].outpoint is not None:
            return DirtyFirst()
        if not book.pots[pot].address.startswith("tx:"):
            raise MethodError(
                "method 'tiho'", "is defined per transaction on UTXO chains", "use fifo for account chains"
            )
        return HighestOut(book.lines, pot, [book.kind(row) == "fee" for row in book.lines.of(pot).out_rows])

    return sweep(question, pool_of)


METHODS: Mapping[str, Method] = {
    "fifo": Method(fifo, backward=True, lots=True),
    "lifo": Method(lifo, backward=True, lots=True),
    "haircut": Method(haircut, backward=True),
    "dirty-first": Method(dirty_first, backward=False),
    "tiho": Method(tiho, backward=False),
    "poison": Method(reach, backward=True, accounts=False),
}
