"""Notes in logs: what the pools themselves write down, and who sent the transactions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from chaintrace.heuristics.tornado.make import Wrong, make_note
from chaintrace.heuristics.tornado.notes import Notes
from chaintrace.model.log import Call, Log, Logs
from chaintrace.model.note import Note
from chaintrace.model.pool import Pool
from chaintrace.model.transfer import Rejected, Rejection

WORD = 32
NOBODY = "0x" + "0" * 40
"""What a withdrawal without a relayer names."""
DEPOSIT = "Deposit(bytes32,uint32,uint256)"
WITHDRAWAL = "Withdrawal(address,bytes32,address,uint256)"
_PROVEN = "bytes,bytes32,bytes32,address,address,uint256,uint256"
CALLS = {
    "deposit(bytes32)": 0,
    "deposit(address,bytes32,bytes)": 1,
    f"withdraw({_PROVEN})": 2,
    f"withdraw(address,{_PROVEN})": 3,
}
"""Of a pool, and of the router, to the word of their arguments that is the commitment or the nullifier hash."""


class Asked(NamedTuple):
    """What a transaction's own call asks of a pool: ``pool`` is None where the call says it by whom it calls."""

    pool: str | None
    mark: str
    kind: str


@cache
def topic(event: str) -> str:
    """The first topic of an event, by its text."""
    from eth_utils.crypto import keccak

    return "0x" + keccak(text=event).hex()


def selector(function: str) -> bytes:
    """The first four bytes of a call, by the function's text."""
    return bytes.fromhex(topic(function)[2:10])


@cache
def _selectors() -> Mapping[bytes, tuple[str, int]]:
    return {selector(function): (function, word) for function, word in CALLS.items()}


def asked_by(call: Call) -> Asked | None:
    """What a call asks of a pool, directly or through the router; None where it asks something else. That it was asked
    does not say that it was done."""
    function, word = _selectors().get(call.input[:4], ("", 0))
    words = call.input[4:]
    if not function or len(words) < (word + 1) * WORD:
        return None
    through = "(address," in function
    pool = "0x" + words[WORD - 20 : WORD].hex() if through else call.receiver
    kind = "deposit" if function.startswith("deposit") else "withdrawal"
    return Asked(pool, "0x" + words[word * WORD : (word + 1) * WORD].hex(), kind)


def notes_of_logs(told: Logs, pools: Sequence[Pool]) -> Notes:
    """The notes that logs of these pools say. Without its call nobody knows who paid a deposit, and it is rejected. A
    call that asks a pool for another note than the only one that its transaction logs is a conflict."""
    at = {(pool.chain, pool.address): pool for pool in pools}
    events = {topic(DEPOSIT): "deposit", topic(WITHDRAWAL): "withdrawal"}
    ours = [log for log in told.logs if (log.chain, log.address) in at and log.topics[:1] and log.topics[0] in events]
    of_others = sum(log.topics[:1] != () and log.topics[0] in events for log in told.logs) - len(ours)
    calls = {(call.chain, call.tx_hash): call for call in told.calls}
    alone = Counter((log.chain, log.tx_hash) for log in ours)
    found: list[Note] = []
    bad: list[Rejection] = []
    for log in ours:
        try:
            pool, call = at[log.chain, log.address], calls.get((log.chain, log.tx_hash))
            note = make_note(pool, dict(_said(log, events[log.topics[0]], call)))
            if call is not None and alone[log.chain, log.tx_hash] == 1:
                _agree(note, asked_by(call))
            found.append(note)
        except Wrong as wrong:
            bad.append(Rejection(f"{log.chain}:{log.address}", log.block, wrong.reason, wrong.field, log.tx_hash))
    notes = [f"{of_others:,} logs look like a pool's and are of no known pool"] if of_others else []
    return Notes.of(found, Rejected.of(bad), (*told.notes, *notes))


def _said(log: Log, kind: str, call: Call | None) -> Iterator[tuple[str, object]]:
    size = 2 if kind == "deposit" else 3
    if len(log.topics) != 2 or len(log.data) != size * WORD:
        raise Wrong("undecodable log", "data")
    words = [log.data[n : n + WORD] for n in range(0, len(log.data), WORD)]
    yield from {"kind": kind, "tx_hash": log.tx_hash, "block": log.block, "log_index": log.log_index}.items()
    if kind == "deposit":
        time = int.from_bytes(words[1], "big")
        if log.time not in (None, time):
            raise Wrong("not the time of its block", "time")
        if call is None:
            raise Wrong("who paid is not told", "account")
        yield from {"mark": log.topics[1], "leaf": int.from_bytes(words[0], "big"), "time": time}.items()
        yield "account", call.sender
        return
    if log.time is None:
        raise Wrong("missing value", "time")
    relayer = _address(bytes.fromhex(log.topics[1][2:]))
    yield from {"account": _address(words[0]), "mark": "0x" + words[1].hex(), "time": log.time}.items()
    yield from {"relayer": None if relayer == NOBODY else relayer, "fee": int.from_bytes(words[2], "big")}.items()
    yield "sender", None if call is None else call.sender


def _address(word: bytes) -> str:
    if any(word[: WORD - 20]):
        raise Wrong("undecodable log", "data")
    return "0x" + word[WORD - 20 :].hex()


def _agree(note: Note, asked: Asked | None) -> None:
    """Contracts between the sender and the pool may ask otherwise than the sender's call: only a call that is one of
    the pool's or router's own can contradict."""
    if asked is not None and asked.pool == note.pool.address and (asked.mark, asked.kind) != (note.mark, note.kind):
        raise Wrong("conflict", "mark")
