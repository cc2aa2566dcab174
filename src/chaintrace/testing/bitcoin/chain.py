"""Chain: a regtest chain that mines, forks, and keeps what waits to be mined."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType

from chaintrace.testing.bitcoin.blocks import Block, assemble, subsidy
from chaintrace.testing.bitcoin.coins import Coin, Tx, sign
from chaintrace.testing.bitcoin.kernel import Kernel
from chaintrace.testing.bitcoin.locks import FOREVER, Lock, lock

BEGIN = 1_609_459_200  # 2021-01-01T00:00:00Z
MATURITY = 100
"""A coinbase can be spent by the block that stands this far above its own."""
MINER = "miner"
_INTERVAL = 600


class Refused(AssertionError):
    """The kernel does not take a block. Its text is the kernel's word for why."""


class Regtest:
    """A chain of regtest, for one ``with`` block or until ``stop``.

    ``blocks``   the blocks above the first, in order: ``blocks[n]`` has height n + 1.
    ``waiting``  transactions that no block has, by id, in the order they were sent. Only their inputs were looked at.
    ``kernel``   Bitcoin Core's consensus engine: no block is here that it has not accepted.
    """

    def __init__(self) -> None:
        self.kernel = Kernel()
        self.first = self.kernel.tip
        self.blocks: list[Block] = []
        self.waiting: dict[str, Tx] = {}
        self._unspent: dict[str, Coin] = {}
        self._forks = 0

    def __enter__(self) -> Regtest:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends the kernel and removes its files. What was read from the chain remains."""
        self.kernel.close()

    @property
    def height(self) -> int:
        return len(self.blocks)

    @property
    def tip(self) -> str:
        """The hash of the last block."""
        return self.blocks[-1].hash if self.blocks else self.first

    # ---- coins ----

    def coins(self, name: str) -> tuple[Coin, ...]:
        """What somebody can spend, waiting coins included, those that wait to be spent not, in order of appearance."""
        return tuple(
            coin
            for coin in self._open(self.waiting).values()
            if coin.lock.name == name and coin.lock.kind not in FOREVER
        )

    def send(self, tx: Tx) -> Tx:
        """Lets a transaction wait. ValueError where it spends a coin that is not there or that is spent already."""
        there = self._open(self.waiting)
        gone = [coin.outpoint for coin in tx.spent if coin.outpoint not in there]
        if gone:
            raise ValueError(f"{tx.txid} spends what is not there: {', '.join(gone)}")
        self.waiting[tx.txid] = tx
        return tx

    def pay(self, spent: Sequence[Coin], *outputs: tuple[Lock, int]) -> Tx:
        """Signs and sends; what the outputs leave is the fee."""
        return self.send(sign(spent, outputs))

    def fund(self, to: Lock, value: int, fee: int = 1_000) -> Coin:
        """Coins from the miners: a new coin for ``to``, waiting. ValueError where no coin of theirs is large enough and
        can be spent yet."""
        ripe = {block.sent[0].txid for block in self.blocks[: max(self.height - MATURITY + 1, 0)]}
        mined = [coin for coin in self.coins(MINER) if coin.txid in ripe or coin.lock.kind != "p2wpkh"]
        rich = next((coin for coin in mined if coin.value > value + fee), None)
        if rich is None:
            raise ValueError(f"no miner has a coin of {value + fee} satoshi that can be spent yet: mine more blocks")
        change = lock("p2pkh", MINER)
        return self.pay([rich], (to, value), (change, rich.value - value - fee)).made[0]

    # ---- blocks ----

    def mine(self, count: int = 1, *, only: Iterable[Tx] | None = None, to: Lock | None = None) -> Block:
        """Mines what waits, or ``only`` these, into the first of ``count`` blocks; the last of them. ``to``: whom the
        coinbase pays, otherwise the miner."""
        sent = list(self.waiting.values() if only is None else only)
        for number in range(count):
            self.submit(self.assembled(() if number else sent, to=to))
        return self.blocks[-1]

    def assembled(
        self,
        sent: Sequence[Tx] = (),
        *,
        to: Lock | None = None,
        reward: int | None = None,
        on: Block | None = None,
        time: int | None = None,
    ) -> Block:
        """A block that nobody has judged: upon the last one or upon ``on``; ``reward`` None is all that is allowed."""
        height = (on.height if on else self.height) + 1
        allowed = subsidy(height) + sum(tx.fee for tx in sent)
        return assemble(
            on.hash if on else self.tip,
            height,
            time or _time(height) + self._forks,
            sent,
            to or lock("p2wpkh", MINER),
            allowed if reward is None else reward,
            f"chaintrace {self._forks}".encode(),
        )

    def submit(self, block: Block) -> None:
        """Adds a block upon the last one. Raises ``Refused``."""
        reason = self.kernel.judge(block.raw)
        if reason or self.kernel.tip != block.hash:
            raise Refused(reason or "it does not stand upon the last block")
        self.blocks.append(block)
        for tx in block.sent:
            self._apply(tx)
        self._let_wait(self.waiting.values())

    def reorg(self, depth: int, *, sent: Sequence[Tx] = (), count: int | None = None) -> tuple[Block, ...]:
        """Replaces the last ``depth`` blocks by ``count``, one more unless said, the first of them with ``sent``; what
        was replaced, lowest first. Its transactions wait again, as far as the coins that they spend are still there.
        Raises ``Refused``, and ValueError where there are not more than ``depth`` blocks."""
        if not 0 < depth < self.height:
            raise ValueError(f"{depth} of {self.height} blocks cannot be replaced")
        self._forks += 1
        kept, gone = self.blocks[:-depth], tuple(self.blocks[-depth:])
        fork: list[Block] = []
        for number in range(depth + 1 if count is None else count):
            below = [*kept, *fork][-1]
            fork.append(self.assembled(() if number else sent, on=below))
            reason = self.kernel.judge(fork[-1].raw)
            if reason:
                raise Refused(reason)
        if self.kernel.tip != fork[-1].hash:
            raise Refused("the fork has no more work than what it was to replace")
        self.blocks, self._unspent = kept + fork, {}
        for block in self.blocks:
            for tx in block.sent:
                self._apply(tx)
        self._let_wait([*(tx for block in gone for tx in block.sent[1:]), *self.waiting.values()])
        return gone

    def _apply(self, tx: Tx) -> None:
        for coin in tx.spent:
            del self._unspent[coin.outpoint]
        self._unspent |= {coin.outpoint: coin for coin in tx.made}

    def _open(self, waiting: Mapping[str, Tx]) -> dict[str, Coin]:
        there = dict(self._unspent)
        for tx in waiting.values():
            for coin in tx.spent:
                del there[coin.outpoint]
            there |= {coin.outpoint: coin for coin in tx.made}
        return there

    def _let_wait(self, candidates: Iterable[Tx]) -> None:
        mined = {tx.txid for block in self.blocks for tx in block.sent}
        waiting: dict[str, Tx] = {}
        for tx in candidates:
            there = self._open(waiting)
            if tx.txid not in mined and all(coin.outpoint in there for coin in tx.spent):
                waiting[tx.txid] = tx
        self.waiting = waiting


def _time(height: int) -> int:
    """Ten minutes a block, and now and then a clock that is behind the block before it, as miners' clocks are."""
    return BEGIN + _INTERVAL * height + height * 5 % 13 * 120
