"""Replies: what Etherscan's API says with a status of its own."""

from __future__ import annotations

from typing import Any

from chaintrace.fetch.etherscan_api.faults import EMPTY
from chaintrace.fetch.explorer import reply
from chaintrace.fetch.reply import Fault, clean

DONE, NOT_DONE = "1", "0"


class Reply(reply.Reply):
    """``told``: a list, a result of the proxy, or a Fault."""

    def listed(self, whole: dict[str, Any]) -> Any:
        """Only what is known to be empty is empty; what is not known to have gone well is a fault."""
        status, message, result = whole.get("status"), whole.get("message"), whole.get("result")
        if status == DONE and isinstance(result, list) and result:
            return result
        if status == NOT_DONE and isinstance(message, str) and message.lower() in EMPTY and result in ([], None):
            return []
        if status not in (DONE, NOT_DONE, "2") or not isinstance(message, str):
            raise self.malformed("the response has no status that is known")
        return Fault(0, clean(result if isinstance(result, str) and result else message))
