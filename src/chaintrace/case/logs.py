"""Logs: what contracts wrote down, as far as a case's kept evidence shows it."""

from __future__ import annotations

from collections.abc import Iterator

from chaintrace.fetch.call import parse
from chaintrace.fetch.log_json import JsonLogs
from chaintrace.fetch.reply import Fault, replies
from chaintrace.fetch.rpc.reply import Reply
from chaintrace.model.log import Logs, joined
from chaintrace.store.kept import Kept
from chaintrace.store.store import Store

DOOR = "rpc"
TELLING = (
    "eth_getLogs",
    "eth_getTransactionReceipt",
    "eth_getBlockReceipts",
    "eth_getTransactionByHash",
    "eth_getBlockByNumber",
    "eth_getBlockByHash",
)
NOTE = "of what was fetched, only receipts hold every log of a transaction; other logs are transfers of tokens alone"


def kept_logs(store: Store) -> Logs:
    """Logs and calls in what nodes answered, without what a reorganisation has undone."""
    with store.reading():
        found = joined(_of_page(store, page) for page in store.pages() if page.question.door == DOOR)
    return Logs(found.logs, found.calls, found.rejected, (NOTE,))


def _of_page(store: Store, page: Kept) -> Logs:
    gathered = JsonLogs(page.question.provider, page.question.chain)
    for told in _answers(store, page):
        gathered.read(told)
    found, last = gathered.finish(), page.kept_until
    logs = (log for log in found.logs if log.block <= last)
    return Logs.of(logs, (call for call in found.calls if call.block <= last), found.rejected)


def _answers(store: Store, page: Kept) -> Iterator[object]:
    reply = replies(page.question.provider, store.body, Reply)
    for one in page.asked:
        method, _ = parse(one.call)
        told = reply(one.body).at(one.place) if method in TELLING else None
        if told is not None and not isinstance(told, Fault):
            yield told
