"""Asking: which calls Blockscout and its node are asked, in which order."""

from __future__ import annotations

from chaintrace.errors import Contradiction, Refused
from chaintrace.fetch.blockscout import call as own
from chaintrace.fetch.blockscout.call import INSIDE
from chaintrace.fetch.blockscout.facts import Facts, Listed, Want
from chaintrace.fetch.blockscout.history import inside, join, read_lists
from chaintrace.fetch.explorer import asking
from chaintrace.fetch.explorer.history import History
from chaintrace.fetch.rpc import call

NOT_FOUND = 404


class Asking(asking.Asking[Facts]):
    """See there. The receipt of every transaction that a list names is asked for."""

    def inside(self, tx_hash: str) -> None:
        inside(self.facts.provider, tx_hash, self._look)

    def history(self) -> History:
        self._is_indexed(self.question.last)
        lists = read_lists(self.question, self.facts.provider, self._look)
        self.talk.need(call.receipt(tx_hash, self.final) for tx_hash in lists.hashes)
        return join(self.question, self.facts, lists, self._look)

    def _is_indexed(self, number: int) -> None:
        """The explorer's own tables have come as far as its node."""
        try:
            self.talk.need([own.block(number, self.lasting(number))])
        except Refused as error:
            if error.code != NOT_FOUND:
                raise
            reason = f"it does not know block {number}: its tables lag behind"
            raise Contradiction(self.facts.provider, reason) from None

    def _look(self, want: Want, after: str) -> Listed | None:
        if (want, after) not in self.facts.lists:
            self.talk.need([own.listed(want.method, want.of, after, want.method == INSIDE and self.final)])
            self.count(len(self.facts.lists[want, after][0].rows) if want.method != INSIDE else 0)
        return self.facts.lists[want, after][0]
