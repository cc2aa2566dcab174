"""What names a row is the same whatever was asked beside it, and names it alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from chaintrace.fetch.rpc import call
from chaintrace.fetch.rpc.call import DEPOSIT, TRANSFER, WITHDRAWAL, Call, padded
from chaintrace.fetch.rpc.decode import decode
from chaintrace.fetch.rpc.ways import TRACE_FILTER
from chaintrace.model.amount import from_bytes
from chaintrace.model.page import Answer, Asked, Question
from tests.fetch.rpc.asking import by_identity

HASH, PARENT, TX = "0x" + "ab" * 32, "0x" + "aa" * 32, "0x" + "cd" * 32
MINER, OTHER, BOMB, TOKEN = ("0x" + f"{n:02x}" * 20 for n in (1, 2, 3, 4))
BLOCK = {"blockNumber": "0x7", "blockHash": HASH}
PLACE = {**BLOCK, "transactionHash": TX, "transactionPosition": "0x0"}
HEADER = {
    "number": "0x7", "hash": HASH, "parentHash": PARENT, "timestamp": "0x1", "miner": MINER, "difficulty": "0x9",
    "transactions": [TX],
}  # fmt: skip


def page(accounts: Sequence[str], logs: Sequence[Any], traces: Sequence[Any], whole: Sequence[Any] = ()) -> Answer:
    """What is told about block 7; ``whole`` are the calls of the one transaction in it."""
    topics = [padded(one) for one in accounts]
    queries = [[TRANSFER, topics], [TRANSFER, None, topics], [[DEPOSIT, WITHDRAWAL], topics]]
    told: list[tuple[Call, Any]] = [(call.block(7), HEADER)]
    told += [(call.logs(query, 7, 7), logs if n == 0 else []) for n, query in enumerate(queries)]
    told += [(call.trace_filter(side, accounts, 7, 7), traces) for side in ("fromAddress", "toAddress")]
    told += [(call.trace_transaction(TX, True), whole)] if whole else []
    bodies = {str(n): json.dumps({"id": 0, "result": result}).encode() for n, (_, result) in enumerate(told)}
    asked = [Asked(one.text, str(n)) for n, (one, _) in enumerate(told)]
    question = Question("rpc", "rpc test", "eip155:1", tuple(accounts), (), 7, 7, HASH, 7, 7, TRACE_FILTER)
    return decode(question, [*asked, *asked], bodies.__getitem__)


def reward(author: str, what: str, amount: int) -> dict[str, Any]:
    action = {"author": author, "rewardType": what, "value": hex(amount)}
    return {"type": "reward", "action": action, "traceAddress": [], **BLOCK}


REWARDS = [
    reward(MINER, "block", 5), reward(OTHER, "uncle", 3), reward(MINER, "uncle", 2), reward(OTHER, "uncle", 4),
]  # fmt: skip


def test_rewards_have_one_name_whoever_is_asked_about() -> None:
    together = by_identity(page([MINER, OTHER], [], REWARDS).rows)
    assert sorted(from_bytes(row["amount"]) for row in together.values()) == [2, 3, 4, 5]
    alone: dict[Any, Any] = {}
    for one in (OTHER, MINER):
        alone |= by_identity(page([one], [], [told for told in REWARDS if told["action"]["author"] == one]).rows)
    assert alone == together


def test_a_coin_and_a_token_that_are_burnt_in_one_transaction_are_two_rows() -> None:
    call_of_it = {"from": OTHER, "to": BOMB, "value": "0x0", "callType": "call"}
    end = {"address": BOMB, "refundAddress": BOMB, "balance": "0x9"}
    calls = [
        {"type": "call", "action": call_of_it, "traceAddress": [], **PLACE},
        {"type": "suicide", "action": end, "traceAddress": [0], **PLACE},
    ]
    log = {
        **BLOCK, "transactionHash": TX, "transactionIndex": "0x0", "logIndex": "0x1", "address": TOKEN,
        "topics": [TRANSFER, padded(BOMB), padded("0x" + "0" * 40)], "data": "0x" + "0" * 63 + "8",
    }  # fmt: skip
    rows = by_identity(page([BOMB], [log], calls, calls).rows)
    burns = {key: from_bytes(row["amount"]) for key, row in rows.items() if row["kind"] == "burn"}
    assert sorted(burns.values()) == [8, 9]
