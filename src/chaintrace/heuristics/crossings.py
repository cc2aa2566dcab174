"""Crossings: a way into a bridge and the way out that names it, with the rows that bear both out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chaintrace.heuristics.bridge_events import Key, Told, paid_in, paid_out
from chaintrace.heuristics.exchanges import signers
from chaintrace.heuristics.finding import RowId
from chaintrace.heuristics.moves import Lists
from chaintrace.heuristics.rows import Rows
from chaintrace.heuristics.transactions import NOBODY, Ints

_VALUE = ("native", "internal", "token", "mint", "burn")


@dataclass(frozen=True)
class Crossing:
    """``source`` and ``target`` are rows; None where none, or more than one, fits. ``out`` is None where only the
    address that the way in names was found to be paid."""

    told: Told
    out: Told | None
    payer: str
    source: int | None
    target: RowId | None
    given: int | None = None
    got: int | None = None
    seconds: int | None = None


def crossings(rows: Rows, named_within: int) -> list[Crossing]:
    """By identifier, and where no way out names it by the address that a memo asks for. Looked for once."""
    return rows.once(("crossings", named_within), lambda: Search(rows).run(named_within))


class Search:
    """Rows by transaction, for what events say."""

    def __init__(self, rows: Rows) -> None:
        self.rows, self.moves = rows, rows.moves
        self.signer = signers(rows)
        moves = self.moves
        self.value = moves.of_kind(*_VALUE) & (moves.amount > 0).astype(bool) & (moves.sender != moves.receiver)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {str(name): n for n, name in enumerate(self.moves.names.to_pylist())}

    @cached_property
    def _lists(self) -> Lists:
        return Lists.by(self.moves.tx, len(self.moves.names))

    def run(self, named_within: int) -> list[Crossing]:
        ways_in = _by_key(paid_in(self.rows.logs, self.rows.calls))
        ways_out = _by_key(paid_out(self.rows.logs, self.rows.calls))
        found: list[Crossing] = []
        alone: list[Told] = []
        for key, told in ways_in.items():
            out = ways_out.get(key)
            if told is not None and out is not None and not _contradict(told, out):
                found.append(self._crossing(told, out))
            elif told is not None and key not in ways_out and told.bridge == "thorchain":
                alone.append(told)
        paid = self._paid_to({_canonical(told.to) for told in alone if told.to is not None})
        found += (one for told in alone if (one := self._named(told, paid, named_within)) is not None)
        return _disjoint(found)

    def _crossing(self, told: Told, out: Told) -> Crossing:
        source = self._paying(told)
        target = self._paid(out, told)
        if source is not None and target is not None and target <= source:  # clocks of two chains may disagree
            target = None
        return Crossing(
            told,
            out,
            self._payer(told, source),
            source,
            None if target is None else self.moves.row(target),
            None if source is None else int(self.moves.amount[source]),
            None if target is None else int(self.moves.amount[target]),
            None if source is None or target is None else int(self.moves.time[target] - self.moves.time[source]),
        )

    def _payer(self, told: Told, source: int | None) -> str:
        if source is not None:
            return self.moves.account(int(self.moves.sender[source]))
        return told.account or f"tx:{told.tx_hash}"

    def _here(self, told: Told) -> Ints:
        """The rows of value in a transaction, on the chain that told of it."""
        tx = self._numbers.get(told.tx_hash)
        if tx is None:
            return np.zeros(0, np.int64)
        listed = self._lists.of(tx)
        chains = self.moves.table["chain"].take(listed).to_pylist()
        right = np.array([chain == told.chain for chain in chains], dtype=bool)
        here: Ints = listed[right & self.value[listed]]
        return here

    def _paying(self, told: Told) -> int | None:
        """The row that pays in: of the account that is said to, else of who sent the transaction, else the only one."""
        here = self._here(told)
        here = here[self.moves.sender[here] != NOBODY]
        if told.amount is not None:
            here = here[(self.moves.amount[here] == told.amount).astype(bool)]
        tx = self._numbers.get(told.tx_hash, 0)
        (said,) = self.moves.numbers([told.account or ""]).tolist()
        for who in (said, int(self.signer[tx]) if len(self.signer) else NOBODY):
            if who != NOBODY and len(own := here[self.moves.sender[here] == who]):
                return int(own[0]) if len(own) == 1 else None
        return int(here[0]) if len(here) == 1 and told.amount is not None else None

    def _paid(self, out: Told, told: Told) -> int | None:
        """The one row that pays out what is said, to whom it is said."""
        here, account = self._here(out), out.account or told.to
        amount = out.amount if out.amount is not None else told.expected
        if account is None:
            return None
        (number,) = self.moves.numbers([account]).tolist()
        here = here[(self.moves.receiver[here] == number) & (number != NOBODY)]
        if amount is not None:
            here = here[(self.moves.amount[here] == amount).astype(bool)]
        return int(here[0]) if len(here) == 1 else None

    def _paid_to(self, accounts: set[str]) -> Mapping[str, list[dict[str, Any]]]:
        """Rows that pay some accounts, on every kind of chain."""
        table = self.rows.table
        paid = table.filter(pc.is_in(table["receiver"], pa.array(sorted(accounts), pa.string())))
        found: dict[str, list[dict[str, Any]]] = {}
        names = ["tx_hash", "kind", "seq", "time", "sender", "receiver", "amount"]
        for row in paid.select(names).to_pylist():
            if any(row["amount"]) and row["sender"] != row["receiver"]:
                found.setdefault(row["receiver"], []).append(row)
        return found

    def _named(self, told: Told, paid: Mapping[str, list[dict[str, Any]]], within: int) -> Crossing | None:
        """The only row that pays the address which a memo asks for, soon after."""
        source = self._paying(told)
        if source is None or told.to is None:
            return None
        start = int(self.moves.time[source])
        soon = [
            (row, int(row["time"].timestamp()) - start)
            for row in paid.get(_canonical(told.to), ())
            if row["time"] is not None and row["tx_hash"] != told.tx_hash
        ]
        fits = [(row, seconds) for row, seconds in soon if 0 < seconds <= within]
        if len(fits) != 1:
            return None
        ((row, seconds),) = fits
        identity = row["tx_hash"], row["kind"], row["seq"]
        given, got = int(self.moves.amount[source]), int.from_bytes(row["amount"], "big")
        return Crossing(told, None, self._payer(told, source), source, identity, given, got, seconds)


def _canonical(account: str) -> str:
    """An address of a memo as rows write it: of EVM chains and in bech32 small letters mean the same as capitals."""
    return account.lower() if account.lower().startswith(("0x", "bc1", "ltc1")) else account


def _by_key(sides: Iterable[Told]) -> dict[tuple[str, Key], Told | None]:
    """One side of each crossing; None where two transactions, or two sums, claim to be it."""
    found: dict[tuple[str, Key], Told | None] = {}
    for one in sides:
        name = one.bridge, one.key
        before = found.setdefault(name, one)
        if before is None or before is one:
            continue
        same = (before.chain, before.tx_hash) == (one.chain, one.tx_hash) and None in (before.amount, one.amount)
        found[name] = (before if before.amount is not None else one) if same or before == one else None
    return found


def _contradict(told: Told, out: Told) -> bool:
    sums = told.expected is not None and out.amount is not None and told.expected != out.amount
    accounts = told.to is not None and out.account is not None and told.to.lower() != out.account.lower()
    return told.chain == out.chain or sums or (accounts and told.bridge != "thorchain")


def _disjoint(found: list[Crossing]) -> list[Crossing]:
    """Without crossings that claim one row twice: nobody can say whose it is."""
    claims: Counter[object] = Counter(end for one in found for end in (one.source, one.target) if end is not None)
    return [one for one in found if claims[one.source] < 2 and claims[one.target] < 2]
