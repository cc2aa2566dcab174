"""chaintrace follows stolen cryptocurrency: where every unit of it is now, with evidence that others can check.

>>> import chaintrace as ct
>>> trace = ct.Case.open("ronin").trace()
>>> trace.ledger
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chaintrace import errors as errors
    from chaintrace.case.budget import Budget as Budget
    from chaintrace.case.case import Case as Case
    from chaintrace.case.policy import Policy as Policy
    from chaintrace.case.policy import read_policy as read_policy
    from chaintrace.case.screen import screen as screen
    from chaintrace.fetch.blockscout.fetcher import Blockscout as Blockscout
    from chaintrace.fetch.esplora.fetcher import Esplora as Esplora
    from chaintrace.fetch.etherscan_api.fetcher import Etherscan as Etherscan
    from chaintrace.fetch.files import read_transfers as read_transfers
    from chaintrace.fetch.log_files import read_logs as read_logs
    from chaintrace.fetch.rpc.fetcher import Rpc as Rpc
    from chaintrace.fetch.rpc.logs import fetch_logs as fetch_logs
    from chaintrace.fetch.tables.files import Files as Files
    from chaintrace.fetch.tables.warehouse import Warehouse as Warehouse
    from chaintrace.fetch.transport import Limits as Limits
    from chaintrace.fetch.trongrid.fetcher import TronGrid as TronGrid
    from chaintrace.graph.graph import TransferGraph as TransferGraph
    from chaintrace.graph.kernel import kernel as kernel
    from chaintrace.graph.kernel import kernels as kernels
    from chaintrace.graph.link import Leg as Leg
    from chaintrace.graph.link import Link as Link
    from chaintrace.heuristics.change import changes as changes
    from chaintrace.heuristics.demix.campaign import demix as demix
    from chaintrace.heuristics.finding import Finding as Finding
    from chaintrace.heuristics.findings import Findings as Findings
    from chaintrace.heuristics.findings import findings as findings
    from chaintrace.heuristics.ownership import clusters as clusters
    from chaintrace.heuristics.registry import heuristic as heuristic
    from chaintrace.heuristics.registry import known_heuristics as known_heuristics
    from chaintrace.heuristics.tornado.notes import Notes as Notes
    from chaintrace.heuristics.tornado.read import read_notes as read_notes
    from chaintrace.labels.book import LabelBook as LabelBook
    from chaintrace.labels.label import Label as Label
    from chaintrace.labels.label import read_labels as read_labels
    from chaintrace.labels.read.formats import read_list as read_list
    from chaintrace.model.log import Logs as Logs
    from chaintrace.model.note import Note as Note
    from chaintrace.model.pool import Pool as Pool
    from chaintrace.model.transfer import Transfers as Transfers
    from chaintrace.report.fetched import ProgressLine as ProgressLine
    from chaintrace.taint.compare import compare as compare
    from chaintrace.taint.rank import rank as rank
    from chaintrace.taint.ranking import Ranking as Ranking
    from chaintrace.taint.result import Trace as Trace
    from chaintrace.taint.seeds import address as address
    from chaintrace.taint.seeds import rows as rows
    from chaintrace.taint.seeds import theft as theft
    from chaintrace.taint.trace import trace as trace

__version__ = "0.1.0"

_HOMES = {
    "Budget": "chaintrace.case.budget",
    "Case": "chaintrace.case.case",
    "Blockscout": "chaintrace.fetch.blockscout.fetcher",
    "Esplora": "chaintrace.fetch.esplora.fetcher",
    "Etherscan": "chaintrace.fetch.etherscan_api.fetcher",
    "Files": "chaintrace.fetch.tables.files",
    "Finding": "chaintrace.heuristics.finding",
    "Findings": "chaintrace.heuristics.findings",
    "Label": "chaintrace.labels.label",
    "LabelBook": "chaintrace.labels.book",
    "Leg": "chaintrace.graph.link",
    "Limits": "chaintrace.fetch.transport",
    "Link": "chaintrace.graph.link",
    "Logs": "chaintrace.model.log",
    "Note": "chaintrace.model.note",
    "Notes": "chaintrace.heuristics.tornado.notes",
    "Policy": "chaintrace.case.policy",
    "Pool": "chaintrace.model.pool",
    "ProgressLine": "chaintrace.report.fetched",
    "Ranking": "chaintrace.taint.ranking",
    "Rpc": "chaintrace.fetch.rpc.fetcher",
    "Trace": "chaintrace.taint.result",
    "TransferGraph": "chaintrace.graph.graph",
    "Transfers": "chaintrace.model.transfer",
    "Warehouse": "chaintrace.fetch.tables.warehouse",
    "TronGrid": "chaintrace.fetch.trongrid.fetcher",
    "address": "chaintrace.taint.seeds",
    "changes": "chaintrace.heuristics.change",
    "clusters": "chaintrace.heuristics.ownership",
    "compare": "chaintrace.taint.compare",
    "fetch_logs": "chaintrace.fetch.rpc.logs",
    "demix": "chaintrace.heuristics.demix.campaign",
    "findings": "chaintrace.heuristics.findings",
    "heuristic": "chaintrace.heuristics.registry",
    "kernel": "chaintrace.graph.kernel",
    "kernels": "chaintrace.graph.kernel",
    "known_heuristics": "chaintrace.heuristics.registry",
    "rank": "chaintrace.taint.rank",
    "read_labels": "chaintrace.labels.label",
    "read_notes": "chaintrace.heuristics.tornado.read",
    "read_policy": "chaintrace.case.policy",
    "read_list": "chaintrace.labels.read.formats",
    "read_logs": "chaintrace.fetch.log_files",
    "read_transfers": "chaintrace.fetch.files",
    "rows": "chaintrace.taint.seeds",
    "screen": "chaintrace.case.screen",
    "theft": "chaintrace.taint.seeds",
    "trace": "chaintrace.taint.trace",
}

__all__ = ["__version__", "errors", *sorted(_HOMES)]


def __getattr__(name: str) -> Any:
    if name == "errors":
        return import_module("chaintrace.errors")
    if name not in _HOMES:
        raise AttributeError(f"module 'chaintrace' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
