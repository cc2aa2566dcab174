"""Replies: a response's bytes as the answers in it. Rule: JSON-RPC 2.0."""

from __future__ import annotations

from typing import Any

from chaintrace.fetch.reply import Fault, Response, clean

ADVICE = "the node, or something between it and here, answers wrongly; ask another one"


class Reply(Response):
    """The answers of one response, by place. Malformed for bytes that are no JSON-RPC response."""

    advice = ADVICE

    def __init__(self, provider: str, data: bytes) -> None:
        super().__init__(provider, data)
        told = self.loaded(data)
        self.is_batch = isinstance(told, list)
        self._members: dict[int, dict[str, Any]] = {}
        members = told if isinstance(told, list) else [told]
        for member in members:
            self._members[self._place(member, len(members) == 1)] = member

    def _place(self, member: Any, alone: bool) -> int:
        if not isinstance(member, dict) or ("result" in member) == ("error" in member and member["error"] is not None):
            raise self.malformed("the response is neither a result nor an error")
        place = member.get("id")
        if place is None and alone and "result" not in member:  # JSON-RPC 2.0, 5: the request could not be read
            return 0
        if type(place) is not int or place in self._members:
            raise self.malformed("an answer has no id of its own")
        return place

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, place: int) -> bool:
        return place in self._members

    def at(self, place: int) -> Any:
        """The result at a place, or a Fault."""
        if place not in self._members:
            raise self.malformed(f"there is no answer number {place} in the response")
        member = self._members[place]
        error = member.get("error")
        if error is None:
            return member["result"]
        if not isinstance(error, dict):
            return Fault(0, clean(str(error)))
        code, message = error.get("code"), error.get("message")
        return Fault(code if type(code) is int else 0, clean(message))

    @property
    def refusal(self) -> Fault | None:
        """The one Fault that stands for the whole response, if it is that."""
        told = self.at(next(iter(self._members))) if len(self._members) == 1 else None
        return told if isinstance(told, Fault) else None
