"""Talk: calls and answers of one page, taken from the archive where they are lasting, and read at once."""

from __future__ import annotations

from collections.abc import Sequence

from chaintrace.fetch.rpc.call import Call
from chaintrace.fetch.rpc.facts import Facts, read
from chaintrace.fetch.rpc.node import Node, Told
from chaintrace.fetch.rpc.reply import Fault, Reply
from chaintrace.model.page import Archive, Asked, Body


class Talk:
    """``asked`` and ``bodies`` become the page; ``facts`` grow with each answer."""

    def __init__(self, node: Node, archive: Archive) -> None:
        self.node, self.archive = node, archive
        self.asked: list[Asked] = []
        self.bodies: dict[str, Body] = {}
        self.facts = Facts(node.name)
        self._known: set[str] = set()
        self._replies: dict[str, Reply] = {}

    def ask(self, calls: Sequence[Call]) -> list[Fault | None]:
        """Results, and faults of calls that may fail, become facts and part of the page; other faults are returned, in
        the order of the calls."""
        new = {call.text: call for call in calls if call.text not in self._known}
        kept = {text: one for text, call in new.items() if (one := self._find(call)) is not None}
        fresh = [call for text, call in new.items() if text not in kept]
        told = dict(zip((call.text for call in fresh), self.node.send(fresh), strict=True))
        faults: dict[str, Fault] = {}
        for text, call in new.items():
            if text in kept:
                self._keep(call, kept[text], self._reply(kept[text].body))
            elif (fault := self._take(call, told[text])) is not None:
                faults[text] = fault
        return [faults.get(call.text) for call in calls]

    def need(self, calls: Sequence[Call]) -> None:
        """As ``ask``; Refused where the node says no."""
        for call, fault in zip(calls, self.ask(calls), strict=True):
            if fault is not None:
                raise self.node.refused(call, fault)

    def _find(self, call: Call) -> Asked | None:
        return self.archive.find(self.node.name, call.text) if call.lasting else None

    def _reply(self, digest: str) -> Reply:
        if digest not in self._replies:
            self._replies[digest] = Reply(self.node.name, self.archive.body(digest))
        return self._replies[digest]

    def _take(self, call: Call, answer: Told) -> Fault | None:
        reply, place, body = answer
        fault = told if isinstance(told := reply.at(place), Fault) else None
        if fault is not None and not call.may_fail:
            return fault
        self.bodies[reply.digest] = body
        self._keep(call, Asked(call.text, reply.digest, place, call.lasting and fault is None), reply)
        return None

    def _keep(self, call: Call, asked: Asked, reply: Reply) -> None:
        told = reply.at(asked.place)
        if told is None and call.lasting:
            raise self.node.malformed(f"{call.method} knows nothing of what it told of before", reply.digest)
        read(self.facts, asked, told)
        self.asked.append(asked)
        self._known.add(call.text)
