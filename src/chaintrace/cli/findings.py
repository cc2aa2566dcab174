"""``chaintrace findings``."""

from __future__ import annotations

from typing import Any

import click

from chaintrace.cli.root import chaintrace, errors
from chaintrace.cli.words import case_named
from chaintrace.errors import MethodError


@chaintrace.command()
@click.argument("source", nargs=-1, required=True, metavar="CASE|FILE...")
@click.option("--only", multiple=True, metavar="RULE", help="Ask this rule alone; may be repeated.")
@click.option("--labels", multiple=True, metavar="FILE", help="A CSV of labels; may be repeated.")
@click.option("--logs", multiple=True, metavar="FILE", help="Logs of contracts, or calls; may be repeated.")
@click.option("--notes", metavar="FILE", help="Events of Tornado Cash's pools.")
@click.option("--chain", help="Of rows in a FILE that do not name theirs.  [default: ethereum]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table; amounts in base units.")
def findings(source: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Flag what the rows of a CASE (see `chaintrace cases`) or of FILEs show: mixers and what looks like them.

    Each finding names the transactions it rests on and how far it can be believed.
    """
    import json

    from chaintrace.report.console import progress, render
    from chaintrace.report.found import found_view

    with errors():
        with progress("reading transfers, and asking every rule"):
            found, tokens = _found(source, options)
        told = json.dumps(found.to_dict(), indent=2) if as_json else render(found_view(found, tokens))
        click.echo(told)


def _found(source: tuple[str, ...], options: dict[str, Any]) -> tuple[Any, Any]:
    from chaintrace.heuristics.findings import findings as ask
    from chaintrace.labels.label import read_labels
    from chaintrace.model.token import NATIVES

    case = case_named(source)
    labels = [label for path in options["labels"] for label in read_labels(path)]
    told = {"only": list(options["only"]) or None, "logs": list(options["logs"]) or None, "notes": options["notes"]}
    if case is None:
        files = list(source) if len(source) > 1 else source[0]
        return ask(files, labels, **told, chain=options["chain"] or "ethereum"), NATIVES
    if options["chain"]:
        raise MethodError("--chain", "is for FILEs; a case says itself how it is read", "leave it out")
    return case.findings(labels=labels, **told), case.tokens()
