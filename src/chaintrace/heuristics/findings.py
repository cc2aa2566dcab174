"""Findings: every heuristic asked about some rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from chaintrace.fetch.buffers import ABSENT
from chaintrace.fetch.files import read_transfers
from chaintrace.fetch.log_files import read_logs
from chaintrace.graph.graph import TransferGraph
from chaintrace.graph.link import Leg, Link
from chaintrace.heuristics.exchanges import senderless
from chaintrace.heuristics.finding import Finding
from chaintrace.heuristics.registry import chosen
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.tornado.notes import Notes
from chaintrace.heuristics.tornado.read import read_notes
from chaintrace.labels.label import Label
from chaintrace.model.log import Logs
from chaintrace.model.token import Token
from chaintrace.model.transfer import SCHEMA, Transfers

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class Findings(Sequence[Finding]):
    """What was found, by rule and then by transaction. ``rules``: who was asked. ``notes``: what none of them saw."""

    found: tuple[Finding, ...]
    rules: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.found)

    def __getitem__(self, index: Any) -> Any:
        return self.found[index]

    def of(self, *rules: str) -> Findings:
        """Those of some rules."""
        return Findings(tuple(one for one in self.found if one.rule in rules), self.rules, self.notes)

    def links(self, above: int) -> list[Link]:
        """The links of findings whose confidence is above ``above``, for ``trace(links=…)``, which takes a row once on
        each side: of links that claim one row the surest stands, and none where several are as sure."""
        told = [(one.confidence, link) for one in self.found if one.confidence > above for link in one.links]
        surest: dict[tuple[bool, Any], list[int]] = {}
        for confidence, link in told:
            for end in _rows_of(link):
                surest.setdefault(end, []).append(confidence)
        return [link for sure, link in told if all(_alone(sure, surest[end]) for end in _rows_of(link))]

    def to_pandas(self) -> pd.DataFrame:
        """rule, subject, claim, confidence, tx_hashes, evidence, doubt."""
        import pandas as pd

        names = ["rule", "subject", "claim", "confidence", "tx_hashes", "evidence", "doubt"]
        return pd.DataFrame([[getattr(one, name) for name in names] for one in self.found], columns=names, dtype=object)

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        return {
            "findings": [one.to_dict() for one in self.found],
            "rules": list(self.rules),
            "notes": list(self.notes),
        }

    def __repr__(self) -> str:
        counts = {rule: sum(one.rule == rule for one in self.found) for rule in self.rules}
        told = ", ".join(f"{count:,} {rule}" for rule, count in counts.items() if count)
        return f"<Findings: {told or 'none'}>"

    def _repr_html_(self) -> str:
        frame = self.to_pandas().head(50)
        return f"<p>{escape(repr(self))}</p>{frame.to_html(escape=True)}"


def findings(
    x: Any,
    labels: Iterable[Label] = (),
    *,
    only: Sequence[str] | str | None = None,
    thresholds: Mapping[str, Any] | None = None,
    logs: Any = None,
    notes: Any = None,
    tokens: Mapping[str, Token] | None = None,
    **reading: Any,
) -> Findings:
    """Asks heuristics about transfers.

    ``x``           a ``TransferGraph``, ``Transfers``, or anything that ``read_transfers`` reads, with ``reading``; or
                    ``Notes`` alone.
    ``labels``      what is known of accounts: heuristics that ask for exchanges find them here.
    ``only``        names of heuristics; by default every one that is known.
    ``thresholds``  by name of a heuristic: its dataclass with other numbers. Its findings then quote no scores.
    ``logs``        ``Logs``, or anything that ``read_logs`` reads: rules that decode events find them here.
    ``notes``       ``Notes``, or anything that ``read_notes`` reads: rules about Tornado Cash find them here. If none
                    are given, those that logs and rows show.
    ``tokens``      what tokens call themselves, by asset: rules that compare names look at these alone.

    Findings depend on what the rows say and not on their order. InputError, ColumnError as ``read_transfers``;
    MethodError for names and thresholds that are none.
    """
    asked = list(chosen(only, thresholds or {}))
    (rows, said), known = opened(x, reading, logs, notes, tokens), Known(labels)
    found = [one for heuristic, at in asked for one in sorted(heuristic(rows, known, at), key=_place)]
    names = tuple(heuristic.name for heuristic, _ in asked)
    return Findings(tuple(found), names, (*said, *_senderless(rows, names), *_unseen(rows)))


def opened(
    x: Any, reading: Mapping[str, Any], logs: Any = None, notes: Any = None, tokens: Mapping[str, Token] | None = None
) -> tuple[Rows, tuple[str, ...]]:
    """The rows of a graph, of ``Transfers``, or of what ``read_transfers`` reads, with the logs and notes that belong
    to them and what tokens call themselves; and what these do not say."""
    if isinstance(x, Notes):
        x, notes = Transfers(SCHEMA.empty_table()), x
    read = x if isinstance(x, (TransferGraph, Transfers)) else read_transfers(x, **reading)
    chain = {"chain": reading["chain"]} if "chain" in reading else {}
    told = Logs() if logs is None else read_logs(logs, **chain)
    given = None if notes is None else read_notes(notes)
    lost = [("rows", read.rejected), ("logs or calls", told.rejected)]
    lost += [] if given is None else [("notes", given.rejected)]
    rejected = (f"{count:,} {what} were not read: {reason}" for what, of in lost for reason, count in of.counts.items())
    return Rows(read.table, told, given, tokens), (*rejected, *read.notes, *told.notes, *(given.told if given else ()))


def _rows_of(link: Link) -> list[tuple[bool, Any]]:
    """The rows that a link claims, each with whether it is a source."""
    ends = [*((True, end) for end in link.source), *((False, end) for end in link.target)]
    return [(side, end) for side, end in ends if not isinstance(end, Leg)]


def _alone(confidence: int, claims: Sequence[int]) -> bool:
    return max(claims) == confidence and claims.count(confidence) == 1


def _place(found: Finding) -> Any:
    return found.tx_hashes, found.subject, found.claim


def _senderless(rows: Rows, rules: Sequence[str]) -> tuple[str, ...]:
    count = senderless(rows) if "swap" in rules else 0
    said = "move several assets, and neither rows nor calls say who sent them: no swap is claimed in these"
    return (f"{count:,} transactions {said}",) if count else ()


def _unseen(rows: Rows) -> Iterator[str]:
    if torn := rows.transactions.torn:
        said = "of a UTXO chain are not whole among these rows, and no rule that needs whole ones has looked at them"
        yield f"{torn:,} transactions {said}"
    if rows.table["time"].null_count and (untimed := int(np.sum(rows.moves.time == ABSENT))):
        yield f"{untimed:,} rows of account chains have no time, and no rule about durations has looked at them"
