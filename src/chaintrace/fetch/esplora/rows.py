"""Rows: transactions as rows of the one table. Rule: docs/how-to/bitcoin.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from chaintrace.fetch.coins import movements
from chaintrace.fetch.esplora.facts import Facts, Told
from chaintrace.fetch.esplora.history import History
from chaintrace.fetch.esplora.proof import standing
from chaintrace.fetch.esplora.things import Transaction
from chaintrace.model.amount import to_bytes
from chaintrace.model.asset import native
from chaintrace.model.page import Question
from chaintrace.model.transfer import SCHEMA

Row = dict[str, Any]


def write(
    question: Question, facts: Facts, told: Mapping[str, History], shown: Mapping[str, Told[Transaction]]
) -> pa.Table:
    """The coins that accounts had before the first block, then all that the transactions spend and pay, in position
    order."""
    rows = [row for history in told.values() for row in _openings(question, history)]
    placed = [(one.block, _index(facts, one), one, source) for one, source in shown.values()]
    for _, index, one, source in sorted(placed, key=lambda each: each[:2]):
        rows += _transaction(facts, one, index, source)
    known = {"chain": question.chain, "asset": native(question.chain), "order": "known"}
    columns = [pa.array([(known | row).get(one.name) for row in rows], _plain(one.type)) for one in SCHEMA]
    return pa.table(
        [column.cast(one.type) for column, one in zip(columns, SCHEMA, strict=True)],
        schema=SCHEMA,
    )


def _plain(kind: pa.DataType) -> pa.DataType:
    return pa.int64() if pa.types.is_timestamp(kind) else kind


def _index(facts: Facts, one: Transaction) -> int:
    return facts.txids[standing(facts, one).block_hash][0].index(one.txid)


def _openings(question: Question, history: History) -> Iterator[Row]:
    """Each coin that the account had at the end of the block before ``since``."""
    for name, (coin, source) in history.coins(question.since).items():
        yield {
            "block": question.since - 1,
            "tx_hash": f"opening:{name}",
            "seq": 0,
            "kind": "opening",
            "receiver": history.account,
            "amount": to_bytes(coin.amount),
            "outpoint": name,
            "evidence": source,
        }


def _transaction(facts: Facts, one: Transaction, index: int, source: str) -> Iterator[Row]:
    """Inputs, or a reward where there are none; outputs, as burns where nobody can spend them; the fee last."""
    at = standing(facts, one)
    place = {"block": at.block, "block_hash": at.block_hash, "time": at.time, "tx_hash": one.txid, "tx_index": index}
    for seq, (kind, sender, receiver, amount, coin) in enumerate(movements(facts.chain, one.txid, one.spent, one.made)):
        yield place | {
            "seq": seq,
            "kind": kind,
            "sender": sender,
            "receiver": receiver,
            "amount": to_bytes(amount),
            "outpoint": coin,
            "evidence": source,
        }
