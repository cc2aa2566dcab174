"""``chaintrace export``."""

from __future__ import annotations

import click

from chaintrace.cli.root import chaintrace, errors


@chaintrace.command()
@click.argument("case", metavar="CASE")
@click.option("-o", "--output", metavar="FILE", help="Where to write it; CASE.chaintrace by default.")
def export(case: str, output: str | None) -> None:
    """Write a fetched CASE, its evidence included, as one file that another person opens and verifies.

    Prints its path and SHA-256. The same case gives the same bytes.
    """
    from hashlib import sha256
    from pathlib import Path

    from chaintrace.case.case import Case
    from chaintrace.report.console import progress
    from chaintrace.report.escape import plain

    with errors():
        with progress("writing the case"):
            opened = Case.open(case)
            path = opened.export(output or f"{Path(case).resolve().stem}.chaintrace")
        click.echo(f"{sha256(Path(path).read_bytes()).hexdigest()}  {plain(str(path))}")
