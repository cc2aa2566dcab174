"""``chaintrace trace``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from chaintrace.cli.reading import case_or_graph, decimals, read_by, seeded_by
from chaintrace.cli.root import chaintrace, errors
from chaintrace.cli.words import covered, seeds, stops, thresholds
from chaintrace.errors import SeedError

if TYPE_CHECKING:
    from chaintrace.case.case import Case
    from chaintrace.graph.graph import TransferGraph
    from chaintrace.model.token import Token

METHODS = ("fifo", "lifo", "haircut", "poison", "dirty-first", "tiho")


@chaintrace.command()
@click.argument("source", nargs=-1, required=True, metavar="CASE|FILE...")
@seeded_by
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
@read_by
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object instead of tables; amounts are texts in base units."
)
def trace(source: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Follow stolen funds through a CASE (see `chaintrace cases`) or the transfers in FILEs."""
    import json

    from chaintrace.report.console import progress, render
    from chaintrace.report.terminal import case_view, trace_view

    with errors():
        with progress("reading transfers"):
            case, graph = case_or_graph(source, options)
        with progress("following the money"):
            tokens = case.tokens() if case else _tokens(options)
            asked = _question(case, graph, tokens, options)
            traced = case.trace(**asked) if case else _trace(graph, asked)
            if as_json:
                told = case.to_dict(traced) if case else traced.to_dict(" ".join(source))
                click.echo(json.dumps(told, indent=2))
                return
            view = case_view(case, traced) if case else trace_view(traced, tokens)
        click.echo(render(view))


def _tokens(options: dict[str, Any]) -> dict[str, Token]:
    """Natives, and tokens whose decimals were given, which are shown by their ids."""
    from chaintrace.model.asset import parse_asset
    from chaintrace.model.token import NATIVES, Token

    assets = {parse_asset(contract, options["chain"]): number for contract, number in decimals(options).items()}
    return {**NATIVES, **{asset: Token(asset, number) for asset, number in assets.items()}}


def _question(
    case: Case | None, graph: TransferGraph, tokens: Mapping[str, Token], options: dict[str, Any]
) -> dict[str, Any]:
    """The keyword arguments of ``trace`` that the options say; what they do not say is left to the case."""
    asked = {name: options[name] for name in ("method", "direction", "max_hops", "until", "unexplained")}
    chosen = seeds(options)
    if chosen or case is None:
        asked["seeds"] = chosen
    if options["coverage"]:
        asked["coverage"] = [*(case.coverage or () if case else ()), *covered(options["coverage"])]
    if options["stop_at"]:
        asked["stop_at"] = [*(case.stops if case else ()), *stops(options["stop_at"])]
    if options["min_amount"]:
        asked["min_amount"] = thresholds(options["min_amount"], tokens, graph)
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
