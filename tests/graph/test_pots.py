"""Pots: what one account holds of one asset; on Bitcoin one coin, or one transaction in passing."""

from __future__ import annotations

from chaintrace.graph.pots import Pot, Pots, number_pots
from tests.graph.money import BITCOIN, BTC, ETH, USDC, bitcoin, outpoint, pay, transfers, txid, who


def test_one_pot_an_account_and_asset() -> None:
    table = transfers([pay("a", "b", 1), pay("b", "a", 1), pay("a", "b", 1, asset=USDC)]).table
    pots, senders, receivers = number_pots(table)
    assert pots.all == [Pot(who("a"), ETH), Pot(who("b"), ETH), Pot(who("a"), USDC), Pot(who("b"), USDC)]
    assert (senders, receivers) == ([0, 1, 2], [1, 0, 3])
    assert pots.of(who("a")) == [0, 2]
    assert pots.of(who("nobody")) == []


def test_absent_parties_have_no_pot() -> None:
    """So the zero address is never a hub."""
    rows = [pay(None, "a", 1, kind="mint"), pay("a", None, 1, kind="burn"), pay("a", None, 1, kind="fee")]
    pots, senders, receivers = number_pots(transfers(rows).table)
    assert len(pots) == 1
    assert (senders, receivers) == ([-1, 0, 0], [0, -1, -1])


def test_a_coin_is_a_pot_and_so_is_a_transaction() -> None:
    """The same address with two coins has two pots; spending a coin takes from the pot that made it."""
    rows = [*bitcoin("one", 1, [], [("a", 5), ("a", 7)]), *bitcoin("two", 2, [("a", 7, "one:1")], [("b", 6)])]
    pots, senders, receivers = number_pots(transfers(rows).table)
    first, second = f"tx:{txid('one')}", f"tx:{txid('two')}"
    a, b = who("a", BITCOIN), who("b", BITCOIN)
    assert pots.all == [
        Pot(first, BTC),
        Pot(a, BTC, outpoint("one:0")),
        Pot(a, BTC, outpoint("one:1")),
        Pot(second, BTC),
        Pot(b, BTC, outpoint("two:0")),
    ]
    #                   reward, two outputs, input, output, fee
    assert senders == [-1, 0, 0, 2, 3, 3]
    assert receivers == [0, 1, 2, 3, 4, -1]
    assert pots.of(a) == [1, 2]


def test_a_coin_is_the_same_coin_whoever_is_said_to_hold_it() -> None:
    pots = Pots()
    assert pots.number(*Pot("a script", BTC, "f:0")) == pots.number("an address", BTC, "f:0") == 0
    assert pots.number(*Pot("an address", BTC, "f:1")) == 1


def test_a_copy_can_grow_without_the_original() -> None:
    pots = Pots([Pot("a", ETH)])
    grown = pots.copy()
    assert grown.number(*Pot("b", ETH)) == 1
    assert (len(pots), len(grown)) == (1, 2)
    assert pots.of("b") == []
