"""Asking a local TronGrid about a planted scenario, and the truth about it as Tron writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa

import chaintrace as ct
from chaintrace.fetch.rows import END_SEQ
from chaintrace.fetch.trongrid.decode import decode
from chaintrace.model.page import Answer, Archive, Nothing, Page, Question
from chaintrace.testing.grid import Grid
from chaintrace.testing.tronned import block_id, named
from chaintrace.testing.truth import Pot, Row
from tests.fetch.rpc.asking import Kept, Stage, by_identity
from tests.fetch.rpc.asking import ask as ask_of_node
from tests.fetch.rpc.asking import question as node_question

KEY = "c4n4ryK3y0f7h3c0a1m1n3"
CHAIN = "tron:0x2b6653dc"
NATIVE = f"{CHAIN}/slip44:195"
NOTHING = ((), ())
FIRST = 1
"""Block 0 shows what accounts were given by hand, which no row of the truth does."""

__all__ = ["KEY", "NOTHING", "Kept", "Stage", "again", "ask_node", "asked_of", "by_identity", "question", "trongrid"]


@contextmanager
def trongrid(grid: Grid, **how: Any) -> Iterator[ct.TronGrid]:
    """A fetcher that never really waits."""
    told: dict[str, Any] = {"key": KEY, "limits": ct.Limits(tries=2, patience=0, silence=20)}
    found = ct.TronGrid(grid.url, **(told | how))
    found._desk.sleep = lambda seconds: None
    try:
        yield found
    finally:
        found.close()


def question(stage: Stage, accounts: Sequence[str] | None = None, **other: Any) -> Question:
    """About everybody (0x…) and all blocks but the very first, unless told otherwise."""
    told: dict[str, Any] = {"first": FIRST, "door": "trongrid", "provider": "trongrid test", "chain": CHAIN}
    told |= {"transactions": (), "wrappers": (named(stage.planted.one("weth")),)} | other
    told["transactions"] = tuple(one.removeprefix("0x") for one in told["transactions"])
    who = stage.planted.accounts if accounts is None else accounts
    last = told.setdefault("last", stage.planted.last)
    told.setdefault("last_hash", block_id(last, stage.node.rpc("eth_getBlockByNumber", hex(last), False)["hash"]))
    return node_question(stage, "lists", [named(one) for one in who], **told)


def asked_of(grid: Grid, asked: Question, archive: Archive | None = None, **how: Any) -> Page:
    with trongrid(grid, **how) as fetcher:
        return fetcher.ask(asked, archive or Nothing())


def again(page: Page, archive: Kept | None = None) -> Answer:
    """What the page's evidence says when it is read anew."""
    kept = dict(archive.bodies) if archive else {}
    kept |= {digest: body.data for digest, body in page.bodies.items()}
    return decode(page.question, page.asked, kept.__getitem__)


# ---- the truth as Tron writes it ---------------------------------------------------------------------------------


def account(address: str | None) -> str | None:
    return None if address is None else named(address)


def asset(told: str) -> str:
    contract = told.partition("/erc20:")[2]
    return f"{CHAIN}/trc20:{named(contract)}" if contract else NATIVE


def as_tron(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(
        row._replace(
            tx_hash=row.tx_hash[2:], sender=account(row.sender), receiver=account(row.receiver), asset=asset(row.asset)
        )
        for row in rows
    )


def pot(told: Pot) -> Pot:
    return Pot(named(told.account), asset(told.asset))


def ask_node(stage: Stage, grid: Grid, accounts: Sequence[str] | None = None, **other: Any) -> list[dict[str, Any]]:
    """What the node behind says, as Tron writes it. Logs are numbered in their block by the node, in their transaction
    here."""
    asked = node_question(stage, "trace_filter", accounts, **({"first": FIRST} | other))
    begins: dict[str, int] = {}
    for log in grid.seen.logs:
        begins.setdefault(log["transactionHash"], int(log["logIndex"], 16) if log["logIndex"] != "0x" else 0)
    return _sorted(as_row(row, begins) for row in rows(ask_of_node(stage.node.url, asked).answer.rows))


def rows(table: pa.Table) -> list[dict[str, Any]]:
    """Rows without their evidence, kind by kind in each transaction; those of kind opening are left out."""
    found = table.drop_columns(["evidence"]).to_pylist()
    return _sorted(row for row in found if row["kind"] != "opening")


def _sorted(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(found, key=lambda row: (row["block"], row["tx_index"], row["kind"], row["seq"]))


def as_row(row: dict[str, Any], begins: dict[str, int]) -> dict[str, Any]:
    is_log = row["kind"] in ("token", "mint", "burn") and row["seq"] < END_SEQ
    return row | {
        "chain": CHAIN,
        "block_hash": block_id(row["block"], row["block_hash"]),
        "tx_hash": row["tx_hash"][2:],
        "seq": row["seq"] - begins[row["tx_hash"]] if is_log else row["seq"],
        "sender": account(row["sender"]),
        "receiver": account(row["receiver"]),
        "asset": asset(row["asset"]),
    }


# ---- changing what is told ---------------------------------------------------------------------------------------


def in_list(method: str, change: Callable[[list[Any]], Any]) -> Callable[[str, dict[str, Any], Any], Any]:
    """A change of the rows of a list that is not empty, on every page and from both sides."""
    import json

    def run(path: str, asked: dict[str, Any], told: Any) -> Any:
        if not path.startswith("v1/accounts/") or path.split("/", 3)[3:] != [method] or not told.get("data"):
            return told
        copied = json.loads(json.dumps(told))
        return {**copied, "data": change(copied["data"])}

    return run
