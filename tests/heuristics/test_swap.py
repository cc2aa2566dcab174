"""Swaps and wraps are found by what an account has before and after, and a trace may follow them."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.heuristics.findings import Findings, findings
from chaintrace.heuristics.swap import SwapThresholds, WrapThresholds
from chaintrace.model.asset import parse_asset
from chaintrace.model.log import Call, Logs
from chaintrace.model.page import Nothing
from chaintrace.model.transfer import Transfers
from chaintrace.model.wrapped import wrapper
from tests.fetch.rpc.asking import Stage, question, rpc
from tests.fetch.rpc.conftest import stage as stage
from tests.fetch.rpc.conftest import stage_on as stage_on
from tests.heuristics.ledger import ETHEREUM, HOUR, Pay, address, ask, table, token
from tests.kernels import kernel as kernel
from tests.testing.conftest import binary as binary
from tests.testing.conftest import vyper as vyper

WETH = wrapper(ETHEREUM.id)[0]


def swap(*pays: Pay, sender: str = "thief", at: int = HOUR, tx: str = "swap") -> list[Pay]:
    """Rows of one transaction, and its sender's fee, which is nothing."""
    rows = [replace(pay, tx=tx, at=at, seq=n + 1) for n, pay in enumerate(pays)]
    return [*rows, Pay(sender, None, 0, at, kind="fee", tx=tx, seq=2**62)]


STOLEN = Pay("victim", "thief", 1_000, asset="gold")
THROUGH_A_ROUTER = swap(
    Pay("thief", "router", 1_000, asset="gold"),
    Pay("router", "pool", 1_000, asset="gold"),
    Pay("pool", "other pool", 30, asset="silver"),
    Pay("other pool", "router", 250, kind="internal"),
    Pay("router", "thief", 250, kind="internal"),
)
DIRECT = swap(Pay("thief", "pool", 1_000, asset="gold"), Pay("pool", "thief", 250, kind="internal"))
WITH_CHANGE = swap(
    Pay("thief", "router", 1_000, asset="gold"),
    Pay("router", "pool", 900, asset="gold"),
    Pay("pool", "thief", 250, kind="internal"),
    Pay("router", "thief", 100, asset="gold"),
)


def swaps(found: Findings) -> list[tuple[str, int, int, int]]:
    return [(one.subject, one.evidence["given"], one.evidence["got"], one.evidence["hops"]) for one in found]


@pytest.mark.parametrize(("pays", "hops"), [(DIRECT, 1), (THROUGH_A_ROUTER, 2)])
def test_what_goes_out_and_what_comes_back_is_a_swap(pays: list[Pay], hops: int) -> None:
    found = ask([STOLEN, *pays], only="swap")
    assert swaps(found) == [(address("thief"), 1_000, 250, hops)]
    (one,) = found
    assert (one.evidence["gives"], one.evidence["gets"]) == (token("gold"), ETHEREUM.native)
    assert len(one.links) == 1


def others() -> dict[str, list[Pay]]:
    gold, back = Pay("thief", "pool", 1_000, asset="gold"), Pay("pool", "thief", 250, kind="internal")
    return {
        "paid one, and had the other from somebody else": swap(
            Pay("thief", "friend", 1_000, asset="gold"), Pay("faucet", "thief", 250, kind="internal")
        ),
        "three assets": swap(gold, back, Pay("pool", "thief", 1, asset="silver")),
        "nothing came back": swap(gold),
        "more of both": swap(Pay("pool", "thief", 5, asset="gold"), back),
        "somebody else got it": swap(gold, replace(back, receiver="friend")),
        "somebody else sent it": swap(gold, back, sender="friend"),
        "in two transactions": [*swap(gold, tx="one"), *swap(back, tx="two")],
        "nobody says who sent it": swap(gold, back)[:-1],
        "two are said to have sent it": [*swap(gold, back), replace(swap(gold, sender="friend")[-1], seq=2**62 + 1)],
        "what was lent is given back": swap(gold, back, replace(gold, sender="pool", receiver="thief")),
    }


