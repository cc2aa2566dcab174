"""``chaintrace rank``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from chaintrace.cli.reading import case_or_graph, read_by, seeded_by
from chaintrace.cli.root import chaintrace, errors
from chaintrace.cli.words import seeds, stops
from chaintrace.errors import SeedError

if TYPE_CHECKING:
    from chaintrace.case.case import Case

METHODS, VARIANTS = ("ttr", "appr"), ("base", "weight", "time", "redirect")


@chaintrace.command()
@click.argument("source", nargs=-1, required=True, metavar="CASE|FILE...")
@seeded_by
@click.option("--method", type=click.Choice(METHODS), default="ttr", show_default=True)
@click.option("--variant", type=click.Choice(VARIANTS), help="Of ttr.  [default: time]")
@click.option(
    "--stop-at", multiple=True, metavar="ADDR[=CATEGORY]|FILE", help="A stop, or a CSV of labels; may be repeated."
)
@click.option("--until", metavar="WHEN", help="Rows after this block or time have not happened.")
@click.option("--alpha", default="0.15", show_default=True, metavar="SHARE", help="What an account keeps.")
@click.option("--beta", metavar="SHARE", help="Of the rest, what goes the way the money went (ttr).  [default: 0.8]")
@click.option("--epsilon", default="0.00001", show_default=True, metavar="SHARE", help="Too little to be passed on.")
@click.option("--top", type=click.IntRange(min=1), default=20, show_default=True, help="Show so many accounts.")
@read_by
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table; masses are texts.")
def rank(source: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Rank accounts around stolen funds in a CASE (see `chaintrace cases`) or in FILEs: who matters.

    A ranking says where to look. It says nothing about where money is: `chaintrace trace` does.
    """
    import json

    from chaintrace.report.console import progress, render
    from chaintrace.report.ranked import ranked_view
    from chaintrace.taint.rank import rank as ask

    with errors():
        with progress("reading transfers"):
            case, graph = case_or_graph(source, options)
        with progress("ranking accounts"):
            asked = _asked(case, options)
            ranked = case.rank(**asked) if case else ask(graph, **asked)
            if as_json:
                told = ranked.to_dict(options["top"], case.name if case else " ".join(source))
                click.echo(json.dumps(told, indent=2))
                return
            view = ranked_view(ranked, options["top"], case.labels if case else ())
        click.echo(render(view))


def _asked(case: Case | None, options: dict[str, Any]) -> dict[str, Any]:
    """The keyword arguments of ``rank`` that the options say; what they do not say is left to the case."""
    asked = {name: options[name] for name in ("method", "variant", "until", "alpha", "epsilon")}
    if options["beta"] is not None:
        asked["beta"] = options["beta"]
    chosen = seeds(options)
    if not chosen and case is None:
        reason = "a file needs to be told around whom to rank"
        raise SeedError("(none)", reason, "add --seed-tx HASH or --seed-address ADDR")
    if chosen:
        asked["seeds"] = chosen
    if options["stop_at"]:
        asked["stop_at"] = [*(case.stops if case else ()), *stops(options["stop_at"])]
    return asked
