"""Desk: where a provider is asked, with patience where it asks for some."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from chaintrace.errors import Malformed, RateLimited, Refused
from chaintrace.fetch.call import Call
from chaintrace.fetch.reply import Fault, Reply, Told
from chaintrace.fetch.transport import Transport
from chaintrace.model.page import Body

PATIENCE = 6
"""How often a provider that is asked too often is given twice as long."""


class Desk(ABC):
    """A provider behind a transport. ``calls`` counts what was asked, as providers bill it.

    ``unable``   methods that it was found not to know.
    ``doubt``    what to do where an answer is none; ``refusal``: where the provider says no.
    """

    doubt: ClassVar[str]
    refusal: ClassVar[str]

    def __init__(self, transport: Transport, sleep: Callable[[float], None] = time.sleep) -> None:
        self.transport, self.sleep = transport, sleep
        self.name = transport.name
        self.calls = 0
        self.unable: set[str] = set()

    @abstractmethod
    def send(self, calls: Sequence[Call]) -> list[Told]:
        """The answer of each call. RateLimited where the provider still has no time after a while."""

    def results(self, calls: Sequence[Call]) -> list[Any]:
        """The result of each call, or a Fault; they leave no evidence."""
        return [reply.at(place) for reply, place, _ in self.send(calls)]

    def refused(self, call: Call, fault: Fault) -> Refused:
        said = self.transport.shown(fault.message) or "without a reason"
        reason = f"{call.method} was refused: {said} ({fault.code})"
        return Refused(self.name, reason, self.refusal, fault.code, call.text[:200])

    def malformed(self, reason: str, body: str = "") -> Malformed:
        return Malformed(self.name, reason, self.doubt, body)

    def close(self) -> None:
        self.transport.close()


class OneByOne(Desk):
    """A provider that answers one call a request. A door says how a call is sent and how its response is read."""

    @abstractmethod
    def sent(self, call: Call) -> bytes:
        """The response to a call."""

    @abstractmethod
    def read(self, data: bytes) -> Reply:
        """A response as its one answer. Malformed for bytes that are none."""

    @abstractmethod
    def says_wait(self, message: str) -> bool:
        """Whether a fault means that it is asked too often, and may answer in a moment."""

    @abstractmethod
    def says_spent(self, message: str) -> bool:
        """Whether a fault means that what a key may ask for is used up for longer than anybody waits."""

    def send(self, calls: Sequence[Call]) -> list[Told]:
        return [self._patiently(call) for call in calls]

    def _patiently(self, call: Call) -> Told:
        for hurried in range(PATIENCE + 1):
            self.calls += 1
            body = Body(self.sent(call), int(time.time()))
            reply = self.read(body.data)
            told = reply.at(0)
            said = told.message if isinstance(told, Fault) else ""
            if self.says_spent(said):
                raise RateLimited(self.name, said, "ask again tomorrow, or with a key that may ask for more")
            if not self.says_wait(said):
                return reply, 0, body
            if hurried < PATIENCE:
                self.sleep(min(2.0**hurried, self.transport.limits.patience))
        reason = f"it still asks for patience after {PATIENCE} times: {said}"
        raise RateLimited(self.name, reason, "ask later or more slowly: Limits(rate=…) sets calls a second")
