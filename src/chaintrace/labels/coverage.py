"""Coverage: whose history the data have, as somebody states it."""

from __future__ import annotations

import csv
from pathlib import Path

from chaintrace.errors import InputError, UserError
from chaintrace.model.address import parse_account
from chaintrace.model.asset import parse_asset


def read_coverage(path: str | Path) -> tuple[str | tuple[str, str], ...]:
    """Addresses, or (address, asset) pairs where only one asset's history was fetched, of a CSV file with the column
    ``address`` and, where it helps, ``chain`` and ``asset``. InputError names file and line of the first bad one."""
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if "address" not in (reader.fieldnames or ()):
                raise InputError(
                    str(path), "missing column address", "a coverage list needs address, and may have chain, asset"
                )
            return tuple(_entry(f"{path}, line {reader.line_num}", line) for line in reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(str(path), str(error), "give a UTF-8 CSV file of addresses") from error


def _entry(place: str, line: dict[str, str]) -> str | tuple[str, str]:
    chain = line.get("chain") or "ethereum"
    try:
        address = parse_account(line["address"] or "", chain)
        return (address, parse_asset(line["asset"], chain)) if line.get("asset") else address
    except UserError as error:
        raise InputError(place, error.message, error.hint) from error
