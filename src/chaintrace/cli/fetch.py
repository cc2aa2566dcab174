"""``chaintrace fetch``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from chaintrace.cli.root import chaintrace, errors
from chaintrace.cli.words import seeds, stops
from chaintrace.errors import CaseError, MethodError, SeedError

if TYPE_CHECKING:
    from chaintrace.case.case import Case
    from chaintrace.fetch.fetcher import Fetcher

ENVIRONMENT = "CHAINTRACE_RPC"
ESPLORA = "CHAINTRACE_ESPLORA"
EXPLORERS = {"etherscan": "Etherscan", "blockscout": "Blockscout", "trongrid": "TronGrid"}
"""Options, and what ``chaintrace`` calls their fetchers."""
WAYS = ("auto", "trace_filter", "call_tracer", "logs")
F = TypeVar("F", bound=Callable[..., Any])
_ALONE = {"victim": "--seed-tx", "since": "--seed-address"}


def key_of(name: str) -> str:
    """The variable that holds an explorer's key."""
    return f"CHAINTRACE_{name.upper()}_KEY"


def explorer(name: str, api: str, usual: str) -> Callable[[F], F]:
    """The options that name an explorer."""
    words = f"An explorer with {api}, and its key; without one, or as -, the key is what {key_of(name)} says."
    asked = click.option(f"--{name}", is_flag=False, flag_value="-", metavar="KEY", help=words)
    placed = click.option(f"--{name}-url", metavar="URL", help=f"Of that API: {usual}")
    return lambda command: asked(placed(command))


