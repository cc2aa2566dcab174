"""The plain lane: rows that are beyond doubt, coded as they stream by.

What a row means is defined in ``generic`` alone. Every row that is not fully understood here is read there, and its
word is final.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chaintrace.errors import InputError
from chaintrace.fetch import columns as cell
from chaintrace.fetch import generic, marks
from chaintrace.fetch.buffers import ABSENT, fixed, texts, valid
from chaintrace.fetch.coder import Coder, code_amounts
from chaintrace.fetch.formats import FORMATS
from chaintrace.fetch.frame import Column, Frame, Part
from chaintrace.fetch.merge import notes_of
from chaintrace.fetch.moves import ZERO_ADDRESS
from chaintrace.fetch.pieces import Columns, is_absurd
from chaintrace.fetch.plan import NUMBERS, PARTIES, TOLD_LATER, Plan, is_text
from chaintrace.fetch.rows import Draft, Mask, Rows
from chaintrace.fetch.scanned import Codes8, Codes32, Scanned, no_twins
from chaintrace.fetch.typed import NotPlain, absent, fitting, numbers, parsed, simple
from chaintrace.model.amount import to_bytes
from chaintrace.model.asset import contract_of, parse_asset
from chaintrace.model.chain import get_chain
from chaintrace.model.transfer import KINDS, NO_RECEIVER, NO_SENDER, Rejected

SIDES = {"sender": 0, "receiver": 1}
UNKNOWN, KNOWN, NOT_SAID = range(3)  # what a cell of the order column says
MOST_ODD = 0.5  # of the rows; with more, the slow way for all is as quick

_KIND = {name: code for code, name in enumerate(KINDS)}
_TOKEN, _MINT, _BURN, _OPENING = (_KIND[name] for name in ("token", "mint", "burn", "opening"))
_HAS = {
    "sender": np.array([name not in NO_SENDER for name in KINDS]),
    "receiver": np.array([name not in NO_RECEIVER for name in KINDS]),
}
_ZERO = bytes(20)


def scan(plan: Plan, coder: Coder, accounts: Any = None) -> Scanned:
    """Reads all that is planned into ``coder``. NotPlain where the slow way must read it, damaged files included;
    InputError where a file has changed since it was opened.

    ``accounts``: which account each number of ``accounts=`` is, -1 for none; None where it is that number itself.
    """
    plan.check()
    try:
        return _Scan(plan, coder, accounts).run()
    except InputError:
        raise
    except MemoryError as error:
        if not is_absurd(error):
            raise
        raise NotPlain(str(error)) from error
    except (pa.ArrowException, OSError, ValueError) as error:
        raise NotPlain(str(error)) from error


@dataclass
class _Coded:
    """Distinct texts by number, with what each means; numbers are given as they come."""

    values: list[str] = field(default_factory=list)
    codes: dict[str, int] = field(default_factory=dict)

    def code(self, value: str) -> int:
        if value not in self.codes:
            self.codes[value] = len(self.values)
            self.values.append(value)
        return self.codes[value]


class _Scan:
    def __init__(self, plan: Plan, coder: Coder, accounts: Any) -> None:
        self.plan, self.coder, self.numbers_of = plan, coder, accounts
        self.options, self.chain = plan.options, plan.options.chain
        self.names = [name for name in plan.types if name not in TOLD_LATER]
        rows = plan.rows
        self.kinds = np.empty(rows, np.uint8)
        self.assets = _Coded()
        self.asset: Codes32 | None = np.empty(rows, np.uint32) if "asset" in self.names else None
        self.numbers = {
            name: np.empty(rows, np.int64) if name in self.names else np.broadcast_to(np.int64(ABSENT), rows)
            for name in ("time", *NUMBERS)
        }
        self.order = np.empty(rows, np.uint8) if "order" in self.names else np.broadcast_to(np.uint8(NOT_SAID), rows)
        self.marks = np.empty(rows, np.uint64) if "tx_hash" in self.names else None
        self.odd: list[Any] = []
        self.parts: list[Part] = []
        self.odd_names: dict[str, list[int]] = {}
        self.started = False

    def run(self) -> Scanned:
        for number, first, columns in self.plan.batches(self.names):
            if len(columns["amount"]):
                self._read(number, first, {name: simple(column) for name, column in columns.items()})
        draft, dropped = self._settle_odd()
        return self._done(draft, dropped)

    def _read(self, number: int, first: int, columns: Columns) -> None:
        begin = self.plan.starts[number] + first
        rows = slice(begin, begin + len(columns["amount"]))
        odd = np.zeros(len(columns["amount"]), bool)
        self._chain(columns)
        if "outpoint" in columns and columns["outpoint"].null_count < len(odd):
            raise NotPlain("outpoints")
        asset = self._assets(columns, odd)
        given = self._kinds(columns, asset, odd)
        for name in ("time", *NUMBERS):
            if name in columns:
                self.numbers[name][rows] = numbers(name, columns[name])
        kinds, zero = self._zero(columns, given, asset, odd)
        for name in PARTIES:
            self._party(name, columns[name], kinds, zero.get(name), begin, odd)
        odd[code_amounts(self.coder, columns["amount"])] = True
        if all(name not in columns or columns[name].null_count for name in ("block", "time")):
            timeless = (self.numbers["block"][rows] == ABSENT) & (self.numbers["time"][rows] == ABSENT)
            odd |= timeless & (kinds != _OPENING)
        if "order" in columns:
            self.order[rows] = self._orders(columns["order"], odd)
        if self.marks is not None:
            column = fitting(columns["tx_hash"], 32)
            self.marks[rows], misspelt = marks.of_hashes(column)
            odd |= misspelt | (absent(column) & ~absent(columns["tx_hash"]))
        self.kinds[rows] = kinds
        if self.asset is not None:
            self.asset[rows] = asset
        self._set_aside(number, first, columns, np.flatnonzero(odd))

    def _chain(self, columns: Columns) -> None:
        """The one chain of all rows: that which the chain column says in every row, or the caller."""
        given = Column.of(columns["chain"]).values if "chain" in columns else [None]
        said = {get_chain(cell.chain_id(value)) if value else self.options.chain for value in given}
        chain = said.pop()
        if said or chain.family != "evm" or (self.started and chain != self.chain):
            raise NotPlain("several chains")
        self.chain, self.started = chain, True

    def _assets(self, columns: Columns, odd: Mask) -> Any:
        if "asset" not in columns:
            return np.broadcast_to(np.uint32(self._default_asset()), len(odd))
        column = Column.of(columns["asset"])
        parse = cell.of(lambda value, chain: cell.asset(value, chain, self.options.assets), self.chain)
        codes, bad = parsed(column, parse, self._asset_code, self._default_asset)
        odd |= bad
        return codes.astype(np.uint32)

    def _default_asset(self) -> int:
        own = self.options.asset != self.options.chain.native
        return self._asset_code(self.options.asset if own else parse_asset("native", self.chain))

    def _asset_code(self, asset: str) -> int:
        if not asset.startswith(f"{self.chain.id}/"):
            raise cell.Bad("asset of another chain")
        return self.assets.code(asset)

    def _tokens(self) -> Mask:
        """By asset, whether it is a token."""
        return np.array([contract_of(asset) is not None for asset in self.assets.values] or [False], dtype=bool)

    def _kinds(self, columns: Columns, asset: Any, odd: Mask) -> Codes8:
        usual = np.where(self._tokens(), _TOKEN, _KIND["native"]).astype(np.uint8)
        if "kind" not in columns:
            return np.broadcast_to(usual[asset[0]], len(asset)) if asset.strides == (0,) else usual[asset]
        codes, bad = parsed(Column.of(columns["kind"]), cell.kind, _KIND.__getitem__, lambda: len(KINDS))
        odd |= bad
        kinds: Codes8 = np.where(codes == len(KINDS), usual[asset], codes).astype(np.uint8)
        return kinds

    def _orders(self, column: pa.Array, odd: Mask) -> Codes8:
        codes, bad = parsed(Column.of(column), cell.order, ("unknown", "known").index, lambda: NOT_SAID)
        odd |= bad
        orders: Codes8 = codes.astype(np.uint8)
        return orders

    def _zero(self, columns: Columns, kinds: Codes8, asset: Any, odd: Mask) -> tuple[Codes8, dict[str, Mask]]:
        """The kinds, mint and burn where a token's party is the zero address, and where the parties are."""
        tokens = self._tokens()
        if not tokens.any():
            return kinds, {}
        token = tokens[asset] & ((kinds == _TOKEN) | (kinds == _MINT) | (kinds == _BURN))
        made, burnt = (token & self._is_zero(columns[name]) for name in PARTIES)
        odd |= (made & burnt) | ((made | burnt) & (kinds != _TOKEN))
        kinds = np.where(made, _MINT, np.where(burnt, _BURN, kinds)).astype(np.uint8)
        return kinds, {"sender": made, "receiver": burnt}

    def _is_zero(self, column: pa.Array) -> Mask:
        if pa.types.is_integer(column.type):
            found = np.zeros(len(column), bool)
            for number in self._zero_numbers:
                found |= column.to_numpy(zero_copy_only=False) == number  # null is not a number, nor 0
            return found
        zero = ZERO_ADDRESS if is_text(column.type) else _ZERO
        same = pc.equal(column, pa.scalar(zero, column.type))
        return np.asarray(pc.fill_null(same, False).to_numpy(zero_copy_only=False))

    @cached_property
    def _zero_numbers(self) -> list[int]:
        accounts = self.options.accounts
        array = None if accounts is None else accounts.array
        if array is None:
            return []
        zero = ZERO_ADDRESS if is_text(array.type) else _ZERO
        return np.flatnonzero(pc.fill_null(pc.equal(array, pa.scalar(zero, array.type)), False)).tolist()

    def _party(self, name: str, column: pa.Array, kinds: Codes8, zero: Any, begin: int, odd: Mask) -> None:
        side, there = SIDES[name], valid(column)
        if zero is not None and zero.any():
            there = ~zero if there is None else there & ~zero
        has = _HAS[name][kinds[:1] if kinds.strides == (0,) else kinds]
        if there is not None or not has.all():
            odd |= has != (True if there is None else there)
        if pa.types.is_integer(column.type):
            self._numbered(side, column, there, begin, odd)
            return
        if is_text(column.type):
            unread = self.coder.accounts_text(side, *texts(column), there)
        else:
            column = fitting(column, 20)
            fits = valid(column)
            fits = there if fits is None else fits if there is None else fits & there
            unread = self.coder.accounts_binary(side, fixed(column, 20), fits)
        if len(unread):
            nobody = np.zeros(len(odd), bool) if there is None else ~there
            odd[unread] |= ~nobody[unread]

    def _numbered(self, side: int, column: pa.Array, there: Any, begin: int, odd: Mask) -> None:
        limit = len(self.options.accounts or ()) if self.numbers_of is None else int(self.numbers_of.max(initial=0)) + 1
        ids = np.asarray(pc.fill_null(column, 0).to_numpy())
        if ids.dtype not in (np.uint32, np.int64):
            beyond = ids >= np.uint64(2**63) if ids.dtype == np.uint64 else np.zeros(len(ids), bool)
            ids = np.where(beyond, -1, ids.astype(np.int64))
        if self.numbers_of is not None:
            fits = (ids >= 0) & (ids < len(self.numbers_of))
            ids = np.where(fits, self.numbers_of[np.where(fits, ids, 0)], -1).astype(np.int64)
        unread = self.coder.accounts_ids(side, ids, limit)
        if there is None:
            odd[unread] = True
            return
        odd[unread] |= there[unread]
        for row in np.flatnonzero(~there).tolist():
            self.coder.patch_account(side, begin + row, None)

    def _set_aside(self, number: int, first: int, columns: Columns, odd: Any) -> None:
        """Keeps odd rows for the slow reader."""
        if not len(odd):
            return
        begin = self.plan.starts[number] + first
        self.odd.append(odd + begin)
        if sum(map(len, self.odd)) > MOST_ODD * (begin + len(columns["amount"])):
            raise NotPlain("most rows")
        at = pa.array(odd, pa.int64())
        taken = {name: column.take(at) for name, column in columns.items()}
        for column in taken.values():
            column.validate(full=True)
        self.parts.append(Part(self.plan.sources[number].name, odd + first, taken))

    def _settle_odd(self) -> tuple[Draft, Any]:
        """What the slow reader says of the odd rows; those that it rejects."""
        nothing = {name: pa.nulls(0, self.plan.types[name]) for name in self.names}
        parts = self.parts or [Part(self.plan.sources[0].name, np.zeros(0, np.int64), nothing)]
        desk = Rows(Frame(tuple(parts)), FORMATS[0].name)
        generic.read(desk, self.options)
        draft = desk.finish()
        odd = np.concatenate(self.odd) if self.odd else np.zeros(0, np.int64)
        taken = set(draft.places)
        good = np.array([place in taken for place in desk.frame.places()], dtype=bool)
        for at, row in enumerate(odd[good].tolist()):
            self._patch(row, {name: cells[at] for name, cells in draft.columns.items()})
        return draft, odd[~good]

    def _patch(self, row: int, said: dict[str, Any]) -> None:
        for name, side in SIDES.items():
            if said[name] is None or not pa.types.is_integer(self.plan.types[name]):
                self.coder.patch_account(side, row, said[name])
        self.coder.patch_amount(row, to_bytes(said["amount"]))
        self.kinds[row] = _KIND[said["kind"]]
        if self.asset is not None:
            self.asset[row] = self._asset_code(said["asset"])
        if self.marks is not None and said["tx_hash"] is not None:
            self.marks[row] = marks.of_name(said["tx_hash"], is_text(self.plan.types["tx_hash"]))
            self.odd_names.setdefault(said["tx_hash"], []).append(row)

    def _done(self, draft: Draft, dropped: Any) -> Scanned:
        scanned = Scanned(
            self.chain.id,
            self.kinds,
            self.assets.values or [parse_asset("native", self.chain)],
            self.asset,
            self.numbers,
            self._known(),
            dropped,
            self.marks,
            self.odd_names,
            Rejected.of(draft.rejections, draft.accounts),
            notes_of(draft),
        )
        no_twins(scanned)
        return scanned

    def _known(self) -> Mask:
        """Whether the source proves a row's place, see ``generic``. Rejected rows stand at their places as well."""
        block, time, index, seq = (self.numbers[name] for name in ("block", "time", "tx_index", "seq"))
        if "tx_index" not in self.names:
            return np.asarray(self.order == KNOWN)
        known = (index != ABSENT) & ((block != ABSENT) | (time != ABSENT))
        bare = known & (seq == ABSENT) & (self.order == NOT_SAID)
        if bare.any():
            known &= (seq != ABSENT) | ((block != ABSENT) & _alone(block, index))
        return np.asarray(np.where(self.order == NOT_SAID, known, self.order == KNOWN))


def _alone(block: Any, index: Any) -> Mask:
    """Where no other row stands at the same block and index."""
    import pandas as pd

    return ~pd.DataFrame({"block": block, "index": index}).duplicated(keep=False).to_numpy()
