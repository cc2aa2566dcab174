"""Tables for a terminal, whose cells are text and nothing else."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table

from chaintrace.report.escape import plain


class PlainTable(Table):
    """A table whose cells are text and nothing else: no markup, no control characters, whoever wrote them."""

    def add_row(self, *cells: RenderableType | None, **options: Any) -> None:
        super().add_row(*(plain(cell) if isinstance(cell, str) else cell for cell in cells), **options)


def make_table(title: str, *columns: str) -> PlainTable:
    """An empty table under a title; long cells fold, they are never cut."""
    table = PlainTable(
        title=plain(title, "bold"), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False
    )
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
