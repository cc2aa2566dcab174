"""A case as files: ``case.toml`` and the tables that it names."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chaintrace.case.entries import known, moment, tables, text_list, texts
from chaintrace.errors import CaseError
from chaintrace.graph.link import Leg, Link
from chaintrace.labels.coverage import read_coverage
from chaintrace.labels.label import Label, read_labels
from chaintrace.model.address import parse_address
from chaintrace.model.amount import parse_integer
from chaintrace.model.asset import parse_asset
from chaintrace.model.chain import get_chain
from chaintrace.model.moment import parse_moment
from chaintrace.model.token import Token
from chaintrace.taint.seeds import AddressSince, Rows, Seed, Theft

BUNDLED = Path(__file__).parent.parent / "cases"
QUESTION = "case.toml"
ENTRIES = (
    "name", "title", "question", "summary", "precision", "cannot_say", "transfers", "labels", "coverage", "notes",
    "stop_categories", "reading", "seeds", "links", "assets", "published", "fetch",
)  # fmt: skip
READING = ("chain", "asset", "columns", "assets", "decimals", "strict")
FETCH = ("chain", "wrappers", "first", "until", "young")
SAID = ("id", "kind", "basis", "by", "confidence", "evidence")
TEXTS = ("name", "title", "question", "summary", "precision", "transfers", "labels", "coverage", "notes")
SEEDS = {"theft": ("theft", "victim"), "address": ("address", "since", "asset"), "rows": ("rows",)}


@dataclass(frozen=True)
class Fetch:
    """What fetchers must be told. ``first``, ``until``: blocks or times; None leaves them to the seeds and the chain.
    ``wrappers``: further contracts that wrap the chain's coin, 1:1. ``young``: blocks that may still change as well."""

    chain: str | None = None
    wrappers: tuple[str, ...] = ()
    first: Any = None
    until: Any = None
    young: bool = False


