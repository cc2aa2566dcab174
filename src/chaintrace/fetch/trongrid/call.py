"""Calls: what TronGrid is asked, as canonical text without a key, and as a path with a query or a body.

Rule: TronGrid's v1 API, and java-tron's HTTP API below ``/wallet`` and ``/walletsolidity``.
"""

from __future__ import annotations

import json
from typing import Any

from chaintrace.fetch.call import Call, parse

LISTS = "v1/accounts"
SENT, INSIDE, TOKENS = f"{LISTS}/transactions", f"{LISTS}/internal-transactions", f"{LISTS}/transactions/trc20"
BLOCK, HEADER = "wallet/getblockbynum", "wallet/getblock"
TRANSACTION, INFO = "wallet/gettransactionbyid", "wallet/gettransactioninfobyid"
NOW, ACCOUNT, CONSTANT = "getnowblock", "getaccount", "triggerconstantcontract"
SOLID, YOUNG = "walletsolidity", "wallet"
"""The chain as far as it cannot change any more, and as it is."""
AGAIN = "again"
BALANCE_OF = "balanceOf(address)"
ASCENDING, DESCENDING = "block_timestamp,asc", "block_timestamp,desc"


def listed(
    method: str, account: str, first: int, last: int, order: str, limit: int, confirmed: bool, fingerprint: str = ""
) -> Call:
    """A page of a list of one account (T…), between two times in milliseconds. ``limit``: how many rows at most."""
    asked: dict[str, Any] = {
        "account": account, "min_timestamp": first, "max_timestamp": last, "order_by": order, "limit": limit,
    }  # fmt: skip
    asked |= {"only_confirmed": True} if confirmed else {}
    asked |= {"search_internal": False} if method == SENT else {}
    asked |= {"fingerprint": fingerprint} if fingerprint else {}
    return Call.of(method, asked)


def block(number: int, lasting: bool) -> Call:
    """A block with its transactions."""
    return Call.of(BLOCK, {"num": number}, lasting=lasting)


def header(number: int, lasting: bool = False) -> Call:
    """A block without its transactions."""
    return Call.of(HEADER, {"id_or_num": str(number), "detail": False}, lasting=lasting)


def transaction(tx_hash: str, lasting: bool) -> Call:
    return Call.of(TRANSACTION, {"value": tx_hash}, lasting=lasting)


def info(tx_hash: str, lasting: bool) -> Call:
    """What a transaction did: its fee, logs and inner calls."""
    return Call.of(INFO, {"value": tx_hash}, lasting=lasting)


def now(state: str, count: int = 0) -> Call:
    """The last block, solid or not."""
    return Call.of(f"{state}/{NOW}", _again(count))


def held(state: str, account: str, count: int) -> Call:
    """What an account (T…) holds now, in sun."""
    return Call.of(f"{state}/{ACCOUNT}", {"address": account, "visible": True, **_again(count)}, may_fail=True)


def balance_of(state: str, contract: str, account: str, word: str, count: int) -> Call:
    """What a contract says that an account holds now. ``word``: the account as 32 bytes, without 0x."""
    asked = {
        "owner_address": account, "contract_address": contract, "function_selector": BALANCE_OF, "parameter": word,
        "visible": True, **_again(count),
    }  # fmt: skip
    return Call.of(f"{state}/{CONSTANT}", asked, may_fail=True)


def _again(count: int) -> dict[str, int]:
    """Tells one time of asking from another; it is not sent."""
    return {AGAIN: count} if count else {}


def request(call: Call) -> tuple[str, dict[str, str] | bytes]:
    """The path, and the query of a GET or the body of a POST."""
    method, params = parse(call.text)
    asked: dict[str, Any] = dict(params[0]) if params else {}
    if not method.startswith(LISTS):
        asked.pop(AGAIN, None)
        return method, json.dumps(asked, separators=(",", ":")).encode()
    path = f"{LISTS}/{asked.pop('account')}{method.removeprefix(LISTS)}"
    return path, {name: _word(value) for name, value in asked.items()}


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
