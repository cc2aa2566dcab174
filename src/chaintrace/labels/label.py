"""A label: what somebody says about an address."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

from chaintrace.errors import InputError, UserError
from chaintrace.model.address import parse_account
from chaintrace.model.chain import CHAINS
from chaintrace.model.moment import parse_moment


@dataclass(frozen=True, slots=True)
class Label:
    """``source`` says that ``address`` is ``category``, from ``since`` (included) to ``until`` (excluded).

    Dates are ISO-8601 with a zone, or a date alone (its first second, UTC); empty means without end. ``confidence`` is
    the source's own word. ``chain`` empty means every chain on which the address is one.
    """

    address: str
    category: str
    name: str = ""
    role: str = ""
    chain: str = ""
    source: str = ""
    since: str | None = None
    until: str | None = None
    confidence: str = ""
    origin: str = ""


def read_labels(path: str | Path) -> list[Label]:
    """Labels of a CSV file with the columns of ``Label``; ``address`` and ``category`` are needed.

    Addresses are checked on their chain. InputError names the file and line of the first bad one.
    """
    known = {field.name for field in fields(Label)}
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = {"address", "category"} - set(reader.fieldnames or ())
            if missing:
                raise InputError(
                    str(path), f"missing column {', '.join(sorted(missing))}", "a label list needs address,category"
                )
            rows = [(reader.line_num, {k: v for k, v in row.items() if k in known and v}) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(str(path), str(error), "give a UTF-8 CSV file of labels") from error
    return [_label(path, line, row) for line, row in rows]


def _label(path: str | Path, line: int, row: dict[str, str]) -> Label:
    if "address" not in row or "category" not in row:
        raise InputError(f"{path}, line {line}", "an address or category is empty", "each label needs both")
    try:
        for moment in (row.get("since"), row.get("until")):
            if moment is not None:
                parse_moment(moment)
        address = parse_account(row["address"], row["chain"]) if "chain" in row else _anywhere(row["address"])
    except UserError as error:
        raise InputError(f"{path}, line {line}", error.message, error.hint) from error
    return Label(**{**row, "address": address})


def _anywhere(text: str) -> str:
    """The account that ``text`` is on the first known chain on which it is one; EVM chains share their addresses."""
    problem: UserError | None = None
    for chain in CHAINS:
        try:
            return parse_account(text, chain)
        except UserError as error:
            problem = problem or error
    raise problem or InputError(text, "no chain is known")


def with_category(labels: Iterable[Label], categories: Iterable[str]) -> list[Label]:
    """The labels whose category is one of ``categories``."""
    wanted = set(categories)
    return [label for label in labels if label.category in wanted]
