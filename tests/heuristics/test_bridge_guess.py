"""Crossings by amount and time: only where one payment alone fits, and only as sure as amount and time are close."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.heuristics.bridge_guess import AmountTimeThresholds
from chaintrace.heuristics.findings import Findings, findings
from chaintrace.labels.label import Label
from chaintrace.model.asset import parse_asset
from chaintrace.model.log import Logs
from chaintrace.model.transfer import Transfers
from chaintrace.model.wrapped import wrapper
from tests.heuristics.chains import ARBITRUM, ETHEREUM, OPTIMISM, Move, log, name_of, table, token
from tests.heuristics.ledger import address
from tests.kernels import kernel as kernel

COIN = 1_000_000
THEFT = Move(ETHEREUM, "theft", "victim", "thief", COIN, 0)
IN = Move(ETHEREUM, "in", "thief", "across here", COIN, 1_000)
OUT = Move(ARBITRUM, "out", "across there", "fresh", COIN - 1_000, 1_060)
ROWS = [THEFT, IN, OUT]
LABELS = [Label(address(name), "bridge", name=name.title()) for name in ("across here", "across there", "polygon pos")]


def ask(moves: list[Move], labels: list[Label] = LABELS, at: AmountTimeThresholds | None = None) -> Findings:
    thresholds = {"bridge-amount-time": at} if at else None
    return findings(Transfers(table(moves)), labels, only="bridge-amount-time", thresholds=thresholds)


def test_a_payment_in_and_one_out_that_alone_fits_are_a_crossing() -> None:
    (one,) = ask(ROWS)
    assert (one.subject, one.tx_hashes) == (address("thief"), (name_of("in"), name_of("out")))
    assert one.confidence == 40 + 36 + 16 == 92
    assert {name: one.evidence[name] for name in ("bridge", "sum", "time", "rivals", "paid_to")} == {
        "bridge": 40, "sum": 36, "time": 16, "rivals": 0, "paid_to": address("fresh"),
    }  # fmt: skip


def test_rows_without_a_time_take_no_part() -> None:
    rows = table([IN, replace(OUT, amount=COIN)])
    for lost in ([True, True], [True, False], [False, True]):
        time = pc.if_else(pa.array(lost), None, rows["time"])
        untimed = rows.set_column(rows.column_names.index("time"), rows.schema.field("time"), time)
        assert len(findings(Transfers(untimed), LABELS, only="bridge-amount-time")) == 0
    assert len(findings(Transfers(rows), LABELS, only="bridge-amount-time")) == 1


def test_the_confidence_falls_with_what_is_missing_and_with_time() -> None:
    exact = replace(OUT, amount=COIN, at=IN.at + 1)
    assert ask([THEFT, IN, exact])[0].confidence == 100
    assert ask([THEFT, IN, replace(exact, amount=COIN - 5_000)])[0].confidence == 80
    assert ask([THEFT, IN, replace(exact, at=IN.at + 300)])[0].confidence == 80


def without(name: str) -> list[Label]:
    return [label for label in LABELS if label.address != address(name)]


DECOYS = {
    "on the same chain": [THEFT, IN, replace(OUT, chain=ETHEREUM)],
    "before": [THEFT, IN, replace(OUT, at=IN.at - 1)],
    "too late": [THEFT, IN, replace(OUT, amount=COIN, at=IN.at + 301)],
    "more than was sent": [THEFT, IN, replace(OUT, amount=COIN + 1)],
    "too much less": [THEFT, IN, replace(OUT, amount=COIN - 10_001, at=IN.at + 1)],
    "another asset": [THEFT, IN, replace(OUT, asset="gold")],
    "another bridge": [THEFT, IN, replace(OUT, sender="polygon pos")],
    "two that fit": [*ROWS, replace(OUT, tx="other", receiver="friend", chain=OPTIMISM, at=1_070)],
    "two that it fits": [*ROWS, replace(IN, tx="other", sender="friend", at=1_010)],
}


@pytest.mark.parametrize("moves", DECOYS.values(), ids=list(DECOYS))
def test_what_does_not_fit_alone_is_none(moves: list[Move]) -> None:
    assert len(ask(moves)) == 0


@pytest.mark.parametrize("name", ["across here", "across there"])
def test_both_accounts_have_to_be_bridges_at_the_time(name: str) -> None:
    assert len(ask(ROWS, without(name))) == 0
    begun = [replace(label, since="2030-01-01") if label.address == address(name) else label for label in LABELS]
    assert len(ask(ROWS, begun)) == 0


@pytest.mark.parametrize(
    ("moves", "usual", "other", "count"),
    [
        (ROWS, AmountTimeThresholds(), AmountTimeThresholds(least=93), 0),
        (ROWS, AmountTimeThresholds(), AmountTimeThresholds(windows=(("across", 59),)), 0),
        (ROWS, AmountTimeThresholds(least=0), AmountTimeThresholds(least=0, most_fee=9), 0),
        (DECOYS["two that fit"], AmountTimeThresholds(), AmountTimeThresholds(most_rivals=1), 1),
        (DECOYS["another asset"], AmountTimeThresholds(),
         AmountTimeThresholds(alike=((f"{ETHEREUM}/slip44:60", token(ARBITRUM, "gold")),)), 1),
    ],
)  # fmt: skip
def test_each_threshold_decides_alone(
    moves: list[Move], usual: AmountTimeThresholds, other: AmountTimeThresholds, count: int
) -> None:
    assert len(ask(moves, at=usual)) == 1 - count
    assert len(ask(moves, at=other)) == count


def test_bridges_without_a_known_word_have_the_other_window_and_less_confidence() -> None:
    nameless = [replace(label, name="") for label in LABELS]
    moves = [THEFT, IN, replace(OUT, amount=COIN, at=IN.at + 20)]
    (one,) = ask(moves, nameless)
    assert (one.confidence, one.evidence["bridge"]) == (80, 20)
    assert len(ask(moves, nameless, AmountTimeThresholds(other=19))) == 0


def test_a_coin_and_its_wrapped_token_are_one_asset() -> None:
    weth = parse_asset(wrapper(ARBITRUM)[0], ARBITRUM).rpartition(":")[2]
    moves = [THEFT, IN, replace(OUT, asset=weth)]
    assert len(ask(moves)) == 1


def test_what_an_identifier_speaks_for_is_not_guessed_about() -> None:
    guid = b"g" * 32
    logs = [
        log("OFTSent", ETHEREUM, "in", guid=guid, fromAddress=address("thief"), amountSentLD=COIN,
            amountReceivedLD=OUT.amount),
        log("OFTReceived", ARBITRUM, "out", guid=guid, toAddress=address("fresh"), amountReceivedLD=OUT.amount),
    ]  # fmt: skip
    found = findings(Transfers(table(ROWS)), LABELS, logs=Logs.of(logs, []))
    assert [one.rule for one in found] == ["bridge-link"]


@pytest.mark.parametrize("method", ["fifo", "haircut"])
def test_a_trace_follows_what_was_found(kernel: str, method: str) -> None:
    graph = ct.TransferGraph(Transfers(table(ROWS)))
    links = findings(graph, LABELS).links(above=90)
    trace = ct.trace(graph, ct.theft(tx=name_of("theft")), method, links=links, stop_at=LABELS)
    assert trace.holdings()[["address", "amount"]].values.tolist() == [[address("fresh"), COIN - 1_000]]
    assert trace.linked_in == {f"{ARBITRUM}/slip44:60": COIN - 1_000}


@given(st.integers(1, 6), st.integers(0, 5), st.randoms())
def test_the_order_of_reading_changes_nothing_and_no_row_is_claimed_twice(ins: int, outs: int, random: Random) -> None:
    moves: list[Any] = [replace(IN, tx=f"in {n}", at=1_000 + 50 * n) for n in range(ins)]
    moves += [replace(OUT, tx=f"out {n}", at=1_020 + 70 * n) for n in range(outs)]
    at = AmountTimeThresholds(most_rivals=9)
    found = ask(moves, at=at)
    assert found.to_dict() == ask(random.sample(moves, len(moves)), at=at).to_dict()
    rows = [row for one in found for row in one.rows]
    assert len(rows) == len(set(rows))
