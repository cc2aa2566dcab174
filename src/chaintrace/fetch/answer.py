"""What one HTTP request comes to: an Answer, or one of the ways in which there is none."""

from __future__ import annotations

from dataclasses import dataclass, field

from chaintrace.fetch.exact import NotExact, load
from chaintrace.fetch.secret import Secret


class GarbledError(Exception):
    """The body cannot be what was asked for: too large, or packed wrongly. Never leaves this room."""


@dataclass(frozen=True)
class Answer:
    """A response that came whole. ``body`` is unpacked; of an error, only its first MiB may be there.

    ``location`` is where a redirect points; ``after``: the seconds that Retry-After asks to wait, where it does;
    ``credits``: how many the provider says are left, where it does.
    """

    status: int
    body: bytes = field(repr=False)  # may echo a key
    location: Secret | None = None
    after: float | None = None
    credits: int | None = None


@dataclass(frozen=True)
class Broken:
    """No response, or a part of one. ``final``: another try would end the same way."""

    reason: str
    final: bool = False


@dataclass(frozen=True)
class Garbled:
    """A response that is none, see GarbledError."""

    reason: str


@dataclass(frozen=True)
class Died:
    """The program itself is to end: KeyboardInterrupt, SystemExit or MemoryError, to be raised anew."""

    kind: type[BaseException]


Outcome = Answer | Broken | Garbled | Died


def is_rpc_error(body: bytes) -> bool:
    """Whether it is an answer of JSON-RPC with an error, or a batch of answers with one.

    Some nodes send these under HTTP 400 or 500.
    """
    try:
        found = load(body)
    except NotExact:
        return False
    answers = found if isinstance(found, list) else [found]
    return all(isinstance(each, dict) and "jsonrpc" in each for each in answers) and any(
        "error" in each for each in answers
    )
