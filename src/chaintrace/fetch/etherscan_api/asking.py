"""Asking: which calls an explorer with Etherscan's API is asked, in which order."""

from __future__ import annotations

from chaintrace.fetch.etherscan_api import call as own
from chaintrace.fetch.etherscan_api.call import LOGS
from chaintrace.fetch.etherscan_api.facts import Facts, Listed, Span, Want
from chaintrace.fetch.etherscan_api.faults import says_too_large
from chaintrace.fetch.etherscan_api.history import read_lists, whole
from chaintrace.fetch.etherscan_api.reach import reach
from chaintrace.fetch.explorer import asking
from chaintrace.fetch.explorer.history import History
from chaintrace.fetch.explorer.proof import needs_receipts
from chaintrace.fetch.rpc import call
from chaintrace.fetch.talk import Talk
from chaintrace.model.page import Question


class Asking(asking.Asking[Facts]):
    """``size``: of a page, in rows."""

    def __init__(self, question: Question, talk: Talk[Facts], size: int, most: int) -> None:
        super().__init__(question, talk, most)
        self.size = size

    def inside(self, tx_hash: str) -> None:
        self.talk.need([own.inside(tx_hash, self.final)])

    def history(self) -> History:
        reach(self.question, self.facts, self.talk.need, self._look)
        history = read_lists(self.question, self.facts.provider, self._look)
        for tx_hash in needs_receipts(self.question, self.facts, history):
            self.talk.need([call.receipt(tx_hash, self.final)])
        for tx_hash in history.called:
            self.inside(tx_hash)
        history.inside = whole(self.facts)
        return history

    def _look(self, want: Want, span: Span, offset: int | None) -> Listed | None:
        known = self.facts.lists.get((want, span))
        if known is not None:
            return known[0]
        page = *span, offset or self.size
        if want.method == LOGS:
            one = own.logs(want.contract, want.topic, want.account, *page)
        else:
            one = own.listed(want.method, want.account, *page)
        fault = self.talk.ask([one])[0]
        if fault is None:
            self.count(len(self.facts.lists[want, span][0].rows))
            return self.facts.lists[want, span][0]
        if not says_too_large(fault.message) or (span.first == span.last and span.page == 1):
            raise self.talk.desk.refused(one, fault)
        return None
