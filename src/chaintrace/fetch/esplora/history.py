"""History: all transactions of an account, read to where nothing comes after, and compared with the server's own sums.

The same walk asks a server and looks through kept evidence, so what is kept proves itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chaintrace.fetch.esplora.facts import Facts, Listed, Told
from chaintrace.fetch.esplora.things import Coin, Stats, Sums, Transaction
from chaintrace.model.script import account_of

Look = Callable[[str, str], Listed | None]
"""A page of the history of an account, after a transaction, or the first one; None where it is not there."""


@dataclass(frozen=True)
class History:
    """``listed``: transactions in blocks, newest first."""

    account: str
    stats: Stats
    listed: Listed
    chain: str

    def made(self, one: Transaction) -> Iterator[tuple[str, Coin]]:
        """Coins of the account that a transaction makes."""
        return ((name, coin) for name, coin in one.made if self.owns(coin))

    def spent(self, one: Transaction) -> Iterator[tuple[str, Coin]]:
        """Coins of the account that a transaction spends."""
        return ((name, coin) for name, coin in one.spent if self.owns(coin))

    def owns(self, coin: Coin) -> bool:
        return account_of(coin.script, self.chain) == self.account

    def coins(self, before: int) -> dict[str, tuple[Coin, str]]:
        """What the account has at the end of the block ``before - 1``: coins and where they are told, the oldest
        first."""
        found: dict[str, tuple[Coin, str]] = {}
        earlier = [told for told in reversed(self.listed) if told[0].block < before]
        for one, source in earlier:
            found |= {name: (coin, source) for name, coin in self.made(one)}
        for one, _ in earlier:
            for name, _ in self.spent(one):
                found.pop(name, None)
        return found

    def balance(self, last: int) -> int:
        """What the server's sums say that the account had at the end of block ``last``: its balance now, less what came
        later and with what left later."""
        sums = self.stats.confirmed
        later = [one for one, _ in self.listed if one.block > last]
        got = sum(coin.amount for one in later for _, coin in self.made(one))
        left = sum(coin.amount for one in later for _, coin in self.spent(one))
        return sums.funded_sum - sums.spent_sum - got + left


def histories(accounts: tuple[str, ...], facts: Facts) -> dict[str, History]:
    """The histories as the evidence has them. Contradiction where a page is missing."""

    def look(account: str, after: str) -> Listed | None:
        return facts.pages.get((account, after), (None, ""))[0]

    return {account: read(account, facts, look) for account in accounts}


def read(account: str, facts: Facts, look: Look) -> History:
    """Through all pages of an account. Contradiction where they do not come to an end, are out of order, tell one
    transaction twice, or are not what the server's sums say."""
    if account not in facts.stats:
        raise facts.contradiction(f"nobody says how long the history of {account} is")
    found: dict[str, Told[Transaction]] = {}
    after = ""
    while page := [told for told in _page(account, facts, look, after) if told[0].standing is not None]:
        for told in page:
            _take(account, facts, found, told)
        after = page[-1][0].txid
    history = History(account, facts.stats[account][0], tuple(found.values()), facts.chain)
    _agree(facts, history)
    return history


def _page(account: str, facts: Facts, look: Look, after: str) -> Listed:
    page = look(account, after)
    if page is None:
        raise facts.contradiction(f"the history of {account} does not come to an end")
    return page


def _take(account: str, facts: Facts, found: dict[str, Told[Transaction]], told: Told[Transaction]) -> None:
    one = told[0]
    if one.txid in found:
        raise facts.contradiction(f"{one.txid} stands twice in the history of {account}")
    if found and next(reversed(found.values()))[0].block < one.block:
        raise facts.contradiction(f"the history of {account} is not told newest first")
    found[one.txid] = told


def _agree(facts: Facts, history: History) -> None:
    """The list against the sums; every coin that leaves has come, once, and none leaves twice."""
    got, left = dict[str, Coin](), list[tuple[str, Coin]]()
    for one, _ in history.listed:
        made, spent = list(history.made(one)), list(history.spent(one))
        if not made and not spent:
            raise facts.contradiction(f"{one.txid} does not touch {history.account}")
        got |= dict(made)
        left += spent
    received, paid = sum(coin.amount for coin in got.values()), sum(coin.amount for _, coin in left)
    listed = Sums(len(history.listed), len(got), received, len(left), paid)
    if listed != history.stats.confirmed:
        raise facts.contradiction(
            f"the history of {history.account} is another than its sums say: {_said(listed)} are listed, "
            f"{_said(history.stats.confirmed)} counted"
        )
    if len(dict(left)) < len(left) or any(got.get(name) != coin for name, coin in left):
        raise facts.contradiction(f"{history.account} spends a coin that it never got, or spends one twice")


def _said(sums: Sums) -> str:
    return (
        f"{sums.count} transactions with {sums.funded} coins of {sums.funded_sum} and {sums.spent} of {sums.spent_sum}"
    )
