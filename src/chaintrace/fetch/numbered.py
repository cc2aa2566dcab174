"""Accounts that the caller has numbered: what ``accounts=`` names, by its place there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from chaintrace.errors import InputError
from chaintrace.fetch.buffers import fixed
from chaintrace.fetch.columns import Bad
from chaintrace.fetch.marks import any_repeated, of_addresses
from chaintrace.fetch.pieces import whole

BYTES = 20
ADVICE = "give a list, an Arrow array or a NumPy array of addresses, as texts or as 20 bytes each"


class Numbered:
    """Addresses by number. ``array``: them in Arrow, as texts or as 20 bytes; None where they are a mixed list."""

    def __init__(self, addresses: Any) -> None:
        self.array: pa.Array | None = _array(addresses)
        self._list = list(addresses) if self.array is None else []

    def __len__(self) -> int:
        return len(self._list) if self.array is None else len(self.array)

    def distinct_bytes(self) -> Any:
        """The addresses as they are kept, uint8 of shape (n, 20), where they are bytes and it is certain that no two of
        them are alike; else None."""
        if self.array is None or self.array.null_count or not pa.types.is_fixed_size_binary(self.array.type):
            return None
        rows = fixed(self.array, BYTES).reshape(-1, BYTES)
        return None if any_repeated(of_addresses(rows)) else rows

    def __getitem__(self, number: int) -> object:
        """Text or bytes. ``Bad`` where no account has the number."""
        if not 0 <= number < len(self):
            raise Bad("no such account number")
        found: object = self._list[number] if self.array is None else self.array[number].as_py()
        if found is None:
            raise Bad("no such account number")
        return found


def _array(addresses: Any) -> pa.Array | None:
    if isinstance(addresses, (pa.Array, pa.ChunkedArray)):
        return _uniform(whole(addresses))
    if isinstance(addresses, np.ndarray):
        return _of_numpy(addresses)
    if not isinstance(addresses, (list, tuple)):
        raise InputError(f"accounts= as a {type(addresses).__name__}", "it is no array of addresses", ADVICE)
    return _of_list(addresses)


def _of_list(addresses: Sequence[Any]) -> pa.Array | None:
    kinds = {type(address) for address in addresses if address is not None}
    if kinds and kinds.isdisjoint((str, bytes)):
        raise InputError(f"accounts= of {kinds.pop().__name__}", "it holds no addresses", ADVICE)
    if kinds - {str} and kinds - {bytes}:
        return None
    try:
        return _uniform(pa.array(addresses, pa.large_binary() if kinds == {bytes} else pa.large_string()))
    except UnicodeError:
        return None


def _uniform(array: pa.Array) -> pa.Array:
    kind = array.type
    if pa.types.is_dictionary(kind):
        return _uniform(array.dictionary_decode())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return array.cast(pa.large_string())
    if pa.types.is_fixed_size_binary(kind) and kind.byte_width == BYTES:
        return array
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        try:
            return array.cast(pa.binary(BYTES))
        except pa.ArrowException:
            return array
    if pa.types.is_null(kind):
        return array.cast(pa.large_string())
    raise InputError(f"accounts= of type {kind}", "it holds no addresses", ADVICE)


def _of_numpy(addresses: Any) -> pa.Array | None:
    kind = addresses.dtype
    if addresses.ndim == 2 and kind == np.uint8 and addresses.shape[1] == BYTES:
        return _fixed(addresses)
    if addresses.ndim != 1:
        raise InputError(f"accounts= of shape {addresses.shape}", "it is no list of addresses", ADVICE)
    if kind.kind in "SV" and kind.itemsize == BYTES:
        return _fixed(np.ascontiguousarray(addresses).view(np.uint8).reshape(-1, BYTES))
    if kind.kind in "US":
        return pa.array(addresses.astype("U"), pa.large_string())
    return _of_list(addresses.tolist()) if kind.kind == "O" else _uniform(pa.array(addresses))


def _fixed(rows: Any) -> pa.Array:
    """A copy: the caller's array may change before the transfers are read."""
    rows = np.array(rows, order="C")
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(BYTES), len(rows), [None, pa.py_buffer(rows)])
