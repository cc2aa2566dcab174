"""What screening found: on a terminal, as plain values, and as CSV."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from io import StringIO
from typing import Any

from rich.console import Group, RenderableType

from chaintrace.case.batch import ADDED, flat
from chaintrace.case.policy import CLEAR
from chaintrace.case.screened import FIRED, Screened
from chaintrace.labels.label import Label
from chaintrace.model.address import format_address
from chaintrace.model.amount import share
from chaintrace.model.token import Token, show
from chaintrace.report.escape import cell, plain
from chaintrace.report.figures import name_of
from chaintrace.report.labelled import behind_dict, behind_lines, edition_dict, label_dict, lists_line
from chaintrace.report.table import PlainTable, make_table
from chaintrace.taint.exposure import DIRECTIONS, RECEIVED, Exposure, Line

LISTED = 12
DIGITS = 12
TITLES = {RECEIVED: "Where its {asset} came from", "sent": "Where its {asset} went"}
MEANING = {
    "kept": "still with it",
    "held": "with accounts without a label",
    "dust": "sent to it unasked, too small to count",
    "fees": "paid as fees",
    "burnt": "burnt",
    "not_fetched": "accounts whose history is not in the data",
    "below_threshold": "in pieces too small to follow",
    "linked_out": "another asset, through a link",
    "issued": "issued: mint, reward, withdrawal",
    "opening": "there before the first row",
    "unexplained": "spent without having been seen arriving",
}


def screened_view(one: Screened) -> RenderableType:
    """The verdict and what it rests on, then labels, rules and exposure, and the dates of the lists."""
    parts: list[RenderableType] = [plain(f"{_head(one)}: {one.verdict}, by {one.basis}", "bold")]
    parts += [plain(_listed(listing)) for listing in one.sanctioned]
    if not one.sanctioned and one.answer is not None:
        unknown = one.answer.sanctioned is None
        told = (
            "Whether it was on a sanctions list then is not known"
            if unknown
            else "On none of these sanctions lists then"
        )
        parts.append(plain(f"{told}: {one.answer.sanctioned_because}."))
    parts += behind_lines(one.answer) if one.answer else []
    parts += [_labels(one)] if one.answer and one.answer.labels else []
    parts += _aside(one)
    parts += _rules(one)
    if one.exposure is not None and one.exposure.lines:
        exposure = one.exposure
        sides = [(direction, asset) for asset in exposure.assets for direction in DIRECTIONS]
        parts += [_side(exposure, direction, asset, one.shown) for direction, asset in sides]
        parts += _parties(one)
    parts += [plain(f"Note: {note}.") for note in one.notes]
    return Group(*parts, plain(f"Looked through: {lists_line(one.lists, _today(one))}."))


def batch_view(answers: Sequence[Screened]) -> RenderableType:
    """How many of each verdict, and a line for everything that is not clear."""
    table = make_table("Not clear", "address", "at", "verdict", "why")
    for one in answers:
        if one.verdict != CLEAR:
            why = one.error or ", ".join(result.id for result in one.fired)
            table.add_row(_written(one), one.moment or "–", one.verdict, why)
    counts = Counter(one.verdict for one in answers)
    told = ", ".join(f"{number:,} {verdict}" for verdict, number in sorted(counts.items()))
    alone = sum(one.basis == "labels" for one in answers if not one.error)
    parts: list[RenderableType] = [table] if table.rows else []
    parts.append(plain(f"{told}.", "bold"))
    if alone:
        parts.append(plain(f"Of these, {alone:,} were answered from labels alone."))
    open_ = sum(bool(one.unevaluated) for one in answers)
    if open_:
        parts.append(plain(f"For {open_:,} some rules could not be evaluated: --json says which, and why."))
    parts += [plain(f"Note: {reason}.") for reason in _of_the_lists(answers)]
    known = next((one for one in answers if one.answer), None)
    return Group(*parts, *([plain(f"Looked through: {lists_line(known.lists, _today(known))}.")] if known else []))


def _of_the_lists(answers: Sequence[Screened]) -> list[str]:
    """What rules about the lists themselves say, once."""
    found: dict[str, None] = {}
    for one in answers:
        about = {rule.id for rule in one.policy.rules if rule.about in ("lists", "no-list")}
        found |= dict.fromkeys(result.reason for result in one.fired if result.id in about)
    return list(found)


def screened_dict(one: Screened) -> dict[str, Any]:
    """An answer as plain values; amounts are decimal texts in base units, shares decimal fractions of the funds."""
    exposure = one.exposure
    return {
        "address": one.address,
        "at": one.moment,
        "verdict": one.verdict,
        "basis": one.basis,
        "policy": one.policy.name,
        "error": one.error,
        "rules": [result._asdict() for result in one.rules],
        "lists": [edition_dict(edition, _today(one)) for edition in one.lists],
        "sanctioned": [listing._asdict() for listing in one.sanctioned],
        "labels": _all_labels(one),
        **(behind_dict(one.answer) if one.answer else {"actors": [], "thefts": []}),
        "exposure": [_line(exposure, line) for line in exposure.lines] if exposure else [],
        "parties": [party._asdict() | _texts(party.direct, party.indirect) for party in exposure.parties]
        if exposure
        else [],
        "linked": [
            {"direction": way, "asset": asset, "method": method, "units": str(units)}
            for (way, asset, method), units in exposure.linked.items()
        ]
        if exposure
        else [],
        "own": list(exposure.own) if exposure else [],
        "dust": {asset: str(units) for asset, units in exposure.dust.items()} if exposure else {},
        "least": exposure.least if exposure else None,
        "notes": list(one.notes),
    }


def screened_json(answers: Sequence[Screened], several: bool) -> str:
    """One object, or a list of them; ASCII only, so that no text in it steers a terminal."""
    told = [screened_dict(one) for one in answers]
    return json.dumps(told if several else told[0], indent=2, ensure_ascii=True)


def screened_csv(answers: Sequence[Screened]) -> str:
    """A row an answer: address, and the columns that a frame gets. No cell is a formula."""
    told = StringIO()
    writer = csv.writer(told, lineterminator="\n")
    writer.writerow(("address", *ADDED))
    for one in answers:
        cells = (one.address, *("" if value is None else value for value in flat(one).values()))
        writer.writerow(cell(value) if isinstance(value, str) else value for value in cells)
    return told.getvalue()


def fraction(part: int, whole: int) -> str:
    """``0.9409``: a part as a decimal fraction, rounded half up at twelve digits."""
    if not whole:
        return "0"
    digits = (2 * part * 10**DIGITS + whole) // (2 * whole)
    left, right = divmod(digits, 10**DIGITS)
    return f"{left}.{right:0{DIGITS}d}".rstrip("0").rstrip(".")


def _line(exposure: Exposure, line: Line) -> dict[str, Any]:
    funds = exposure.funds(line.direction, line.asset, line.method)
    told = {"direction": line.direction, "asset": line.asset, "category": line.category, "method": line.method}
    told |= _texts(line.direct, line.indirect)
    said = {name: list(part) for name, part in line.said._asdict().items()}
    return told | {"share": fraction(line.amount, funds), "funds": str(funds), "bucket": line.bucket} | said


def _texts(direct: int, indirect: int) -> dict[str, str]:
    return {"direct": str(direct), "indirect": str(indirect)}


def _all_labels(one: Screened) -> list[dict[str, Any]]:
    if one.answer is None:
        return []
    parts = (
        ("in force", one.answer.labels),
        ("doubtful", one.answer.doubtful),
        ("another time", one.answer.outside),
        ("another chain", one.answer.elsewhere),
    )
    told = [label_dict(label) | {"standing": standing} for standing, labels in parts for label in labels]
    taken = [label_dict(label) | {"standing": "withdrawn", "by": asdict(by)} for label, by in one.answer.withdrawn]
    return told + taken


def _head(one: Screened) -> str:
    return f"{_written(one)} at {one.moment}" if one.moment else _written(one)


def _written(one: Screened) -> str:
    return one.address if one.error else format_address(one.address)


def _listed(listing: Any) -> str:
    begin = "Perhaps sanctioned" if listing.doubtful else "Sanctioned"
    since = f" from {listing.since}" if listing.since else ""
    until = f" to {listing.until}" if listing.until else ""
    under = f" under {listing.programme}" if listing.programme else ""
    return f"{begin}: {listing.entity or 'an entry without a name'}, by {listing.list}{under}{since}{until}."


def _labels(one: Screened) -> RenderableType:
    table = make_table("Labels in force", "category", "name", "source")
    labels: tuple[Label, ...] = one.answer.labels if one.answer else ()
    for label in labels:
        table.add_row(label.category, label.name or label.role, label.source)
    return table


def _aside(one: Screened) -> list[RenderableType]:
    """Labels that do not count: withdrawn, or of another chain than the one asked for."""
    if one.answer is None:
        return []
    return [
        *(
            plain(f"Withdrawn by {by.by or 'nobody named'} ({by.reason or 'no reason'}): {_claim(label)}.")
            for label, by in one.answer.withdrawn
        ),
        *(plain(f"On another chain, {label.chain}: {_claim(label)}.") for label in one.answer.elsewhere),
    ]


def _claim(label: Label) -> str:
    return f"{label.category}{label.name and f': {label.name}'}, of {label.source or 'nobody named'}"


def _rules(one: Screened) -> list[RenderableType]:
    parts: list[RenderableType] = []
    if one.fired:
        table = make_table(f"Rules of {one.policy.name} that fired", "rule", "leads to", "because")
        for result in one.fired:
            because = result.reason if result.outcome == FIRED else f"perhaps: {result.reason}"
            table.add_row(result.id, result.verdict, because)
        parts.append(table)
    reasons: dict[str, list[str]] = {}
    for result in one.unevaluated:
        reasons.setdefault(result.reason, []).append(result.id)
    parts += [plain(f"Not evaluated: {', '.join(ids)}: {reason}.") for reason, ids in reasons.items()]
    return parts


def _side(exposure: Exposure, direction: str, asset: str, tokens: Mapping[str, Token]) -> PlainTable:
    """One direction of one asset: a line for each way to end, with the share by each method."""
    title = TITLES[direction].format(asset=name_of(asset, tokens))
    linked = exposure.linked.get((direction, asset, exposure.methods[0]), 0)
    title += f", of it {show(linked, asset, tokens)} across links" if linked else ""
    table = make_table(title, "", f"by {exposure.methods[0]}", "directly", "indirectly", *exposure.methods)
    for column in table.columns[2:]:
        column.justify = "right"
    keys: dict[tuple[Any, ...], dict[str, Line]] = {}
    for line in exposure.lines:
        if (line.direction, line.asset) == (direction, asset):
            keys.setdefault((line.bucket, line.said), {})[line.method] = line
    for lines in keys.values():
        first = next(iter(lines.values()))
        shares = [
            share(lines[method].amount if method in lines else 0, exposure.funds(direction, asset, method))
            for method in exposure.methods
        ]
        amounts = (show(units, asset, tokens) if units else "–" for units in (first.direct, first.indirect))
        table.add_row(first.category, _said(first), *amounts, *shares)
    table.add_section()
    funds = exposure.funds(direction, asset)
    table.add_row(
        "sum", "= funds, to the last unit", show(funds, asset, tokens), "", *("100.00 %" for _ in exposure.methods)
    )
    return table


def _said(line: Line) -> str:
    """``mixer, pool-mixer; sanctioned now, not then``"""
    if line.bucket in MEANING and not line.said.every:
        return MEANING[line.bucket]
    both = [one for one in line.said.every if one in line.said.then and one in line.said.now]
    parts = [", ".join(both)] if both else []
    parts += [f"{one} now, not then" for one in line.said.now if one not in line.said.then]
    parts += [f"{one} then, not now" for one in line.said.then if one not in line.said.now]
    parts += [f"perhaps {one}" for one in line.said.doubtful]
    parts += [f"{one} at another time, neither then nor now" for one in line.said.once]
    parts += [f"{one} withdrawn" for one in line.said.withdrawn]
    return "; ".join([*([MEANING[line.bucket]] if line.bucket in MEANING else []), *parts])


def _parties(one: Screened) -> list[RenderableType]:
    exposure = one.exposure
    first = exposure.methods[0] if exposure else ""
    found = [party for party in exposure.parties if party.method == first] if exposure else []
    if not found:
        return []
    found.sort(key=lambda party: (party.direction, party.asset, -party.direct - party.indirect))
    table = make_table(
        f"Labelled accounts at the other end, by {first}", "", "account", "name", "directly", "indirectly"
    )
    for party in found[:LISTED]:
        amounts = (show(units, party.asset, one.shown) if units else "–" for units in (party.direct, party.indirect))
        table.add_row(party.direction, format_address(party.account), party.name, *amounts)
    rest = len(found) - LISTED
    return [table, *([plain(f"… and {rest:,} more: --json")] if rest > 0 else [])]


def _today(one: Screened) -> str:
    """The day as of which lists are old or not: that of the answer."""
    return one.moment[:10] or datetime.now(UTC).date().isoformat()
