"""Desk: where an explorer is asked, one call at a time, and beside it, where there is one, a node."""

from __future__ import annotations

import time
from collections.abc import Callable

from chaintrace.fetch.desk import OneByOne
from chaintrace.fetch.explorer.faults import says_spent, says_wait
from chaintrace.fetch.explorer.reply import ADVICE
from chaintrace.fetch.transport import Transport


class Desk(OneByOne):
    """``node``: who is asked what a node knows, instead of the explorer itself."""

    doubt = ADVICE
    refusal = "check the key, the chain and what the explorer's plan allows, or ask another provider"

    def __init__(
        self, transport: Transport, node: Transport | None = None, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        super().__init__(transport, sleep)
        self.node = node

    def says_wait(self, message: str) -> bool:
        return says_wait(message)

    def says_spent(self, message: str) -> bool:
        return says_spent(message)

    def close(self) -> None:
        super().close()
        if self.node is not None:
            self.node.close()
