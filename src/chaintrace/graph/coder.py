"""The coder of the pure-Python kernel: columns become numbers by NumPy and Arrow, exactly as the native one does it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np
import pyarrow as pa

from chaintrace.errors import AddressError, AmountError
from chaintrace.fetch.buffers import from_hex, windows
from chaintrace.graph.amounts import Amounts
from chaintrace.graph.pots import number_ends
from chaintrace.model.address import parse_address
from chaintrace.model.amount import parse_integer

NOBODY, ODD = 2**32 - 1, 2**32 - 2

_TEXT = 42  # 0x and 40 digits
_WIDTH = 20
_DIGITS = 38  # that certainly fit 128 bits
_NEGATIVE = np.uint64(2**63)


class Coder:
    """See ``fetch.coder.Coder``. EVM accounts only; they are numbered as they come."""

    def __init__(self, rows: int = 0) -> None:
        self._numbers: defaultdict[bytes, int] = defaultdict(count().__next__)
        self._codes: tuple[list[Any], list[Any]] = ([], [])
        self._lanes: list[Any] = []
        self._wide: dict[int, int] = {}
        self._read = 0
        self._patched: tuple[dict[int, int], dict[int, int]] = ({}, {})
        self._amounts: dict[int, int] = {}

    @property
    def account_count(self) -> int:
        return len(self._numbers)

    def account_id(self, text: str) -> int | None:
        try:
            return self._numbers.get(bytes.fromhex(text[2:])) if len(text) == _TEXT and text == text.lower() else None
        except ValueError:
            return None

    def account_bytes(self) -> Any:
        """The 20 bytes of each account."""
        return np.frombuffer(b"".join(self._numbers), np.uint8).reshape(-1, _WIDTH)

    def accounts_text(self, side: int, offsets: Any, data: Any, valid: Any = None) -> Any:
        length = np.diff(offsets)
        there = np.ones(len(length), bool) if valid is None else valid
        at = np.flatnonzero(there & (length == _TEXT))
        letters = windows(data, offsets[:-1][at], _TEXT)
        words, right = from_hex(letters[:, 2:])
        right &= (letters[:, 0] == ord("0")) & (letters[:, 1] == ord("x"))
        for row, address in _with_capitals(letters, np.flatnonzero(~right)):
            words[row], right[row] = address, True
        codes = np.where(there, ODD, NOBODY).astype(np.uint32)
        codes[at[right]] = self._coded(words[right])
        return self._add(side, codes)

    def accounts_binary(self, side: int, data: Any, valid: Any = None) -> Any:
        words = data.reshape(-1, _WIDTH)
        if valid is None:
            return self._add(side, self._coded(words))
        codes = np.full(len(words), NOBODY, np.uint32)
        codes[valid] = self._coded(words[valid])
        return self._add(side, codes)

    def accounts_ids(self, side: int, ids: Any, limit: int) -> Any:
        codes = np.where((ids >= 0) & (ids < limit), ids, ODD).astype(np.uint32)
        return self._add(side, codes)

    def accounts_none(self, side: int, rows: int) -> None:
        self._add(side, np.full(rows, NOBODY, np.uint32))

    def amounts_text(self, offsets: Any, data: Any, valid: Any = None) -> Any:
        length = np.diff(offsets)
        there = np.ones(len(length), bool) if valid is None else valid
        digit = (data >= ord("0")) & (data <= ord("9"))
        short = there & (length > 0) & (length <= _DIGITS)
        if not digit[offsets[0] : offsets[-1]].all():
            strange = np.concatenate([[0], np.cumsum(~digit)])
            short &= strange[offsets[1:]] == strange[offsets[:-1]]
        lanes = _lanes_of_digits(offsets, data, short)
        wide, odd = {}, []
        for row in np.flatnonzero(~short).tolist():
            amount = _long(data[offsets[row] : offsets[row + 1]]) if there[row] else None
            if amount is None:
                odd.append(row)
            else:
                wide[row] = amount
        return self._add_amounts(lanes, wide, np.array(odd, np.uint32))

    def amounts_decimal128(self, lanes: Any, valid: Any = None) -> Any:
        odd = lanes[:, 1] >= _NEGATIVE
        return self._add_amounts(lanes, {}, np.flatnonzero(odd if valid is None else odd | ~valid))

    def amounts_decimal256(self, lanes: Any, valid: Any = None) -> Any:
        odd = lanes[:, 3] >= _NEGATIVE
        odd = odd if valid is None else odd | ~valid
        large = np.flatnonzero(lanes[:, 2:].any(axis=1) & ~odd).tolist()
        wide = {row: int.from_bytes(lanes[row].astype("<u8").tobytes(), "little") for row in large}
        return self._add_amounts(lanes[:, :2], wide, np.flatnonzero(odd))

    def amounts_int64(self, values: Any, valid: Any = None) -> Any:
        odd = values < 0
        return self._narrow(values, odd if valid is None else odd | ~valid)

    def amounts_uint64(self, values: Any, valid: Any = None) -> Any:
        return self._narrow(values, np.zeros(len(values), bool) if valid is None else ~valid)

    def amounts_bytes32(self, data: Any, valid: Any = None) -> Any:
        amounts = Amounts.of_bytes(data)
        odd = np.zeros(len(amounts), bool) if valid is None else ~valid
        wide = {row: amount for row, amount in amounts.wide.items() if not odd[row]}
        return self._add_amounts(amounts.lanes, wide, np.flatnonzero(odd))

    def patch_account(self, side: int, row: int, text: str | None) -> None:
        self._patched[side][row] = NOBODY if text is None else self._numbers[bytes.fromhex(text[2:])]

    def patch_amount(self, row: int, amount: bytes) -> None:
        self._amounts[row] = int.from_bytes(amount, "big")

    def finish(self, order: Any = None, drop: Any = None, assets: Any = None) -> dict[str, Any]:
        """The rows between pots, in position order; see the native module."""
        kept = np.arange(self._read, dtype=np.uint32) if order is None else order
        if drop is not None:
            kept = kept[~drop[kept]]
        lanes, wide = self._all_amounts(kept)
        parties = []
        for side, patched in zip(self._codes, self._patched, strict=True):
            codes = np.concatenate(side) if side else np.zeros(0, np.uint32)
            codes[np.fromiter(patched.keys(), np.int64, len(patched))] = np.fromiter(patched.values(), np.uint32)
            parties.append(np.where(codes[kept] == NOBODY, -1, codes[kept].astype(np.int64)))
        asset = np.zeros(len(kept), np.int64) if assets is None else assets[kept].astype(np.int64)
        sender, receiver, at = number_ends(parties, asset)
        return {
            "sender": sender,
            "receiver": receiver,
            "amount": lanes,
            "wide_rows": np.array(list(wide), np.uint32),
            "wide_values": np.frombuffer(
                b"".join(amount.to_bytes(32, "little") for amount in wide.values()), np.uint64
            ).reshape(-1, 4),
            "pot_account": np.stack(parties, axis=1).ravel()[at].astype(np.uint32),
            "pot_asset": None if assets is None else np.repeat(asset, 2)[at].astype(np.uint32),
        }

    def _coded(self, words: Any) -> Any:
        keys = np.ascontiguousarray(words).view("V20").ravel().tolist()
        return np.fromiter(map(self._numbers.__getitem__, keys), np.uint32, len(keys))

    def _add(self, side: int, codes: Any) -> Any:
        self._codes[side].append(codes)
        return np.flatnonzero(codes >= ODD).astype(np.uint32)

    def _narrow(self, values: Any, odd: Any) -> Any:
        lanes = np.zeros((len(values), 2), np.uint64)
        lanes[:, 0] = np.where(odd, 0, values)
        return self._add_amounts(lanes, {}, np.flatnonzero(odd))

    def _add_amounts(self, lanes: Any, wide: dict[int, int], odd: Any) -> Any:
        lanes = np.array(lanes, np.uint64)
        for row, amount in wide.items():
            lanes[row] = (0, 0)
            self._wide[self._read + row] = amount
        self._lanes.append(lanes)
        self._read += len(lanes)
        return odd.astype(np.uint32)

    def _all_amounts(self, kept: Any) -> tuple[Any, dict[int, int]]:
        lanes = np.concatenate(self._lanes) if self._lanes else np.zeros((0, 2), np.uint64)
        special = self._wide | self._amounts
        place = dict(zip(kept.tolist(), range(len(kept)), strict=True)) if special else {}
        lanes, wide = lanes[kept], {}
        for row, amount in special.items():
            if row in place and amount < 2**128:
                lanes[place[row]] = (amount & (2**64 - 1), amount >> 64)
            elif row in place:
                lanes[place[row]], wide[place[row]] = (0, 0), amount
        return lanes, dict(sorted(wide.items()))


def _with_capitals(letters: Any, rows: Any) -> Iterator[tuple[int, Any]]:
    """The addresses of rows in capitals whose checksum is right; each distinct text is checked once."""
    known: dict[bytes, Any] = {}
    for row in rows.tolist():
        text = letters[row].tobytes()
        if text not in known:
            known[text] = _address(text)
        if known[text] is not None:
            yield row, known[text]


def _address(text: bytes) -> Any:
    try:
        found = parse_address(text.decode("ascii")) if text.startswith(b"0x") else ""
    except (AddressError, UnicodeDecodeError):
        return None
    return np.frombuffer(bytes.fromhex(found[2:]), np.uint8) if found else None


def _lanes_of_digits(offsets: Any, data: Any, short: Any) -> Any:
    """Texts of up to 38 digits as low and high half; 0 for rows that are not ``short``."""
    wide = pa.large_string() if offsets.dtype == np.int64 else pa.string()
    mask = None if short.all() else pa.array(short).buffers()[1]
    buffers = [mask, pa.py_buffer(np.ascontiguousarray(offsets)), pa.py_buffer(data)]
    array = pa.Array.from_buffers(wide, len(short), buffers)
    lanes = np.frombuffer(array.cast(pa.decimal128(_DIGITS)).buffers()[1], np.uint64)[: 2 * len(short)].reshape(-1, 2)
    return lanes if mask is None else np.where(short[:, None], lanes, 0)


def _long(letters: Any) -> int | None:
    try:
        return parse_integer(letters.tobytes().decode("ascii"))
    except (AmountError, UnicodeDecodeError):
        return None
