"""Calls: what Blockscout is asked, as canonical text without a key, and as the path and query of a request.

Rule: Blockscout's REST API v2 as of v12.0.0. A page is asked for by the key that the page before it told, whatever
that holds; how many rows a page should have is said anew for each.
"""

from __future__ import annotations

import json
from typing import Any

from chaintrace.fetch.call import Call, parse

SENT, INNER = "addresses/transactions", "addresses/internal-transactions"
MOVED, WITHDRAWN = "addresses/token-transfers", "addresses/withdrawals"
INSIDE, BLOCK = "transactions/internal-transactions", "blocks"
LISTS = (SENT, INNER, MOVED, WITHDRAWN, INSIDE)
PAGE = 100
"""Rows of a page, the most that are given since v12.0.0."""
START = ""
"""The key of the first page."""


def listed(method: str, who: str, after: str = START, lasting: bool = False) -> Call:
    """A page of a list of an account or a transaction. ``after``: the key of the page, canonical JSON."""
    key = json.loads(after) if after else {}
    return Call.of(method, {"of": who, "after": key, "items_count": PAGE}, lasting=lasting)


def block(number: int, lasting: bool) -> Call:
    return Call.of(BLOCK, {"number": number}, lasting=lasting)


def is_own(call: Call) -> bool:
    """Whether it is asked of the explorer itself, and not of its node."""
    return call.method in (*LISTS, BLOCK)


def request(call: Call) -> tuple[str, dict[str, str]]:
    """Path and query of a request, but for the key of an account."""
    method, (named,) = parse(call.text)
    if method == BLOCK:
        return f"{BLOCK}/{named['number']}", {}
    whose, _, name = method.partition("/")
    query = {"items_count": named["items_count"]} | named["after"]
    return f"{whose}/{named['of']}/{name}", {key: _word(value) for key, value in query.items()}


def _word(value: Any) -> str:
    """As Blockscout's own pages write the values of a key into a url."""
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
