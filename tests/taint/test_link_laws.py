"""Laws across links: nothing is lost, nothing is more than the row, and both directions see the same roads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import chaintrace as ct
from tests.graph.money import ETH, FEWER, USDC, Row, graph, pay, tainted, told

ACCOUNTING = ("fifo", "lifo", "haircut", "dirty-first")
amounts = st.one_of(st.integers(1, 9), st.sampled_from((2**64, 2**200)))
payments = st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd"), amounts, st.booleans())


@st.composite
def linked(draw: st.DrawFn) -> tuple[list[Row], ct.Link, list[int]]:
    """A ledger of two assets, a link from some of its rows to later ones, and rows to seed."""
    drawn = draw(st.lists(payments.filter(lambda p: p[0] != p[1]), min_size=3, max_size=12))
    rows = [pay(s, r, amount, asset=USDC if token else ETH) for s, r, amount, token in drawn]
    cut = draw(st.integers(1, len(rows) - 1))
    before, after = list(range(cut)), list(range(cut, len(rows)))
    asset = rows[draw(st.sampled_from(before))]["asset"]
    other = rows[draw(st.sampled_from(after))]["asset"]
    sources = draw(st.lists(st.sampled_from([n for n in before if rows[n]["asset"] == asset]), min_size=1, unique=True))
    targets = draw(st.lists(st.sampled_from([n for n in after if rows[n]["asset"] == other]), min_size=1, unique=True))
    seeds = draw(st.lists(st.sampled_from(range(len(rows))), min_size=1, max_size=3, unique=True))
    return rows, ct.Link(sources, targets), seeds


def sums(trace: ct.Trace) -> dict[str, int]:
    found: dict[str, int] = {}
    for asset, amount in told(trace.ledger, "asset", "amount"):
        found[asset] = found.get(asset, 0) + amount
    return found


def both(trace: ct.Trace) -> dict[str, int]:
    assets = {*trace.seeded, *trace.linked_in}
    return {asset: trace.seeded.get(asset, 0) + trace.linked_in.get(asset, 0) for asset in assets}


ways = pytest.mark.parametrize(
    ("method", "direction"),
    [
        *((method, "forward") for method in ACCOUNTING),
        *((method, "backward") for method in ("fifo", "lifo", "haircut")),
    ],
)


@ways
@FEWER
@given(linked())
def test_both_ledgers_sum(method: str, direction: str, drawn: tuple[list[Row], ct.Link, list[int]]) -> None:
    """Per asset, in both directions, and no row carries more taint than it moves."""
    rows, link, seeds = drawn
    trace = ct.trace(graph(*rows), [ct.rows(n) for n in seeds], method, direction, links=[link])
    assert sums(trace) == both(trace)
    assert all(0 < units <= rows[n]["amount"] for n, units in tainted(trace).items())
    shares: dict[int, int] = {}
    for row, units in told(trace.flows(by_seed=True), "row", "tainted"):
        shares[row] = shares.get(row, 0) + units
    assert shares == tainted(trace)


@ways
@FEWER
@given(linked())
def test_limits_lose_nothing_across_a_link(
    method: str, direction: str, drawn: tuple[list[Row], ct.Link, list[int]]
) -> None:
    rows, link, seeds = drawn
    for limit in ({"max_hops": 1}, {"min_amount": 3}, {"coverage": ()}):
        trace = ct.trace(graph(*rows), ct.rows(*seeds), method, direction, links=[link], **limit)  # type: ignore[arg-type]
        assert sums(trace) == both(trace)


@FEWER
@given(linked(), st.sampled_from(("fifo", "lifo")))
def test_what_crosses_is_the_linked_share(drawn: tuple[list[Row], ct.Link, list[int]], method: str) -> None:
    """All of the sources tainted: all of the targets arrive, no more and no less."""
    rows, link, _ = drawn
    trace = ct.trace(graph(*rows), ct.rows(*link.source), method, links=[link])
    whole = sum(rows[int(n)]["amount"] for n in link.target)  # type: ignore[arg-type]
    assert sum(trace.linked_in.values()) == whole
    assert all(tainted(trace)[int(n)] == rows[int(n)]["amount"] for n in link.target)  # type: ignore[arg-type]


@pytest.mark.parametrize("method", ["fifo", "lifo", "poison"])
@FEWER
@given(linked())
def test_forward_and_backward_see_the_same_roads(method: str, drawn: tuple[list[Row], ct.Link, list[int]]) -> None:
    """By support: what forward brings from s to t, backward finds s behind t."""
    rows, link, (seed, *_) = drawn
    found = graph(*rows)
    for reached in tainted(ct.trace(found, ct.rows(seed), method, links=[link])):
        back = ct.trace(found, ct.rows(reached), method, "backward", links=[link])
        assert seed in tainted(back)


@FEWER
@given(linked(), st.sampled_from(ACCOUNTING))
def test_poison_reaches_at_least_as_far(drawn: tuple[list[Row], ct.Link, list[int]], method: str) -> None:
    rows, link, seeds = drawn
    found = graph(*rows)
    poisoned = tainted(ct.trace(found, ct.rows(*seeds), "poison", links=[link]))
    assert set(tainted(ct.trace(found, ct.rows(*seeds), method, links=[link]))) <= set(poisoned)


@FEWER
@given(linked())
def test_a_link_whose_sources_the_money_never_takes_changes_nothing(
    drawn: tuple[list[Row], ct.Link, list[int]],
) -> None:
    """Two strangers swap: their lines lose the swap on both legs, and the traced money is where it was."""
    rows, link, seeds = drawn
    apart = [
        {**row, "sender": row["sender"] + "'", "receiver": row["receiver"] + "'", "tx": f"other {n}"}
        for n, row in enumerate(rows)
    ]
    plain = ct.trace(graph(*rows, *apart), ct.rows(*seeds))
    shifted = [len(rows) + int(n) for n in link.source], [len(rows) + int(n) for n in link.target]  # type: ignore[arg-type]
    ordered = graph(*rows, *({**row, "block": len(rows) + 1 + n} for n, row in enumerate(apart)))
    trace = ct.trace(ordered, ct.rows(*seeds), links=[ct.Link(*shifted)])
    assert trace.linked_in == {}
    assert sums(trace) == sums(plain) == plain.seeded
    assert tainted(trace) == tainted(ct.trace(graph(*rows), ct.rows(*seeds)))