def test_transactions_without_a_sender_are_counted() -> None:
    said = "1 transactions move several assets, and neither rows nor calls say who sent them"
    assert said in " ".join(ask([STOLEN, *DIRECT[:-1]]).notes)
    assert said not in " ".join(ask([STOLEN, *DIRECT]).notes)
    assert said not in " ".join(ask([STOLEN, *DIRECT[:-1]], only="wrap").notes)


@pytest.mark.parametrize("pays", others().values(), ids=list(others()))
def test_what_only_looks_like_a_swap_is_none(pays: list[Pay]) -> None:
    assert swaps(ask([STOLEN, *pays], only="swap")) == []


def test_a_call_says_who_sent_a_transaction() -> None:
    pays = table([STOLEN, *DIRECT[:-1]])
    name, sender = pays["tx_hash"][1].as_py(), address("thief")
    call = Call(ETHEREUM.id, 1, None, name, sender, address("pool"), b"")
    others = [replace(call, sender=address("nobody")), replace(call, tx_hash="0x" + "12" * 32)]
    told = [findings(Transfers(pays), only="swap", logs=Logs.of([], [one])) for one in (call, *others)]
    assert list(map(len, told)) == [1, 0, 0]


def test_a_table_that_calls_every_payment_native_does_not_make_the_pool_the_sender() -> None:
    rows = [replace(pay, kind="") for pay in DIRECT[:-1]]
    assert swaps(ask([STOLEN, *rows], only="swap")) == []
    top = [replace(Pay("thief", "router", 5, tx="swap", at=HOUR), seq=0), *DIRECT[:-1]]
    assert swaps(ask([STOLEN, *top], only="swap")) == [(address("thief"), 1_000, 245, 1)]


@pytest.mark.parametrize(
    ("stricter", "pays"),
    [(SwapThresholds(most_hops=1), THROUGH_A_ROUTER), (SwapThresholds(most_rows=1), DIRECT)],
)
def test_each_threshold_decides_alone(stricter: SwapThresholds, pays: list[Pay]) -> None:
    assert len(ask([STOLEN, *pays], only="swap")) == 1
    assert len(ask([STOLEN, *pays], only="swap", thresholds={"swap": stricter})) == 0


@given(st.sampled_from([DIRECT, THROUGH_A_ROUTER, WITH_CHANGE]), st.randoms())
def test_the_order_of_reading_changes_nothing(pays: list[Pay], random: Random) -> None:
    rows = [STOLEN, *pays]
    shuffled = random.sample(range(len(rows)), len(rows))
    one, other = (findings(Transfers(table(rows, order)), only=["swap", "wrap"]) for order in (None, shuffled))
    assert one.to_dict() == other.to_dict()
    assert one.links(0) == other.links(0)


# ---- followed ------------------------------------------------------------------------------------------------------


def ends(trace: Any) -> dict[tuple[str, str], int]:
    told = trace.holdings()
    return {(a, asset): n for a, asset, n in zip(told["address"], told["asset"], told["amount"], strict=True)}


@pytest.mark.parametrize("method", ["fifo", "lifo", "haircut", "dirty-first"])
@pytest.mark.parametrize("pays", [DIRECT, THROUGH_A_ROUTER])
def test_a_trace_follows_a_swap_that_was_found(kernel: str, method: str, pays: list[Pay]) -> None:
    read = ct.TransferGraph(Transfers(table([STOLEN, *pays, Pay("thief", "friend", 100, 2 * HOUR)])))
    theft = ct.rows(0)
    assert ends(ct.trace(read, theft, method)) == {(address("pool"), token("gold")): 1_000}
    links = findings(read).links(above=70)
    trace = ct.trace(read, theft, method, links=links)
    assert ct.kernel() == kernel
    assert ends(trace) == {
        (address("friend"), ETHEREUM.native): 100,
        (address("thief"), ETHEREUM.native): 150,
    }
    assert trace.linked_in == {ETHEREUM.native: 250}
    lean = trace.assumptions().query("assumption == 'link'")
    assert "inferred by chaintrace, confidence 90 of 100" in lean["note"].iloc[0]