@dataclass(frozen=True)
class Folder:
    """What the files of a case say, checked. ``published`` holds figures of others to compare with, by name;
    ``reading`` what ``read_transfers`` must be told (chain, columns, decimals …); ``fetch`` what fetchers must: None
    where the transfers are in a file; ``notes`` is a table of events of Tornado Cash."""

    path: Path
    name: str
    title: str
    question: str
    transfers: Path
    seeds: tuple[Seed, ...]
    summary: str = ""
    precision: str = ""
    cannot_say: tuple[str, ...] = ()
    labels: tuple[Label, ...] = ()
    coverage: tuple[str | tuple[str, str], ...] | None = None
    notes: Path | None = None
    stop_categories: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    reading: Mapping[str, Any] = field(default_factory=dict)
    assets: Mapping[str, Token] = field(default_factory=dict)
    published: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fetch: Fetch | None = None
    tables: tuple[Path, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file of the question: case.toml and the tables that it names and that are there."""
        return (self.path / QUESTION, *(table for table in self.tables if table.is_file()))

    @property
    def has_transfers(self) -> bool:
        """Whether a file of transfers is there, or has to be: a case that is fetched may do without."""
        return self.fetch is None or self.transfers.exists()


def bundled() -> list[str]:
    """Names of the cases that come with chaintrace."""
    return sorted(path.parent.name for path in BUNDLED.glob(f"*/{QUESTION}"))


def find_case(case: str | Path) -> Path:
    """The folder of a bundled case's name, or of a path. CaseError where there is none."""
    if str(case) in bundled():
        return BUNDLED / str(case)
    path = Path(case)
    try:
        is_case, is_folder = (path / QUESTION).is_file(), path.is_dir()
    except (OSError, ValueError) as error:  # a name that is too long, a NUL in it
        raise CaseError(str(case)[:80], f"is no name of a folder: {error}") from error
    if is_case:
        return path
    if is_folder:
        raise CaseError(str(case), f"the folder has no {QUESTION}")
    raise CaseError(str(case), f"no bundled case and no folder has this name; bundled: {', '.join(bundled())}")


def read_folder(path: Path) -> Folder:
    """The case in ``path``. CaseError names the entry that is missing or wrong."""
    try:
        told = tomllib.loads((path / QUESTION).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CaseError(path.name, f"{QUESTION} cannot be read: {error}") from error
    try:
        return _folder(path, told)
    except KeyError as error:
        raise CaseError(
            path.name, f"{QUESTION} has no entry {error}", "docs/how-to/case-folder.md says what a case tells"
        ) from error
    except (TypeError, AttributeError) as error:
        raise CaseError(
            path.name, f"{QUESTION}: {error}", "docs/how-to/case-folder.md says what a case tells"
        ) from error


def _folder(path: Path, told: dict[str, Any]) -> Folder:
    case = path.name
    known(case, "", told, ENTRIES)
    said = {"title": told["name"], "question": "", "transfers": "transfers.csv"} | texts(case, told, TEXTS)
    files = {key: path / said.pop(key) for key in ("transfers", "labels", "coverage", "notes") if key in said}
    assets = known(case, "[assets]", told.get("assets", {}), told.get("assets", {}))
    return Folder(
        path=path,
        transfers=files["transfers"],
        labels=tuple(read_labels(files["labels"])) if "labels" in files else (),
        coverage=read_coverage(files["coverage"]) if "coverage" in files else None,
        seeds=tuple(_seed(case, entry) for entry in tables(case, {"seeds": told["seeds"]}, "seeds")),
        links=tuple(_link(case, entry) for entry in tables(case, told, "links")),
        cannot_say=text_list(case, told, "cannot_say"),
        stop_categories=text_list(case, told, "stop_categories"),
        reading=known(case, "[reading]", told.get("reading", {}), READING),
        notes=files.get("notes"),
        assets={parse_asset(asset): _token(case, asset, entry) for asset, entry in assets.items()},
        published=_published(case, told),
        fetch=_fetch(case, told["fetch"]) if "fetch" in told else None,
        tables=tuple(files[key] for key in sorted(files)),
        **said,
    )


def _fetch(case: str, entry: Any) -> Fetch:
    told = known(case, "[fetch]", entry, FETCH)
    chain = texts(case, told, ["chain"]).get("chain")
    where = get_chain(chain or "ethereum")
    wrappers = tuple(parse_address(one, where) for one in text_list(case, told, "wrappers"))
    first, until = (moment(told.get(name)) for name in ("first", "until"))
    for one in (first, until):
        if one is not None:
            parse_moment(one)
    if not isinstance(told.get("young", False), bool):
        raise CaseError(case, f"young = {told['young']!r} is neither true nor false", "write young = true")
    return Fetch(chain and where.id, wrappers, first, until, told.get("young", False))


def _published(case: str, told: dict[str, Any]) -> dict[str, dict[str, str]]:
    figures = known(case, "[published]", told.get("published", {}), told.get("published", {}))
    for name, figure in figures.items():
        known(case, f"[published.{name}]", figure, ("asset", "amount", "origin"))
        parse_integer(texts(case, {"amount": "", **figure}, ["amount"])["amount"])
    return figures


def _token(case: str, asset: str, entry: Any) -> Token:
    told = known(case, f"[assets.{asset!r}]", entry, ("symbol", "decimals", "origin"))
    if type(told["decimals"]) is not int or not 0 <= told["decimals"] <= 255:
        raise CaseError(case, f"the decimals of {asset} are not a whole number from 0 to 255")
    return Token(decimals=told["decimals"], **texts(case, {"symbol": told["symbol"], **told}, ["symbol", "origin"]))


def _seed(case: str, entry: dict[str, Any]) -> Seed:
    kinds = [kind for kind in SEEDS if kind in entry]
    if len(kinds) != 1:
        raise CaseError(case, f"a seed needs theft, address or rows, one of them, not {', '.join(entry) or 'nothing'}")
    known(case, f"a seed of {kinds[0]}:", entry, SEEDS[kinds[0]])
    told = texts(case, entry, ("theft", "victim", "address", "asset"))
    if kinds[0] == "theft":
        return Theft(told["theft"], told.get("victim"))
    if kinds[0] == "address":
        return AddressSince(told["address"], moment(entry.get("since")), told.get("asset"))
    if not isinstance(entry["rows"], list):
        raise CaseError(case, "the rows of a seed are not a list", "write rows = [1, 2]")
    return Rows(tuple(tuple(ref) if isinstance(ref, list) else ref for ref in entry["rows"]))


def _link(case: str, entry: dict[str, Any]) -> Link:
    known(case, "[[links]]", entry, ("source", "targets", *SAID))
    source, targets = entry["source"], entry["targets"]
    said = texts(case, {"id": entry["id"], **entry}, SAID)
    sources = source if isinstance(source, list) else [source]
    return Link([_end(case, end) for end in sources], [_end(case, end) for end in targets], **said)  # type: ignore[arg-type]


def _end(case: str, end: Any) -> Any:
    if not isinstance(end, dict):
        return tuple(end) if isinstance(end, list) else end
    known(case, "a leg of a link:", end, ("holding", "address", "asset", "amount", "at"))
    if ("holding" in end) == ("address" in end):
        raise CaseError(case, "a leg of a link needs an address: holding = … of a source, address = … of a target")
    told = texts(case, {"asset": end["asset"], **end}, ("holding", "address", "asset"))
    account = told.get("holding") or told["address"]
    return Leg(account, parse_asset(told["asset"]), parse_integer(str(end["amount"])), moment(end["at"]))
