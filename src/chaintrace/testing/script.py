"""Script: plays transactions on a node and writes down what each of them is meant to move."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from chaintrace.testing.anvil import Anvil
from chaintrace.testing.contracts import Compiled, compiled
from chaintrace.testing.truth import Planted, Pot, Row, settled

ETHER = 10**18
GWEI = 10**9
MINER = "0xea674fdde714fd979de3edf0f56aa9716b898ec8"
SLOT = 12

_NOBODY: Mapping[str, str] = MappingProxyType({})
_PLAIN_GAS = 21_000
_CALL_GAS = 400_000
_TIP = 2 * GWEI
_MOST = 100 * GWEI


class Move(NamedTuple):
    """What a transaction is meant to move: a row without hash and block. ``asset`` "" is the native coin."""

    kind: str
    sender: str | None
    receiver: str | None
    amount: int
    asset: str = ""


@dataclass
class Sent:
    """A transaction that was sent; ``tx_hash`` is its own, ``created`` the contract it made, once it is mined."""

    tx_hash: str
    sender: str
    to: str | None
    value: int
    moves: tuple[Move, ...]
    fails: bool
    created: str | None = None


def account(name: str) -> str:
    """An address that nobody has a key to, always the same for a name."""
    from eth_utils.crypto import keccak

    return "0x" + keccak(text=f"chaintrace.testing/{name}")[-20:].hex()


def child(creator: str, nonce: int) -> str:
    """The address of the contract that ``creator`` makes as its ``nonce``-th. Rule: the Yellow Paper, §7; 1 to 127."""
    from eth_utils.crypto import keccak

    return "0x" + keccak(b"\xd6\x94" + bytes.fromhex(creator[2:]) + bytes([nonce]))[-20:].hex()


def paid(sender: str, receiver: str, amount: int) -> Move:
    """An internal payment of the native coin."""
    return Move("internal", sender, receiver, amount)


class Script:
    """One scenario in the making: accounts, transactions, and the truth about them.

    Transactions wait until ``block`` mines them, in the order in which they were sent.
    """

    def __init__(self, node: Anvil, time: int) -> None:
        self.node = node
        self.time = time
        self.chain = f"eip155:{int(node.rpc('eth_chainId'), 16)}"
        self.native = f"{self.chain}/slip44:60"
        self.head = int(node.rpc("eth_blockNumber"), 16)
        self.rows: list[Row] = []
        self.given: dict[Pot, int] = {}
        self.liars: set[str] = set()
        self.roles: defaultdict[str, list[str]] = defaultdict(list)
        self._waiting: list[Sent] = []
        self._acting: set[str] = set()
        node.automine(False)
        node.rpc("anvil_setCoinbase", MINER)

    def play(self, role: str, address: str = "", wei: int = 0) -> str:
        """An account with a role, and with some wei by hand; a new address unless one is named."""
        chosen = address or account(f"{role}/{len(self.roles[role])}")
        self.roles[role].append(chosen)
        if wei:
            if self.rows:
                raise AssertionError(f"{role} is given money after the first block")
            self.node.give(chosen, wei)
            self.given[Pot(chosen, self.native)] = wei
        return chosen

    def plays(self, role: str, number: int, wei: int = 0) -> list[str]:
        """Several accounts with one role."""
        return [self.play(role, wei=wei) for _ in range(number)]

    def place(self, name: str, role: str, *arguments: Any, address: str = "", wei: int = 0) -> str:
        """A contract that has always been there: its code is set by hand, its nonce is 1, its storage empty."""
        where = self.play(role, address, wei)
        code = self.node.rpc("eth_call", {"data": compiled(name).creation(*arguments)}, "latest")
        self.node.rpc("anvil_setCode", where, code)
        self.node.rpc("anvil_setNonce", where, "0x1")
        return where

    def asset(self, contract: str) -> str:
        """The asset that a token contract is."""
        return f"{self.chain}/erc20:{contract}"

    def send(
        self,
        sender: str,
        to: str | None,
        value: int = 0,
        data: str = "0x",
        *moves: Move,
        gas: int = 0,
        fails: bool = False,
        legacy: bool = False,
    ) -> Sent:
        """Sends a transaction that moves ``value`` wei at the top and ``moves`` beneath, or fails. ``to`` None creates
        a contract; ``gas`` 0 is a sensible limit; ``legacy`` names one gas price instead of two."""
        if sender not in self._acting:
            self.node.impersonate(sender)
            self._acting.add(sender)
        asked = {
            "from": sender,
            "value": hex(value),
            "data": data,
            "gas": hex(gas or (_PLAIN_GAS if data == "0x" and not moves else _CALL_GAS)),
        }
        prices = {"gasPrice": 60 * GWEI} if legacy else {"maxFeePerGas": _MOST, "maxPriorityFeePerGas": _TIP}
        asked |= {name: hex(price) for name, price in prices.items()}
        if to is not None:
            asked["to"] = to
        sent = Sent(self.node.rpc("eth_sendTransaction", asked), sender, to, value, moves, fails)
        self._waiting.append(sent)
        return sent

    def call(self, sender: str, code: Compiled, to: str, function: str, *arguments: Any, **how: Any) -> Sent:
        """Sends a call of a contract's function; ``how``: ``value``, ``moves``, and what ``send`` takes."""
        moves: Sequence[Move] = how.pop("moves", ())
        value: int = how.pop("value", 0)
        return self.send(sender, to, value, code.call(function, *arguments), *moves, **how)

    def block(self, later: int = SLOT) -> int:
        """Mines what waits, ``later`` seconds after the block before, and writes it down; the number of the block."""
        self.time += later
        self.node.at(self.time)
        self.node.rpc("anvil_setNextBlockBaseFeePerGas", hex((20 + self.head * 7 % 13) * GWEI))
        self.head = self.node.mine()
        waiting, self._waiting = self._waiting, []
        receipts = self.node.batch([("eth_getTransactionReceipt", [sent.tx_hash]) for sent in waiting])
        for place, (sent, receipt) in enumerate(zip(waiting, receipts, strict=True)):
            self._write(sent, receipt, place)
        return self.head

    def _write(self, sent: Sent, receipt: dict[str, Any] | None, place: int) -> None:
        if receipt is None:
            raise AssertionError(f"{sent} was not mined: its sender cannot pay, or the block is full")
        found = (int(receipt["blockNumber"], 16), int(receipt["transactionIndex"], 16), int(receipt["status"], 16))
        if found != (self.head, place, int(not sent.fails)):
            raise AssertionError(f"{sent} is not as it was meant to be: block, place, status {found}, {receipt}")
        sent.created = receipt["contractAddress"] if sent.to is None and not sent.fails else None
        moves: list[Move] = []
        if not sent.fails:
            moves = [Move("native", sent.sender, sent.to or sent.created, sent.value), *sent.moves]
        fee = int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
        moves.append(Move("fee", sent.sender, None, fee))
        self.rows += [
            Row(sent.tx_hash, self.head, one.kind, one.sender, one.receiver, one.asset or self.native, one.amount)
            for one in moves
        ]

    def planted(
        self, thefts: Iterable[Sent] = (), victims: Iterable[str] = (), stops: Mapping[str, str] = _NOBODY
    ) -> Planted:
        """The truth about all that was played. What was played is final then, and the node mines at once again."""
        self.node.mine(2 * self.node.slots_in_an_epoch)
        self.node.automine(True)
        hashes = tuple(theft.tx_hash for theft in thefts)
        first = min(row.block for row in self.rows if not hashes or row.tx_hash in hashes)
        before = (row for row in self.rows if row.block < first)
        return Planted(
            rows=tuple(self.rows),
            roles={role: tuple(accounts) for role, accounts in self.roles.items()},
            thefts=hashes,
            victims=tuple(victims),
            stops=dict(stops),
            first=first,
            last=self.head,
            opening=settled(self.given, before, self.liars),
            balances=settled(self.given, self.rows, self.liars),
            liars=frozenset(self.liars),
        )
