"""Fill: what one table says of another's rows — times and hashes of blocks, places and outcomes of transactions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from chaintrace.fetch import columns as cell
from chaintrace.fetch import ethereum_etl
from chaintrace.fetch.tables.body import Cell, Told
from chaintrace.fetch.tables.lake import Holding
from chaintrace.fetch.tables.shape import BLOCKS, CANCUN, TRACES, TRANSACTIONS, TRANSFERS, WITHDRAWALS, first
from chaintrace.fetch.tables.step import block, number_of
from chaintrace.fetch.tables.withdrawals import COUNT
from chaintrace.fetch.words import Bad

Found = Sequence[tuple[Holding, Told]]
K = TypeVar("K")


@dataclass
class Known:
    """By block: ``hashes``, ``times`` (unix seconds), ``cancun`` (whether EIP-6780 is in force), ``counts`` of
    transactions. By transaction: its ``index``, the ``tops`` of its calls (whether it succeeded, whom it paid)."""

    hashes: dict[int, str] = field(default_factory=dict)
    times: dict[int, str] = field(default_factory=dict)
    cancun: dict[int, str] = field(default_factory=dict)
    counts: dict[int, str] = field(default_factory=dict)
    index: dict[str, str] = field(default_factory=dict)
    tops: dict[str, tuple[Cell, Cell]] = field(default_factory=dict)


def known(found: Found) -> Known:
    """What all rows say of blocks and transactions. Bad where two of them say different things."""
    told = Known()
    for holding, one in found:
        names, shape = holding.columns, holding.shape
        numbers = [number_of(cell) for cell in one.columns[block(holding)]]
        if None in numbers:
            raise Bad(f"a row of {holding.name[:70]} stands in no block")
        _learn(told.hashes, numbers, _of(one, first(shape.block_hash, names)), _hash, "has two hashes")
        _learn(told.times, numbers, _of(one, first(shape.time, names)), _time, "is of two times")
        if shape.role == BLOCKS:
            _learn(told.counts, numbers, _of(one, COUNT), str, "has two counts of transactions")
            mark = first(CANCUN, names)
            if mark is not None:
                said = ["false" if cell is None else "true" for cell in one.columns[mark]]
                told.cancun |= {number: word for number, word in zip(numbers, said, strict=True) if number is not None}
        if shape.hash in names and shape.role != TRANSFERS:
            hashes = [cell.lower() if isinstance(cell, str) else None for cell in one.columns[str(shape.hash)]]
            _learn(told.index, hashes, _of(one, shape.index), str, "has two places in its block")
            if shape.role == TRACES:
                _tops(told, one, hashes)
    return told


def fill(holding: Holding, one: Told, told: Known) -> dict[str, list[Cell]]:
    """The columns of rows, with what is known where they say nothing."""
    columns, shape = dict(one.columns), holding.shape
    kinds = columns.get("kind", [None] * one.rows)  # what was held before a block stands in none
    said = zip(columns[block(holding)], kinds, strict=True)
    numbers = [None if kind == "opening" else number_of(cell) for cell, kind in said]
    _put(columns, _name(shape.time, holding), _each(told.times, numbers))
    _put(columns, shape.block_hash[0], _each(told.hashes, numbers))
    if shape.role == WITHDRAWALS:
        _put(columns, COUNT, _each(told.counts, numbers))
    if shape.hash in columns and shape.role != TRANSFERS:
        hashes = [cell.lower() if isinstance(cell, str) else "" for cell in columns[str(shape.hash)]]
        _put(columns, shape.index, _each(told.index, hashes))
        if shape.role == TRACES:
            _put(columns, ethereum_etl.CANCUN, _each(told.cancun, numbers))
        if shape.role == TRANSACTIONS and told.tops:
            tops = [told.tops.get(one, (None, None)) for one in hashes]
            status = first(("success", *ethereum_etl.STATUS), holding.columns) or ethereum_etl.STATUS[0]
            _put(columns, status, (succeeded for succeeded, _ in tops))
            if holding.format != "cryo transactions":
                created = first(ethereum_etl.CREATED, holding.columns) or ethereum_etl.CREATED[0]
                _put(columns, created, (made for _, made in tops))
    return columns


def _tops(told: Known, one: Told, hashes: Sequence[str | None]) -> None:
    """Whether the top call of each transaction succeeded, and the contract that it made."""
    columns = one.columns
    nothing: list[Cell] = [None] * one.rows
    paths, status, error = columns["trace_address"], columns.get("status", nothing), columns.get("error", nothing)
    for row, tx_hash in enumerate(hashes):
        if tx_hash is None or paths[row] not in (None, "", "[]"):
            continue
        failed = error[row] not in (None, "") or status[row] in ("0", "false", "0.0")
        made = columns["to_address"][row] if columns["trace_type"][row] == "create" else None
        told.tops[tx_hash] = "0" if failed else "1", None if failed else made


def _of(one: Told, name: str | None) -> list[Cell]:
    return one.columns[name] if name in one.columns else [None] * one.rows


def _name(names: Sequence[str], holding: Holding) -> str:
    return first(names, holding.columns) or names[0]


def _learn(
    known: dict[K, str], keys: Sequence[K | None], cells: Sequence[Cell], say: Callable[[str], str | None], twice: str
) -> None:
    said = {one: say(one) for one in set(cells) if isinstance(one, str) and one}
    for key, one in zip(keys, cells, strict=True):
        value = said.get(one)  # type: ignore[arg-type]
        if value is not None and key is not None and known.setdefault(key, value) != value:
            where = f"block {key}" if isinstance(key, int) else str(key)[:70]
            raise Bad(f"{where} {twice}: {known[key][:70]} and {value[:70]}")


def _hash(text: str) -> str:
    return text.lower() if text.isascii() else text


def _time(text: str) -> str | None:
    try:
        return str(cell.seconds(text))
    except cell.Bad:
        return None


def _put(columns: dict[str, list[Cell]], name: str, values: Iterator[Cell]) -> None:
    """Values where a column has none; a column that nothing is known of stays away."""
    found = list(values)
    if name in columns:
        columns[name] = [one if old in (None, "") else old for old, one in zip(columns[name], found, strict=True)]
    elif any(one is not None for one in found):
        columns[name] = found


def _each(known: dict[K, str], keys: Sequence[K | None]) -> Iterator[Cell]:
    return (None if key is None else known.get(key) for key in keys)
