"""Facts: what an explorer's own calls say, beside what its node says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from chaintrace.errors import Malformed
from chaintrace.fetch.call import parse
from chaintrace.fetch.explorer.reply import ADVICE
from chaintrace.fetch.rpc import facts as node
from chaintrace.fetch.words import Bad, Fields
from chaintrace.model.page import Asked

F = TypeVar("F", bound=node.Facts)
Read = Callable[[F, str, Fields, Any, str], None]
"""Facts, the method that was asked, its parameters by name, the answer, and that answer's source."""


def read_own(facts: F, asked: Asked, told: Any, own: Mapping[str, Read[F]]) -> None:
    """Adds what one answer says. A method that is not among the ``own`` is a node's."""
    try:
        method, params = parse(asked.call)
    except ValueError as error:
        raise Malformed(facts.provider, f"a call that is none: {error}", ADVICE, asked.body) from None
    if method not in own:
        node.read(facts, asked, told)
        return
    try:
        own[method](facts, method, Fields(params[0] if params else None), told, f"{asked.body}#0")
    except Bad as error:
        reason = f"{method} answered something else: {error}"
        raise Malformed(facts.provider, reason, ADVICE, asked.body) from None
