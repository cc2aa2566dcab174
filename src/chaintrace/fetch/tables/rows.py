"""Rows: rows of tables, read by the readers of their formats and merged, as rows of the one table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from chaintrace.errors import Contradiction, Malformed
from chaintrace.fetch.cryo import VALUES
from chaintrace.fetch.frame import Frame, Part, texts
from chaintrace.fetch.merge import MADE_SEQ, combine
from chaintrace.fetch.rows import FEE_SEQ, Draft, Options, Rows, filled
from chaintrace.fetch.tables.body import Cell, Told
from chaintrace.fetch.tables.fill import Known, fill
from chaintrace.fetch.tables.lake import Holding
from chaintrace.fetch.tables.outcome import check_outcomes, is_nought
from chaintrace.fetch.tables.shape import BLOCKS, FORMAT, LAST, TRANSACTIONS
from chaintrace.model.asset import native
from chaintrace.model.chain import get_chain
from chaintrace.model.page import Question
from chaintrace.model.transfer import KINDS, SCHEMA, Rejected, Rejection

HARMLESS = frozenset({"reverted", "duplicate", "NFT", "undecodable log", "parties not indexed", "no party"})
"""Reasons for which a row that is left out leaves no gap: it moved nothing, or nothing that could be asked for."""
QUIET = frozenset({"reverted", "duplicate"})
MEND = "mend the row in the table, or leave the table out"

Found = Sequence[tuple[Holding, Told]]


def write(question: Question, found: Found, facts: Known) -> tuple[pa.Table, Rejected, tuple[str, ...]]:
    """What the rows say about what was asked for; what could not be read as transfers; and how often rows repeat."""
    options = Options(get_chain(question.chain), native(question.chain), wrappers=question.wrappers)
    drafts = [
        _draft(question, holding, told, facts, options)
        for holding, told in found
        if told.rows and holding.shape.role not in (BLOCKS, LAST)
    ]
    if not drafts:
        return SCHEMA.empty_table(), Rejected(), ()
    merged = combine(drafts, Rejected())
    if merged.rejected.counts.get("conflict"):
        said = next(one.value for one in merged.rejected.examples if one.reason == "conflict")
        raise Contradiction(question.provider, f"{said} is told in two ways", "load the tables again")
    left = merged.rejected
    rejected = Rejected(
        {reason: count for reason, count in left.counts.items() if reason not in QUIET},
        tuple(one for one in left.examples if one.reason not in QUIET),
        left.accounts,
    )
    notes = tuple(note for note in merged.notes if "equal an earlier one" in note)
    return _chosen(question, _numbered(merged.table)), rejected, notes


def _draft(question: Question, holding: Holding, told: Told, facts: Known, options: Options) -> Draft:
    filled_in = fill(holding, told, facts)
    if holding.shape.role == TRANSACTIONS:
        check_outcomes(question, holding, filled_in)
    columns = {name: _column(cells) for name, cells in filled_in.items()}
    known = FORMAT[holding.format]
    desk = Rows(Frame((Part(told.source, np.arange(told.rows), columns),)), known.name)
    known.read(desk, options)
    draft = desk.finish()
    draft.columns["evidence"] = filled((f"{source}/{row}" for source, row in draft.places), len(draft.places))
    chains = set(draft.columns["chain"].tolist()) - {question.chain}
    if chains:
        raise Contradiction(question.provider, f"{holding.name} holds rows of {min(chains)}", "give rows of one chain")
    wanted = {*question.accounts, *question.transactions}
    for one in draft.rejections:
        if not _is_harmless(told, one) and wanted & _named(holding, told, one):
            raise _unreadable(question, holding, one)
    return draft


def _column(cells: list[Cell]) -> Any:
    if any(type(one) is float for one in cells):
        return cells
    return texts(cells)  # type: ignore[arg-type]


def _is_harmless(told: Told, one: Rejection) -> bool:
    """A contract that somebody makes, and nobody names, got nothing where nothing was sent."""
    amounts = [told.columns[name] for name in VALUES if name in told.columns]
    return one.reason in HARMLESS or (one.reason == "missing receiver" and is_nought(amounts, one.row))


def _named(holding: Holding, told: Told, one: Rejection) -> set[str]:
    """The accounts and the transaction that a row speaks of."""
    names = (*holding.shape.parties, holding.shape.hash or "")
    cells = (told.columns[name][one.row] for name in names if name in told.columns)
    return {cell.lower() for cell in cells if isinstance(cell, str)}


def _unreadable(question: Question, holding: Holding, one: Rejection) -> Malformed:
    reason = f"a row of {holding.name} cannot be read: {one.reason} ({one.field} = {one.value!r})"
    return Malformed(question.provider, reason, MEND, one.source.partition("#")[0])


def _numbered(table: pa.Table) -> pa.Table:
    """Rows whose place inside their transaction nobody tells are counted in it, so that whatever else was asked for
    they have the same names."""
    given = table["seq"].to_pylist()
    if not any(MADE_SEQ <= seq < FEE_SEQ for seq in given):
        return table
    count: Counter[str] = Counter()
    seqs = []
    for seq, tx_hash in zip(given, table["tx_hash"].to_pylist(), strict=True):
        if MADE_SEQ <= seq < FEE_SEQ:
            seq, count[tx_hash] = MADE_SEQ + count[tx_hash], count[tx_hash] + 1
        seqs.append(seq)
    return table.set_column(SCHEMA.names.index("seq"), SCHEMA.field("seq"), pa.array(seqs, pa.int64()))


def _chosen(question: Question, table: pa.Table) -> pa.Table:
    """Rows that touch an account or belong to a transaction that was asked for, in position order."""
    accounts, whole = set(question.accounts), set(question.transactions)
    rank = {kind: n for n, kind in enumerate(KINDS)}
    names = ("kind", "block", "tx_index", "seq", "tx_hash", "sender", "receiver")
    kept = []
    for row, (kind, block, index, seq, tx_hash, sender, receiver) in enumerate(
        zip(*(table[name].to_pylist() for name in names), strict=True)
    ):
        touches = sender in accounts or receiver in accounts
        if kind == "opening":
            inside = touches and block == question.since - 1
        else:
            inside = tx_hash in whole or (touches and question.first <= block <= question.last)
        if inside:
            kept.append((kind != "opening", block, -1 if index is None else index, seq, rank[kind], tx_hash, row))
    return table.take(pa.array([one[-1] for one in sorted(kept)], pa.int64())).combine_chunks()
