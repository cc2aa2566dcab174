"""The command line, thin. Exit status 0 clean, 1 a policy is violated, 2 usage or data error."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chaintrace.errors import ChaintraceError, InputError, MethodError, SeedError

if TYPE_CHECKING:
    from chaintrace.case.case import Case
    from chaintrace.graph.graph import TransferGraph
    from chaintrace.model.token import Token

METHODS = ("fifo", "lifo", "haircut", "poison", "dirty-first", "tiho")
_UNITS = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([A-Za-z][A-Za-z0-9.]*)", re.ASCII)


def main() -> None:
    """The console script. Exit status 130 when interrupted."""
    if sys.stdout is None:  # closed by the caller
        click.echo("Error: the result cannot be written: stdout is closed", err=True)
        sys.exit(2)
    try:
        sys.exit(chaintrace.main(prog_name="chaintrace", standalone_mode=False))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted: nothing was written.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is still buffered has nowhere to go
        sys.exit(0)
    except OSError as error:
        click.echo(
            f"Error: the result cannot be written: {error}\nHint: check the disk and where stdout goes", err=True
        )
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(2)


def _version(context: click.Context, _option: click.Parameter, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        from chaintrace import __version__
        from chaintrace.graph.kernel import describe

        with _errors():
            click.echo(f"chaintrace {__version__}, kernel {describe()}")
        context.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Version and kernel."
)
def chaintrace() -> None:
    """Follow stolen cryptocurrency: where every unit of it is now."""


@chaintrace.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
def cases(as_json: bool) -> None:
    """List the bundled cases."""
    import json

    from chaintrace.case.case import Case
    from chaintrace.report.console import render
    from chaintrace.report.terminal import cases_view

    with _errors():
        found = [Case.open(name) for name in Case.bundled()]
        listed = [{"case": case.name, "title": case.title, "question": case.question} for case in found]
        click.echo(json.dumps(listed, indent=2, ensure_ascii=False) if as_json else render(cases_view(found)))


@chaintrace.command()
@click.argument("source", nargs=-1, required=True, metavar="CASE|FILE...")
@click.option("--seed-tx", multiple=True, metavar="HASH", help="A theft transaction; may be repeated.")
@click.option("--victim", metavar="ADDR", help="With --seed-tx: only what this account lost.")
@click.option(
    "--seed-address", multiple=True, metavar="ADDR", help="What an address holds and receives; may be repeated."
)
@click.option("--since", metavar="WHEN", help="With --seed-address: from this block or time on.")
@click.option("--method", type=click.Choice(METHODS), default="fifo", show_default=True)
@click.option("--direction", type=click.Choice(("forward", "backward")), default="forward", show_default=True)
@click.option(
    "--stop-at", multiple=True, metavar="ADDR[=CATEGORY]|FILE", help="A stop, or a CSV of labels; may be repeated."
)
@click.option(
    "--coverage", multiple=True, metavar="ADDR|FILE", help="Whose whole history the data have; may be repeated."
)
@click.option("--max-hops", type=click.IntRange(min=0), help="Do not follow further; the rest is cut_hops.")
@click.option(
    "--min-amount", multiple=True, metavar="0.1ETH", help="Smaller pieces are below_threshold; may be repeated."
)
@click.option("--until", metavar="WHEN", help="Rows after this block or time have not happened.")
@click.option("--unexplained", type=click.Choice(("arrival", "opening")), default="arrival", show_default=True)
@click.option("--no-links", is_flag=True, help="Leave the case's links out.")
@click.option("--chain", default="ethereum", show_default=True, help="Of rows in a FILE that do not name theirs.")
@click.option("--column", multiple=True, metavar="THEIRS=OURS", help="Rename a column of a FILE; may be repeated.")
@click.option(
    "--decimals",
    multiple=True,
    metavar="CONTRACT=N",
    help="Of a token: to show it, and to read exports in whole tokens.",
)
@click.option("--strict", is_flag=True, help="Stop at the first bad row of a FILE.")
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object instead of tables; amounts are texts in base units."
)
def trace(source: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Follow stolen funds through a CASE (see `chaintrace cases`) or the transfers in FILEs."""
    from chaintrace.report.console import progress, render
    from chaintrace.report.terminal import case_view, trace_view

    with _errors():
        with progress("reading transfers"):
            case = _case(source)
            if case:
                _refuse_reading(options)
            graph = case.graph if case else _graph(source, options)
        with progress("following the money"):
            tokens = case.tokens() if case else _tokens(options)
            asked = _question(case, graph, tokens, options)
            traced = case.trace(**asked) if case else _trace(graph, asked)
            if as_json:
                click.echo(traced.to_json(case.name if case else " ".join(source)))
                return
            view = case_view(case, traced) if case else trace_view(traced, tokens)
        click.echo(render(view))


