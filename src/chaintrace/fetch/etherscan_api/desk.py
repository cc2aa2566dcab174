"""Desk: where an explorer is asked, one call at a time."""

from __future__ import annotations

import time
from collections.abc import Callable

from chaintrace.fetch.call import Call
from chaintrace.fetch.etherscan_api.call import is_proxied, query
from chaintrace.fetch.etherscan_api.reply import Reply
from chaintrace.fetch.explorer import desk
from chaintrace.fetch.rpc.call import encode
from chaintrace.fetch.transport import Transport


class Desk(desk.Desk):
    """An explorer behind a transport. ``chain``: the number of EIP-155. ``node``: who is asked what a node knows,
    instead of the explorer's proxy."""

    def __init__(
        self,
        transport: Transport,
        chain: int,
        node: Transport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(transport, node, sleep)
        self.chain = chain

    def sent(self, call: Call) -> bytes:
        if self.node is not None and is_proxied(call):
            return self.node.post(encode([call], batch=False))
        return self.transport.get("", query(call, self.chain))

    def read(self, data: bytes) -> Reply:
        return Reply(self.name, data)
