"""Random ledgers, every method and direction, all limits, links, and amounts where words end."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chaintrace as ct
from tests.conftest import PROFILE
from tests.graph.money import DAI, ETH, USDC, Row, graph, pay, who
from tests.kernels import KERNELS
from tests.laws.subject import asked_of, transfers
from tests.parity.ask import agree
from tests.strategies import BOUNDARIES, asked, is_coins

pytestmark = pytest.mark.skipif(len(KERNELS) < 2, reason="the native kernel is not installed: nothing to compare")

WAYS = [
    *((method, "forward") for method in ("fifo", "lifo", "haircut", "dirty-first", "tiho", "poison")),
    *((method, "backward") for method in ("fifo", "lifo", "haircut", "poison")),
]
ways = pytest.mark.parametrize(("method", "direction"), WAYS)
account_ways = pytest.mark.parametrize(("method", "direction"), [way for way in WAYS if way[0] != "tiho"])
MANY = settings(settings.get_profile("many"), max_examples=200 if PROFILE == "ci" else 10_000)


@ways
@settings(MANY)
@given(data=st.data())
def test_questions_of_the_laws(data: st.DataObject, method: str, direction: str) -> None:
    rows, question = data.draw(asked(method, direction, True))
    options = asked_of(ct, question, is_coins(rows))
    agree(ct.TransferGraph(transfers(rows)), options.pop("seeds"), **options)


ASSETS = (ETH, USDC, DAI)
sizes = st.one_of(st.integers(0, 9), st.sampled_from(BOUNDARIES), st.integers(0, 2**256 - 1))
payment = st.tuples(st.integers(0, 5), st.integers(0, 5), sizes, st.integers(0, 2), st.integers(0, 3))


@st.composite
def linked(draw: st.DrawFn) -> tuple[list[Row], dict[str, Any]]:
    """A ledger of three assets whose amounts are of every size, and everything that ``trace`` takes."""
    drawn = draw(st.lists(payment, min_size=2, max_size=14))
    rows = [
        pay("abcdef"[s], "abcdef"[r], amount, asset=ASSETS[asset], tx=f"tx {n // 2}" if same else f"{n}")
        for n, (s, r, amount, asset, same) in enumerate(drawn)
    ]
    number = st.integers(0, len(rows) - 1)
    links = [_link(draw, rows, n) for n in range(draw(st.integers(0, 2)))]
    since = st.one_of(st.none(), number)
    seed = st.one_of(
        st.lists(number, min_size=1, max_size=3).map(lambda chosen: ct.rows(*chosen)),
        st.tuples(st.sampled_from("abc"), since).map(lambda said: ct.address(who(said[0]), said[1])),
        number.map(lambda row: ct.theft(rows[row].get("tx_hash") or _hash(rows, row))),
    )
    options: dict[str, Any] = {
        "seeds": draw(st.lists(seed, min_size=1, max_size=3)),
        "links": links,
        "until": draw(st.one_of(st.none(), st.integers(1, len(rows) + 1))),
        "max_hops": draw(st.one_of(st.none(), st.integers(0, 3))),
        "min_amount": draw(st.one_of(st.none(), st.sampled_from((1, 2, 5, 2**64, 2**128)))),
        "stop_at": {who(name): "mixer" for name in draw(st.sets(st.sampled_from("cdef"), max_size=2))},
        "coverage": draw(st.one_of(st.none(), st.just([who("a"), who("b"), (who("c"), ETH)]))),
        "unexplained": draw(st.sampled_from(("arrival", "opening"))),
    }
    return rows, options


def _hash(rows: list[Row], row: int) -> str:
    return str(graph(*rows).table["tx_hash"][row].as_py())


def _link(draw: st.DrawFn, rows: list[Row], n: int) -> ct.Link:
    """From rows, or an asserted leg, to later rows, or an asserted leg."""
    cut = draw(st.integers(1, len(rows) - 1)) if len(rows) > 1 else 1
    source: list[Any] = [draw(st.integers(0, cut - 1))]
    target: list[Any] = [draw(st.integers(cut, len(rows) - 1))]
    if draw(st.booleans()):
        target = [ct.Leg(who("f"), ASSETS[n], draw(st.sampled_from((1, 7, 2**70, 2**200))), at=cut + 1)]
    elif draw(st.booleans()):
        source = [ct.Leg(who("a"), ASSETS[n], draw(st.sampled_from((1, 7, 2**70, 2**200))), at=cut)]
    return ct.Link(source, target, id=f"link {n}")


@account_ways
@settings(MANY)
@given(drawn=linked())
def test_questions_with_links_and_amounts_of_every_size(
    method: str, direction: str, drawn: tuple[list[Row], dict[str, Any]]
) -> None:
    rows, options = drawn
    agree(
        graph(*rows),
        options["seeds"],
        method=method,
        direction=direction,
        **{k: v for k, v in options.items() if k != "seeds"},
    )


@account_ways
@pytest.mark.parametrize("amount", [amount for amount in BOUNDARIES if amount])
def test_amounts_where_words_end(method: str, direction: str, amount: int) -> None:
    """Passed on, split, joined and held; other assets of other sizes beside them."""
    rest = max(amount // 3, 1)
    rows = [
        pay("v", "a", amount),
        pay("v", "a", amount),
        pay("a", "b", rest),
        pay("x", "b", 2**256 - 1, asset=USDC),
        pay("a", "b", amount),
        pay("b", "c", amount),
        pay("b", "d", rest),
        pay("v", "b", 3, asset=DAI),
    ]
    said = agree(graph(*rows), [ct.rows(0), ct.rows(1), ct.rows(3)], method=method, direction=direction)
    assert said["seeded"]


@account_ways
@pytest.mark.parametrize("hubs", [2, 40])
def test_a_ledger_large_enough_to_be_swept(method: str, direction: str, hubs: int) -> None:
    """Enough rows, and enough of them tainted, that the native kernel turns from its queue to a scan."""
    luck = Random(7)
    accounts = [f"h{n}" for n in range(hubs)] + [f"u{n}" for n in range(200)]
    balance = dict.fromkeys(accounts, 10**9)
    rows = [pay(None, account, 10**9, kind="mint", asset=USDC) for account in accounts]
    for _ in range(2000):
        sender, receiver = luck.sample(accounts[: hubs * 20], 2)
        amount = luck.randrange(1, balance[sender] // 4 + 2)
        balance[sender] -= amount
        balance[receiver] += amount
        rows.append(pay(sender, receiver, amount, asset=USDC))
    seeds = [ct.rows(*range(0, hubs * 4, 3)), ct.rows(len(accounts) + 5, len(accounts) + 80), ct.address(who("h1"))]
    if direction == "backward":
        seeds = [ct.rows(*range(len(rows) - 900, len(rows), 3)), ct.rows(*range(len(rows) - 210, len(rows) - 200))]
    small = {"min_amount": 10**6} if method in ("fifo", "lifo") else {}
    said = agree(graph(*rows), seeds, method=method, direction=direction, **small)
    assert len(said["moves"]) > 60