def _case(source: tuple[str, ...]) -> Case | None:
    """The case that the words name; None if they are files."""
    from chaintrace.case.case import Case

    if any(_is_file(word) for word in source) or len(source) > 1:
        return None
    path = Path(source[0])
    if path.suffix and not _is_there(path):
        raise InputError(
            source[0], "there is no such file", "check the path; `chaintrace cases` lists the bundled cases"
        )
    if source[0] not in Case.bundled() and _is_there(path) and not _is_there(path / "case.toml"):
        return None
    return Case.open(source[0])


def _refuse_reading(options: dict[str, Any]) -> None:
    """A case says itself how its transfers are read."""
    given = [name for name in ("column", "decimals", "strict") if options[name]]
    given += ["chain"] if options["chain"] != "ethereum" else []
    if given:
        raise MethodError(f"--{given[0]}", "is for FILEs; a case says itself how it is read", "leave it out")


def _decimals(options: dict[str, Any]) -> dict[str, int]:
    return {contract: _integer(number, "--decimals") for contract, number in _pairs(options["decimals"], "--decimals")}


def _tokens(options: dict[str, Any]) -> dict[str, Token]:
    """Natives, and tokens whose decimals were given, which are shown by their ids."""
    from chaintrace.model.asset import parse_asset
    from chaintrace.model.token import NATIVES, Token

    assets = {parse_asset(contract, options["chain"]): number for contract, number in _decimals(options).items()}
    return {**NATIVES, **{asset: Token(asset, number) for asset, number in assets.items()}}


def _graph(source: tuple[str, ...], options: dict[str, Any]) -> TransferGraph:
    from chaintrace.fetch.files import read_transfers
    from chaintrace.graph.graph import TransferGraph

    transfers = read_transfers(
        list(source) if len(source) > 1 else source[0],
        chain=options["chain"],
        columns=dict(_pairs(options["column"], "--column")) or None,
        decimals=_decimals(options) or None,
        strict=options["strict"],
    )
    if not len(transfers):
        reasons = ", ".join(f"{count} {reason}" for reason, count in transfers.rejected.counts.items())
        raise InputError(
            " ".join(source), f"no row can be used ({reasons})", "see the reasons with --strict, one at a time"
        )
    return TransferGraph(transfers)


def _question(
    case: Case | None, graph: TransferGraph, tokens: Mapping[str, Token], options: dict[str, Any]
) -> dict[str, Any]:
    """The keyword arguments of ``trace`` that the options say; what they do not say is left to the case."""
    asked = {name: options[name] for name in ("method", "direction", "max_hops", "until", "unexplained")}
    seeds = _seeds(options)
    if seeds or case is None:
        asked["seeds"] = seeds
    if options["coverage"]:
        asked["coverage"] = [*(case.coverage or () if case else ()), *_covered(options["coverage"])]
    if options["stop_at"]:
        asked["stop_at"] = [*(case.stops if case else ()), *_stops(options["stop_at"])]
    if options["min_amount"]:
        asked["min_amount"] = _thresholds(options["min_amount"], tokens, graph)
    if options["no_links"]:
        asked["links"] = ()
    return asked


