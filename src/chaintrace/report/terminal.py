"""A trace or a case on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from chaintrace.case.case import Case
from chaintrace.labels.label import Label
from chaintrace.model.amount import share
from chaintrace.model.token import NATIVES, Token, show
from chaintrace.model.transfer import Rejected
from chaintrace.report.doors import doors_view
from chaintrace.report.escape import plain
from chaintrace.report.figures import count, name_of, sum_of
from chaintrace.report.table import make_table
from chaintrace.taint.reference import METHODS
from chaintrace.taint.result import Trace

if TYPE_CHECKING:
    import pandas as pd

LISTED = 12

MEANING = {
    "held": "still there",
    "exit": "reached a stop",
    "not_fetched": "went to accounts whose history is not in the data",
    "fees": "paid as fees",
    "burnt": "burnt",
    "below_threshold": "in pieces below --min-amount",
    "cut_hops": "would go beyond --max-hops",
    "linked_out": "became another asset through a link",
    "issued": "was issued: mint, reward, withdrawal",
    "opening": "was there before the first row",
    "unexplained": "spent without having been seen arriving: the data cannot explain it",
    "seeded": "",
    "touched": "every transfer that carries poison, whole, at each hop anew: reach, not a sum",
}


def case_view(case: Case, trace: Trace) -> RenderableType:
    """The case's question, what its thieves sent into stops as asserted, and the trace."""
    heading = [plain(case.title, "bold"), plain(case.question), Text("")]
    return Group(
        *heading,
        *_campaign(case, trace),
        trace_view(trace, case.tokens(), case.labels),
        *_fine_print(case),
        *doors_view(case),
    )


def trace_view(trace: Trace, tokens: Mapping[str, Token] = NATIVES, labels: Iterable[Label] = ()) -> RenderableType:
    """How much was seeded, where it is by bucket and by account, and what the answer leans on."""
    seeded = f"{trace.method} {trace.direction}, kernel {trace.kernel}: seeded {sum_of(trace.seeded, tokens)}"
    linked = f", linked in {sum_of(trace.linked_in, tokens)}" if trace.linked_in else ""
    parts: list[RenderableType] = [Text("Trace", style="bold"), plain(seeded + linked), Text("")]
    assets = sorted({*trace.seeded, *trace.linked_in}, key=lambda asset: asset not in NATIVES)
    parts += [_ledger(trace, asset, tokens) for asset in assets]
    parts += [_accounts(trace, tokens, labels), _assumptions(trace, tokens), *_rejected(trace.graph.rejected)]
    return Group(*parts, *(plain(f"Note: {note}") for note in trace.notes))


def cases_view(cases: Iterable[Case]) -> RenderableType:
    """The bundled cases: name and title."""
    table = make_table("Bundled cases", "case", "title")
    for case in cases:
        table.add_row(case.name, case.title)
    return table


def _campaign(case: Case, trace: Trace) -> list[RenderableType]:
    tokens, reached = case.tokens(), {line["address"]: line["amount"] for line in _lines(trace.exits())}
    table = make_table("Campaign: what the thieves' accounts, as investigators name them, sent to stops", "to", "", "")
    table.columns[2].justify = "right"
    for line in _lines(case.campaign()):
        asset, amount = line["asset"], line["amount"]
        counts = f"{count(line['transfers'], 'transfer')} by {count(line['accounts'], 'account')}"
        table.add_row(f"{line['category']}: {line['name'] or line['address']}", counts, show(amount, asset, tokens))
        for whole, of in _published(case, asset):
            table.add_row("", f"share of {of}", share(amount, whole))
        if trace.question.forward and METHODS[trace.method].accounts:
            came = reached.get(line["address"], 0)
            table.add_row("", "of it the trace below brings there", show(came, asset, tokens))
            table.add_row(
                "", "the rest: not from these seeds, as far as the data explain", show(amount - came, asset, tokens)
            )
    return [table] if table.rows else []


def _published(case: Case, asset: str) -> list[tuple[int, str]]:
    """What was stolen of an asset and what the rest is published to have been swapped for, together."""
    proceeds = case.published.get("swap_proceeds", {})
    if proceeds.get("asset") != asset:
        return []
    stolen, swapped = case.trace(max_hops=0, links=()).seeded.get(asset, 0), int(proceeds["amount"])
    tokens = case.tokens()
    return [(stolen + swapped, f"{show(stolen, asset, tokens)} stolen + {show(swapped, asset, tokens)} published")]


