"""UtxoScenario: what happened on a chain of coins, told in a few words and written as rows of the one table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Self

from chaintrace.model.address import transaction_account
from chaintrace.model.chain import Chain
from chaintrace.report.escape import cell
from chaintrace.testing.impossible import LackError, ScenarioError
from chaintrace.testing.known import asset_of
from chaintrace.testing.naming import hash_of
from chaintrace.testing.story import START, Moved, Opening, Span, Story, must_name, whole

Payer = str | tuple[str, int]
Payee = tuple[str | None, int]


class Coin(NamedTuple):
    """An output that nobody has spent."""

    account: str
    amount: int
    outpoint: str


class UtxoScenario(Story):
    """Transactions of coins whose owners have names, without a node::

        UtxoScenario().opens("thief", btc(5)).pays("thief", "mule", btc(1), fee=500).peels("mule", btc("0.01"), hops=5)

    Time, ``tx=`` and amounts are those of ``Scenario``; an int is satoshi. Nobody spends a coin that they do not have:
    ``LackError`` says who lacks what. Whoever never had a coin, and of whom ``opens`` says nothing, brings what they
    spend. A name is a P2WPKH address; ``at(name, address_of(name, "bitcoin", "p2tr"))`` makes it another.
    """

    families = ("utxo",)
    slot = 600
    first = 740_000

    def __init__(self, chain: str | Chain = "bitcoin", start: str = START) -> None:
        super().__init__(chain, start)
        self._coins: Mapping[str, Coin] = {}
        self._opened: tuple[Opening, ...] = ()
        self._had: frozenset[str] = frozenset()
        self._bringing: frozenset[str] = frozenset()

    # ---- words

    def opens(self, name: str, *amounts: int) -> Self:
        """``name`` had a coin of each amount before the first block, and no other."""
        made = self._knowing(name)
        made = made._but(_had=made._had | {made.address(name)})
        for amount in amounts:
            made = made._with_coin(name, made._satoshi(amount))[0]
        return made

    def mines(self, name: str, amount: int, *, after: Span | None = None, tx: str = "") -> Self:
        """A coinbase: new coins."""
        made, payees = self._knowing(name), [(name, amount)]
        return made._transaction(f"{name} mines {self._shown(amount)}", [], payees, after, tx)

    def pays(
        self,
        sender: str,
        receiver: str,
        amount: int,
        *,
        fee: int = 0,
        change: str | None = None,
        after: Span | None = None,
        tx: str = "",
    ) -> Self:
        """Spends the sender's oldest coins; what is left over goes to ``change``, or back to the sender."""
        words = f"{sender} pays {receiver} {self._shown(amount)}"
        must_name(receiver)
        made = self._knowing(sender)
        made, coins = made._oldest(words, sender, made._satoshi(amount) + made._satoshi(fee))
        rest = sum(coin.amount for coin in coins) - amount - fee
        payees: list[Payee] = [(receiver, amount), *([(change or sender, rest)] if rest else [])]
        return made._transaction(words, coins, payees, after, tx)

    def spends(
        self,
        payers: str | Mapping[str, int] | Sequence[Payer],
        payees: Mapping[str, int] | Sequence[Payee],
        *,
        after: Span | None = None,
        tx: str = "",
    ) -> Self:
        """One transaction, coin by coin. A payer is a name, who spends all their coins, or a name and the value of one
        coin; a payee is a name and a value, None being nobody: an output that carries data. The rest is the fee."""
        if isinstance(payers, str):
            payers = [payers]
        payers = list(payers.items() if isinstance(payers, Mapping) else payers)
        told: list[Payee] = [*payees.items()] if isinstance(payees, Mapping) else list(payees)
        names = " and ".join(dict.fromkeys(payer if isinstance(payer, str) else payer[0] for payer in payers))
        shown = ", ".join(f"{self._shown(amount)} to {name or 'nobody'}" for name, amount in told)
        made, coins = self._chosen(words := f"{names} spend {shown}", payers)
        return made._transaction(words, coins, told, after, tx)

    def deposits(
        self, who: str, service: str, amount: int, *, fee: int = 0, after: Span | None = None, tx: str = ""
    ) -> Self:
        """A payment to a labelled service. ScenarioError for who is none."""
        self._must_serve(service)
        return self.pays(who, service, amount, fee=fee, after=after, tx=tx)

    def withdraws(
        self, service: str, who: str, amount: int, *, fee: int = 0, after: Span | None = None, tx: str = ""
    ) -> Self:
        """A labelled service pays out."""
        self._must_serve(service)
        return self.pays(service, who, amount, fee=fee, after=after, tx=tx)

    def peels(
        self, name: str, payment: int, hops: int, *, to: str = "payee", fee: int = 200, after: Span | None = None
    ) -> Self:
        """A peel chain: one coin pays ``to 0`` and sends the rest on to ``name 1``, which pays ``to 1`` …"""
        made, value = self._knowing(name), self._satoshi(payment)
        words = f"{name} peels {self._shown(payment)} {hops} times"
        made, (coin, *more) = made._oldest(words, name, hops * (value + fee) + 1, (2 * hops + 2) * (value + fee))
        if more:
            raise ScenarioError(words, f"{name} has no coin that is large enough alone", f"say .opens({name!r}, …)")
        for hop in range(hops):
            rest, here, onwards = coin.amount - value - fee, name if hop == 0 else f"{name} {hop}", f"{name} {hop + 1}"
            payees: list[Payee] = [(f"{to} {hop}", value), (onwards, rest)]
            one = f"{here} pays {to} {hop} {self._shown(payment)}, the rest to {onwards}"
            made = made._transaction(one, [coin], payees, after, "")
            coin = made._coins[f"{made.hashes[-1]}:1"]
        return made

    def mixes(
        self,
        names: Sequence[str],
        amount: int,
        *,
        change: bool = False,
        fee: int = 1_000,
        after: Span | None = None,
        tx: str = "",
    ) -> Self:
        """A CoinJoin: everybody pays in their oldest coin of at least ``amount``, and ``NAME mixed`` gets just that.

        Without ``change`` what is more is the fee, and coins that are brought are of exactly ``amount`` but for the
        first, which brings the fee too: Whirlpool's shape. With it the rest goes to ``NAME change``: JoinMarket's, and
        with ten or more of 0.1 BTC Wasabi 1.0's.
        """
        words = f"{', '.join(names)} mix {self._shown(amount)} each"
        made, value = self._knowing(*names), self._satoshi(amount)
        shares = [fee // len(names) + (fee % len(names) if n == 0 else 0) for n in range(len(names))]
        coins: list[Coin] = []
        for n, (name, share) in enumerate(zip(names, shares, strict=True)):
            least = value + share if change else value
            coin = next((one for one in made._of(name) if one.amount >= least and one not in coins), None)
            if coin is None:
                more = value // 3 + 1_009 * n if change else fee if n == 0 else 0
                made, coin = made._bring(words, name, least + more, wanted=least)
            coins.append(coin)
        payees: list[Payee] = [(f"{name} mixed", value) for name in names]
        if change:
            rests = zip(names, coins, shares, strict=True)
            payees += [(f"{name} change", coin.amount - value - share) for name, coin, share in rests]
        return made._transaction(words, coins, payees, after, tx)

    # ---- what it made

    def balance(self, name: str) -> int:
        """What the unspent coins of ``name`` sum to, in satoshi."""
        return sum(coin.amount for coin in self._of(name))

    def coins(self, name: str) -> tuple[int, ...]:
        """The unspent coins of ``name``, oldest first."""
        return tuple(coin.amount for coin in self._of(name))

    # ---- how words are made

    def _openings(self) -> Iterable[Opening]:
        return self._opened

    def _of(self, name: str) -> list[Coin]:
        account = self.address(name)
        return [coin for coin in self._coins.values() if coin.account == account]

    def _oldest(self, words: str, name: str, amount: int, brings: int | None = None) -> tuple[Self, list[Coin]]:
        """Oldest coins of ``name`` that reach an amount, one at least; one that it brings where it may."""
        coins, left = list[Coin](), amount
        for coin in self._of(name):
            if left <= 0 and coins:
                break
            coins.append(coin)
            left -= coin.amount
        if left <= 0 and coins:
            return self, coins
        made, coin = self._bring(words, name, left if brings is None else brings, self.balance(name))
        return made, [*coins, coin]

    def _chosen(self, words: str, payers: Sequence[Payer]) -> tuple[Self, list[Coin]]:
        made, coins = self, list[Coin]()
        for payer in payers:
            name, amount = (payer, None) if isinstance(payer, str) else payer
            made = made._knowing(name)
            free = [coin for coin in made._of(name) if coin not in coins]
            if amount is None:
                if not free:
                    raise made._lack(words, name, 0, 0)
                coins += free
                continue
            value = made._satoshi(amount)
            coin = next((one for one in free if one.amount == value), None)
            if coin is None:
                made, coin = made._bring(words, name, value)
            coins.append(coin)
        return made, coins

    def _bring(self, words: str, name: str, amount: int, has: int = 0, wanted: int | None = None) -> tuple[Self, Coin]:
        """A coin that ``name`` had before; LackError for who was given coins, or is said to have had others."""
        account = self.address(name)
        if account in self._had and account not in self._bringing:
            raise self._lack(words, name, amount if wanted is None else wanted, has)
        return self._but(_bringing=self._bringing | {account})._with_coin(name, amount)

    def _lack(self, words: str, name: str, lacks: int, has: int) -> LackError:
        coins = ", ".join(map(self._shown, self.coins(name))) or "none"
        missing = f"lacks {self._shown(lacks)}" if has else f"has no coin of {self._shown(lacks)}"
        reason = f"{cell(name)} {missing}; it has: {coins}"
        return LackError(cell(words), reason, f"say .opens({name!r}, …) with it", name, lacks, self.chain.native)

    def _with_coin(self, name: str, amount: int) -> tuple[Self, Coin]:
        """With a coin from before the first block."""
        coin = Coin(self.address(name), amount, f"{hash_of(self.chain, 'coin', len(self._opened))}:0")
        opening = Opening(coin.account, self.chain.native, amount, coin.outpoint)
        return self._but(_opened=(*self._opened, opening), _coins={**self._coins, coin.outpoint: coin}), coin

    def _transaction(
        self, words: str, spent: Sequence[Coin], payees: Sequence[Payee], after: Span | None, tx: str
    ) -> Self:
        made = self._knowing(*(name for name, _ in payees))
        outputs = [(None if name is None else made.address(name), made._satoshi(amount)) for name, amount in payees]
        lacks = sum(amount for _, amount in outputs) - sum(coin.amount for coin in spent)
        if spent and lacks > 0:
            raise LackError(
                words, f"its coins lack {made._shown(lacks)}", "spend more", made.names[spent[0].account], lacks,
                made.chain.native,
            )  # fmt: skip
        rows = list(made._moved(made._next_hash, spent, outputs, -lacks))
        gone = {coin.outpoint for coin in spent}
        new = [Coin(row.receiver or "", row.amount, row.outpoint or "") for row in rows if row.kind == "output"]
        coins = {name: coin for name, coin in made._coins.items() if name not in gone}
        coins |= {coin.outpoint: coin for coin in new}
        had = made._had | {coin.account for coin in new}
        payer = spent[0].account if spent else outputs[0][0] or ""
        return made._but(_coins=coins, _had=had)._acting(words, payer, rows, after, tx)

    def _moved(
        self, txid: str, spent: Sequence[Coin], outputs: Sequence[tuple[str | None, int]], fee: int
    ) -> Iterator[Moved]:
        """Inputs, or the reward of a coinbase; outputs, as burns where nobody can spend them; the fee last."""
        here, native = transaction_account(txid), self.chain.native
        for coin in spent:
            yield Moved("input", coin.account, here, native, coin.amount, coin.outpoint)
        if not spent:
            yield Moved("reward", None, here, native, -fee)
        for n, (account, amount) in enumerate(outputs):
            yield Moved("burn" if account is None else "output", here, account, native, amount, f"{txid}:{n}")
        if spent:
            yield Moved("fee", here, None, native, fee)

    def _satoshi(self, amount: int) -> int:
        asset_of(amount, self.chain)
        return whole(amount)
