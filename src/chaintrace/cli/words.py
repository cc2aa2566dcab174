"""Words: what options say, as what the library takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chaintrace.errors import InputError, MethodError

if TYPE_CHECKING:
    from chaintrace.case.case import Case
    from chaintrace.graph.graph import TransferGraph
    from chaintrace.model.token import Token

_UNITS = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([A-Za-z][A-Za-z0-9.]*)", re.ASCII)


def case_named(source: tuple[str, ...]) -> Case | None:
    """The case that the words name; None if they are files."""
    from chaintrace.case.bundle import is_bundle, is_packed
    from chaintrace.case.case import Case

    if len(source) == 1 and is_bundle(source[0]) and not is_packed(source[0]):
        return Case.open(source[0])
    if any(is_file(word) for word in source) or len(source) > 1:
        return None
    path = Path(source[0])
    if path.suffix and not is_there(path):
        raise InputError(
            source[0], "there is no such file", "check the path; `chaintrace cases` lists the bundled cases"
        )
    if source[0] not in Case.bundled() and is_there(path) and not is_there(path / "case.toml"):
        return None
    return Case.open(source[0])


def seeds(options: dict[str, Any]) -> list[Any]:
    from chaintrace.taint.seeds import address, theft

    if options["victim"] and not options["seed_tx"]:
        raise MethodError("--victim", "narrows a theft transaction", "add --seed-tx HASH")
    if options["since"] and not options["seed_address"]:
        raise MethodError("--since", "is the moment of a seeded address", "add --seed-address ADDR")
    thefts = [theft(tx, options["victim"]) for tx in options["seed_tx"]]
    return [*thefts, *(address(one, options["since"]) for one in options["seed_address"])]


def stops(words: tuple[str, ...]) -> Iterator[Any]:
    from chaintrace.labels.label import Label, read_labels

    for word in words:
        if is_file(word):
            yield from read_labels(word)
        else:
            address, _, category = word.partition("=")
            yield Label(address, category or "stop")


def covered(words: tuple[str, ...]) -> Iterator[Any]:
    from chaintrace.labels.coverage import read_coverage

    for word in words:
        if is_file(word):
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


def is_file(word: str) -> bool:
    return is_there(Path(word)) and Path(word).is_file()


def is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that is too long, a NUL in it
        return False


def thresholds(words: tuple[str, ...], tokens: Mapping[str, Token], graph: TransferGraph) -> dict[str, int]:
    thresholds: dict[str, int] = {}
    for text in words:
        asset, amount = _threshold(text, tokens, graph)
        if asset in thresholds:
            raise MethodError(f"--min-amount {text!r}", "is the second for this asset", "give one for each asset")
        thresholds[asset] = amount
    return thresholds


def pairs(words: tuple[str, ...], option: str) -> Iterator[tuple[str, str]]:
    for word in words:
        left, equals, right = word.partition("=")
        if not (left and equals and right):
            raise MethodError(f"{option} {word!r}", "is not a pair", "write LEFT=RIGHT")
        yield left, right


def integer(text: str, option: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 3:
        raise MethodError(f"{option} {text!r}", "is not a small whole number", "decimals are 0 to 255")
    return int(text)
