"""``chaintrace screen``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chaintrace.cli.root import chaintrace, errors
from chaintrace.cli.words import is_file
from chaintrace.errors import InputError, MethodError

if TYPE_CHECKING:
    from chaintrace.case.batch import Asked
    from chaintrace.case.screened import Screened


@chaintrace.command()
@click.argument("what", nargs=-1, required=True, metavar="ADDRESS|FILE.csv...")
@click.option("--case", metavar="CASE", help="Work out the exposure from a case's transfers (see `chaintrace cases`).")
@click.option("--at", metavar="DATE", help="The moment, such as 2022-08-08 or 2022-03-23T13:29:09Z; now by default.")
@click.option("--chain", default="", metavar="CHAIN", help="One chain; labels about every chain by default.")
@click.option("--policy", metavar="FILE.toml", help="Rules of your own instead of the bundled ones.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, or a list of them.")
@click.option("--csv", "as_csv", is_flag=True, help="A CSV table.")
def screen(what: tuple[str, ...], as_json: bool, as_csv: bool, **options: Any) -> None:
    """Is an address sanctioned, and how much of its money came from or went to whom?

    A FILE.csv has the column address, and perhaps chain and at. Exit status 0: all are clear; 1: the policy is
    violated; 2: something could not be answered.
    """
    from chaintrace.report.console import progress, render
    from chaintrace.report.screened import batch_view, screened_csv, screened_json, screened_view

    with errors():
        if as_json and as_csv:
            raise MethodError("--json and --csv", "are both given", "give one of them")
        one = what[0] if len(what) == 1 and not _names_file(what[0]) else None
        with progress("screening") as tell:
            screener = _screener(options)
            if one is not None:
                answers = [screener.one(one, options["at"], options["chain"])]
            else:
                answers = list(screener.all(_asked(what, options["chain"]), options["at"], tell))
        if as_json:
            click.echo(screened_json(answers, several=one is None))
        elif as_csv:
            click.echo(screened_csv(answers), nl=False)
        else:
            click.echo(render(batch_view(answers) if one is None else screened_view(answers[0])))
    sys.exit(_status(answers))


def _status(answers: list[Screened]) -> int:
    if any(answer.error for answer in answers):
        return 2
    return 1 if any(answer.fails for answer in answers) else 0


def _screener(options: dict[str, Any]) -> Any:
    from chaintrace.case.case import Case
    from chaintrace.case.screen import Screener

    if options["case"]:
        return Case.open(options["case"]).screener(policy=options["policy"])
    return Screener(policy=options["policy"])


def _asked(what: tuple[str, ...], chain: str) -> list[Asked]:
    from chaintrace.case.batch import Asked, read_batch

    asked: list[Asked] = []
    for word in what:
        asked += read_batch(word, chain) if _names_file(word) else [Asked(word, chain, place="the command line")]
    return asked


def _names_file(word: str) -> bool:
    """Whether a word is a file's name; one that ends as a CSV file does has to be there."""
    if is_file(word):
        return True
    if Path(word).suffix.lower() in (".csv", ".tsv", ".txt"):
        raise InputError(word, "there is no such file", "check the path")
    return False
