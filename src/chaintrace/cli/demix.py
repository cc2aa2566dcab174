"""``chaintrace demix``."""

from __future__ import annotations

from typing import Any

import click

from chaintrace.cli.root import chaintrace, errors
from chaintrace.cli.words import case_named
from chaintrace.errors import MethodError


@chaintrace.command()
@click.argument("source", nargs=-1, required=True, metavar="CASE|FILE...")
@click.option(
    "--payer",
    "payers",
    multiple=True,
    metavar="ADDR",
    help="Who paid in; may be repeated.  [default: the thieves of a CASE]",
)
@click.option("--notes", metavar="FILE", help="Events of the pools, for a CASE that has none.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables; amounts in base units.")
def demix(source: tuple[str, ...], payers: tuple[str, ...], notes: str | None, as_json: bool) -> None:
    """Propose who took out what the thieves of a CASE paid into Tornado Cash, the likeliest first.

    FILEs are events of pools (see docs/methods/demix.md). Each candidate has the rules that speak for it, and how many
    of a hundred such recipients would be there by chance.
    """
    import json

    from chaintrace.report.console import progress, render
    from chaintrace.report.demixed import demixed_view

    with errors():
        with progress("reading notes, and settling who can have taken them"):
            made = _demixed(source, payers, notes)
        click.echo(json.dumps(made.to_dict(), indent=2) if as_json else render(demixed_view(made)))


def _demixed(source: tuple[str, ...], payers: tuple[str, ...], notes: str | None) -> Any:
    from chaintrace.heuristics.demix.campaign import demix as ask

    case = case_named(source)
    if case is not None:
        return case.demix(payers, notes=notes)
    if not payers:
        raise MethodError("FILEs", "do not say whose notes are looked for", "add --payer ADDR, or name a CASE")
    if notes:
        raise MethodError("--notes", "is for a CASE that has no events", "name the file with the others")
    return ask(list(source), payers)
