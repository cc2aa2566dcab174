"""To NetworkX and back, without losing a unit."""

from __future__ import annotations

import networkx as nx
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.errors import ColumnError, InputError
from tests.graph.money import ETH, FEE_SEQ, FEWER, MOST, USDC, bitcoin, graph, pay, told, who

names = st.sampled_from("abc")
payments = st.tuples(
    names,
    names,
    st.sampled_from((0, 1, 2**53 + 1, 2**64, 2**255 + 1, MOST)),
    st.sampled_from(("native", "internal", "fee", "mint", "burn", "token", "reward")),
    st.integers(1, 4),
    st.booleans(),
)


def spelled(n: int, payment: tuple[str, str, int, str, int, bool]) -> dict[str, object]:
    sender, receiver, amount, kind, block, timed = payment
    return pay(
        None if kind in ("mint", "reward") else sender,
        None if kind in ("burn", "fee") else receiver,
        amount,
        kind=kind,
        asset=USDC if kind in ("token", "mint", "burn") else ETH,
        block=block,
        seq=FEE_SEQ if kind == "fee" else n,
        time=block * 12 if timed else None,
        tx_index=n if timed else None,
        evidence=f"page {n}",
    )


@FEWER
@given(st.lists(payments, min_size=1, max_size=8))
def test_there_and_back_is_the_same_table(rows: list[tuple[str, str, int, str, int, bool]]) -> None:
    """Every column, amounts up to 2**256 − 1, absent parties and absent values included."""
    found = graph(*(spelled(n, row) for n, row in enumerate(rows)))
    back = ct.TransferGraph.from_networkx(found.to_networkx())
    assert len(back.rejected) == 0
    assert back.table.equals(found.table)


def test_bitcoin_there_and_back() -> None:
    rows = [*bitcoin("one", 1, [], [("m", 5), ("n", 7)]), *bitcoin("two", 2, [("m", 5, "one:0")], [("n", 4)])]
    found = graph(*rows)
    back = ct.TransferGraph.from_networkx(found.to_networkx())
    assert list(back.pots) == list(found.pots)
    assert back.amount == found.amount
    assert back.rows.kinds.tolist() == found.rows.kinds.tolist()


def test_edges_are_transfers_keyed_by_row_with_exact_amounts() -> None:
    network = graph(pay("a", "b", MOST, time=7), pay("a", "b", 1), pay("b", None, 2, kind="fee")).to_networkx()
    assert isinstance(network, nx.MultiDiGraph)
    edge = network.edges[who("a"), who("b"), 0]
    assert edge["amount"] == MOST
    assert type(edge["amount"]) is int
    assert edge["time"].isoformat() == "1970-01-01T00:00:07+00:00"
    assert "outpoint" not in edge
    assert network.number_of_edges(who("a"), who("b")) == 2
    assert network.edges[who("b"), "", 2]["kind"] == "fee"


def test_edges_without_keys_stand_as_networkx_iterates_them() -> None:
    network = nx.DiGraph()
    network.add_edge(who("a"), who("b"), amount=7, block=1)
    network.add_edge(who("b"), who("c"), amount=5, block=1)
    found = ct.TransferGraph.from_networkx(network)
    assert told(found.to_pandas(), "sender", "receiver", "amount") == [(who("a"), who("b"), 7), (who("b"), who("c"), 5)]


def test_edges_with_text_keys_are_read_too() -> None:
    network = nx.MultiDiGraph()
    network.add_edge(who("a"), who("b"), key="second", amount=7, block=2)
    network.add_edge(who("a"), who("b"), key="first", amount=5, block=1)
    assert ct.TransferGraph.from_networkx(network).amount == [5, 7]


def test_money_has_a_direction() -> None:
    with pytest.raises(InputError, match="it is not directed"):
        ct.TransferGraph.from_networkx(nx.Graph([(who("a"), who("b"))]))


def test_edges_need_amounts() -> None:
    network = nx.DiGraph()
    network.add_edge(who("a"), who("b"), weight=7, block=1)
    with pytest.raises(ColumnError) as caught:
        ct.TransferGraph.from_networkx(network)
    assert "amount" in caught.value.missing


def test_bad_nodes_are_rejected_and_counted() -> None:
    network = nx.DiGraph()
    network.add_edge("alice", who("b"), amount=7, block=1)
    network.add_edge(who("a"), who("b"), amount=7, block=1)
    found = ct.TransferGraph.from_networkx(network)
    assert (len(found), len(found.rejected)) == (1, 1)


def test_an_empty_network_is_an_empty_graph() -> None:
    assert len(ct.TransferGraph.from_networkx(nx.MultiDiGraph())) == 0


def test_the_flows_of_a_trace_are_a_network_too() -> None:
    trace = ct.trace(graph(pay("a", "b", MOST), pay("b", "c", 5), pay("d", "c", 3)), ct.rows(0))
    network = trace.to_networkx()
    assert network.edges[who("a"), who("b"), 0]["tainted"] == MOST
    assert network.edges[who("b"), who("c"), 1]["tainted"] == 5
    assert network.number_of_edges() == 2
    assert pd.DataFrame(trace.to_pandas()).equals(trace.flows())
