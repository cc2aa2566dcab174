"""Calls: what a node is asked, as canonical text and as the bytes of a batch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from chaintrace.fetch.call import Call, parse

TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
"""keccak-256 of ``Transfer(address,address,uint256)``: ERC-20 and ERC-721."""
DEPOSIT = "0xe1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c"
"""keccak-256 of ``Deposit(address,uint256)``: WETH9."""
WITHDRAWAL = "0x7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65"
"""keccak-256 of ``Withdrawal(address,uint256)``: WETH9."""

BALANCE_OF, DECIMALS, SYMBOL = "0x70a08231", "0x313ce567", "0x95d89b41"
"""Selectors of ERC-20."""

CALL_TRACER = {"tracer": "callTracer"}


def encode(calls: Sequence[Call], batch: bool) -> bytes:
    """The body of a request. The id of a call is its place, so that equal requests have equal answers."""
    told = [
        f'{{"jsonrpc":"2.0","id":{place},"method":{json.dumps(method)},"params":{json.dumps(params)}}}'
        for place, (method, params) in enumerate(parse(call.text) for call in calls)
    ]
    return (f"[{','.join(told)}]" if batch else told[0]).encode()


def padded(address: str) -> str:
    """An address as a topic of 32 bytes."""
    return "0x" + "0" * 24 + address[2:]


def block(number: int, whole: bool = False, lasting: bool = False) -> Call:
    return Call.of("eth_getBlockByNumber", hex(number), whole, lasting=lasting)


def block_by_hash(digest: str, lasting: bool = True) -> Call:
    return Call.of("eth_getBlockByHash", digest, False, lasting=lasting)


def transaction(tx_hash: str, lasting: bool) -> Call:
    return Call.of("eth_getTransactionByHash", tx_hash, lasting=lasting)


def receipt(tx_hash: str, lasting: bool) -> Call:
    return Call.of("eth_getTransactionReceipt", tx_hash, lasting=lasting)


def block_receipts(number: int, lasting: bool) -> Call:
    return Call.of("eth_getBlockReceipts", hex(number), lasting=lasting)


def trace_transaction(tx_hash: str, lasting: bool) -> Call:
    return Call.of("trace_transaction", tx_hash, lasting=lasting)


def call_tracer(tx_hash: str, lasting: bool) -> Call:
    return Call.of("debug_traceTransaction", tx_hash, CALL_TRACER, lasting=lasting)


def trace_filter(side: str, accounts: Sequence[str], first: int, last: int) -> Call:
    """``side``: fromAddress or toAddress."""
    return Call.of("trace_filter", {"fromBlock": hex(first), "toBlock": hex(last), side: list(accounts)})


def logs(topics: Sequence[Any], first: int, last: int) -> Call:
    return Call.of("eth_getLogs", {"fromBlock": hex(first), "toBlock": hex(last), "topics": list(topics)})


def logs_of(block_hash: str, topics: Sequence[Any]) -> Call:
    """EIP-234: logs of the block with this hash, and of no other."""
    return Call.of("eth_getLogs", {"blockHash": block_hash, "topics": list(topics)})


def balance(account: str, number: int, lasting: bool) -> Call:
    return Call.of("eth_getBalance", account, hex(number), lasting=lasting, may_fail=True)


def view(contract: str, data: str, number: int, lasting: bool) -> Call:
    """A function of a contract that changes nothing, as of a block."""
    return Call.of("eth_call", {"to": contract, "data": data}, hex(number), lasting=lasting, may_fail=True)


def balance_of(contract: str, account: str, number: int, lasting: bool) -> Call:
    return view(contract, BALANCE_OF + padded(account)[2:], number, lasting)
