"""Talk: calls and answers of one page, taken from the archive where they are lasting, and read at once."""

from __future__ import annotations

from collections.abc import Iterable

from chaintrace.fetch.etherscan_api.desk import Desk
from chaintrace.fetch.etherscan_api.facts import Facts, read
from chaintrace.fetch.etherscan_api.reply import Reply
from chaintrace.fetch.rpc.call import Call
from chaintrace.fetch.rpc.reply import Fault
from chaintrace.model.page import Archive, Asked, Body


class Talk:
    """``asked`` and ``bodies`` become the page; ``facts`` grow with each answer."""

    def __init__(self, desk: Desk, archive: Archive) -> None:
        self.desk, self.archive = desk, archive
        self.asked: list[Asked] = []
        self.bodies: dict[str, Body] = {}
        self.facts = Facts(desk.name)
        self._known: set[str] = set()

    def ask(self, call: Call) -> Fault | None:
        """A result, or the fault of a call that may fail, becomes a fact and part of the page; another is returned."""
        if call.text in self._known:
            return None
        found = self.archive.find(self.desk.name, call.text) if call.lasting else None
        if found is not None:
            self._keep(call, found, Reply(self.desk.name, self.archive.body(found.body)))
            return None
        reply, body = self.desk.send(call)
        fault = reply.told if isinstance(reply.told, Fault) else None
        if fault is not None and not call.may_fail:
            return fault
        self.bodies[reply.digest] = body
        self._keep(call, Asked(call.text, reply.digest, 0, call.lasting and fault is None), reply)
        return None

    def need(self, calls: Iterable[Call]) -> None:
        """As ``ask``; Refused where the explorer says no."""
        for call in calls:
            fault = self.ask(call)
            if fault is not None:
                raise self.desk.refused(call, fault)

    def _keep(self, call: Call, asked: Asked, reply: Reply) -> None:
        if reply.told is None:
            raise self.desk.malformed(f"{call.method} knows nothing of what it told of before", reply.digest)
        read(self.facts, asked, reply.told)
        self.asked.append(asked)
        self._known.add(call.text)