def test_what_comes_back_unchanged_stays_what_it_is(kernel: str) -> None:
    """The link takes the 900 that were exchanged, not the 1,000 that were sent to the router."""
    read = ct.TransferGraph(Transfers(table([STOLEN, *WITH_CHANGE])))
    found = findings(read, only="swap")
    assert swaps(found) == [(address("thief"), 900, 250, 1)]
    trace = ct.trace(read, ct.rows(0), links=found.links(above=70))
    assert ends(trace) == {(address("thief"), ETHEREUM.native): 250, (address("thief"), token("gold")): 100}


def test_where_no_rows_bring_the_sums_there_is_no_link() -> None:
    pays = swap(
        Pay("thief", "router", 1_000, asset="gold"),
        Pay("router", "pool", 950, asset="gold"),
        Pay("pool", "router", 10, asset="gold"),
        Pay("pool", "thief", 250, kind="internal"),
        Pay("router", "thief", 60, asset="gold"),
    )
    (one,) = ask([STOLEN, *pays], only="swap")
    assert (one.links, one.evidence["given"]) == ((), 940)
    assert "no link can be drawn" in one.doubt


# ---- wraps ---------------------------------------------------------------------------------------------------------


def wrapped(contract: str, amount: int = 500, issued: int | None = None) -> list[Pay]:
    issued = amount if issued is None else issued
    return [
        *swap(Pay("thief", contract, amount, kind="native"),
              Pay(None, "thief", issued, asset=contract, kind="mint"), tx="in"),
        *swap(Pay("thief", None, issued, asset=contract, kind="burn"),
              Pay(contract, "thief", amount, kind="internal"), tx="out", at=2 * HOUR),
    ]  # fmt: skip


@pytest.mark.parametrize(("contract", "confidence"), [(WETH, 95), ("some contract", 80)])
def test_wraps_are_found_both_ways(contract: str, confidence: int) -> None:
    pays = [Pay("victim", "thief", 500, seq=0), *wrapped(contract)]
    found = ask(pays, only=["wrap", "swap"])
    assert [(one.rule, one.evidence["direction"], one.confidence) for one in found] == [
        ("wrap", "back" if one.evidence["direction"] == "back" else "in", confidence) for one in found
    ]
    assert {one.evidence["direction"] for one in found} == {"in", "back"}
    assert all(one.subject == address("thief") for one in found)
    strict = ask(pays, only="wrap", thresholds={"wrap": WrapThresholds(known_only=True)})
    assert len(strict) == (2 if contract == WETH else 0)


def test_what_is_not_one_for_one_is_no_wrap_but_an_exchange() -> None:
    found = ask([Pay("victim", "thief", 500, seq=0), *wrapped("vault", 500, 499)], only=["wrap", "swap"])
    assert {one.rule for one in found} == {"swap"}
    assert len(found) == 2


@pytest.mark.parametrize("method", ["fifo", "haircut"])
def test_wrapping_and_unwrapping_changes_nothing(kernel: str, method: str) -> None:
    read = ct.TransferGraph(Transfers(table([Pay("victim", "thief", 500, seq=0), *wrapped(WETH)])))
    theft = ct.rows(0)
    trace = ct.trace(read, theft, method, links=findings(read).links(above=70))
    assert ends(trace) == {(address("thief"), ETHEREUM.native): 500}
    assert trace.linked_in == {parse_asset(WETH): 500, ETHEREUM.native: 500}


def test_a_swap_by_way_of_the_wrapped_coin_is_one_swap_and_every_link_fits() -> None:
    """The sender wraps and swaps in one transaction: the swap speaks for the rows of the wrap."""
    pays = swap(
        Pay("thief", WETH, 500, kind="internal"),
        Pay(None, "thief", 500, asset=WETH, kind="mint"),
        Pay("thief", "pool", 500, asset=WETH),
        Pay("pool", "thief", 9, asset="gold"),
    )
    read = ct.TransferGraph(Transfers(table([Pay("victim", "thief", 500, seq=0), *pays])))
    found = findings(read, only=["swap", "wrap"])
    assert [one.rule for one in found] == ["swap"]
    theft = ct.rows(0)
    assert ends(ct.trace(read, theft, links=found.links(above=70))) == {(address("thief"), token("gold")): 9}