@chaintrace.command()
@click.argument("case", metavar="CASE")
@click.option(
    "--rpc",
    multiple=True,
    metavar="URL",
    help=f"A JSON-RPC node; may be repeated, then all are asked. {ENVIRONMENT} says it outside of a shell's history.",
)
@explorer("etherscan", "Etherscan's API", "by default Etherscan's own.")
@explorer("blockscout", "Blockscout's REST API v2", "…/api/v2; by default Blockscout's own service.")
@explorer("trongrid", "TronGrid's API, for Tron", "by default TronGrid's own.")
@click.option("--files", multiple=True, metavar="PATH", help="A lake: files, folders or patterns; may be repeated.")
@click.option(
    "--warehouse", multiple=True, metavar="FILE[:TABLE]", help="A DuckDB database, or a table of it; may be repeated."
)
@click.option(
    "--esplora",
    multiple=True,
    metavar="URL",
    help=f"A server with Esplora's API, for Bitcoin; may be repeated. {ESPLORA} says it outside of a shell's history.",
)
@click.option("--seed-tx", multiple=True, metavar="HASH", help="A theft transaction; may be repeated.")
@click.option("--victim", metavar="ADDR", help="With --seed-tx: only what this account lost.")
@click.option("--seed-address", multiple=True, metavar="ADDR", help="What an address holds and gets; may be repeated.")
@click.option("--since", metavar="WHEN", help="With --seed-address: from this block or time on.")
@click.option("--stop-at", multiple=True, metavar="ADDR[=CATEGORY]|FILE", help="Never expanded; may be repeated.")
@click.option("--wrapper", multiple=True, metavar="ADDR", help="One more contract that wraps the chain's coin.")
@click.option("--chain", metavar="NAME", help="Of a new case; by default the node's.")
@click.option("--first", metavar="WHEN", help="Of a new case: the first block; by default the first seed's.")
@click.option("--until", metavar="WHEN", help="Of a new case: the last block; by default the last final one.")
@click.option("--young", is_flag=True, help="Of a new case: blocks that may still change as well.")
@click.option("--extend", is_flag=True, help="Go on to where the chain ends now.")
@click.option("--share", default="99 %", show_default=True, metavar="PERCENT", help="Stop when it is accounted for.")
@click.option("--max-requests", type=click.IntRange(min=0), help="Stop after so many calls to providers.")
@click.option("--max-accounts", type=click.IntRange(min=0), help="Stop after the history of so many accounts.")
@click.option("--max-seconds", type=click.IntRange(min=0), help="Stop after so long.")
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), metavar="N", help="Requests a second, at most.")
@click.option("--workers", type=click.IntRange(min=1), default=4, show_default=True, help="Requests at a time.")
@click.option("--way", type=click.Choice(WAYS), default="auto", show_default=True, help="To internal transfers.")
@click.option("--most", type=click.IntRange(min=1), help="The longest history of an account that is taken, in rows.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
def fetch(case: str, as_json: bool, **options: Any) -> None:
    """Fetch what matters first into the folder CASE, until 99 % of the money is accounted for.

    The folder is made on first use. Interrupted at any moment, the same command goes on where it stopped.
    """
    import json

    from chaintrace.report.console import render
    from chaintrace.report.fetched import ProgressLine, fetched_dict, fetched_view

    with errors():
        fetchers, budget = _fetchers({**options, "case": case}), _budget(options)
        opened = _case(Path(case), options)
        try:
            with ProgressLine(opened) as line:
                done = opened.fetch(fetchers, budget=budget, watch=line, extend=options["extend"])
        except KeyboardInterrupt:
            click.echo("Interrupted: what was fetched is kept, and the same command goes on from there.", err=True)
            sys.exit(130)
        if as_json:
            click.echo(json.dumps(fetched_dict(opened, done), indent=2))
        else:
            click.echo(render(fetched_view(opened, done)))


def _case(path: Path, options: dict[str, Any]) -> Case:
    from chaintrace.case.case import Case

    for name, needed in _ALONE.items():
        if options[name] and not options[needed.removeprefix("--").replace("-", "_")]:
            raise MethodError(f"--{name}", f"says more about {needed}", f"add {needed}")
    if (path / "case.toml").is_file():
        opened = Case.open(path)
        _compare(opened, options)
        return opened
    chosen = seeds(options)
    if not chosen:
        reason = "a new case needs to be told what was stolen"
        raise SeedError("(none)", reason, "add --seed-tx HASH or --seed-address ADDR")
    told = {name: options[name] for name in ("chain", "first", "until", "young")}
    return Case.create(path, chosen, stop_at=list(stops(options["stop_at"])), wrappers=options["wrapper"], **told)


def _compare(case: Case, options: dict[str, Any]) -> None:
    """A case says itself what is asked; the command that made it may be given again, and no other question."""
    from chaintrace.model.chain import get_chain

    told, labelled = case.folder.fetch, {(label.address, label.category) for label in case.labels}
    asked = {
        "--seed-tx": not (options["seed_tx"] or options["seed_address"]) or tuple(seeds(options)) == case.seeds,
        "--stop-at": {(one.address.lower(), one.category) for one in stops(options["stop_at"])}
        <= {(address.lower(), category) for address, category in labelled},
        "--wrapper": told is None
        or {one.lower() for one in options["wrapper"]} <= {one.lower() for one in told.wrappers},
        "--chain": not options["chain"] or (told and told.chain) in (None, get_chain(options["chain"]).id),
        "--first": not options["first"] or bool(told and str(told.first) == options["first"]),
        "--until": not options["until"] or bool(told and str(told.until) == options["until"]),
        "--young": not options["young"] or bool(told and told.young),
    }
    other = [name for name, same in asked.items() if not same]
    if other:
        reason = f"says itself what is asked, and {other[0]} asks something else"
        raise CaseError(case.name, reason, "edit its case.toml, or fetch into a new case")


def _fetchers(options: dict[str, Any]) -> list[Fetcher]:
    import os

    from chaintrace.fetch.rpc.fetcher import Rpc
    from chaintrace.fetch.transport import Limits

    named = [name for name in EXPLORERS if options[name] is not None or options[f"{name}_url"] is not None]
    others = named or options["files"] or options["warehouse"]
    servers = _servers(options, bool(options["rpc"] or others))
    urls = options["rpc"] or ([] if others or servers else os.environ.get(ENVIRONMENT, "").split())
    if not urls and not others and not servers:
        advice = (
            f"add --rpc URL, or set {ENVIRONMENT}; without a node, {', '.join(f'--{name} KEY' for name in EXPLORERS)}, "
            "--files PATH; for Bitcoin, --esplora URL"
        )
        raise MethodError("--rpc", "is missing: nobody was named to fetch from", advice)
    limits = Limits(rate=options["rate"], workers=options["workers"])
    most = {} if options["most"] is None else {"most": options["most"]}
    found: list[Fetcher] = [Rpc(url, way=options["way"], limits=limits, **most) for url in urls]
    return [*found, *servers, *(_explorer(name, options) for name in named), *_tables(options, most)]


def _tables(options: dict[str, Any], most: dict[str, Any]) -> list[Fetcher]:
    """All files are one lake; tables of one database are one warehouse."""
    from chaintrace.fetch.tables.files import Files
    from chaintrace.fetch.tables.warehouse import Warehouse

    told: dict[str, Any] = {"chain": _told_chain(options) or "ethereum", **most}
    found: list[Fetcher] = [Files(*options["files"], **told)] if options["files"] else []
    databases: dict[str, list[str]] = {}
    for text in options["warehouse"]:
        file, _, table = (text, "", "") if Path(text).is_file() else text.rpartition(":")
        databases.setdefault(file or text, []).extend([table] if file and table else [])
    return [*found, *(Warehouse(file, names or None, **told) for file, names in databases.items())]


def _servers(options: dict[str, Any], others: bool) -> list[Fetcher]:
    """The environment speaks where the case is about Bitcoin, and where nothing else says what it is about."""
    import os

    from chaintrace.fetch.esplora.fetcher import RATE, Esplora
    from chaintrace.fetch.transport import Limits
    from chaintrace.model.bitcoin import NETWORKS
    from chaintrace.model.chain import get_chain

    chain = _told_chain(options)
    told = get_chain(chain).id in NETWORKS if chain else not others and not os.environ.get(ENVIRONMENT)
    urls = options["esplora"] or (os.environ.get(ESPLORA, "").split() if told and not others else [])
    limits, most = Limits(rate=options["rate"] or RATE), {} if options["most"] is None else {"most": options["most"]}
    return [Esplora(url, chain=chain or "bitcoin", limits=limits, **most) for url in urls]


def _told_chain(options: dict[str, Any]) -> str | None:
    """What the command says, else what the case does."""
    from chaintrace.case.case import Case

    case = Path(options["case"])
    known = Case.open(case).folder.fetch if (case / "case.toml").is_file() else None
    return options["chain"] or (known.chain if known else None)


def _explorer(name: str, options: dict[str, Any]) -> Fetcher:
    """The key comes from the environment unless the command names it; an explorer of one's own may need none."""
    import os

    import chaintrace as ct

    told, url = options[name], options[f"{name}_url"]
    key = os.environ.get(key_of(name)) if told in (None, "-") else told
    if not key and told is not None:
        raise MethodError(f"--{name}", "has no key", f"set {key_of(name)}, or write --{name} KEY")
    chain = _told_chain(options)
    how: dict[str, Any] = {"chain": chain} if chain else {}
    how |= {"limits": ct.Limits(rate=options["rate"])} if options["rate"] else {}
    how |= {} if url is None else {"url": url}
    how |= {} if options["most"] is None else {"most": options["most"]}
    found: Fetcher = getattr(ct, EXPLORERS[name])(key=key or None, **how)
    return found


def _budget(options: dict[str, Any]) -> Any:
    from fractions import Fraction

    from chaintrace.case.budget import Budget

    text = options["share"].replace("%", "").strip()
    try:
        share = Fraction(text)
    except (ValueError, ZeroDivisionError):
        share = Fraction(-1)
    if "%" in options["share"] or share > 1:
        share /= 100
    if not 0 <= share <= 1:
        raise MethodError(f"--share {options['share']!r}", "is no percentage", 'write --share "99 %", or 0.99')
    return Budget(options["max_requests"], options["max_accounts"], options["max_seconds"], share)
