"""Talk: calls and answers of one page, taken from the archive where they are lasting, and read at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, TypeVar

from chaintrace.fetch.call import Call
from chaintrace.fetch.desk import Desk
from chaintrace.fetch.reply import Fault, Reply, Told, replies
from chaintrace.model.page import Archive, Asked, Body

F = TypeVar("F")
R = TypeVar("R", bound=Reply)


def gather(facts: F, asked: Iterable[Asked], reply: Callable[[str], R], read: Callable[[F, Asked, Any], None]) -> F:
    """The facts of a page, from its kept responses. Malformed where an answer is not what its call asks for."""
    for one in asked:
        read(facts, one, reply(one.body).at(one.place))
    return facts


class Talk(Generic[F]):
    """``asked`` and ``bodies`` become the page; ``facts`` grow with each answer.

    ``read``   adds what one answer says to the facts. ``kept``: a response of the archive as its answers.
    """

    def __init__(
        self,
        desk: Desk,
        archive: Archive,
        facts: F,
        read: Callable[[F, Asked, Any], None],
        kept: Callable[[str, bytes], Reply],
    ) -> None:
        self.desk, self.archive, self.facts, self._read = desk, archive, facts, read
        self.asked: list[Asked] = []
        self.bodies: dict[str, Body] = {}
        self._known: set[str] = set()
        self._kept = replies(desk.name, archive.body, kept)

    def ask(self, calls: Iterable[Call]) -> list[Fault | None]:
        """Results, and faults of calls that may fail, become facts and part of the page; other faults are returned, in
        the order of the calls."""
        calls = list(calls)
        new = {call.text: call for call in calls if call.text not in self._known}
        kept = {text: one for text, call in new.items() if (one := self._find(call)) is not None}
        faults = self._fresh(new, [call for text, call in new.items() if text not in kept], kept)
        return [faults.get(call.text) for call in calls]

    def need(self, calls: Iterable[Call]) -> None:
        """As ``ask``; Refused where the provider says no."""
        calls = list(calls)
        for call, fault in zip(calls, self.ask(calls), strict=True):
            if fault is not None:
                raise self.desk.refused(call, fault)

    def forget(self, calls: Iterable[Call]) -> None:
        """Drops calls and what they brought, so that they can be asked again; the facts are the caller's."""
        gone = {call.text for call in calls}
        self._known -= gone
        self.asked = [one for one in self.asked if one.call not in gone]
        used = {one.body for one in self.asked}
        self.bodies = {digest: body for digest, body in self.bodies.items() if digest in used}

    def _fresh(self, new: dict[str, Call], fresh: Sequence[Call], kept: dict[str, Asked]) -> dict[str, Fault]:
        told = dict(zip((call.text for call in fresh), self.desk.send(fresh), strict=True))
        faults: dict[str, Fault] = {}
        for text, call in new.items():
            if text in kept:
                self._keep(call, kept[text], self._kept(kept[text].body))
            elif (fault := self._take(call, told[text])) is not None:
                faults[text] = fault
        return faults

    def _find(self, call: Call) -> Asked | None:
        return self.archive.find(self.desk.name, call.text) if call.lasting else None

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
            raise self.desk.malformed(f"{call.method} knows nothing of what it told of before", reply.digest)
        self._read(self.facts, asked, told)
        self.asked.append(asked)
        self._known.add(call.text)
