"""Who can have taken a campaign's notes, on a terminal."""

from __future__ import annotations

from datetime import UTC, datetime

from rich.console import Group, RenderableType

from chaintrace.heuristics.demix.candidate import RULES, Candidate, Demixed
from chaintrace.model.amount import format_units
from chaintrace.report.escape import plain
from chaintrace.report.figures import count
from chaintrace.report.table import make_table

SHOWN = 25


def demixed_view(made: Demixed) -> RenderableType:
    """The likeliest candidates, then how each batch was settled, and how far to believe it."""
    whole = sum(lot.whole for lot in made.lots)
    said = [
        plain(
            f"{count(len(made), 'candidate')} took {made.taken_out:,} of {count(made.paid_in, 'note')} that the "
            f"campaign paid in; {whole:,} of {len(made.lots):,} batches to the last note",
            "bold",
        )
    ]
    table = make_table("Candidates", "score", "chance", "notes", "address", "paid", "from (UTC)", "form")
    for one in made.candidates[:SHOWN]:
        when = _day(one.events[0].time)
        table.add_row(str(one.score), f"{one.chance} %", str(one.notes), one.address, _paid(one), when, one.form)
    more = [plain(f"… and {len(made) - SHOWN:,} more: --json")] if len(made) > SHOWN else []
    weak = (
        [plain(f"{count(len(made.unlikely), 'recipient')} with a score below 50 left out: --json")]
        if made.unlikely
        else []
    )
    lots = make_table("Batches", "from (UTC)", "paid in", "taken out", "by", "accounts")
    for lot in made.lots:
        taken = sum(one.notes for one in lot.candidates)
        told = f"{taken:,}" + ("" if lot.whole else f" ({len(lot.deposits) - taken:,} are left)")
        lots.add_row(
            _day(lot.deposits[0].time),
            f"{len(lot.deposits):,}",
            told,
            str(len(lot.candidates)),
            "\n".join(lot.accounts),
        )
    rules = make_table("What speaks for them", "rule", "candidates", "meaning")
    for rule, meaning in RULES.items():
        rules.add_row(rule, str(sum(rule in one.rules for one in made)), meaning)
    measured = [plain(str(score)) for score in made.scores] or [plain("not measured")]
    return Group(*said, table, *more, *weak, lots, rules, plain(made.doubt), *measured, *map(plain, made.notes))


def _paid(one: Candidate) -> str:
    return f"{format_units(one.amount, one.pool.decimals)} {one.pool.symbol}"


def _day(time: int) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M")
