"""Rows: what heuristics read, with what several of them derive from it kept."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa

from chaintrace.errors import UserError
from chaintrace.heuristics.transactions import Transactions, gather
from chaintrace.labels.label import Label
from chaintrace.model.address import parse_account
from chaintrace.model.moment import parse_moment
from chaintrace.model.transfer import Transfers

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")


class Rows:
    """Rows of the one table. Nothing in it is changed.

    ``table``         a pyarrow Table of exactly ``SCHEMA``, in the order it was read.
    ``transactions``  the whole transactions of UTXO chains among them, as columns.
    ``frame``         the same rows as pandas, amounts as Python ints.
    """

    def __init__(self, table: pa.Table) -> None:
        self.table = table
        self._kept: dict[Hashable, Any] = {}

    @cached_property
    def transactions(self) -> Transactions:
        return gather(self.table)

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
            for account in _spellings(label):
                self._by_account.setdefault(account, []).append(label)

    def accounts(self, category: str) -> list[str]:
        """Every account that some label says is ``category``, at whatever time; sorted."""
        return sorted(a for a, labels in self._by_account.items() if any(one.category == category for one in labels))

    def find(self, account: str, category: str, *, block: int | None, time: int | None) -> Label | None:
        """The first label that says ``account`` is ``category`` at that moment. A date that is given in blocks where
        only the time is known, or the other way round, shuts nothing out."""
        for label in self._by_account.get(account, ()):
            after, before = _reached(label.since, block, time), _reached(label.until, block, time)
            if label.category == category and after is not False and (label.until is None or before is not True):
                return label
        return None


def _reached(moment: str | None, block: int | None, time: int | None) -> bool | None:
    """Whether block or time has come to a moment; None where that cannot be told."""
    if moment is None:
        return None
    number, is_block = parse_moment(moment)
    here = block if is_block else time
    return None if here is None else here >= number


def _spellings(label: Label) -> list[str]:
    """The account as rows write it: a label's address may be in capitals, or carry a checksum."""
    try:
        return [parse_account(label.address, label.chain)] if label.chain else [_canonical(label.address)]
    except UserError:
        return [label.address]


def _canonical(address: str) -> str:
    for chain in ("bitcoin", "ethereum", "tron"):
        try:
            return parse_account(address, chain)
        except UserError:
            continue
    return address
