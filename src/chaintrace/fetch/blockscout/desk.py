"""Desk: where Blockscout is asked, one call at a time: its REST API, and by JSON-RPC its node or another."""

from __future__ import annotations

from chaintrace.fetch.blockscout.call import is_own, request
from chaintrace.fetch.blockscout.reply import Reply
from chaintrace.fetch.call import Call
from chaintrace.fetch.explorer import desk
from chaintrace.fetch.rpc.call import encode
from chaintrace.fetch.transport import Transport

API = "api/v2"


class Desk(desk.Desk):
    """``place``: the path of Blockscout's own JSON-RPC; ``node``: who is asked instead of that."""

    def __init__(self, transport: Transport, place: str, node: Transport | None = None) -> None:
        super().__init__(transport, node)
        self.place = place

    def sent(self, call: Call) -> bytes:
        if is_own(call):
            path, query = request(call)
            return self.transport.get(f"{API}/{path}", query)
        body = encode([call], batch=False)
        return self.transport.post(body, self.place) if self.node is None else self.node.post(body)

    def read(self, data: bytes) -> Reply:
        return Reply(self.name, data)