# ---- real contracts ------------------------------------------------------------------------------------------------


def test_swaps_and_wraps_on_a_real_node(stage: Stage) -> None:
    """The laundering story sells the stolen token at a market and wraps ether at a contract that nobody has listed."""
    roles = stage.planted.roles
    accounts = [*roles["helper"], *roles["mule"], *roles["wrapper"]]
    with rpc(stage.node.url) as node:
        answer = node.ask(question(stage, "trace_filter", accounts), Nothing()).answer
    found = findings(Transfers(answer.rows), only=["swap", "wrap"])
    sold = {one.subject: one.evidence["got"] for one in found.of("swap")}
    assert sold == dict(zip(roles["helper"], (4_870 * 10**18, 3_694 * 10**18 + 537_583_527), strict=True))
    amounts = {one.evidence["amount"] for one in found.of("wrap")}
    assert amounts == {n * 10**18 for n in (2_000, 300, 1_500, 7)} | {503 * 10**18 - 1}


# ---- whatever happens ------------------------------------------------------------------------------------------------

PEOPLE = ["thief", "router", "pool", "gold", "silver"]
"""Contracts of tokens among them, which mint and burn what they are paid for."""
moves = st.one_of(
    st.builds(
        lambda a, b, n, what: Pay(a, b, n, asset=what, kind="" if what else "internal"),
        st.sampled_from(PEOPLE), st.sampled_from(PEOPLE), st.integers(0, 5), st.sampled_from(["", "gold", "silver"]),
    ),
    st.builds(lambda a, n, what: Pay(None, a, n, asset=what, kind="mint"),
              st.sampled_from(PEOPLE), st.integers(0, 5), st.sampled_from(["gold", "silver"])),
    st.builds(lambda a, n, what: Pay(a, None, n, asset=what, kind="burn"),
              st.sampled_from(PEOPLE), st.integers(0, 5), st.sampled_from(["gold", "silver"])),
)  # fmt: skip
transactions = st.lists(st.tuples(st.lists(moves, min_size=1, max_size=6), st.sampled_from(PEOPLE)), max_size=5)


@given(transactions, st.sampled_from(["fifo", "lifo", "haircut", "dirty-first"]))
def test_every_link_that_is_found_can_be_followed_and_every_sum_is_right(
    made: list[tuple[list[Pay], str]], method: str
) -> None:
    """A trace refuses links that clash and sums that do not add up; nets are counted here once more."""
    pays = [Pay("victim", "thief", 9, asset="gold")]
    for number, (some, sender) in enumerate(made):
        pays += swap(*some, sender=sender, at=HOUR * (number + 1), tx=f"tx {number}")
    graph = ct.TransferGraph(Transfers(table(pays)))
    found = findings(graph, only=["swap", "wrap"])
    trace = ct.trace(graph, ct.rows(0), method, links=found.links(above=0))
    assert trace.seeded == {token("gold"): 9}
    for one in found.of("swap"):
        rows = [row for row in graph.table.to_pylist() if row["tx_hash"] == one.tx_hashes[0] and row["kind"] != "fee"]
        gone: dict[str, int] = {}
        for row in rows:
            amount = int.from_bytes(row["amount"], "big")
            for side, sign in (("sender", -1), ("receiver", 1)):
                if row[side] == one.subject:
                    gone[row["asset"]] = gone.get(row["asset"], 0) + sign * amount
        for contract in ("gold", "silver"):  # what is minted comes from the contract, what is burnt goes to it
            if one.subject == address(contract):
                gone = {}
        if gone:
            left = {asset: amount for asset, amount in gone.items() if amount}
            assert left == {one.evidence["gives"]: -one.evidence["given"], one.evidence["gets"]: one.evidence["got"]}
