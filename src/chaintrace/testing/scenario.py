"""Scenario: what happened on a chain of accounts, told in a few words and written as rows of the one table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Self

from chaintrace.labels.pools import pool_label
from chaintrace.model.asset import contract_of
from chaintrace.model.chain import Chain
from chaintrace.model.token import Token, show
from chaintrace.model.wrapped import wrapper
from chaintrace.report.escape import cell
from chaintrace.testing.amounts import Amount
from chaintrace.testing.impossible import LackError, ScenarioError
from chaintrace.testing.known import TORNADO, asset_of, contract, pool_for, pools
from chaintrace.testing.story import START, Act, Moved, Opening, Span, Story, whole

Pot = tuple[str, str]
NOWHERE = ("burn", "fee")
"""Kinds of rows that nobody receives."""


class Move(NamedTuple):
    """A row by names."""

    kind: str
    sender: str | None
    receiver: str | None
    amount: int


class Scenario(Story):
    """Transactions of accounts that have names, without a node::

        story = Scenario().opens("thief", eth(100)).pays("thief", "mule", eth(10))
        story = story.deposits("mule", "tornado", eth(1), after="2h")

    A transaction stands in the next block, or ``after`` the one before it; after 0 seconds in its block. ``tx=`` gives
    it a name. An amount is an ``Amount`` (``eth``, ``usdc``, ``token``), or an int of the chain's coin.

    Nobody pays what they do not have: ``LackError`` says who lacks what. Whoever was never given any of an asset, and
    of whom ``opens`` says nothing, brings what they pay: it stands in an opening row.

    Rows are those that a node tells: the top call of a transaction is ``native``, of 0 where a token's contract is
    called; what contracts pay on is ``internal``; fees are told only where ``fee`` says so.
    """

    families = ("evm", "tron")
    slot = 12
    first = 15_000_000

    def __init__(self, chain: str | Chain = "ethereum", start: str = START) -> None:
        super().__init__(chain, start)
        self._held: Mapping[Pot, int] = {}
        self._opened: Mapping[Pot, int] = {}
        self._bringing: frozenset[Pot] = frozenset()

    # ---- words

    def opens(self, name: str, *amounts: int) -> Self:
        """``name`` had so much before the first block, and no more."""
        made = self._knowing(name)._seeing(amounts)
        opened, held = dict(made._opened), dict(made._held)
        for amount in amounts:
            pot = made.address(name), asset_of(amount, made.chain)
            opened[pot], held[pot] = opened.get(pot, 0) + whole(amount), held.get(pot, 0) + amount
        return made._but(_opened=opened, _held=held)

    def pays(self, sender: str, receiver: str, amount: int, *, after: Span | None = None, tx: str = "") -> Self:
        """One payment of the coin or a token."""
        words = f"{sender} pays {receiver} {self._shown(amount)}"
        return self._plays(words, self._payment(sender, receiver, amount), after, tx)

    def also(self, sender: str, receiver: str, amount: int) -> Self:
        """One more payment inside the transaction before, as contracts make them."""
        kind = "native" if self._is_coin(amount) else "token"
        moves = [Move("internal" if kind == "native" else kind, sender, receiver, amount)]
        return self._adding(f"{sender} pays {receiver} {self._shown(amount)}", moves)

    def fee(self, amount: int) -> Self:
        """What the transaction before cost who sent it."""
        payer = self._last.payer
        if any(row.kind == "fee" for row in self._last.rows):
            raise ScenarioError("a second fee", "a transaction pays one", "say it once")
        return self._adding(f"a fee of {self._shown(amount)}", [Move("fee", self.names[payer], None, amount)])

    def fails(self, sender: str, receiver: str, fee: int, *, after: Span | None = None, tx: str = "") -> Self:
        """A transaction to ``receiver`` that failed: it moved nothing and cost a fee."""
        words = f"{sender} fails to pay {receiver}, at a fee of {self._shown(fee)}"
        return self._plays(words, [Move("fee", sender, None, fee)], after, tx)

    def deposits(
        self, who: str, service: str, amount: int, *, router: bool = False, after: Span | None = None, tx: str = ""
    ) -> Self:
        """A payment into a labelled service. ``tornado`` is Tornado Cash: the pool on this chain that takes exactly
        this amount, called directly or by its ``router``; it is labelled then. ScenarioError for who is no service."""
        words = f"{who} deposits {self._shown(amount)} into {service}"
        if service != TORNADO:
            self._must_serve(service)
            return self._plays(words, self._payment(who, service, amount), after, tx)
        made, pool = self._pool(amount)
        door = pools(self.chain)[pool].router if router else pool
        if not self._is_coin(amount):
            moves = [Move("native", who, door, 0), Move("token", who, pool, amount)]
        elif router:
            moves = [Move("native", who, door, amount), Move("internal", door, pool, amount)]
        else:
            moves = [Move("native", who, pool, amount)]
        return made._plays(words, moves, after, tx)

    def withdraws(
        self,
        service: str,
        who: str,
        amount: int,
        *,
        relayer: str | None = None,
        fee: int = 0,
        after: Span | None = None,
        tx: str = "",
    ) -> Self:
        """A labelled service pays out. ``tornado``: the pool pays ``who`` the amount less ``fee``, which goes to the
        ``relayer`` who sent the transaction; without one ``who`` sends it. LackError if no deposit is left in it."""
        words = f"{who} withdraws {self._shown(amount)} from {service}" + (f" by {relayer}" if relayer else "")
        if service != TORNADO:
            self._must_serve(service)
            return self._plays(words, self._payment(service, who, amount), after, tx)
        if (relayer is None) != (fee == 0) or not 0 <= fee <= amount:
            raise ScenarioError(words, f"the fee is {fee}", "a relayer takes a fee, and nobody else does")
        made, pool = self._pool(amount)
        kind = "internal" if self._is_coin(amount) else "token"
        moves = [Move("native", relayer or who, pool, 0), Move(kind, pool, who, amount - fee)]
        moves += [Move(kind, pool, relayer, self._like(amount, fee))] if relayer else []
        return made._plays(words, moves, after, tx, closed=made.address(pool))

    def swaps(
        self, who: str, gives: int, gets: int, *, at: str = "dex", after: Span | None = None, tx: str = ""
    ) -> Self:
        """One asset for another with ``at``, in one transaction."""
        words = f"{who} swaps {self._shown(gives)} for {self._shown(gets)} at {at}"
        coin = self._is_coin(gives)
        moves = [Move("native", who, at, gives if coin else 0)]
        moves += [] if coin else [Move("token", who, at, gives)]
        moves += [Move("internal" if self._is_coin(gets) else "token", at, who, gets)]
        return self._plays(words, moves, after, tx)

    def wraps(self, who: str, amount: int, *, after: Span | None = None, tx: str = "") -> Self:
        """The chain's coin becomes its wrapped token, one for one."""
        token = self._wrapped(amount)
        moves = [Move("native", who, token.symbol, amount), Move("mint", None, who, token)]
        return self._plays(f"{who} wraps {self._shown(amount)}", moves, after, tx)

    def unwraps(self, who: str, amount: int, *, after: Span | None = None, tx: str = "") -> Self:
        """The wrapped token becomes the coin again."""
        token = self._wrapped(amount)
        moves = [
            Move("native", who, token.symbol, 0),
            Move("burn", who, None, token),
            Move("internal", token.symbol, who, amount),
        ]
        return self._plays(f"{who} unwraps {self._shown(amount)}", moves, after, tx)

    def mints(self, name: str, amount: int, *, after: Span | None = None, tx: str = "") -> Self:
        """New units come into being."""
        return self._plays(f"{name} is minted {self._shown(amount)}", [Move("mint", None, name, amount)], after, tx)

    def burns(self, name: str, amount: int, *, after: Span | None = None, tx: str = "") -> Self:
        """Units are destroyed."""
        return self._plays(f"{name} burns {self._shown(amount)}", [Move("burn", name, None, amount)], after, tx)

    # ---- what it made

    def address(self, name: str) -> str:
        """The account that a name is. ``tornado`` is the pool that was used; with several, ``tornado 10 ETH``."""
        if name == TORNADO and name not in self._names:
            used = [pool for pool in pools(self.chain) if pool in self._names]
            if len(used) != 1:
                known = ", ".join(used or pools(self.chain))
                raise ScenarioError(f"{name!r}", f"is one of {len(used)} pools here", f"name one of: {known}")
            name = used[0]
        if name in pools(self.chain):
            return pools(self.chain)[name].address
        return super().address(name)

    def balance(self, name: str, symbol: str | None = None) -> int:
        """What ``name`` holds now, in base units of the coin, or of the token that ``symbol`` names."""
        asset = self.chain.native if symbol is None else asset_of(Amount(0, symbol, 0), self.chain)
        return self._held.get((self.address(name), asset), 0)

    # ---- how words are made

    def _openings(self) -> Iterable[Opening]:
        return (Opening(*pot, amount) for pot, amount in self._opened.items() if amount)

    def _plays(
        self, words: str, moves: Sequence[Move], after: Span | None, tx: str, *, closed: str | None = None
    ) -> Self:
        made = self._settling(words, moves, closed)
        payer = next(move.sender or move.receiver for move in moves)
        return made._acting(words, made.address(payer or ""), made._rows(moves), after, tx)

    def _adding(self, words: str, moves: Sequence[Move]) -> Self:
        """More rows of the last transaction, before its fee."""
        last, made = self._last, self._settling(words, moves, None)
        rows = [*last.rows, *made._rows(moves)]
        act = last._replace(words=f"{last.words}; {words}", rows=tuple(sorted(rows, key=lambda row: row.kind == "fee")))
        return made._but(_acts=(*self._acts[:-1], act))

    def _settling(self, words: str, moves: Sequence[Move], closed: str | None) -> Self:
        """With what everybody holds after some moves. ``closed``: an account that brings nothing."""
        for move in moves:
            if (move.sender is None and move.kind != "mint") or (move.receiver is None and move.kind not in NOWHERE):
                raise ScenarioError(words, "somebody has no name", "give a text")
        parties = (party for move in moves for party in (move.sender, move.receiver))
        made = self._knowing(*parties)._seeing([move.amount for move in moves])
        held, opened, bringing = dict(made._held), dict(made._opened), set(made._bringing)
        for row in made._rows(moves):
            giver, taker = (row.sender or "", row.asset), (row.receiver or "", row.asset)
            if row.sender and (lack := row.amount - held.get(giver, 0)) > 0:
                if (giver in held and giver not in bringing) or row.sender == closed:
                    raise made._lack(words, row, held.get(giver, 0))
                bringing.add(giver)
                opened[giver], held[giver] = opened.get(giver, 0) + lack, row.amount
            if row.sender and row.amount:
                held[giver] -= row.amount
            if row.receiver and row.amount:
                held[taker] = held.get(taker, 0) + row.amount
        return made._but(_held=held, _opened=opened, _bringing=frozenset(bringing))

    def _lack(self, words: str, row: Moved, has: int) -> LackError:
        who, tokens = self.names[row.sender or ""], self._tokens
        lack, there = show(row.amount - has, row.asset, tokens), show(has, row.asset, tokens)
        advice = f"pay {who!r} before, or begin with .opens({who!r}, …)"
        return LackError(
            cell(words), f"{cell(who)} has {there} and lacks {lack}", advice, who, row.amount - has, row.asset
        )

    def _rows(self, moves: Sequence[Move]) -> list[Moved]:
        return [
            Moved(
                kind,
                None if sender is None else self.address(sender),
                None if receiver is None else self.address(receiver),
                asset_of(amount, self.chain),
                whole(amount),
            )
            for kind, sender, receiver, amount in moves
        ]

    def _payment(self, sender: str, receiver: str, amount: int) -> list[Move]:
        if self._is_coin(amount):
            return [Move("native", sender, receiver, amount)]
        called = contract(asset_of(amount, self.chain))
        return [Move("native", sender, called, 0), Move("token", sender, receiver, amount)]

    def _pool(self, amount: int) -> tuple[Self, str]:
        """Knowing the pool that takes this amount, and its name."""
        name = pool_for(amount, self.chain)
        label = pool_label(pools(self.chain)[name])
        known = label in self._labels
        return self._knowing(name)._but(_labels=self._labels if known else (*self._labels, label)), name

    def _wrapped(self, amount: int) -> Amount:
        """So much of the wrapped coin; its symbol is its contract."""
        if not self._is_coin(amount) or not wrapper(self.chain.id):
            raise ScenarioError(f"wrapping {self._shown(amount)}", f"nothing on {self.chain.name} wraps it")
        return Amount(amount, wrapper(self.chain.id)[0], self.chain.decimals)

    @property
    def _last(self) -> Act:
        if not self._acts:
            raise ScenarioError("a word about the transaction before", "there is none", "begin with .pays(…)")
        return self._acts[-1]

    def _is_coin(self, amount: int) -> bool:
        return contract_of(asset_of(amount, self.chain)) is None

    def _like(self, amount: int, units: int) -> int:
        return Amount(units, amount.symbol, amount.decimals) if isinstance(amount, Amount) else units

    def _seeing(self, amounts: Iterable[int]) -> Self:
        """Knowing how to show what these are of."""
        new = {
            asset_of(one, self.chain): Token(one.symbol, one.decimals)
            for one in amounts
            if isinstance(one, Amount) and not self._is_coin(one)
        }
        return self._but(_tokens={**new, **self._tokens}) if new else self
