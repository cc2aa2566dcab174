"""Shapes: what a table of each format is to a question — where its accounts, blocks and transactions stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chaintrace.errors import ColumnError, InputError
from chaintrace.fetch import ethereum_etl, generic, logs
from chaintrace.fetch.formats import FORMATS, Format, recognise
from chaintrace.fetch.tables import withdrawals

TRANSFERS, TOKENS, LOGS, TRACES, WITHDRAWALS, TRANSACTIONS, BLOCKS = ROLES = (
    "transfers",
    "token_transfers",
    "logs",
    "traces",
    "withdrawals",
    "transactions",
    "blocks",
)
"""What tables are about, in the order in which they are asked."""

CANCUN = ("blob_gas_used", "excess_blob_gas", "parent_beacon_block_root")
"""Columns of a table of blocks that hold something since Cancun."""


@dataclass(frozen=True)
class Shape:
    """``role``     what a table is about. ``hash``: its column of transactions.
    ``block``, ``block_hash``, ``time``, ``index``  columns of where a row stands; any one of several names.
    ``parties``  columns of accounts; of logs ``topics``, or two columns of them.
    """

    role: str
    block: tuple[str, ...] = ("block_number",)
    hash: str | None = "transaction_hash"
    block_hash: tuple[str, ...] = ("block_hash",)
    time: tuple[str, ...] = ("block_timestamp", "timestamp")
    index: str = "transaction_index"
    parties: tuple[str, ...] = ("from_address", "to_address")


SHAPES = {
    "chaintrace": Shape(
        TRANSFERS, ("block",), "tx_hash", time=("time",), index="tx_index", parties=("sender", "receiver")
    ),
    "ethereum-etl traces": Shape(TRACES),
    "ethereum-etl token_transfers": Shape(TOKENS),
    "ethereum-etl transactions": Shape(
        TRANSACTIONS, hash="hash", parties=("from_address", "to_address", *ethereum_etl.CREATED)
    ),
    "logs": Shape(LOGS, parties=("topics", *logs.SPLIT[1:3])),
    "cryo erc20_transfers": Shape(TOKENS),
    "cryo transactions": Shape(TRANSACTIONS),
    "withdrawals": Shape(WITHDRAWALS, hash=None, parties=("address",)),
    "blocks": Shape(BLOCKS, ("number", "block_number"), None, ("hash", "block_hash"), ("timestamp",), parties=()),
}

LAST = "the last block"
"""What a table with hashes of blocks is asked beside its rows, where there is no table of blocks."""
LAST_SHAPE = Shape(LAST, ("block_number", "block"), None, parties=())

REFUSED = {
    "cryo native_transfers": (
        "it does not tell calls that failed from those that moved value",
        "give traces as ethereum-etl writes them; ct.read_transfers reads the file as it is",
    ),
    **dict.fromkeys(
        (known.name for known in FORMATS if known.name.startswith("Etherscan")),
        (
            "it is about one address, and says nothing about others",
            "read it with ct.read_transfers, or ask the explorer itself with ct.Etherscan",
        ),
    ),
}
"""Exports that cannot answer for every account, why, and what to do."""

SIDES = (
    Format(
        "withdrawals",
        withdrawals.read,
        ("validator_index", "address", "amount", withdrawals.INDEX, "block_number"),
        ("block_hash", "block_timestamp"),
    ),
    Format(
        "blocks",
        generic.read,  # never called: blocks move nothing
        (("number", "block_number"), ("hash", "block_hash"), "timestamp", ("miner", "author", "parent_hash")),
        (withdrawals.COUNT, *CANCUN),
    ),
)
"""Tables that only questions read."""

ALSO = frozenset(
    name
    for known in SIDES
    for need in (*known.needs, *known.uses)
    for name in ((need,) if isinstance(need, str) else need)
)
"""Their columns, for files whose columns are not known before they are read."""

FORMAT = {known.name: known for known in (*FORMATS, *SIDES)}


def shape_of(source: str, names: Sequence[str]) -> tuple[str, Shape]:
    """The format of a table's columns, and its shape. ColumnError where they are of none, InputError where tables of
    that format answer no question."""
    known = next((one for one in SIDES if not one.missing(names)), None) or recognise(source, names)
    if known.name in REFUSED:
        raise InputError(source, f"as {known.name} {REFUSED[known.name][0]}", REFUSED[known.name][1])
    shape = SHAPES[known.name]
    if first(shape.block, names) is None:
        advice = "add the number of each row's block"
        raise ColumnError(source, "it has no column of blocks", advice, [shape.block[0]], list(names))
    return known.name, shape


def first(wanted: Sequence[str], names: Sequence[str]) -> str | None:
    """The first of several names that is there."""
    return next((name for name in wanted if name in names), None)


def read_columns(format: str, names: Sequence[str]) -> tuple[str, ...]:
    """The columns that are taken of a table, in alphabetical order. What our own schema calls evidence is none here."""
    return tuple(sorted(set(FORMAT[format].wanted(names)) - {"evidence"}))
