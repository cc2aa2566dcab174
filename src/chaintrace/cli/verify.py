"""``chaintrace verify``."""

from __future__ import annotations

import sys

import click

from chaintrace.cli.root import chaintrace, errors


@chaintrace.command()
@click.argument("case", metavar="CASE")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
def verify(case: str, as_json: bool) -> None:
    """Derive every row and figure of a fetched CASE again from its kept responses, offline.

    Exit status 0 if all of it comes out the same, 1 if anything differs, 2 if it cannot be read.
    """
    import json
    from dataclasses import asdict

    from chaintrace.case.case import Case
    from chaintrace.report.console import progress, render
    from chaintrace.report.verified import verified_view

    with errors():
        with progress("deriving everything again"):
            found = Case.open(case).verify()
        told = asdict(found) | {"same": found.same}
        click.echo(json.dumps(told, indent=2) if as_json else render(verified_view(found)))
        sys.exit(0 if found.same else 1)
