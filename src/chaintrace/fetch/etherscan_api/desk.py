"""Desk: where an explorer is asked, one call at a time, with patience where it asks for some."""

from __future__ import annotations

import time
from collections.abc import Callable

from chaintrace.errors import Malformed, RateLimited, Refused
from chaintrace.fetch.etherscan_api.call import is_proxied, query
from chaintrace.fetch.etherscan_api.faults import says_spent, says_wait
from chaintrace.fetch.etherscan_api.reply import ADVICE, Reply
from chaintrace.fetch.rpc.call import Call, encode
from chaintrace.fetch.rpc.reply import Fault
from chaintrace.fetch.transport import Transport
from chaintrace.model.page import Body

PATIENCE = 6
"""How often an explorer that is asked too often is given twice as long, from a second on."""


class Desk:
    """An explorer behind a transport. ``chain``: the number of EIP-155. ``node``: who is asked what a node knows,
    instead of the explorer's proxy. ``calls`` counts what was asked."""

    def __init__(
        self,
        transport: Transport,
        chain: int,
        node: Transport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.transport, self.chain, self.node, self.sleep = transport, chain, node, sleep
        self.name = transport.name
        self.calls = 0

    def send(self, call: Call) -> tuple[Reply, Body]:
        """The answer of a call. RateLimited where the explorer still has no time after a while."""
        for hurried in range(PATIENCE + 1):
            self.calls += 1
            body = Body(self._sent(call), int(time.time()))
            reply = Reply(self.name, body.data)
            said = reply.told.message if isinstance(reply.told, Fault) else ""
            if says_spent(said):
                raise RateLimited(self.name, said, "ask again tomorrow, or with a key that may ask for more")
            if not says_wait(said):
                return reply, body
            if hurried < PATIENCE:
                self.sleep(min(2.0**hurried, self.transport.limits.patience))
        reason = f"it still asks for patience after {PATIENCE} times: {said}"
        raise RateLimited(self.name, reason, "ask later or more slowly: Limits(rate=…) sets calls a second")

    def _sent(self, call: Call) -> bytes:
        if self.node is not None and is_proxied(call):
            return self.node.post(encode([call], batch=False))
        return self.transport.get("", query(call, self.chain))

    def close(self) -> None:
        self.transport.close()
        if self.node is not None:
            self.node.close()

    def refused(self, call: Call, fault: Fault) -> Refused:
        said = self.transport.shown(fault.message) or "without a reason"
        reason = f"{call.method} was refused: {said} ({fault.code})"
        advice = "check the key, the chain and what the explorer's plan allows, or ask another provider"
        return Refused(self.name, reason, advice, fault.code, call.text[:200])

    def malformed(self, reason: str, body: str = "") -> Malformed:
        return Malformed(self.name, reason, ADVICE, body)
