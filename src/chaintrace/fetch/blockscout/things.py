"""Things: the rows of Blockscout's lists. Rule: Blockscout's REST API v2, schemas of transactions, internal
transactions, token transfers and withdrawals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from chaintrace.fetch.blockscout.words import moment, party, place, yes
from chaintrace.fetch.explorer.things import Inner, Moved, Withdrawn, kind_of
from chaintrace.fetch.rpc.words import address, hash32
from chaintrace.fetch.words import Bad, Fields, decimal, text

Key = tuple[int | None, ...]
"""Where a row stands in its list: greater ones are newer. None: not told."""

NFTS = frozenset({"ERC-721", "ERC-1155", "ERC-404", "ERC-7984"})
FINE = (None, "ok", "neutral")
"""What Blockscout says of the reputation of what it calls no scam."""


class Row(Protocol):
    """``name``: what no other row of the list has, None where rows may be alike. ``seam``: what the key of the next
    page says of the last row."""

    @property
    def block(self) -> int | None: ...
    @property
    def key(self) -> Key: ...
    @property
    def name(self) -> Any: ...
    @property
    def seam(self) -> dict[str, int | None]: ...
    @property
    def parties(self) -> tuple[str | None, ...]: ...


@dataclass(frozen=True, slots=True)
class Payment:
    """A transaction. ``block`` and ``time`` None: it is in no block. ``failed`` None: not told. ``price`` in wei a unit
    of gas."""

    tx_hash: str
    block: int | None
    time: int | None
    index: int | None
    sender: str
    receiver: str | None
    created: str | None
    value: int
    failed: bool | None
    gas_used: int | None
    price: int | None

    @property
    def key(self) -> Key:
        return self.block, self.index

    @property
    def name(self) -> str:
        return self.tx_hash

    @property
    def seam(self) -> dict[str, int | None]:
        return {"block_number": self.block, "index": self.index}

    @property
    def parties(self) -> tuple[str | None, ...]:
        return self.sender, self.receiver, self.created


@dataclass(frozen=True, slots=True)
class Called:
    """A call, whose number among all calls of its transaction is ``index``."""

    one: Inner
    tx_hash: str
    tx_index: int | None
    index: int

    @property
    def block(self) -> int:
        return self.one.block

    @property
    def key(self) -> Key:
        return self.block, self.tx_index, self.index

    @property
    def name(self) -> tuple[str, int]:
        return self.tx_hash, self.index

    @property
    def seam(self) -> dict[str, int | None]:
        return {"block_number": self.block, "transaction_index": self.tx_index, "index": self.index}

    @property
    def parties(self) -> tuple[str | None, ...]:
        return self.one.sender, self.one.receiver


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer of a token, which stands in the log ``index``. ``amount`` is 0 for NFTs, of which one log may move
    several. ``doubted``: Blockscout calls the token a scam, or something like it."""

    block: int
    block_hash: str | None
    time: int
    tx_hash: str
    index: int
    contract: str
    sender: str
    receiver: str
    amount: int
    is_nft: bool
    symbol: str
    decimals: int | None
    doubted: bool

    @property
    def key(self) -> Key:
        return self.block, self.index, None if self.is_nft else 0

    @property
    def name(self) -> tuple[str, int] | None:
        return None if self.is_nft else (self.tx_hash, self.index)

    @property
    def seam(self) -> dict[str, int | None]:
        return {"block_number": self.block, "index": self.index}

    @property
    def parties(self) -> tuple[str | None, ...]:
        return self.sender, self.receiver

    def moved(self, block_hash: str) -> Moved:
        return Moved(
            block=self.block,
            block_hash=block_hash,
            time=self.time,
            tx_hash=self.tx_hash,
            contract=self.contract,
            sender=self.sender,
            receiver=self.receiver,
            amount=self.amount,
            symbol=self.symbol,
            decimals=self.decimals,
        )


@dataclass(frozen=True, slots=True)
class Paid:
    """A withdrawal of a validator."""

    one: Withdrawn

    @property
    def block(self) -> int:
        return self.one.block

    @property
    def key(self) -> Key:
        return (self.one.index,)

    @property
    def name(self) -> int:
        return self.one.index

    @property
    def seam(self) -> dict[str, int | None]:
        return {"index": self.one.index}

    @property
    def parties(self) -> tuple[str | None, ...]:
        return (self.one.address,)


def payment(told: Any, account: str = "") -> Payment:
    one = Fields(told)
    status = one.maybe("status", text)
    if status not in ("ok", "error", None):
        raise Bad(f"status: {status[:40]!r} is none")
    block = one.maybe("block_number", place)
    if status == "ok" and block is None:
        raise Bad("it went well, in no block")
    return Payment(
        tx_hash=one.need("hash", hash32),
        block=block,
        time=None if block is None else one.need("timestamp", moment),
        index=None if block is None else one.maybe("position", place),
        sender=one.need("from", party),
        receiver=one.maybe("to", party),
        created=one.maybe("created_contract", party),
        value=one.need("value", decimal),
        failed=None if status is None else status == "error",
        gas_used=one.maybe("gas_used", decimal),
        price=one.maybe("gas_price", decimal),
    )


def called(told: Any, account: str = "") -> Called:
    one = Fields(told)
    kind, index = kind_of(one.need("type", text)), one.need("index", place)
    receiver = one.maybe("created_contract", party) if kind == "create" else one.maybe("to", party)
    amount = one.need("value", decimal)
    failed, said = not one.need("success", yes), one.maybe("error", text)
    if said and not failed:
        raise Bad("a call that succeeded, with an error")
    if receiver is None and amount and not failed:
        raise Bad("a call that pays nobody")
    tx_hash = one.need("transaction_hash", hash32)
    inner = Inner(
        block=one.need("block_number", place),
        time=one.need("timestamp", moment),
        tx_hash=tx_hash,
        path=(index,),
        kind=kind,
        sender=one.need("from", party),
        receiver=receiver,
        amount=amount,
        failed=failed,
    )
    return Called(inner, tx_hash, one.maybe("transaction_index", place), index)


def transfer(told: Any, account: str = "") -> Transfer:
    one = Fields(told)
    token, total = one.need("token", Fields), one.need("total", Fields)
    kind = token.maybe("type", text) or one.need("token_type", text)
    is_nft = kind in NFTS or total.told.get("token_id") is not None
    repute = token.maybe("reputation", text)
    digits = total.maybe("decimals", decimal) if "decimals" in total.told else token.maybe("decimals", decimal)
    return Transfer(
        block=one.need("block_number", place),
        block_hash=one.maybe("block_hash", hash32),
        time=one.need("timestamp", moment),
        tx_hash=one.need("transaction_hash", hash32),
        index=one.need("log_index", place),
        contract=token.maybe("address_hash", address) or token.need("address", address),
        sender=one.need("from", party),
        receiver=one.need("to", party),
        amount=0 if is_nft else total.need("value", decimal),
        is_nft=is_nft,
        symbol=(token.maybe("symbol", text) or "").encode("utf-8", "replace").decode(),
        decimals=digits if digits is not None and digits <= 255 else None,
        doubted=repute not in FINE,
    )


def paid(told: Any, account: str = "") -> Paid:
    one = Fields(told)
    withdrawn = Withdrawn(
        block=one.need("block_number", place),
        time=one.need("timestamp", moment),
        index=one.need("index", place),
        address=one.maybe("receiver", party) or account,
        amount=one.need("amount", decimal),
    )
    return Paid(withdrawn)