def _ledger(trace: Trace, asset: str, tokens: Mapping[str, Token]) -> Table:
    whole = trace.seeded.get(asset, 0) + trace.linked_in.get(asset, 0)
    table = make_table(f"Where the {name_of(asset, tokens)} is", "bucket", "", "amount", "share")
    table.columns[2].justify = table.columns[3].justify = "right"
    sums = METHODS[trace.method].accounts
    for line in _lines(trace.ledger[trace.ledger["asset"] == asset]):
        part = share(line["amount"], whole) if sums else "–"
        table.add_row(_bucket(line), MEANING[line["bucket"]], show(line["amount"], asset, tokens), part)
    if sums:
        table.add_section()
        table.add_row("sum", "= seeded + linked in, to the last unit", show(whole, asset, tokens), share(whole, whole))
    return table


def _accounts(trace: Trace, tokens: Mapping[str, Token], labels: Iterable[Label]) -> Table:
    names = {label.address: label.role or label.name or label.category for label in sorted(labels, key=_has_role)}
    ends = trace.ends()
    ends = ends[ends["amount"] > 0]
    grouped = _by_role(ends, names) if names else None
    table = make_table("Who has it", "bucket", "account", "amount")
    table.columns[2].justify = "right"
    for bucket, who, asset, amount in grouped if grouped is not None else _by_account(ends):
        table.add_row(bucket, who, show(amount, asset, tokens))
    if grouped is None and len(ends) > LISTED:
        table.add_row("", f"… and {len(ends) - LISTED:,} more: trace.ends(), or --json", "")
    return table


def _by_account(ends: pd.DataFrame) -> list[tuple[str, str, str, int]]:
    lines = _lines(ends.head(LISTED))
    return [(_bucket(line), _who(line), line["asset"], line["amount"]) for line in lines]


def _by_role(ends: pd.DataFrame, names: Mapping[str, str]) -> list[tuple[str, str, str, int]]:
    sums: dict[tuple[str, str, str], list[int]] = {}
    for line in _lines(ends):
        entry = sums.setdefault((_bucket(line), names.get(line["address"], "others"), line["asset"]), [0, 0, 0])
        entry[0] += line["amount"]
        entry[1] += 1
        entry[2] += line["transfers"]
    told = []
    for (bucket, role, asset), (amount, accounts, transfers) in sums.items():
        times = f", {count(transfers, 'transfer')}" if transfers else ""
        told.append((bucket, f"{role}: {count(accounts, 'account')}{times}", asset, amount))
    return sorted(told, key=lambda line: (line[2] not in NATIVES, line[2], -line[3]))


def _has_role(label: Label) -> bool:
    return bool(label.role)


def _bucket(line: Mapping[str, Any]) -> str:
    return f"{line['bucket']}: {line['category']}" if line["category"] else str(line["bucket"])


def _who(line: Mapping[str, Any]) -> str:
    return f"{line['address']} ({line['outpoint']})" if line["outpoint"] else str(line["address"])


def _lines(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in line.items()} for line in frame.to_dict("records")]


def _assumptions(trace: Trace, tokens: Mapping[str, Token]) -> Table:
    table = make_table("What the answer leans on", "assumption", "", "leaning")
    table.columns[2].justify = "right"
    for line in _lines(trace.assumptions()):
        leaning = show(line["leaning"], line["asset"], tokens)
        told = f"{line['assumption']} ({line['count']:,})"
        bound = "" if line["exact"] else "at least " if line["assumption"] == "rejected rows" else "at most "
        table.add_row(told, line["note"], bound + leaning)
    return table


def _rejected(rejected: Rejected) -> list[RenderableType]:
    if not len(rejected):
        return []
    table = make_table(f"Rejected while reading: {count(len(rejected), 'row')}", "reason", "rows", "for example")
    for reason, rows in rejected.counts.items():
        example = next(one for one in rejected.examples if one.reason == reason)
        table.add_row(reason, f"{rows:,}", f"{example.source}, row {example.row}: {example.field} = {example.value!r}")
    return [table]


def _fine_print(case: Case) -> list[RenderableType]:
    told = [plain(case.folder.precision)] if case.folder.precision else []
    if case.folder.cannot_say:
        told.append(Text("What the data cannot say:"))
        told += [plain(f"- {sentence}") for sentence in case.folder.cannot_say]
    return [*told]