def _trace(graph: TransferGraph, asked: dict[str, Any]) -> Any:
    from chaintrace.taint.trace import trace

    if not asked["seeds"]:
        raise SeedError(
            "(none)", "a file needs to be told what was stolen", "add --seed-tx HASH or --seed-address ADDR"
        )
    return trace(graph, asked.pop("seeds"), **asked)


def _seeds(options: dict[str, Any]) -> list[Any]:
    from chaintrace.taint.seeds import address, theft

    if options["victim"] and not options["seed_tx"]:
        raise MethodError("--victim", "narrows a theft transaction", "add --seed-tx HASH")
    if options["since"] and not options["seed_address"]:
        raise MethodError("--since", "is the moment of a seeded address", "add --seed-address ADDR")
    thefts = [theft(tx, options["victim"]) for tx in options["seed_tx"]]
    return [*thefts, *(address(one, options["since"]) for one in options["seed_address"])]


def _stops(words: tuple[str, ...]) -> Iterator[Any]:
    from chaintrace.labels.label import Label, read_labels

    for word in words:
        if _is_file(word):
            yield from read_labels(word)
        else:
            address, _, category = word.partition("=")
            yield Label(address, category or "stop")


def _covered(words: tuple[str, ...]) -> Iterator[Any]:
    from chaintrace.labels.coverage import read_coverage

    for word in words:
        if _is_file(word):
            yield from read_coverage(word)
        else:
            yield word


def _threshold(text: str, tokens: Mapping[str, Token], graph: TransferGraph) -> tuple[str, int]:
    """``0.1ETH`` as an asset of the graph and its base units."""
    from chaintrace.model.amount import parse_units

    match = _UNITS.fullmatch(text)
    tokens = {asset: token for asset, token in tokens.items() if asset in graph.assets}
    known = ", ".join(sorted({token.symbol for token in tokens.values()})) or "none"
    if match is None:
        raise MethodError(
            f"--min-amount {text!r}", "is not an amount with a unit", f"write 0.1ETH; units here: {known}"
        )
    named = [asset for asset, token in tokens.items() if token.symbol.lower() == match[2].lower()]
    if len(named) != 1:
        raise MethodError(
            f"--min-amount {text!r}", f"{match[2]} names {len(named)} assets here", f"units here: {known}"
        )
    return named[0], parse_units(match[1], tokens[named[0]].decimals)


def _is_file(word: str) -> bool:
    return _is_there(Path(word)) and Path(word).is_file()


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that is too long, a NUL in it
        return False


def _thresholds(words: tuple[str, ...], tokens: Mapping[str, Token], graph: TransferGraph) -> dict[str, int]:
    thresholds: dict[str, int] = {}
    for text in words:
        asset, amount = _threshold(text, tokens, graph)
        if asset in thresholds:
            raise MethodError(f"--min-amount {text!r}", "is the second for this asset", "give one for each asset")
        thresholds[asset] = amount
    return thresholds


def _pairs(words: tuple[str, ...], option: str) -> Iterator[tuple[str, str]]:
    for word in words:
        left, equals, right = word.partition("=")
        if not (left and equals and right):
            raise MethodError(f"{option} {word!r}", "is not a pair", "write LEFT=RIGHT")
        yield left, right


def _integer(text: str, option: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 3:
        raise MethodError(f"{option} {text!r}", "is not a small whole number", "decimals are 0 to 255")
    return int(text)


@contextmanager
def _errors() -> Iterator[None]:
    """One clear message with a hint on stderr, and exit status 2."""
    try:
        yield
    except ChaintraceError as error:
        from chaintrace.report.escape import plain

        click.echo(plain(f"Error: {error}"), err=True)
        sys.exit(2)
