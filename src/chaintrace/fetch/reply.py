"""Replies: a response's bytes as the answers in it, whatever the API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, ClassVar, Protocol, TypeVar

from chaintrace.errors import Malformed
from chaintrace.fetch.exact import NotExact, load
from chaintrace.model.page import Body


@dataclass(frozen=True, slots=True)
class Fault:
    """What a provider says where it refuses a call. ``code`` 0: it gives none."""

    code: int
    message: str


class Reply(Protocol):
    """The answers of one response. ``digest``: SHA-256 of its bytes."""

    digest: str

    def at(self, place: int) -> Any:
        """The answer at a place, or a Fault. Malformed where there is none."""

    def malformed(self, reason: str) -> Malformed: ...


class Response:
    """Bytes that came, and who sent them. A door says what to do where they are no answer: ``advice``."""

    advice: ClassVar[str]

    def __init__(self, provider: str, data: bytes) -> None:
        self.provider, self.digest = provider, sha256(data).hexdigest()

    def loaded(self, data: bytes) -> Any:
        """The bytes as JSON. Malformed where they are none."""
        try:
            return load(data)
        except NotExact as error:
            raise self.malformed(f"the response is not JSON: {error}") from None

    def malformed(self, reason: str) -> Malformed:
        return Malformed(self.provider, reason, self.advice, self.digest)


class Single(Response):
    """A response with one answer, ``told``: what a provider said, or a Fault."""

    told: Any

    def at(self, place: int) -> Any:
        if place:
            raise self.malformed("a response has one answer")
        return self.told


Told = tuple[Reply, int, Body]
"""An answer: the response, its place in it, and the response's bytes."""

R = TypeVar("R")


def replies(provider: str, body: Callable[[str], bytes], read: Callable[[str, bytes], R]) -> Callable[[str], R]:
    """Kept responses by their SHA-256, each read once."""
    known: dict[str, R] = {}

    def reply(digest: str) -> R:
        if digest not in known:
            known[digest] = read(provider, body(digest))
        return known[digest]

    return reply


def clean(text: object) -> str:
    """The start of a text of strangers, as one that UTF-8 can write: JSON's may hold halves of characters."""
    return text[:200].encode("utf-8", "replace").decode() if isinstance(text, str) else ""
