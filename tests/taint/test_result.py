"""The Trace: every table of it sums to the same ledger, and a ledger that does not sum is never shown."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.errors import ConservationError, MethodError
from chaintrace.taint.question import Listed, Outcome
from tests.graph.money import ETH, FEWER, MOST, USDC, graph, held, ledger, pay, tainted, told, who

ACCOUNTING = ("fifo", "lifo", "haircut", "dirty-first")
names = st.sampled_from("abcdem")
payments = st.lists(
    st.tuples(names, names, st.one_of(st.integers(0, 9), st.just(MOST)), st.booleans()), min_size=1, max_size=14
)


@pytest.mark.parametrize("method", ACCOUNTING)
@FEWER
@given(payments, st.data())
def test_every_table_sums_to_the_ledger(
    method: str, rows: list[tuple[str, str, int, bool]], data: st.DataObject
) -> None:
    """ends = ledger line by line; holdings = held + not_fetched; exits = exit; and by seed they sum to the same."""
    moving = [n for n, (sender, receiver, amount, _) in enumerate(rows) if amount and sender != receiver]
    if not moving:
        return
    found = graph(*(pay(s, r, amount, asset=USDC if token else ETH) for s, r, amount, token in rows))
    seeds = [ct.rows(n) for n in data.draw(st.lists(st.sampled_from(moving), min_size=1, max_size=3))]
    trace = ct.trace(found, seeds, method, stop_at={who("m"): "mixer"}, coverage=[who(n) for n in "abc"], max_hops=3)
    lines = {line[:3]: line[3] for line in told(trace.ledger, "asset", "bucket", "category", "amount")}
    for by_seed in (False, True):
        ends: dict[tuple, int] = {}
        for *key, amount in told(trace.ends(by_seed), "asset", "bucket", "category", "amount"):
            ends[tuple(key)] = ends.get(tuple(key), 0) + amount
        assert ends == lines
        holdings: dict[tuple, int] = {}
        for asset, bucket, amount in told(trace.holdings(by_seed), "asset", "bucket", "amount"):
            holdings[asset, bucket, ""] = holdings.get((asset, bucket, ""), 0) + amount
        assert holdings == {key: amount for key, amount in lines.items() if key[1] in ("held", "not_fetched")}
        exits: dict[tuple, int] = {}
        for asset, category, amount in told(trace.exits(by_seed), "asset", "category", "amount"):
            exits[asset, "exit", category] = exits.get((asset, "exit", category), 0) + amount
        assert exits == {key: amount for key, amount in lines.items() if key[1] == "exit"}
    per_row: dict[int, int] = {}
    for row, amount in told(trace.flows(by_seed=True), "row", "tainted"):
        per_row[row] = per_row.get(row, 0) + amount
    assert per_row == tainted(trace)
    for asset in trace.seeded:
        assert sum(amount for key, amount in lines.items() if key[0] == asset) == trace.seeded[asset]


def simple() -> ct.TransferGraph:
    return graph(
        pay("v", "b", 10, time=100),
        pay("b", "c", 4, time=200),
        pay("b", "mixer", 3, time=300),
        pay("x", "y", 9, time=400),
    )


def test_flows_are_the_tables_columns_and_what_is_tainted() -> None:
    """In position order, only rows that carry something, amounts as ints; to_pandas() is the same."""
    found = simple()
    trace = ct.trace(found, ct.rows(0))
    frame = trace.flows()
    assert list(frame.columns) == ["row", *found.to_pandas().columns, "tainted", "hops"]
    assert told(frame, "row", "amount", "tainted", "hops") == [(0, 10, 10, 0), (1, 4, 4, 1), (2, 3, 3, 1)]
    assert all(type(amount) is int for amount in frame["tainted"])
    assert trace.to_pandas().equals(frame)
    assert list(trace.flows(by_seed=True).columns)[:2] == ["row", "seed"]


def test_the_largest_line_comes_first_within_each_asset() -> None:
    found = graph(
        pay("v", "b", 10),
        pay("b", "c", 7),
        pay("b", None, 1, kind="fee"),
        pay("v", "b", 2, asset=USDC),
        pay("c", "d", 3),
    )
    trace = ct.trace(found, ct.rows(0, 3))
    assert told(trace.ledger, "bucket", "amount") == [("held", 2), ("held", 9), ("fees", 1)]
    assert [amount for asset, amount in told(trace.ends(), "asset", "amount") if asset == ETH] == [4, 3, 2, 1]


@pytest.mark.parametrize("method", [*ACCOUNTING, "poison"])
@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_json_is_json_and_amounts_are_texts(method: str, direction: str) -> None:
    """So that no reader rounds them: 2**256 − 1 comes back to the unit."""
    if (method, direction) == ("dirty-first", "backward"):
        return
    found = graph(pay("v", "b", MOST), pay("b", "c", MOST - 1), pay("b", "mixer", 1))
    trace = ct.trace(
        found, ct.rows(0 if direction == "forward" else 1), method, direction, stop_at={who("mixer"): "mixer"}
    )
    read = json.loads(trace.to_json("my case"))
    assert (read["schema_version"], read["case"], read["method"], read["direction"]) == (
        1,
        "my case",
        method,
        direction,
    )
    assert {asset: int(amount) for asset, amount in read["seeded"].items()} == trace.seeded

    def amounts(value: object, name: str = "") -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                amounts(inner, key)
        elif isinstance(value, list):
            for inner in value:
                amounts(inner, name)
        elif name in ("amount", "leaning", "tainted") or name.startswith("eip155:"):
            assert isinstance(value, str)
            assert value.isdigit()
        elif isinstance(value, int) and not isinstance(value, bool):
            assert value < 2**53
        else:
            assert not isinstance(value, float)

    amounts(read)
    lines = [(line["bucket"], line["category"], int(line["amount"])) for line in read["ledger"]]
    assert lines == told(trace.ledger, "bucket", "category", "amount")


def test_json_says_what_was_rejected() -> None:
    import pandas as pd

    frame = pd.DataFrame({"sender": [who("a"), "bad"], "receiver": [who("b")] * 2, "amount": [5, 6], "block": [1, 2]})
    read = json.loads(ct.trace(ct.TransferGraph(frame), ct.rows(0)).to_json())
    assert read["rejected"]["rows"] == 1
    assert sum(read["rejected"]["by_reason"].values()) == 1
    assert read["rejected"]["examples"][0]["value"] == "bad"


def test_poison_claims_no_sum() -> None:
    """Its ledger says what was seeded and which transfers it touched, whole."""
    trace = ct.trace(simple(), ct.rows(0), "poison")
    assert ledger(trace) == {"touched": 17, "seeded": 10}
    assert held(trace, "b", "c", "mixer") == {"b": 3, "c": 4, "mixer": 3}
    for table in (trace.flows, trace.holdings, trace.exits, trace.ends):
        with pytest.raises(MethodError, match="has no shares"):
            table(by_seed=True)


# ---- tampering


def tampered(trace: ct.Trace, outcome: Outcome) -> ct.Trace:
    return ct.Trace(trace.graph, trace.question, outcome, trace.method, trace.direction, trace.kernel, trace.seeds)


def listed(outcome: Outcome) -> Listed:
    """In lists of its own, whichever kernel it is of."""
    return Listed(list(outcome.moves), list(outcome.rests), list(outcome.planted), list(outcome.crossings))


def test_an_outcome_that_was_not_tampered_with_is_the_same_trace() -> None:
    trace = ct.trace(simple(), ct.rows(0))
    assert tampered(trace, listed(trace.outcome)).ledger.equals(trace.ledger)


@pytest.mark.parametrize("method", ACCOUNTING)
@pytest.mark.parametrize(
    ("change", "off"),
    [
        (lambda out: replace(out, rests=out.rests[1:]), None),
        (lambda out: replace(out, rests=[*out.rests, out.rests[0]]), None),
        (lambda out: replace(out, rests=[out.rests[0]._replace(amount=out.rests[0].amount + 1), *out.rests[1:]]), 1),
        (lambda out: replace(out, planted=[]), 10),
        (lambda out: replace(out, planted=[out.planted[0]._replace(amount=MOST)]), 10 - MOST),
    ],
    ids=["a rest lost", "a rest twice", "one unit more", "nothing seeded", "more seeded"],
)
def test_a_ledger_that_does_not_sum_is_an_error(method: str, change: object, off: int | None) -> None:
    """No answer is better than a wrong one: by a single unit, in either direction, in exact integers."""
    trace = ct.trace(simple(), ct.rows(0), method)
    with pytest.raises(ConservationError) as caught:
        tampered(trace, change(listed(trace.outcome)))  # type: ignore[operator]
    assert caught.value.asset == ETH
    assert caught.value.found != caught.value.expected
    if off is not None:
        assert caught.value.found - caught.value.expected == off
        assert f"off by {off}" in str(caught.value)


def test_units_of_one_asset_do_not_make_up_for_another() -> None:
    """One ETH unit less and one USDC unit more is two errors, not none."""
    found = graph(pay("v", "b", 10), pay("v", "b", 10, asset=USDC))
    trace = ct.trace(found, ct.rows(0, 1))
    one, other = trace.outcome.rests
    moved = [one._replace(amount=9), other._replace(amount=11)]
    with pytest.raises(ConservationError):
        tampered(trace, replace(listed(trace.outcome), rests=moved))
