"""What a verification found, on a terminal."""

from __future__ import annotations

from rich.console import Group, RenderableType

from chaintrace.case.verify import Verified
from chaintrace.report.escape import plain
from chaintrace.report.figures import count
from chaintrace.report.table import make_table

SHOWN = 20


def verified_view(found: Verified) -> RenderableType:
    """What was derived again, and everything that differs."""
    evidence = f"{count(found.pages, 'page')} of {count(found.responses, 'response')}"
    done = f"{evidence}, {count(found.rows, 'row')} and {count(found.figures, 'figure')} were derived again"
    digest = plain(f"SHA-256 of everything that is kept: {found.digest}")
    if found.same:
        return Group(plain(f"The same, byte for byte: {done}.", "bold"), digest)
    table = make_table("What differs", "what", "where", "kept", "derived")
    for one in found.differences[:SHOWN]:
        table.add_row(one.what, one.where, one.kept or "–", one.derived or "–")
    more = len(found.differences) - SHOWN
    rest = [plain(f"… and {more:,} more: --json")] if more > 0 else []
    return Group(plain(f"Not the same: {done}; {len(found.differences):,} differ.", "bold"), table, *rest, digest)
