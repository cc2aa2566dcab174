"""Coder: what numbers accounts and amounts. Each kernel has one."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from chaintrace.fetch.buffers import fixed, texts, valid
from chaintrace.fetch.plan import is_text
from chaintrace.fetch.typed import fitting


class Coder(Protocol):
    """Takes columns batch by batch: accounts become numbers, amounts lanes. What reads a batch returns the numbers,
    within it, of rows that it could not read."""

    def accounts_text(self, side: int, offsets: Any, data: Any, valid: Any = None) -> Any: ...
    def accounts_binary(self, side: int, data: Any, valid: Any = None) -> Any: ...
    def accounts_ids(self, side: int, ids: Any, limit: int) -> Any: ...
    def accounts_none(self, side: int, rows: int) -> None: ...
    def amounts_text(self, offsets: Any, data: Any, valid: Any = None) -> Any: ...
    def amounts_decimal128(self, lanes: Any, valid: Any = None) -> Any: ...
    def amounts_decimal256(self, lanes: Any, valid: Any = None) -> Any: ...
    def amounts_int64(self, values: Any, valid: Any = None) -> Any: ...
    def amounts_uint64(self, values: Any, valid: Any = None) -> Any: ...
    def amounts_bytes32(self, data: Any, valid: Any = None) -> Any: ...
    def patch_account(self, side: int, row: int, text: str | None) -> None: ...
    def patch_amount(self, row: int, amount: bytes) -> None: ...
    def finish(self, order: Any = None, drop: Any = None, assets: Any = None) -> dict[str, Any]: ...
    @property
    def account_count(self) -> int: ...


def code_amounts(coder: Coder, column: pa.Array) -> Any:
    kind = column.type
    there = valid(column)
    if is_text(kind):
        return coder.amounts_text(*texts(column), there)
    if pa.types.is_decimal128(kind):
        return coder.amounts_decimal128(fixed(column, 2, np.uint64).reshape(-1, 2), there)
    if pa.types.is_decimal256(kind):
        return coder.amounts_decimal256(fixed(column, 4, np.uint64).reshape(-1, 4), there)
    if pa.types.is_uint64(kind):
        return coder.amounts_uint64(fixed(column, 1, np.uint64), there)
    if pa.types.is_integer(kind):
        return coder.amounts_int64(fixed(column.cast(pa.int64()), 1, np.int64), there)
    column = fitting(column, 32)
    return coder.amounts_bytes32(fixed(column, 32), valid(column))


def code_accounts(coder: Coder, array: pa.Array) -> Any:
    """Numbers the addresses of ``array`` (texts, or 20 bytes each) as they come. Returns which account each place of it
    names, -1 for none; None where every place names one of its own."""
    count = len(array)
    if is_text(array.type):
        odd = coder.accounts_text(0, *texts(array), valid(array)) if count else ()
    else:
        odd = coder.accounts_binary(0, fixed(array, 20), valid(array)) if count else ()
    coder.accounts_none(1, count)
    if not len(odd) and coder.account_count == count:
        return None
    coder.amounts_uint64(np.zeros(count, np.uint64))
    drop = np.zeros(count, bool)
    drop[odd] = True
    named = np.full(count, -1, np.int64)
    named[~drop] = coder.finish(drop=drop)["sender"]
    return named
