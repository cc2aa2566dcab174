"""Crossings are found by identifier, borne out by rows, and followed by a trace over two chains."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.cli import chaintrace
from chaintrace.heuristics.bridge import BridgeThresholds
from chaintrace.heuristics.bridge_events import IN, OUT, paid_in, paid_out
from chaintrace.heuristics.findings import Findings, findings
from chaintrace.model.log import Call, Log, Logs
from chaintrace.model.transfer import Transfers
from tests.heuristics import coins
from tests.heuristics.chains import (
    ARBITRUM,
    AVALANCHE,
    ETHEREUM,
    OPTIMISM,
    Move,
    call,
    log,
    name_of,
    table,
    token,
    wide,
)
from tests.heuristics.ledger import START, address
from tests.kernels import kernel as kernel

HOUR = 3_600
KNOWN = {
    "DepositForBurn": "2fa9ca894982930190727e75500a97d8dc500233a5065e0f3126c48fbe0343c0",
    "MessageReceived": "58200b4c34ae05ee816d710053fff3fb75af4395915d3d2a771b24aa10e3cc5d",
    "LogMessagePublished": "6eb224fb001ed210e379b335e35efe88672a8ce935d981a6896b27ffdf52a3b2",
    "TransferRedeemed": "caf280c8cfeba144da67230d9b009c8f868a75bac9a528fa0474be1ba317c169",
    "V3FundsDeposited": "a123dc29aebf7d0c3322c8eeb5b999e859f39937950ed31056532713d0de396f",
    "FilledV3Relay": "571749edf1d5c9599318cdbc4e28a6475d65e87fd3b2ddbe1e9a8d5e7a0f0ff7",
    "FundsDeposited": "32ed1a409ef04c7b0227189c3a103dc5ac10e775a15b785dcc510201f7c25ad3",
    "FilledRelay": "44b559f101f8fbcc8a0ea43fa91a05a729a5ea6e14a7c75aa750374690137208",
    "OFTSent": "85496b760a4b7f8d66384b9df21b381f5d1b1e79f229a47aaf4c232edc2fe59a",
    "OFTReceived": "efed6d3500546b29533b128a29e3a94d70788727f0507505ac12eaf2e578fd9c",
    "Deposit": "ef519b7eb82aaf6ac376a6df2d793843ebfd593de5f1a0601d3cc6ab49ebb395",
    "TransferOut": "a9cd03aa3c1b4515114539cd53d22085129d495cb9e9f9af77864526240f1bf7",
}
"""First topics as they stand on explorers."""


def test_each_declaration_gives_the_topic_that_is_known_of_it() -> None:
    """The topics are hashes of the texts; were a type in a text another, so would be its hash."""
    assert {one.declared.partition("(")[0]: one.topic[2:] for one in (*IN, *OUT)} == KNOWN


Sides = tuple[list[Log], list[Call]]


def cctp(nonce: int = 5, expected: int = 900, amount: int = 900, domain: int = 0, to: str = "fresh") -> Sides:
    body = bytes(4) + bytes(32) + wide(to) + amount.to_bytes(32, "big") + bytes(32)
    return [
        log("DepositForBurn", ETHEREUM, "in", nonce=nonce, amount=expected, depositor=address("thief"),
            mintRecipient=wide("fresh"), destinationDomain=3),
        log("MessageReceived", ARBITRUM, "out", nonce=5, sourceDomain=domain, messageBody=body),
    ], []  # fmt: skip


def across() -> Sides:
    return [
        log("V3FundsDeposited", ETHEREUM, "in", depositId=8, depositor=address("thief"), inputAmount=900,
            outputAmount=899, destinationChainId=42161),
        log("FilledV3Relay", ARBITRUM, "out", depositId=8, originChainId=1,
            relayExecutionInfo=(address("fresh"), b"", 900, 0)),
    ], []  # fmt: skip


def across_wide() -> Sides:
    return [
        log("FundsDeposited", ETHEREUM, "in", depositId=8, depositor=wide("thief"), inputAmount=900),
        log("FilledRelay", ARBITRUM, "out", depositId=8, originChainId=1,
            relayExecutionInfo=(wide("fresh"), bytes(32), 900, 0)),
    ], []  # fmt: skip


def layerzero() -> Sides:
    return [
        log("OFTSent", ETHEREUM, "in", guid=b"g" * 32, fromAddress=address("thief"), amountSentLD=900,
            amountReceivedLD=900),
        log("OFTReceived", ARBITRUM, "out", guid=b"g" * 32, toAddress=address("fresh"), amountReceivedLD=900),
    ], []  # fmt: skip


def wormhole() -> Sides:
    payload = b"\x01" + (9).to_bytes(32, "big") + bytes(34) + wide("fresh") + bytes(34)
    return [
        log("LogMessagePublished", ETHEREUM, "in", sender=address("token bridge"), sequence=3, payload=payload),
        log("TransferRedeemed", ARBITRUM, "out", emitterChainId=2, emitterAddress=wide("token bridge"), sequence=3),
    ], []  # fmt: skip


def thorchain() -> Sides:
    out = f"OUT:{name_of('in')[2:].upper()}"
    return [
        log("Deposit", ETHEREUM, "in", to=address("vault"), amount=900, memo=f"=:AVAX.USDC:{address('fresh')}:1"),
        log("TransferOut", ARBITRUM, "out", to=address("fresh"), amount=900, memo=out),
    ], []  # fmt: skip


def by_calldata() -> Sides:
    out = f"OUT:{name_of('in')[2:].upper()}"
    return [], [
        call(ETHEREUM, "in", "thief", "vault", f"=:AVAX.AVAX:{address('fresh')}"),
        call(ARBITRUM, "out", "vault", "fresh", out),
    ]


BRIDGES = [cctp, across, across_wide, layerzero, wormhole, thorchain, by_calldata]

ROWS = [
    Move(ETHEREUM, "theft", "victim", "thief", 900, 0, "gold"),
    Move(ETHEREUM, "in", "thief", "bridge", 900, HOUR, "gold", sent_by="thief"),
    Move(ARBITRUM, "out", "bridge", "fresh", 900, HOUR + 60, "gold", sent_by="relayer"),
    Move(ARBITRUM, "on", "fresh", "exchange", 800, 2 * HOUR, "gold"),
]


def ask(moves: list[Move], sides: Sides, **options: Any) -> Findings:
    return findings(Transfers(table(moves)), only="bridge-link", logs=Logs.of(*sides), **options)


@pytest.mark.parametrize("sides", BRIDGES)
def test_both_sides_of_one_identifier_are_a_crossing(sides: Callable[[], Sides]) -> None:
    (one,) = ask(ROWS, sides())
    assert (one.subject, one.confidence, one.tx_hashes) == (address("thief"), 95, (name_of("in"), name_of("out")))
    assert (one.evidence["given"], one.evidence["got"], one.evidence["seconds"]) == (900, 900, 60)
    assert (one.evidence["from"], one.evidence["to"]) == (ETHEREUM, ARBITRUM)
    assert len(one.links) == 1


@pytest.mark.parametrize("method", ["fifo", "lifo", "haircut", "dirty-first"])
@pytest.mark.parametrize("sides", [cctp, by_calldata])
def test_a_trace_crosses_to_the_other_chain(kernel: str, method: str, sides: Callable[[], Sides]) -> None:
    graph = ct.TransferGraph(Transfers(table(ROWS)))
    links = findings(graph, only="bridge-link", logs=Logs.of(*sides())).links(above=70)
    trace = ct.trace(graph, ct.theft(tx=name_of("theft")), method, links=links)
    gold = token(ARBITRUM, "gold")
    held = trace.holdings()
    assert sorted(zip(held["address"], held["asset"], held["amount"], strict=True)) == sorted(
        [(address("exchange"), gold, 800), (address("fresh"), gold, 100)]
    )
    assert trace.linked_in == {gold: 900}
    assert "inferred by chaintrace" in trace.assumptions().query("assumption == 'link'")["note"].iloc[0]


@pytest.mark.parametrize("sides", BRIDGES)
@pytest.mark.parametrize("side", [0, 1])
def test_one_side_alone_is_none(sides: Callable[[], Sides], side: int) -> None:
    logs, calls = sides()
    only = (logs[side : side + 1], calls[side : side + 1])
    moves = [row for row in ROWS if row.tx != "out"]
    assert len(ask(moves, only)) == 0


CONTRADICTING = {
    "another nonce": cctp(nonce=6),
    "another domain": cctp(domain=1),
    "another sum": cctp(amount=899),
    "another account": cctp(to="friend"),
}


@pytest.mark.parametrize("sides", CONTRADICTING.values(), ids=list(CONTRADICTING))
def test_sides_that_do_not_agree_are_no_crossing(sides: Sides) -> None:
    assert len(ask(ROWS, sides)) == 0


def test_an_identifier_that_two_claim_is_nobodys() -> None:
    """Any contract can write the event: a copy of it in another transaction makes both worthless."""
    logs, calls = cctp()
    copy = replace(logs[0], tx_hash=name_of("copy"))
    assert len(ask(ROWS, ([*logs, copy], calls))) == 0


def test_an_event_that_no_row_bears_out_gives_no_link() -> None:
    for lost in ("in", "out"):
        (one,) = ask([row for row in ROWS if row.tx != lost], cctp())
        assert (one.links, one.confidence) == ((), 60)
        assert "no link can be drawn" in one.doubt
    twice = [*ROWS, replace(ROWS[2], seq=2, sent_by="")]
    assert ask(twice, cctp())[0].links == ()


def test_what_somebody_pays_to_himself_bears_nothing_out() -> None:
    himself = replace(ROWS[2], sender="fresh", seq=2, sent_by="")
    (one,) = ask([*ROWS, himself], cctp())
    assert one.links == ask(ROWS, cctp())[0].links
    (one,) = ask([replace(himself, seq=1) if row.tx == "out" else row for row in ROWS], cctp())
    assert one.links == ()


def test_a_payout_before_the_payment_gives_no_link() -> None:
    early = [replace(row, at=HOUR - 60) if row.tx == "out" else row for row in ROWS]
    (one,) = ask(early, cctp())
    assert one.links == ()


def test_a_row_of_another_chain_with_the_same_hash_bears_nothing_out() -> None:
    elsewhere = [replace(row, chain=AVALANCHE) if row.tx == "in" else row for row in ROWS]
    assert ask(elsewhere, cctp())[0].links == ()


# ---- a memo that names an address, as THORChain's to Bitcoin --------------------------------------------------------


def to_bitcoin(seconds: int = HOUR, payouts: int = 1) -> tuple[Transfers, Logs, str]:
    payment = coins.Tx("payout", (("vault", 1_000_000),), (("thief on bitcoin", 50_000), ("rest", 940_000)))
    txs = [
        replace(payment, name=f"payout {n}", block=730_000 + n, time=START + HOUR + seconds + n) for n in range(payouts)
    ]
    made = coins.table(*txs)
    account = next(row["receiver"] for row in made.to_pylist() if row["kind"] == "output")
    both = Transfers(pa.concat_tables([table(ROWS[:2]), made]))
    logs = [log("Deposit", ETHEREUM, "in", to=address("vault"), amount=900, memo=f"=:BTC.BTC:{account}:4000/1/0")]
    return both, Logs.of(logs, []), account


def test_the_address_of_a_memo_is_followed_to_bitcoin(kernel: str) -> None:
    read, logs, account = to_bitcoin()
    found = findings(read, only="bridge-link", logs=logs)
    (one,) = found
    assert (one.confidence, one.evidence["got"], one.evidence["seconds"]) == (75, 50_000, HOUR)
    assert "Whoever else pays this address" in one.doubt
    graph = ct.TransferGraph(read)
    trace = ct.trace(graph, ct.theft(tx=name_of("theft")), links=found.links(above=70))
    assert trace.holdings()[["address", "amount"]].values.tolist() == [[account, 50_000]]


def test_the_window_alone_decides() -> None:
    read, logs, _ = to_bitcoin(seconds=HOUR)
    for within, count in ((HOUR, 1), (HOUR - 1, 0)):
        thresholds = {"bridge-link": BridgeThresholds(named_within=within)}
        assert len(findings(read, only="bridge-link", logs=logs, thresholds=thresholds)) == count


def test_an_address_that_is_paid_twice_is_not_chosen_from() -> None:
    read, logs, _ = to_bitcoin(payouts=2)
    assert len(findings(read, only="bridge-link", logs=logs)) == 0


def test_the_command_takes_logs(tmp_path: Path) -> None:
    """Rows in Parquet, logs in a table that names the chain of each."""
    logs, _ = cctp()
    pq.write_table(table(ROWS), tmp_path / "rows.parquet")
    told = [
        {"address": one.address, "topics": ",".join(one.topics), "data": "0x" + one.data.hex(), "log_index": n,
         "transaction_hash": one.tx_hash, "block_number": one.block, "chain": one.chain}
        for n, one in enumerate(logs)
    ]  # fmt: skip
    (tmp_path / "logs.jsonl").write_text("\n".join(map(json.dumps, told)))
    words = [str(tmp_path / "rows.parquet"), "--only", "bridge-link", "--logs", str(tmp_path / "logs.jsonl"), "--json"]
    done = CliRunner().invoke(chaintrace, ["findings", *words])
    assert done.exit_code == 0, done.output
    assert [one["rule"] for one in json.loads(done.stdout)["findings"]] == ["bridge-link"]


# ---- hostile -------------------------------------------------------------------------------------------------------


@given(st.sampled_from([*IN, *OUT]), st.binary(max_size=300), st.integers(0, 3), st.binary(max_size=300))
def test_whatever_an_event_holds_is_read_or_passed_over(event: Any, data: bytes, topics: int, given: bytes) -> None:
    names = (event.topic, *("0x" + "ff" * 32 for _ in range(topics)))
    made = Log(ETHEREUM, 1, None, name_of("x"), 0, address("x"), names, data)
    asked = Call(ETHEREUM, 1, None, name_of("x"), address("x"), None, given)
    for told in (*paid_in([made], [asked]), *paid_out([made], [asked])):
        assert told.chain == ETHEREUM


@given(st.sampled_from(BRIDGES), st.randoms())
def test_the_order_of_reading_changes_nothing(sides: Callable[[], Sides], random: Random) -> None:
    logs, calls = sides()
    moves = random.sample(ROWS, len(ROWS))
    assert ask(moves, (logs[::-1], calls[::-1])).to_dict() == ask(ROWS, (logs, calls)).to_dict()


def test_chains_that_a_bridge_does_not_number_are_passed_over() -> None:
    logs, calls = cctp()
    assert list(paid_in([replace(logs[0], chain="eip155:100")], calls)) == []
    assert [one.key for one in paid_in([replace(logs[0], chain=OPTIMISM)], calls)] == [(2, 5)]
