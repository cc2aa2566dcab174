"""Bitcoin transactions in a few words, as rows of the one table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from hashlib import sha256

import pyarrow as pa

from chaintrace.fetch.bitcoin import Coin, told_moves
from chaintrace.heuristics.findings import Findings, findings
from chaintrace.model.amount import to_bytes
from chaintrace.model.chain import get_chain
from chaintrace.model.transfer import SCHEMA, Transfers

BITCOIN = get_chain("bitcoin")
DATA = b"\x6a\x01\x00"


def script(owner: str) -> bytes:
    """A pay-to-witness-key-hash script of somebody's; of who is called ``multi …`` and ``tap …`` one to the hash of a
    script, and taproot's."""
    digest, first = sha256(owner.encode()).digest(), owner.split(" ")[0]
    if first in ("multi", "tap"):
        return bytes.fromhex("0020" if first == "multi" else "5120") + digest
    return bytes.fromhex("0014") + sha256(owner.encode()).digest()[:20]


@dataclass(frozen=True)
class Tx:
    """``ins`` and ``outs``: (owner, satoshi); ``data``: outputs that carry data; ``fee`` is added to the first input.
    ``coins``: what the inputs spend, by their place; others come from nowhere."""

    name: str
    ins: tuple[tuple[str, int], ...]
    outs: tuple[tuple[str, int], ...]
    data: int = 0
    block: int = 800_000
    time: int = 1_700_000_000
    coins: dict[int, str] = field(default_factory=dict)

    @property
    def txid(self) -> str:
        return sha256(self.name.encode()).hexdigest()

    @property
    def account(self) -> str:
        return f"tx:{self.txid}"

    def but(
        self, *, ins: dict[int, tuple[str, int]] | None = None, outs: dict[int, tuple[str, int]] | None = None
    ) -> Tx:
        """The same with some coins changed, by their place."""
        return replace(self, ins=_changed(self.ins, ins or {}), outs=_changed(self.outs, outs or {}))

    def more(self, *, ins: Iterable[tuple[str, int]] = (), outs: Iterable[tuple[str, int]] = ()) -> Tx:
        return replace(self, ins=(*self.ins, *ins), outs=(*self.outs, *outs))

    def rows(self, index: int) -> list[dict[str, object]]:
        name = lambda n: self.coins.get(n, f"{sha256(f'{self.name} {n}'.encode()).hexdigest()}:0")  # noqa: E731
        spent = tuple(Coin(value, script(owner), name(n)) for n, (owner, value) in enumerate(self.ins))
        made = tuple(Coin(value, script(owner)) for owner, value in self.outs) + (Coin(0, DATA),) * self.data
        place = {"block": self.block, "time": self.time, "tx_index": index, "tx_hash": self.txid}
        columns = ("kind", "sender", "receiver", "amount", "outpoint")
        moves = [dict(zip(columns, move, strict=True)) for move in told_moves(BITCOIN, self.txid, spent, made)]
        return [place | move | {"seq": seq} for seq, move in enumerate(moves)]


def _changed(coins: tuple[tuple[str, int], ...], new: dict[int, tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    return tuple(new.get(n, coin) for n, coin in enumerate(coins))


def table(*txs: Tx) -> pa.Table:
    rows = [row for index, tx in enumerate(txs) for row in tx.rows(index)]
    known = {"chain": BITCOIN.id, "asset": BITCOIN.native, "order": "known"}
    made = []
    for one in SCHEMA:
        cells = [(known | row).get(one.name) for row in rows]
        if one.name == "amount":
            cells = [to_bytes(cell) for cell in cells]  # type: ignore[arg-type]
        made.append(pa.array(cells, pa.int64() if one.name == "time" else one.type).cast(one.type))
    return pa.table(made, schema=SCHEMA)


def ask(*txs: Tx, **options: object) -> Findings:
    return findings(Transfers(table(*txs)), **options)  # type: ignore[arg-type]


def rules(*txs: Tx, **options: object) -> list[str]:
    return [one.rule for one in ask(*txs, **options)]


# ---- one of each, by default as small as the rules allow


def whirlpool(name: str = "mix", n: int = 5, pool: int = 5_000_000, new: int = 1, excess: int = 100) -> Tx:
    ins = [(f"{name} in {i}", pool + (excess if i < new else 0)) for i in range(n)]
    return Tx(name, tuple(ins), tuple((f"{name} out {i}", pool) for i in range(n)))


def tx0(name: str = "tx0", n: int = 3, pool: int = 5_000_000, excess: int = 5_000, fee: int = 175_000) -> Tx:
    outs = [*((f"{name} pre {i}", pool + excess) for i in range(n)), (f"{name} coordinator", fee)]
    return Tx(name, ((f"{name} owner", sum(value for _, value in outs) + 700),), tuple(outs), data=1)


def wasabi10(name: str = "w10", n: int = 10, value: int = 10_000_000, changes: int | None = None) -> Tx:
    changes = n - 1 if changes is None else changes
    outs = [
        *((f"{name} out {i}", value) for i in range(n)),
        *((f"{name} rest {i}", 1_000_003 + i) for i in range(changes)),
    ]
    return Tx(name, _paying(name, n, outs), tuple(outs))


def wasabi11(name: str = "w11", n: int = 10, second: int = 3) -> Tx:
    outs = [
        *((f"{name} out {i}", 10_000_000) for i in range(n)),
        *((f"{name} big {i}", 20_000_000) for i in range(second)),
    ]
    outs += [(f"{name} rest {i}", 1_000_003 + i) for i in range(n + second + 1)]
    return Tx(name, _paying(name, n, outs), tuple(outs))


def wasabi20(name: str = "w20", n: int = 20) -> Tx:
    values = [2**20] * 4 + [3**13] * 4 + [10**6] * 4 + [5_000] * 4 + [7_777_777 + i for i in range(3)]
    outs = [(f"{name} out {i}", value) for i, value in enumerate(values)]
    return Tx(name, _paying(name, n, outs), tuple(outs))


def joinmarket(name: str = "jm", n: int = 3, value: int = 3_141_592) -> Tx:
    outs = [*((f"{name} out {i}", value) for i in range(n)), *((f"{name} rest {i}", 500_001 + i) for i in range(n))]
    return Tx(name, _paying(name, n, outs), tuple(outs))


def stonewall(name: str = "sw") -> Tx:
    outs = ((f"{name} a", 700_000), (f"{name} b", 700_000), (f"{name} c", 111_111), (f"{name} d", 222_222))
    return Tx(name, _paying(name, 2, list(outs)), outs)


def payment(name: str = "pay", n_in: int = 2) -> Tx:
    outs = ((f"{name} shop", 123_456), (f"{name} rest", 654_321))
    return Tx(name, _paying(name, n_in, list(outs)), outs)


def _paying(name: str, n: int, outs: list[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """``n`` inputs of ``n`` owners, which pay the outputs and a fee."""
    total = sum(value for _, value in outs) + 1_000
    values = [total // n + (1 if i < total % n else 0) for i in range(n)]
    return tuple((f"{name} in {i}", value) for i, value in enumerate(values))
