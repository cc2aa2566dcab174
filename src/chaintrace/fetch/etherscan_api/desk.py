"""Desk: where an explorer is asked, one call at a time."""

from __future__ import annotations

import time
from collections.abc import Callable

from chaintrace.fetch.call import Call
from chaintrace.fetch.desk import OneByOne
from chaintrace.fetch.etherscan_api.call import is_proxied, query
from chaintrace.fetch.etherscan_api.reply import Reply
from chaintrace.fetch.explorer.faults import says_spent, says_wait
from chaintrace.fetch.explorer.reply import ADVICE
from chaintrace.fetch.rpc.call import encode
from chaintrace.fetch.transport import Transport


class Desk(OneByOne):
    """An explorer behind a transport. ``chain``: the number of EIP-155. ``node``: who is asked what a node knows,
    instead of the explorer's proxy."""

    doubt = ADVICE
    refusal = "check the key, the chain and what the explorer's plan allows, or ask another provider"

    def __init__(
        self,
        transport: Transport,
        chain: int,
        node: Transport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(transport, sleep)
        self.chain, self.node = chain, node

    def sent(self, call: Call) -> bytes:
        if self.node is not None and is_proxied(call):
            return self.node.post(encode([call], batch=False))
        return self.transport.get("", query(call, self.chain))

    def read(self, data: bytes) -> Reply:
        return Reply(self.name, data)

    def says_wait(self, message: str) -> bool:
        return says_wait(message)

    def says_spent(self, message: str) -> bool:
        return says_spent(message)

    def close(self) -> None:
        super().close()
        if self.node is not None:
            self.node.close()
