"""How FILEs are read and what was stolen, as commands that follow or rank are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from chaintrace.cli.words import case_named, integer, pairs
from chaintrace.errors import InputError, MethodError

if TYPE_CHECKING:
    from chaintrace.case.case import Case
    from chaintrace.graph.graph import TransferGraph

F = TypeVar("F", bound=Callable[..., Any])
_SEEDS = (
    click.option("--seed-tx", multiple=True, metavar="HASH", help="A theft transaction; may be repeated."),
    click.option("--victim", metavar="ADDR", help="With --seed-tx: only what this account lost."),
    click.option(
        "--seed-address", multiple=True, metavar="ADDR", help="What an address holds and receives; may be repeated."
    ),
    click.option("--since", metavar="WHEN", help="With --seed-address: from this block or time on."),
)
_READING = (
    click.option("--chain", default="ethereum", show_default=True, help="Of rows in a FILE that do not name theirs."),
    click.option("--column", multiple=True, metavar="THEIRS=OURS", help="Rename a column of a FILE; may be repeated."),
    click.option(
        "--decimals",
        multiple=True,
        metavar="CONTRACT=N",
        help="Of a token: to show it, and to read exports in whole tokens.",
    ),
    click.option("--strict", is_flag=True, help="Stop at the first bad row of a FILE."),
)


def seeded_by(command: F) -> F:
    """The options that say what was stolen."""
    return _with(_SEEDS, command)


def read_by(command: F) -> F:
    """The options that say how FILEs are read."""
    return _with(_READING, command)


def _with(options: tuple[Callable[[F], F], ...], command: F) -> F:
    for option in reversed(options):
        command = option(command)
    return command


def refuse_reading(options: dict[str, Any]) -> None:
    """A case says itself how its transfers are read."""
    given = [name for name in ("column", "decimals", "strict") if options[name]]
    given += ["chain"] if options["chain"] != "ethereum" else []
    if given:
        raise MethodError(f"--{given[0]}", "is for FILEs; a case says itself how it is read", "leave it out")


def decimals(options: dict[str, Any]) -> dict[str, int]:
    """By contract, as given."""
    return {contract: integer(number, "--decimals") for contract, number in pairs(options["decimals"], "--decimals")}


def case_or_graph(source: tuple[str, ...], options: dict[str, Any]) -> tuple[Case | None, TransferGraph]:
    """The case that the words name, if they are no FILEs, and the transfers. MethodError, InputError."""
    case = case_named(source)
    if case is None:
        return None, read_graph(source, options)
    refuse_reading(options)
    return case, case.graph


def read_graph(source: tuple[str, ...], options: dict[str, Any]) -> TransferGraph:
    """The transfers of FILEs. InputError where no row can be used."""
    from chaintrace.fetch.files import read_transfers
    from chaintrace.graph.graph import TransferGraph

    transfers = read_transfers(
        list(source) if len(source) > 1 else source[0],
        chain=options["chain"],
        columns=dict(pairs(options["column"], "--column")) or None,
        decimals=decimals(options) or None,
        strict=options["strict"],
    )
    if not len(transfers):
        reasons = ", ".join(f"{count} {reason}" for reason, count in transfers.rejected.counts.items())
        raise InputError(
            " ".join(source), f"no row can be used ({reasons})", "see the reasons with --strict, one at a time"
        )
    return TransferGraph(transfers)
