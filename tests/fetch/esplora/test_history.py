"""A history by hand: what it takes to be believed, and what an account had and has by it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaintrace.errors import Contradiction
from chaintrace.fetch.esplora.facts import Facts, Listed
from chaintrace.fetch.esplora.history import History, histories
from chaintrace.fetch.esplora.things import Coin, Input, Standing, Stats, Sums, Transaction
from chaintrace.model.script import account_of
from tests.fetch.esplora.asking import BITCOIN

MINE, OTHER = bytes.fromhex("0014" + "11" * 20), bytes.fromhex("0014" + "22" * 20)
ACCOUNT = account_of(MINE, BITCOIN)
NONE = Sums(0, 0, 0, 0, 0)


def tx(name: int, block: int, spent: list[tuple[str, Coin]], made: list[Coin]) -> Transaction:
    txid = f"{name:064x}"
    inputs = tuple(Input(outpoint, coin) for outpoint, coin in spent)
    return Transaction(txid, inputs, tuple(made), None, Standing(block, f"{block:064x}", block * 600))


STRANGE = ("ff" * 32 + ":0", Coin(OTHER, 100))
GOT = tx(1, 10, [STRANGE], [Coin(MINE, 60), Coin(MINE, 30)])
SPENT = tx(2, 20, [(f"{1:064x}:0", Coin(MINE, 60))], [Coin(OTHER, 40), Coin(MINE, 15)])
LAST = tx(3, 20, [(f"{2:064x}:1", Coin(MINE, 15))], [Coin(OTHER, 15)])
WHOLE = [LAST, SPENT, GOT]


def read(listed: list[Transaction], sums: Sums, pages: int = 2) -> History:
    """Of an account whose list comes in pages of so many."""
    facts = Facts("by hand", BITCOIN)
    facts.stats[ACCOUNT] = Stats(sums, NONE), ""
    after = ""
    for n in range(0, len(listed) + pages, pages):
        told: Listed = tuple((one, f"#{n}") for one in listed[n : n + pages])
        facts.pages[ACCOUNT, after] = told, ""
        after = told[-1][0].txid if told else after
    return histories((ACCOUNT,), facts)[ACCOUNT]


@pytest.mark.parametrize("pages", [1, 2, 3, 25])
def test_what_an_account_has_at_any_block(pages: int) -> None:
    found = read(WHOLE, Sums(3, 3, 105, 2, 75), pages)
    had = {block: sum(coin.amount for coin, _ in found.coins(block + 1).values()) for block in (9, 10, 19, 20, 99)}
    assert had == {9: 0, 10: 90, 19: 90, 20: 30, 99: 30}
    assert had == {block: found.balance(block) for block in had}
    assert list(found.coins(11)) == [f"{1:064x}:0", f"{1:064x}:1"]


TWICE = tx(4, 20, [(f"{1:064x}:0", Coin(MINE, 60))], [Coin(OTHER, 60)])
NEVER = tx(4, 20, [("ee" * 32 + ":0", Coin(MINE, 7))], [Coin(OTHER, 7)])
DEARER = replace(SPENT, inputs=(Input(f"{1:064x}:0", Coin(MINE, 61)),))
ELSEWHERE = tx(4, 20, [STRANGE], [Coin(OTHER, 100)])
LIES = {
    "a coin spent twice": ([TWICE, *WHOLE], Sums(4, 3, 105, 3, 135), "spends a coin that it never got, or spends one"),
    "a coin that never came": ([NEVER, *WHOLE], Sums(4, 3, 105, 3, 82), "spends a coin that it never got"),
    "a coin of another amount": ([LAST, DEARER, GOT], Sums(3, 3, 105, 2, 76), "spends a coin that it never got"),
    "a transaction of others": ([ELSEWHERE, *WHOLE], Sums(4, 3, 105, 2, 75), "does not touch"),
    "one twice": ([LAST, LAST, SPENT, GOT], Sums(4, 3, 105, 3, 90), "stands twice"),
    "oldest first": (WHOLE[::-1], Sums(3, 3, 105, 2, 75), "not told newest first"),
    "one too few": ([SPENT, GOT], Sums(3, 3, 105, 2, 75), "is another than its sums say"),
    "another count": (WHOLE, Sums(4, 3, 105, 2, 75), "is another than its sums say"),
    "another number of coins": (WHOLE, Sums(3, 4, 105, 2, 75), "is another than its sums say"),
    "another sum": (WHOLE, Sums(3, 3, 106, 2, 75), "is another than its sums say"),
    "another number spent": (WHOLE, Sums(3, 3, 105, 3, 75), "is another than its sums say"),
    "another sum spent": (WHOLE, Sums(3, 3, 105, 2, 74), "is another than its sums say"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_list_that_cannot_be_true_is_none(lie: str) -> None:
    listed, sums, reason = LIES[lie]
    with pytest.raises(Contradiction, match=reason):
        read(listed, sums)


def test_a_list_without_an_end_or_sums_is_none() -> None:
    facts = Facts("by hand", BITCOIN)
    with pytest.raises(Contradiction, match="nobody says how long"):
        histories((ACCOUNT,), facts)
    facts.stats[ACCOUNT] = Stats(Sums(1, 2, 90, 0, 0), NONE), ""
    facts.pages[ACCOUNT, ""] = ((GOT, "#0"),), ""
    with pytest.raises(Contradiction, match="does not come to an end"):
        histories((ACCOUNT,), facts)
