"""Replies: what Blockscout's REST API says: an object, of which only what is known is no fault."""

from __future__ import annotations

from typing import Any

from chaintrace.fetch.explorer import reply
from chaintrace.fetch.reply import Fault, clean


class Reply(reply.Reply):
    """``told``: a page of a list, a block, what the node says, or a Fault."""

    def listed(self, whole: dict[str, Any]) -> Any:
        if "items" in whole or "hash" in whole:
            return whole
        return Fault(0, clean(_said(whole)))


def _said(whole: dict[str, Any]) -> object:
    """The first text of an error's body."""
    errors = whole.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    told = (whole.get("message"), whole.get("error"), first.get("detail") if isinstance(first, dict) else first)
    return next((one for one in told if isinstance(one, str) and one), "")
