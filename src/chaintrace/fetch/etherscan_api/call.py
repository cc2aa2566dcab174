"""Calls: what an explorer is asked, as canonical text without a key and as the query of a request.

Rule: Etherscan's API V2, modules account, logs and proxy. Calls of the proxy are told as a node's are.
"""

from __future__ import annotations

from typing import Any

from chaintrace.fetch.call import Call, parse
from chaintrace.fetch.rpc.call import padded

SENT, INSIDE, TOKENS = "account/txlist", "account/txlistinternal", "account/tokentx"
WITHDRAWN, LOGS = "account/txsBeaconWithdrawal", "logs/getLogs"
OF_TRANSACTION = "txhash"
"""Instead of an account: the calls inside of one transaction."""

_PROXY = {
    "eth_getBlockByNumber": ("tag", "boolean"),
    "eth_getTransactionByHash": ("txhash",),
    "eth_getTransactionReceipt": ("txhash",),
    "eth_getBalance": ("address", "tag"),
    "eth_call": ("data", "to", "tag"),
}
"""Methods of the proxy, and what their parameters are called there."""


def listed(action: str, account: str, first: int, last: int, page: int, offset: int) -> Call:
    """A page of a list of one account, oldest first. ``offset`` is how many rows a page should have."""
    return Call.of(
        action,
        {"address": account, "startblock": first, "endblock": last, "page": page, "offset": offset, "sort": "asc"},
    )


def logs(contract: str, topic: str, account: str, first: int, last: int, page: int, offset: int) -> Call:
    """A page of a contract's logs of one kind about one account."""
    where = {"address": contract, "fromBlock": first, "toBlock": last, "page": page, "offset": offset}
    return Call.of(LOGS, where | {"topic0": topic, "topic0_1_opr": "and", "topic1": padded(account)})


def inside(tx_hash: str, lasting: bool) -> Call:
    """All calls inside of a transaction that an explorer lists."""
    return Call.of(INSIDE, {OF_TRANSACTION: tx_hash}, lasting=lasting)


def is_proxied(call: Call) -> bool:
    """Whether a node could answer it as well."""
    return call.method in _PROXY


def query(call: Call, chain: int) -> dict[str, str]:
    """The query of a request, but for the key."""
    method, params = parse(call.text)
    if method in _PROXY:
        module, action, named = "proxy", method, dict(zip(_PROXY[method], _flat(params), strict=True))
    else:
        module, _, action = method.partition("/")
        named = params[0]
    return {"chainid": str(chain), "module": module, "action": action} | {k: _word(v) for k, v in named.items()}


def _flat(params: list[Any]) -> list[Any]:
    """Members of an object are in the order of their names, as in all canonical text."""
    return [*params[0].values(), *params[1:]] if params and isinstance(params[0], dict) else params


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
