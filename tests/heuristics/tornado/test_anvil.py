"""On a real node: a pool and a router with the real events; logs with calls, and transfers, tell the same notes."""

from __future__ import annotations

from dataclasses import replace

import pytest

import chaintrace as ct
from chaintrace.fetch.rpc.ways import TRACE_FILTER
from chaintrace.model.transfer import Transfers
from chaintrace.testing.script import ETHER
from tests.fetch.rpc.asking import Stage, ask, question, rpc
from tests.heuristics.tornado.told import HUNDRED

POOL = replace(HUNDRED, block=None)
"""The node's chain is younger than the real pool."""


@pytest.fixture(scope="module")
def said(stage: Stage) -> ct.Notes:
    with rpc(stage.node.url) as node:
        logs = ct.fetch_logs(node, POOL.address, last=stage.planted.last, calls=True)
    return ct.read_notes(logs, pool=POOL)


@pytest.fixture(scope="module")
def rows(stage: Stage) -> Transfers:
    return Transfers(ask(stage.node.url, question(stage, TRACE_FILTER)).answer.rows)


def test_logs_and_calls_tell_every_note_that_was_played(stage: Stage, said: ct.Notes) -> None:
    roles = stage.planted.roles
    paid = [one for one in said if one.kind == "deposit"]
    taken = [one for one in said if one.kind == "withdrawal"]
    assert said.rejected.counts == {}
    assert [one.leaf for one in paid] == list(range(23))  # strangers pay in too
    assert {who: sum(one.account == who for one in paid) for who in roles["depositor"]} == dict(
        zip(roles["depositor"], (5, 4, 3, 3, 2, 1), strict=True)
    )
    (relayer,), (lone,) = roles["relayer"], roles["lone"]
    assert [(one.account, one.fee, one.relayer, one.sender) for one in taken] == [
        *((fresh, 3 * ETHER // 10, relayer, relayer) for fresh in roles["fresh"]),
        (lone, 0, None, lone),
    ]
    assert said.columns.whole == (True,)
    assert said.columns.unspent[~said.columns.deposit].tolist() == [23, 22, 21, 20, 19]


def test_transfers_alone_tell_the_same_notes(said: ct.Notes, rows: Transfers) -> None:
    seen = ct.read_notes(rows)
    assert seen.rejected.counts == {}
    bare = {"pool": POOL, "log_index": None, "leaf": None, "mark": ""}
    assert [replace(one, **bare) for one in seen] == [replace(one, **bare) for one in said]  # type: ignore[arg-type]


def test_the_depositors_alone_show_their_deposits(said: ct.Notes, stage: Stage) -> None:
    """A case does not expand the router or the pool: rows of the people alone, as they reach the router."""
    people = [*stage.planted.roles["depositor"], *stage.planted.roles["fresh"], *stage.planted.roles["lone"]]
    seen = ct.read_notes(ask(stage.node.url, question(stage, TRACE_FILTER, people)).answer.rows)
    told = {(one.kind, one.account, one.tx_hash) for one in said if one.account in people}
    assert {(one.kind, one.account, one.tx_hash) for one in seen} == told
    assert len(seen) == len(told) == 23
    assert seen.told == ("6 deposits are seen as they reach the router, not the pool",)


def test_findings_of_the_case_name_who_needed_no_relayer(stage: Stage, rows: Transfers) -> None:
    found = ct.findings(rows, only="tornado-no-relayer")
    assert [(one.subject, one.confidence) for one in found] == [(stage.planted.roles["lone"][0], 100)]
    deposits = ct.findings(rows, only="tornado-deposit")
    assert {one.subject for one in deposits} >= set(stage.planted.roles["depositor"])
    assert all(len(one.rows) == one.evidence["notes"] for one in deposits)
