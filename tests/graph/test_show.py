"""What a graph, its transfers and a trace look like in a notebook: useful, and no script of others runs there."""

from __future__ import annotations

import pandas as pd
import pytest

import chaintrace as ct
from tests.graph.money import ETH, graph, pay, transfers, who

HOSTILE = '<script>alert("money")</script>'


def test_the_repr_says_how_much_there_is_and_from_when() -> None:
    found = graph(pay("a", "b", 1, time=1_648_000_000), pay("a", "c", 1, time=1_650_000_000))
    assert repr(found) == "<TransferGraph: 2 transfers, 3 accounts, 1 assets; eip155:1 2022-03-23 to 2022-04-15>"
    assert "blocks 3 to 8" in repr(graph(pay("a", "b", 1, block=3), pay("a", "b", 1, block=8)))


def test_transfers_say_what_was_left_out() -> None:
    frame = pd.DataFrame({"sender": [who("a"), HOSTILE], "receiver": [who("b")] * 2, "amount": [1, 2], "block": [1, 1]})
    read = ct.read_transfers(frame)
    assert "1 rows" in repr(read)
    assert "1 rejected" in repr(read)
    assert "1 rejected" in read._repr_html_()


def hostile_graph() -> ct.TransferGraph:
    return graph(pay("a", "b", 5, evidence=HOSTILE, tx="t"), pay("b", "c", 5, evidence=f"<b>{HOSTILE}"))


def hostile_trace() -> ct.Trace:
    return ct.trace(hostile_graph(), ct.rows(0), stop_at={who("c"): HOSTILE})


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(lambda: hostile_graph()._repr_html_(), id="graph"),
        pytest.param(lambda: transfers([pay("a", "b", 5, evidence=HOSTILE)])._repr_html_(), id="transfers"),
        pytest.param(lambda: hostile_trace()._repr_html_(), id="trace"),
    ],
)
def test_hostile_text_is_escaped(shown: object) -> None:
    html = shown()  # type: ignore[operator]
    assert "<script" not in html.lower()
    assert "&lt;script&gt;" in html


def test_a_hostile_address_is_escaped_where_rows_came_unchecked() -> None:
    """A table built by hand may hold any text as an account or a chain."""
    import pyarrow as pa

    from chaintrace.model.transfer import SCHEMA

    record = {
        "chain": "eip155:1",
        "block": 1,
        "tx_hash": HOSTILE,
        "seq": 0,
        "order": "known",
        "kind": "native",
        "sender": HOSTILE,
        "receiver": who("b"),
        "asset": ETH,
        "amount": (1).to_bytes(32, "big"),
    }
    found = ct.TransferGraph(ct.Transfers(pa.Table.from_pylist([record], schema=SCHEMA), notes=(HOSTILE,)))
    trace = ct.trace(found, ct.rows(0))
    for html in (found._repr_html_(), trace._repr_html_(), ct.Transfers(found.table)._repr_html_()):
        assert "<script" not in html


def test_a_trace_says_what_it_is() -> None:
    """In units where the decimals are known, to the last of them."""
    trace = ct.trace(graph(pay("a", "b", 1_234 * 10**15 + 1)), ct.rows(0))
    assert repr(trace) == "<Trace: fifo forward, seeded 1.234000000000000001 ETH; 1 moves>"
    assert "1.234000000000000001 ETH" in trace._repr_html_()
