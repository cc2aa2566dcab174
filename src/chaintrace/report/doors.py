"""What the sources of a case can see and what they cannot, on a terminal."""

from __future__ import annotations

from rich.console import RenderableType

from chaintrace.case.case import Case
from chaintrace.report.table import make_table

LINES = {
    "inside": "transfers inside transactions",
    "order": "order inside a transaction",
    "final": "what is final",
    "balances": "balances of the chain",
    "blind": "never shown",
    "bound": "bounds that are met",
}


def doors_view(case: Case) -> list[RenderableType]:
    """A column for each provider; nothing for a case that was not fetched."""
    cards = case.harvest.cards if case.harvest else {}
    if not cards:
        return []
    table = make_table("What the sources can see", "", *cards)
    table.add_row("asked", *(one.source for one in cards.values()))
    for name, title in LINES.items():
        table.add_row(title, *(getattr(one, name) or "none" for one in cards.values()))
    return [table]
