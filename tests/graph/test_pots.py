"""Pots: what one account holds of one asset; on Bitcoin one coin, or one transaction in passing."""

from __future__ import annotations

from chaintrace.graph.pots import Pot, number_pots
from tests.graph.money import BITCOIN, BTC, ETH, USDC, bitcoin, outpoint, pay, transfers, txid, who


def test_one_pot_an_account_and_asset() -> None:
    table = transfers([pay("a", "b", 1), pay("b", "a", 1), pay("a", "b", 1, asset=USDC)]).table
    pots, senders, receivers = number_pots(table)
    assert list(pots) == [Pot(who("a"), ETH), Pot(who("b"), ETH), Pot(who("a"), USDC), Pot(who("b"), USDC)]
    assert (senders.tolist(), receivers.tolist()) == ([0, 1, 2], [1, 0, 3])
    assert pots.of(who("a")) == [0, 2]
    assert pots.of(who("nobody")) == []


def test_absent_parties_have_no_pot() -> None:
    """So the zero address is never a hub."""
    rows = [pay(None, "a", 1, kind="mint"), pay("a", None, 1, kind="burn"), pay("a", None, 1, kind="fee")]
    pots, senders, receivers = number_pots(transfers(rows).table)
    assert len(pots) == 1
    assert (senders.tolist(), receivers.tolist()) == ([-1, 0, 0], [0, -1, -1])


def test_a_coin_is_a_pot_and_so_is_a_transaction() -> None:
    """The same address with two coins has two pots; spending a coin takes from the pot that made it."""
    rows = [*bitcoin("one", 1, [], [("a", 5), ("a", 7)]), *bitcoin("two", 2, [("a", 7, "one:1")], [("b", 6)])]
    pots, senders, receivers = number_pots(transfers(rows).table)
    first, second = f"tx:{txid('one')}", f"tx:{txid('two')}"
    a, b = who("a", BITCOIN), who("b", BITCOIN)
    assert list(pots) == [
        Pot(first, BTC),
        Pot(a, BTC, outpoint("one:0")),
        Pot(a, BTC, outpoint("one:1")),
        Pot(second, BTC),
        Pot(b, BTC, outpoint("two:0")),
    ]
    #                   reward, two outputs, input, output, fee
    assert senders.tolist() == [-1, 0, 0, 2, 3, 3]
    assert receivers.tolist() == [0, 1, 2, 3, 4, -1]
    assert pots.of(a) == [1, 2]


def test_a_coin_is_the_same_coin_whoever_is_said_to_hold_it() -> None:
    rows = [*bitcoin("one", 1, [], [("a script", 5)]), *bitcoin("two", 2, [("an address", 5, "one:0")], [("b", 5)])]
    pots, senders, receivers = number_pots(transfers(rows).table)
    assert receivers[1] == senders[2] == 1
    assert pots[1] == Pot(who("a script", BITCOIN), BTC, outpoint("one:0"))


def test_a_coin_and_the_rest_of_an_account_are_apart() -> None:
    """Also where the account is named on a row that names no coin."""
    bare = {"chain": BITCOIN, "asset": BTC, "kind": "native"}
    rows = [*bitcoin("one", 1, [], [("a", 5)]), pay("a", "b", 5, **bare), pay("c", "a", 1, outpoint=None, **bare)]
    pots, senders, receivers = number_pots(transfers(rows).table)
    a = who("a", BITCOIN)
    assert [pots[number].outpoint for number in pots.of(a)] == [outpoint("one:0"), None]
    assert (senders[2], receivers[3]) == (pots.of(a)[1], pots.of(a)[1])


def test_pots_for_legs_are_added_to_a_copy() -> None:
    pots, _, _ = number_pots(transfers([pay("a", "b", 1)]).table)
    grown, numbers = pots.with_more([(who("c"), ETH), (who("b"), ETH), (who("c"), ETH), (who("b"), USDC)])
    assert numbers == [2, 1, 2, 3]
    assert (len(pots), len(grown)) == (2, 4)
    assert (pots.of(who("c")), grown.of(who("c")), grown.of(who("b"))) == ([], [2], [1, 3])
    assert grown.asset_numbers[1].tolist() == [0, 0, 0, 1]
