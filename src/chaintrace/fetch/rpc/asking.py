"""Asking: which calls answer a question, in which order. What was asked is decided by the question and the answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from chaintrace.errors import TooLong
from chaintrace.fetch.call import Call
from chaintrace.fetch.rpc import call
from chaintrace.fetch.rpc.call import DECIMALS, DEPOSIT, SYMBOL, TRANSFER, WITHDRAWAL, padded
from chaintrace.fetch.rpc.facts import Facts
from chaintrace.fetch.rpc.faults import says_too_large, says_unable
from chaintrace.fetch.rpc.proof import runs_code
from chaintrace.fetch.rpc.things import Log
from chaintrace.fetch.rpc.ways import CALL_TRACER, LOGS, TRACE_FILTER
from chaintrace.fetch.talk import Talk
from chaintrace.model.page import Question

Range = tuple[int, int]
Ask = Callable[[int, int], Call]


class Asking:
    """Puts one question through a talk. ``most``: the longest history, in logs and traces, that is taken."""

    def __init__(self, question: Question, talk: Talk[Facts], most: int) -> None:
        self.question, self.talk, self.facts, self.most = question, talk, talk.facts, most
        self.topics = [padded(account) for account in question.accounts]

    def run(self) -> None:
        self.talk.need([call.block(self.question.last, lasting=self._lasting(self.question.last))])
        for tx_hash in self.question.transactions:
            self._whole(tx_hash)
        if self.question.accounts:
            self._young_headers()
            self._logs()
            if self.question.way == TRACE_FILTER:
                self._traces()
            else:
                self._blocks()
            self._balances()
        self._headers()

    def _lasting(self, block: int) -> bool:
        return block <= self.question.final

    # ---- transactions that are wanted whole ----

    def _whole(self, tx_hash: str) -> None:
        final = self.question.last <= self.question.final
        self.talk.need([call.transaction(tx_hash, final), call.receipt(tx_hash, final)])
        self._calls_of([tx_hash], final)

    def _calls_of(self, hashes: Sequence[str], lasting: bool) -> None:
        if self.question.way == TRACE_FILTER:
            self.talk.need([call.trace_transaction(one, lasting) for one in hashes])
        elif self.question.way == CALL_TRACER:
            self.talk.need([call.call_tracer(one, lasting) for one in hashes])

    # ---- tokens ----

    def _logs(self) -> None:
        queries = (
            [TRANSFER, self.topics],
            [TRANSFER, None, self.topics],
            [[DEPOSIT, WITHDRAWAL], self.topics],
        )
        final = min(self.question.last, self.question.final)
        if self.question.first <= final:
            self._split(self.question.first, final, [partial(call.logs, topics) for topics in queries])
        young = range(max(self.question.first, final + 1), self.question.last + 1)
        hashes = [self.facts.by_number[number] for number in young]
        self.talk.need([call.logs_of(digest, topics) for digest in hashes for topics in queries])

    def _young_headers(self) -> None:
        first = max(self.question.first, self.question.final + 1)
        self.talk.need([call.block(number) for number in range(first, self.question.last + 1)])

    # ---- native coin ----

    def _traces(self) -> None:
        accounts = self.question.accounts
        sides = [partial(call.trace_filter, side, accounts) for side in ("fromAddress", "toAddress")]
        self._split(self.question.first, self.question.last, sides)
        wanted, inside, sent = set(accounts), {}, {}
        for (tx_hash, path), (trace, _) in self.facts.found.items():
            if path:
                inside[tx_hash] = trace.block
            elif trace.step.sender in wanted:
                sent[tx_hash] = trace.block
        self.talk.need([call.trace_transaction(one, self._lasting(block)) for one, block in inside.items()])
        self.talk.need([call.receipt(one, self._lasting(block)) for one, block in sent.items()])
        unpriced = [one for one in sent if self.facts.receipts[one][0].price is None]
        self.talk.need([call.transaction(one, self._lasting(sent[one])) for one in unpriced])

    def _blocks(self) -> None:
        numbers = range(self.question.first, self.question.last + 1)
        self.talk.need([call.block(number, True, self._lasting(number)) for number in numbers])
        busy = [number for number in numbers if self._transactions(number)]
        self._receipts(busy)
        if self.question.way == LOGS:
            return
        for final in (True, False):
            runs = [
                one
                for number in busy
                if self._lasting(number) == final
                for one in self._transactions(number)
                if one in self.facts.receipts and runs_code(self.facts, one)
            ]
            self._calls_of(runs, final)

    def _transactions(self, number: int) -> list[str]:
        header, _ = self.facts.headers[self.facts.by_number[number]]
        return [one.hash for one in header.transactions or ()]

    def _receipts(self, numbers: Sequence[int]) -> None:
        """A block's at once where the node can, else one by one. The first block shows whether it can."""
        calls = [call.block_receipts(number, self._lasting(number)) for number in numbers]
        unable = self.talk.desk.unable
        if calls and calls[0].method not in unable:
            (fault,) = self.talk.ask(calls[:1])
            if fault is None:
                self.talk.need(calls[1:])
                return
            if not says_unable(fault):
                raise self.talk.desk.refused(calls[0], fault)
            unable.add(calls[0].method)
        self.talk.need(
            [call.receipt(one, self._lasting(number)) for number in numbers for one in self._transactions(number)]
        )

    # ---- what is asked to compare, and to place ----

    def _balances(self) -> None:
        before, last = self.question.since - 1, self.question.last
        blocks = [number for number in (before, last) if number >= 0]
        held = self._held()
        contracts = list(dict.fromkeys(contract for _, contract in held))
        calls = [
            call.balance(account, number, self._lasting(number))
            for account in self.question.accounts
            for number in blocks
        ]
        calls += [
            call.balance_of(contract, account, number, self._lasting(number))
            for account, contract in held
            for number in blocks
        ]
        calls += [
            call.view(contract, selector, last, self._lasting(last))
            for contract in contracts
            for selector in (DECIMALS, SYMBOL)
        ]
        self.talk.ask(calls)

    def _held(self) -> list[tuple[str, str]]:
        """Accounts and the tokens that moved in or out of them, in order of first appearance."""
        wanted = dict(zip(self.topics, self.question.accounts, strict=True))
        found = dict.fromkeys((account, token) for account in self.question.accounts for token in self.question.tokens)
        for log, _ in self.facts.logs.values():
            if is_fungible(log) or log.address in self.question.wrappers:
                for topic in log.topics[1:3]:
                    if topic in wanted:
                        found[wanted[topic], log.address] = None
        return list(found)

    def _headers(self) -> None:
        """The blocks that rows stand in, where nothing asked before tells their time."""
        needed = [(trace.block, trace.block_hash) for trace, _ in self.facts.found.values()]
        needed += [(trace.block, trace.block_hash) for trace, _ in self.facts.rewards.values()]
        needed += [(block, digest) for (block, digest, _), _ in self.facts.places.values()]
        needed += [(receipt.block, receipt.block_hash) for receipt, _ in self.facts.receipts.values()]
        needed += [(log.block, log.block_hash) for log, _ in self.facts.logs.values() if log.time is None]
        missing = {digest: number for number, digest in needed if digest not in self.facts.headers}
        self.talk.need([call.block_by_hash(digest, self._lasting(number)) for digest, number in missing.items()])

    # ---- ranges ----

    def _split(self, first: int, last: int, asks: Sequence[Ask]) -> None:
        """Asks about all blocks at once, and again about halves where the node finds that too much."""
        waiting = [(ask, (first, last)) for ask in asks]
        while waiting:
            calls = [ask(*span) for ask, span in waiting]
            parts: list[tuple[Ask, Range]] = []
            for (ask, span), one, fault in zip(waiting, calls, self.talk.ask(calls), strict=True):
                if fault is not None:
                    if span[0] == span[1] or not says_too_large(fault):
                        raise self.talk.desk.refused(one, fault)
                    parts += [(ask, half) for half in halves(*span)]
            self._count()
            waiting = parts

    def _count(self) -> None:
        found = len(self.facts.logs) + len(self.facts.found)
        if found > self.most:
            reason = f"{found:,} logs and traces, more than the {self.most:,} that are taken"
            advice = "a service with many customers: name it as a stop, or allow more with most="
            raise TooLong(self.talk.desk.name, reason, advice, tuple(self.question.accounts), found)


def halves(first: int, last: int) -> Iterable[Range]:
    """A range of several blocks as two."""
    middle = (first + last) // 2
    return (first, middle), (middle + 1, last)


def is_fungible(log: Log) -> bool:
    """Whether the log has the shape of a token's transfer, not of an NFT's."""
    return bool(log.topics) and log.topics[0] == TRANSFER and len(log.topics) == 3
