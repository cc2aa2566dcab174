"""``chaintrace cases``."""

from __future__ import annotations

import click

from chaintrace.cli.root import chaintrace, errors


@chaintrace.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
def cases(as_json: bool) -> None:
    """List the bundled cases."""
    import json

    from chaintrace.case.case import Case
    from chaintrace.report.console import render
    from chaintrace.report.terminal import cases_view

    with errors():
        found = [Case.open(name) for name in Case.bundled()]
        listed = [{"case": case.name, "title": case.title, "question": case.question} for case in found]
        click.echo(json.dumps(listed, indent=2) if as_json else render(cases_view(found)))
