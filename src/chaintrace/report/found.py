"""What heuristics found, on a terminal."""

from __future__ import annotations

from rich.console import Group, RenderableType

from chaintrace.heuristics.finding import Finding
from chaintrace.heuristics.findings import Findings
from chaintrace.report.escape import plain
from chaintrace.report.figures import count
from chaintrace.report.table import make_table

SHOWN = 20


def found_view(found: Findings) -> RenderableType:
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
            table.add_row(one.rule, str(one.confidence), f"{one.subject}\n{one.claim}", _evidence(one))
        if of:
            doubts.add_row(rule, of[0].doubt, "\n".join(str(score) for score in of[0].scores) or "not measured")
        hidden += max(len(of) - SHOWN, 0)
    more = [plain(f"… and {hidden:,} more: --json")] if hidden else []
    return Group(table, *more, doubts, *notes)


def _evidence(one: Finding) -> str:
    return "\n".join(f"{name.replace('_', ' ')}: {_shown(value)}" for name, value in one.evidence.items())


def _shown(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return f"{value:,}" if type(value) is int else str(value)
