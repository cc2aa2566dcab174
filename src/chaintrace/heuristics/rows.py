"""Rows: what heuristics read, with what several of them derive from it kept."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa

from chaintrace.errors import UserError
from chaintrace.heuristics.moves import Moves, moved
from chaintrace.heuristics.transactions import Transactions, gather
from chaintrace.labels.account import canonical
from chaintrace.labels.category import is_a
from chaintrace.labels.label import Label
from chaintrace.model.log import Call, Log, Logs
from chaintrace.model.moment import parse_moment
from chaintrace.model.token import Token
from chaintrace.model.transfer import Transfers

if TYPE_CHECKING:
    import pandas as pd

    from chaintrace.heuristics.tornado.notes import Notes

T = TypeVar("T")


class Rows:
    """Rows of the one table. Nothing in it is changed.

    ``table``         a pyarrow Table of exactly ``SCHEMA``, in the order it was read.
    ``tokens``        what tokens call themselves, by asset: text of strangers.
    ``transactions``  the whole transactions of UTXO chains among them, as columns.
    ``moves``         the rows of account chains among them, in position order, as columns.
    ``frame``         the same rows as pandas, amounts as Python ints.
    ``logs``, ``calls``  what contracts wrote down and what transactions asked of them, where they were given.
    ``notes``         deposits into pools of Tornado Cash, and withdrawals: those that were given, or else those that
                      logs and rows show.
    """

    def __init__(
        self,
        table: pa.Table,
        told: Logs | None = None,
        notes: Notes | None = None,
        tokens: Mapping[str, Token] | None = None,
    ) -> None:
        self.table = table
        self.tokens: Mapping[str, Token] = tokens or {}
        self._notes = notes
        self._told = Logs() if told is None else told
        self._kept: dict[Hashable, Any] = {}

    @cached_property
    def transactions(self) -> Transactions:
        return gather(self.table)

    @cached_property
    def moves(self) -> Moves:
        return moved(self.table)

    @property
    def logs(self) -> tuple[Log, ...]:
        """By chain, block and index."""
        return self._told.logs

    @property
    def calls(self) -> tuple[Call, ...]:
        """By chain, block and hash."""
        return self._told.calls

    @cached_property
    def notes(self) -> Notes:
        from chaintrace.heuristics.tornado.read import notes_of

        return notes_of(self) if self._notes is None else self._notes

    @cached_property
    def frame(self) -> pd.DataFrame:
        return Transfers(self.table).to_pandas()

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What ``make`` gives, made when it is first asked for under this key."""
        if key not in self._kept:
            self._kept[key] = make()
        found: T = self._kept[key]
        return found


class Known:
    """Labels by account, within their dates."""

    def __init__(self, labels: Iterable[Label] = ()) -> None:
        self._by_account: dict[str, list[Label]] = {}
        for label in labels:
            self._by_account.setdefault(_canonical(label), []).append(label)

    def accounts(self, category: str) -> list[str]:
        """Every account that some label says is ``category``, or below it, at whatever time; sorted."""
        return sorted(
            a for a, labels in self._by_account.items() if any(is_a(one.category, category) for one in labels)
        )

    def always(self, account: str, category: str) -> bool:
        """Whether a label says that ``account`` is ``category``, or below it, at whatever time."""
        labels = self._by_account.get(account, ())
        return any(is_a(one.category, category) and one.since is None and one.until is None for one in labels)

    def find(self, account: str, category: str, *, block: int | None, time: int | None) -> Label | None:
        """The first label that says ``account`` is ``category``, or below it, at that moment, or may say so: a start
        that is told at latest, and a date in blocks where only the time is known, or the other way round, shut nothing
        out."""
        for label in self._by_account.get(account, ()):
            begun = label.since_at_latest or _reached(label.since, block, time) is not False
            if is_a(label.category, category) and begun and not _reached(label.until, block, time):
                return label
        return None


def _reached(moment: str | None, block: int | None, time: int | None) -> bool | None:
    """Whether block or time has come to a moment; None where that cannot be told."""
    if moment is None:
        return None
    number, is_block = parse_moment(moment)
    here = block if is_block else time
    return None if here is None else here >= number


def _canonical(label: Label) -> str:
    """The account as rows write it; what is an address nowhere stays as it is, and meets none."""
    try:
        return canonical(label.address, label.chain)
    except UserError:
        return label.address
