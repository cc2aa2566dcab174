"""Methods side by side: a spread between conventions."""

from __future__ import annotations

import pytest

import chaintrace as ct
from chaintrace.errors import MethodError
from tests.graph.money import ETH, USDC, graph, pay, told, who


def mixed() -> ct.TransferGraph:
    """50 own, then 50 stolen, then 50 leave: first in, last in, half, or dirty first."""
    return graph(pay("own", "b", 50), pay("v", "b", 50), pay("b", "c", 50))


def test_by_hand() -> None:
    """FIFO says b still has all 50, LIFO that c has them, haircut half and half, dirty-first as LIFO here."""
    frame = ct.compare(mixed(), ct.rows(1))
    methods = ["fifo", "lifo", "haircut", "dirty-first"]
    assert list(frame.columns) == ["bucket", "category", "address", "asset", *methods, "least", "most"]
    lines = {address: line for address, *line in told(frame, "address", *methods, "least", "most")}
    assert lines == {who("b"): [50, 0, 25, 0, 0, 50], who("c"): [0, 50, 25, 50, 0, 50]}


def test_each_method_is_what_it_says_by_itself() -> None:
    frame = ct.compare(mixed(), ct.rows(1), stop_at={who("c"): "exchange"})
    for method in ("fifo", "lifo", "haircut", "dirty-first"):
        ends = ct.trace(mixed(), ct.rows(1), method, stop_at={who("c"): "exchange"}).ends()
        alone = {line[:-1]: line[-1] for line in told(ends, "bucket", "category", "address", "asset", "amount")}
        beside = {line[:-1]: line[-1] for line in told(frame, "bucket", "category", "address", "asset", method)}
        assert {key: amount for key, amount in beside.items() if amount} == alone
        assert sum(beside.values()) == 50


def test_the_widest_spread_comes_first_within_each_asset() -> None:
    found = graph(
        pay("own", "b", 50),
        pay("v", "b", 50),
        pay("b", "c", 50),
        pay("v", "d", 9),
        pay("v", "b", 7, asset=USDC),
    )
    frame = ct.compare(found, ct.rows(1, 3, 4))
    spreads = [(asset, most - least) for asset, least, most in told(frame, "asset", "least", "most")]
    assert spreads == [(USDC, 0), (ETH, 50), (ETH, 50), (ETH, 0)]


def test_chosen_methods() -> None:
    frame = ct.compare(mixed(), ct.rows(1), methods=["haircut"])
    assert told(frame, "haircut", "least", "most") == [(25, 25, 25), (25, 25, 25)]


@pytest.mark.parametrize(
    ("methods", "said"),
    [([], "names no method"), (["fifo", "poison"], "claims no amounts"), (["magic"], "is not known")],
)
def test_methods_that_cannot_be_compared(methods: list[str], said: str) -> None:
    with pytest.raises(MethodError, match=said):
        ct.compare(mixed(), ct.rows(1), methods=methods)
