"""Calls: what a server is asked, as canonical text and as the path of a request.

Rule: Esplora's API.md. ``after_txid`` is mempool.space's.
"""

from __future__ import annotations

from chaintrace.fetch.call import Call, parse

STATS, CHAINED, AFTER = "address", "address/txs/chain", "address/txs"
TRANSACTION, BLOCK, TXIDS, HEIGHT, TIP = "tx", "block", "block/txids", "block-height", "blocks/tip/height"
SCRIPT = "script:"

METHODS = {"chain": CHAINED, "after": AFTER}
"""Ways to page through a history: by a path that names the last transaction seen, or by a query that does."""


def stats(account: str) -> Call:
    """Sums over an account's history."""
    return Call.of(STATS, account)


def page(way: str, account: str, after: str) -> Call:
    """A page of the history of an account, newest first: what comes after the transaction ``after``, or the first."""
    return Call.of(METHODS[way], account, after)


def transaction(txid: str, lasting: bool = False) -> Call:
    return Call.of(TRANSACTION, txid, lasting=lasting)


def block(digest: str) -> Call:
    """A block by its hash, which is lasting."""
    return Call.of(BLOCK, digest, lasting=True)


def txids(digest: str) -> Call:
    """The ids of a block's transactions, in order."""
    return Call.of(TXIDS, digest, lasting=True)


def height(number: int) -> Call:
    """The hash of the block of a number: never lasting, so that every page sees where the server stands."""
    return Call.of(HEIGHT, number)


def tip() -> Call:
    return Call.of(TIP)


def request(call: Call) -> tuple[str, dict[str, str]]:
    """The path of a request, and its query."""
    method, params = parse(call.text)
    first, *rest = method.split("/")
    if method == TIP:
        return TIP, {}
    if first != STATS:
        return "/".join([first, str(params[0]), *rest]), {}
    account, *after = params
    where = f"scripthash/{account.removeprefix(SCRIPT)}" if account.startswith(SCRIPT) else f"address/{account}"
    path, last = "/".join([where, *rest]), after[0] if after else ""
    if method == AFTER:
        return path, {"after_txid": last} if last else {}
    return f"{path}/{last}" if last else path, {}
