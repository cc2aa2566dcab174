"""Moves: value that calls inside a transaction moved, from parity's traces or from geth's callTracer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from chaintrace.fetch.rpc import words
from chaintrace.fetch.words import Bad, Fields, items, text

# Yellow Paper, appendix H: these run foreign code in the caller's own account; the value they show is not moved.
BORROWED = frozenset({"delegatecall", "callcode", "staticcall", "authcall"})
CREATES = frozenset({"create", "create2"})
ENDS = frozenset({"suicide", "selfdestruct"})
REWARD = "reward"
Path = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a transaction's tree. ``path``: its trace address, () for the top call. ``kind``: call, create, end
    (a self-destruct) or borrowed; of a block's reward what it is for: block, uncle. ``failed``: it says so itself;
    calls above it may have failed too."""

    path: Path
    kind: str
    sender: str
    receiver: str | None
    amount: int
    failed: bool


@dataclass(frozen=True, slots=True)
class Move:
    """Value moved inside a transaction. ``rank`` counts such moves from 1, in the order of the calls.
    ``receiver`` None: burnt. ``path``: of the call."""

    rank: int
    sender: str
    receiver: str | None
    amount: int
    path: Path = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Trace:
    """A step as parity tells it, with where it stands. ``tx_hash`` None: a reward of the block."""

    block: int
    block_hash: str
    tx_hash: str | None
    tx_index: int
    step: Step


def trace(told: Any) -> Trace:
    """One of parity's traces. Rule: OpenEthereum, JSONRPC trace module."""
    one = Fields(told)
    kind = one.need("type", text)
    tx_hash = None if kind == REWARD else one.need("transactionHash", words.hash32)
    return Trace(
        block=one.need("blockNumber", words.place),
        block_hash=one.need("blockHash", words.hash32),
        tx_hash=tx_hash,
        tx_index=0 if tx_hash is None else one.need("transactionPosition", words.place),
        step=_parity_step(kind, one, tuple(map(words.place, one.need("traceAddress", items)))),
    )


def _parity_step(kind: str, one: Fields, path: Path) -> Step:
    action = Fields(one.need("action", _anything))
    failed = one.told.get("error") is not None
    if kind == REWARD:
        what, author = action.need("rewardType", text), action.need("author", words.address)
        return Step(path, what, "", author, action.need("value", words.quantity), failed)
    if kind in ENDS:
        heir, amount = action.need("refundAddress", words.address), action.need("balance", words.quantity)
        return Step(path, "end", action.need("address", words.address), heir, amount, failed)
    sender, amount = action.need("from", words.address), action.need("value", words.quantity)
    if kind == "create":
        made = one.maybe("result", Fields)
        receiver = made.maybe("address", words.address) if made else None
        if receiver is None and amount and not failed:
            raise Bad("a creation that succeeded names no contract")
        return Step(path, kind, sender, receiver, amount, failed)
    if kind != "call":
        raise Bad(f"{kind[:40]!r} is no type of trace")
    how = (action.maybe("callType", text) or "call").lower()
    if how not in BORROWED and how != "call":
        raise Bad(f"{how[:40]!r} is no type of call")
    kind = "borrowed" if how in BORROWED else "call"
    return Step(path, kind, sender, action.need("to", words.address), amount, failed)


def _anything(value: object) -> object:
    return value


def frames(told: Any) -> list[Step]:
    """The steps of a callTracer's tree, depth first. Bad where it is no such tree: some nodes ignore the tracer."""
    steps: list[Step] = []
    waiting: list[tuple[Any, Path]] = [(told, ())]
    while waiting:
        frame, path = waiting.pop()
        one = Fields(frame)
        steps.append(_frame_step(one, path))
        calls = one.maybe("calls", items) or []
        waiting.extend((call, (*path, n)) for n, call in reversed(list(enumerate(calls))))
    return steps


def _frame_step(one: Fields, path: Path) -> Step:
    kind = one.need("type", text).lower()
    failed = one.told.get("error") is not None
    sender, amount = one.need("from", words.address), one.maybe("value", words.quantity) or 0
    if kind in BORROWED:
        return Step(path, "borrowed", sender, None, 0, failed)
    name = "create" if kind in CREATES else "end" if kind in ENDS else kind
    if name not in ("call", "create", "end"):
        raise Bad(f"{kind[:40]!r} is no type of call")
    receiver = one.maybe("to", words.address)
    if receiver is None and amount and not failed:
        raise Bad("a call that pays nobody")
    return Step(path, name, sender, receiver, amount, failed)


def moves(steps: Sequence[Step], since_cancun: bool) -> list[Move]:
    """What the steps of one whole transaction moved, its top call excepted. A failed call undoes all calls below it.

    A contract that destroys itself for its own benefit burns what it has; since Cancun only if it was made in the very
    transaction, and otherwise nothing happens (EIP-6780).
    """
    undone = {step.path for step in steps if step.failed}
    lasting = [step for step in sorted(steps, key=lambda step: step.path) if not _is_undone(step.path, undone)]
    made = {step.receiver for step in lasting if step.kind == "create"}
    found: list[Move] = []
    for step in lasting:
        if not step.path or step.kind == "borrowed" or not step.amount:
            continue
        burns = step.kind == "end" and step.sender == step.receiver
        if burns and since_cancun and step.sender not in made:
            continue
        found.append(Move(len(found) + 1, step.sender, None if burns else step.receiver, step.amount, step.path))
    return found


def _is_undone(path: Path, undone: set[Path]) -> bool:
    return any(path[:depth] in undone for depth in range(len(path) + 1))


def is_whole(steps: Sequence[Step]) -> bool:
    """Whether the steps are one tree: there is one top, and every other step stands once below another."""
    paths = [step.path for step in steps]
    known = set(paths)
    return len(known) == len(paths) and () in known and all(path[:-1] in known for path in known)
