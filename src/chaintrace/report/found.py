"""What heuristics found, on a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from rich.console import Group, RenderableType

from chaintrace.heuristics.finding import Finding
from chaintrace.heuristics.findings import Findings
from chaintrace.model.token import NATIVES, Token, show
from chaintrace.report.escape import plain
from chaintrace.report.figures import count, sum_of
from chaintrace.report.table import make_table

SHOWN = 8
"""Findings of a rule that are shown."""
MOMENTS = ("first", "last", "time")
"""Evidence that is unix seconds; below ``EARLIEST`` it is something else."""
EARLIEST = 1_230_768_000
AMOUNTS = ("amount", "fees", "paid", "received")
"""Evidence that is base units of the evidence's ``asset``."""


def found_view(found: Findings, tokens: Mapping[str, Token] = NATIVES) -> RenderableType:
    """The first findings of each rule, then what each of these rules cannot know, and how it did."""
    notes = [plain(note) for note in found.notes]
    if not found:
        asked = plain(f"{count(len(found.rules), 'rule')} found nothing: {', '.join(found.rules)}", "bold")
        return Group(asked, *notes)
    table = make_table(f"{count(len(found), 'finding')}", "rule", "confidence", "subject", "evidence")
    doubts = make_table("How far to believe them", "rule", "doubt", "measured")
    hidden = 0
    for rule in found.rules:
        of = found.of(rule).found
        for one in of[:SHOWN]:
            table.add_row(one.rule, str(one.confidence), f"{one.subject}\n{one.claim}", _evidence(one, tokens))
        if of:
            doubts.add_row(rule, of[0].doubt, "\n".join(str(score) for score in of[0].scores) or "not measured")
        hidden += max(len(of) - SHOWN, 0)
    more = [plain(f"… and {hidden:,} more: --json")] if hidden else []
    return Group(table, *more, doubts, *notes)


def _evidence(one: Finding, tokens: Mapping[str, Token]) -> str:
    asset = one.evidence.get("asset")
    told = {name: value for name, value in one.evidence.items() if not (name == "asset" and asset in tokens)}
    return "\n".join(f"{name.replace('_', ' ')}: {_shown(name, value, asset, tokens)}" for name, value in told.items())


def _shown(name: str, value: object, asset: object, tokens: Mapping[str, Token]) -> str:
    if isinstance(value, Mapping) and all(type(amount) is int and "/" in str(key) for key, amount in value.items()):
        return sum_of({str(key): amount for key, amount in value.items()}, tokens)
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    if type(value) is not int:
        return str(value)
    if name in MOMENTS and value > EARLIEST:
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return show(value, asset, tokens) if name in AMOUNTS and isinstance(asset, str) else f"{value:,}"
