"""A case as files: ``case.toml`` and the tables that it names."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from chaintrace.errors import CaseError
from chaintrace.graph.link import Leg, Link
from chaintrace.labels.coverage import read_coverage
from chaintrace.labels.label import Label, read_labels
from chaintrace.model.amount import parse_integer
from chaintrace.model.asset import parse_asset
from chaintrace.model.token import Token
from chaintrace.taint.seeds import AddressSince, Rows, Seed, Theft

BUNDLED = Path(__file__).parent.parent / "cases"
QUESTION = "case.toml"
ENTRIES = (
    "name", "title", "question", "summary", "precision", "cannot_say", "transfers", "labels", "coverage",
    "stop_categories", "reading", "seeds", "links", "assets", "published",
)  # fmt: skip
READING = ("chain", "asset", "columns", "assets", "decimals", "strict")
SAID = ("kind", "basis", "by", "confidence", "evidence")


@dataclass(frozen=True)
class Folder:
    """What the files of a case say, checked. ``published`` holds figures of others to compare with, by name;
    ``reading`` what ``read_transfers`` must be told (chain, columns, decimals …)."""

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
    stop_categories: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    reading: Mapping[str, Any] = field(default_factory=dict)
    assets: Mapping[str, Token] = field(default_factory=dict)
    published: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


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
    _known(path, "", told, ENTRIES)
    texts = {key: told[key].strip() for key in ("title", "question", "summary", "precision") if key in told}
    return Folder(
        path=path,
        name=told["name"],
        title=texts.pop("title", told["name"]),
        question=texts.pop("question", ""),
        transfers=path / told.get("transfers", "transfers.csv"),
        seeds=tuple(_seed(path, entry) for entry in told["seeds"]),
        cannot_say=_list(path, told, "cannot_say"),
        labels=tuple(read_labels(path / told["labels"])) if "labels" in told else (),
        coverage=read_coverage(path / told["coverage"]) if "coverage" in told else None,
        stop_categories=_list(path, told, "stop_categories"),
        reading=_known(path, "[reading]", told.get("reading", {}), READING),
        links=tuple(_link(path, entry) for entry in told.get("links", ())),
        assets={parse_asset(asset): _token(path, asset, entry) for asset, entry in told.get("assets", {}).items()},
        published=told.get("published", {}),
        **texts,
    )


def _list(path: Path, told: dict[str, Any], key: str) -> tuple[str, ...]:
    values = told.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise CaseError(path.name, f"{key} is not a list of texts", 'write a list, as in ["mixer"]')
    return tuple(values)


def _known(path: Path, where: str, told: Any, names: Iterable[str]) -> dict[str, Any]:
    """The entries of a table, each of which must be known: a misspelt one would silently be without effect."""
    if not isinstance(told, dict):
        raise CaseError(path.name, f"{where} is not a table of entries")
    for name in told:
        if name not in names:
            near = get_close_matches(name, list(names), 1)
            advice = f"did you mean {near[0]!r}?" if near else f"known are: {', '.join(names)}"
            raise CaseError(path.name, f"{where} {name!r} is no entry that a case knows".strip(), advice)
    return told


def _token(path: Path, asset: str, entry: Any) -> Token:
    told = _known(path, f"[assets.{asset!r}]", entry, ("symbol", "decimals", "origin"))
    if type(told["decimals"]) is not int or not 0 <= told["decimals"] <= 255:
        raise CaseError(path.name, f"the decimals of {asset} are not a whole number from 0 to 255")
    return Token(str(told["symbol"]), told["decimals"], str(told.get("origin", "")))


def _seed(path: Path, entry: dict[str, Any]) -> Seed:
    _known(path, "[[seeds]]", entry, ("theft", "victim", "address", "since", "asset", "rows"))
    if "theft" in entry:
        return Theft(entry["theft"], entry.get("victim"))
    if "address" in entry:
        return AddressSince(entry["address"], entry.get("since"), entry.get("asset"))
    if "rows" in entry:
        return Rows(tuple(tuple(ref) if isinstance(ref, list) else ref for ref in entry["rows"]))
    raise CaseError(path.name, f"a seed needs theft, address or rows, not {', '.join(entry) or 'nothing'}")


def _link(path: Path, entry: dict[str, Any]) -> Link:
    _known(path, "[[links]]", entry, ("id", "source", "targets", *SAID))
    source, targets = entry["source"], entry["targets"]
    said = {key: entry[key].strip() for key in SAID if key in entry}
    sources = source if isinstance(source, list) else [source]
    return Link([_end(path, end) for end in sources], [_end(path, end) for end in targets], id=entry["id"], **said)


def _end(path: Path, end: Any) -> Any:
    if not isinstance(end, dict):
        return tuple(end) if isinstance(end, list) else end
    _known(path, "a leg of a link:", end, ("holding", "address", "asset", "amount", "at"))
    address = end.get("holding") or end.get("address")
    if address is None:
        raise CaseError(path.name, "a leg of a link needs an address")
    return Leg(address, parse_asset(end["asset"]), parse_integer(str(end["amount"])), end["at"])
