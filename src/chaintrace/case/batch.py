"""Batches: addresses of a CSV file or a pandas frame, each with the place where it stands."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chaintrace.case.screened import Screened
from chaintrace.errors import InputError, UserError
from chaintrace.labels.account import canonical, chain_named
from chaintrace.labels.category import SANCTIONED
from chaintrace.labels.span import seconds

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("address", "chain", "at")
ADDED = ("verdict", "rules", "not_evaluated", "sanctioned", "entities", "categories", "basis", "moment", "error")
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """One question. ``at`` empty: that of the whole batch. ``error``: why it cannot be asked."""

    address: str
    chain: str = ""
    at: str = ""
    place: str = ""
    error: str = ""


def read_batch(path: str | Path, chain: str = "") -> list[Asked]:
    """The questions of a CSV file with a header: ``address``, and perhaps ``chain`` and ``at``.

    InputError, naming file and line, where the file is not such a table: no header, other columns, or no UTF-8. A line
    that is wrong by itself is kept, with its ``error``; one with nothing in it, not even a comma, is no line.
    """
    name, asked = str(path), []
    line = 1
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            head = _head(name, next(reader, []))
            for cells in reader:
                line = reader.line_num
                if cells:
                    asked.append(_asked(f"{name}, line {line}", head, cells, chain))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{name}, line {line}", str(error), "give a UTF-8 CSV file with the column address") from error
    if not asked:
        raise InputError(name, "has no address in it", "give a CSV file with the column address and a line for each")
    return asked


def _head(name: str, cells: Sequence[str]) -> list[str]:
    head = [cell.strip().lower() for cell in cells]
    if "address" not in head:
        reason = "the first line has no column address"
        if any(_is_address(cell.strip()) for cell in cells):
            reason = "the first line is an address, not a header"
        raise InputError(f"{name}, line 1", reason, "begin with the line: address,chain,at (the latter two if needed)")
    other = [cell for cell in head if cell not in COLUMNS]
    if other or len(set(head)) < len(head):
        told = f"column {other[0][:LONGEST]!r} is not known" if other else "a column stands there twice"
        advice = "the columns are address, chain, at; ct.screen of a pandas frame keeps others"
        raise InputError(f"{name}, line 1", told, advice)
    return head


def _asked(place: str, head: list[str], cells: list[str], chain: str) -> Asked:
    if len(cells) != len(head):
        told = f"{place}: {len(cells)} cells, where the header has {len(head)}"
        return Asked(cells[0][:LONGEST] if cells else "", place=place, error=told)
    row = dict(zip(head, (cell.strip() for cell in cells), strict=True))
    return _question(place, row["address"], row.get("chain", "") or chain, row.get("at", ""))


def _question(place: str, address: str, chain: str, at: str) -> Asked:
    try:
        named = chain_named(chain)
        if at:
            seconds(at)
    except UserError as error:
        return Asked(address[:LONGEST], place=place, error=f"{place}: {error.message}")
    if not address:
        return Asked("", place=place, error=f"{place}: address is empty")
    return Asked(address, named, at, place)


def is_frame(what: Any) -> bool:
    """Whether it is a pandas frame, without loading pandas."""
    return type(what).__module__.partition(".")[0] == "pandas" and hasattr(what, "columns")


def asked_of(frame: pd.DataFrame, chain: str) -> list[Asked]:
    """The questions of a frame. InputError where it has no column ``address``, or one that the answer adds."""
    import pandas as pd

    if "address" not in frame.columns:
        raise InputError("the frame", "has no column address", "rename yours: frame.rename(columns={…: 'address'})")
    taken = [name for name in ADDED if name in frame.columns]
    if taken:
        raise InputError("the frame", f"has a column {taken[0]} already", "the answer adds it; rename yours")
    told = {name: frame[name].tolist() for name in COLUMNS if name in frame.columns}
    asked = []
    for number in range(len(frame)):
        row = {name: "" if pd.isna(cells[number]) else cells[number] for name, cells in told.items()}
        place, at = f"row {number}", row.get("at", "")
        at = at.isoformat() if hasattr(at, "isoformat") else at
        if not all(isinstance(cell, str) for cell in (row["address"], row.get("chain", ""), at)):
            asked.append(Asked(str(row["address"])[:LONGEST], place=place, error=f"{place}: a cell is no text"))
        else:
            asked.append(_question(place, row["address"].strip(), row.get("chain", "") or chain, at))
    return asked


def with_columns(frame: pd.DataFrame, answers: Sequence[Screened]) -> pd.DataFrame:
    """A new frame: the columns of ``frame``, and those of the answers."""
    import pandas as pd

    added = pd.DataFrame([flat(one) for one in answers], columns=list(ADDED), index=frame.index, dtype=object)
    return pd.concat([frame, added], axis=1)


def flat(one: Screened) -> dict[str, Any]:
    """An answer in one row; several of a thing stand side by side, ``; `` between them."""
    answer = one.answer
    return {
        "verdict": one.verdict,
        "rules": "; ".join(result.id for result in one.fired),
        "not_evaluated": "; ".join(result.id for result in one.unevaluated),
        "sanctioned": None if answer is None else answer.is_a(SANCTIONED),
        "entities": "; ".join(dict.fromkeys(listing.entity for listing in one.sanctioned if listing.entity)),
        "categories": "; ".join(answer.categories) if answer else "",
        "basis": one.basis if answer else "",
        "moment": one.moment,
        "error": one.error,
    }


def _is_address(text: str) -> bool:
    try:
        canonical(text)
    except UserError:
        return False
    return True
