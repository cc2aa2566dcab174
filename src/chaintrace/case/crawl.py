"""Crawl: the history of the account that holds the most money not yet followed is fetched, the money traced again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from chaintrace.case.budget import Budget, Fetched, Meter, Progress, Watch
from chaintrace.case.frontier import LARGEST, accounted, frontier
from chaintrace.case.harvest import CUT, complete, gap
from chaintrace.case.kinds import basic
from chaintrace.case.range import Range
from chaintrace.case.sums import entries
from chaintrace.errors import Contradiction, SeedError, TooLong
from chaintrace.fetch.fetcher import Fetcher
from chaintrace.model.asset import contract_of
from chaintrace.model.page import Covered, Page, Question
from chaintrace.store.store import Store
from chaintrace.taint.result import Trace

if TYPE_CHECKING:
    from chaintrace.case.case import Case

PLAN, BLIND = "plan", "logs"


class Crawl:
    """One run. Whatever is decided depends on what is kept alone, so that a run that was killed goes on as if it had
    never stopped: the accounts of a round are written down before the first of them is asked for."""

    def __init__(
        self, case: Case, store: Store, fetchers: Sequence[Fetcher], where: Range, wrappers: tuple[str, ...]
    ) -> None:
        self.case, self.store, self.fetchers, self.where, self.wrappers = case, store, fetchers, where, wrappers
        self._basic = basic(fetchers[0].chain)
        self._covered: dict[str, list[Covered]] = {}
        self._cut: dict[str, str] = json.loads(store.get(CUT) or "{}")

    def run(
        self,
        budget: Budget,
        watch: Watch | None,
        start: Sequence[str],
        transactions: Sequence[str],
        order: str = LARGEST,
    ) -> Fetched:
        """``start``: accounts to begin with; ``transactions``: those that seeds name, wanted whole."""
        meter = Meter(budget, lambda: sum(fetcher.calls for fetcher in self.fetchers))
        tell = _teller(self, meter, watch)
        self._seeds(transactions)
        self._finish(meter, tell)
        for account in start:
            if not meter.spent():
                self._round([account], meter, tell)
        while True:
            trace = self._trace()
            progress = tell(trace, "")
            known = self.known() | self.cut().keys()
            waiting = frontier(trace, known, order)
            ended = self._ended(progress, waiting, meter)
            if ended:
                return Fetched(ended, progress, self.cut())
            room = None if budget.accounts is None else budget.accounts - meter.accounts
            self._round(waiting[:room], meter, tell)

    def _ended(self, progress: Progress, waiting: Sequence[str], meter: Meter) -> str | None:
        if progress.share >= meter.budget.goal:
            return "goal"
        return meter.spent() or (None if waiting else "nothing left")

    def known(self) -> frozenset[str]:
        """Accounts whose history is there from every fetcher."""
        whole = [complete(self.covered(fetcher), self.where) for fetcher in self.fetchers]
        return frozenset.intersection(*(frozenset(a for a in one if one[a] >= self._basic) for one in whole))

    def covered(self, fetcher: Fetcher) -> list[Covered]:
        """What is covered from a fetcher, read once between two commits."""
        if fetcher.name not in self._covered:
            self._covered[fetcher.name] = self.store.covered(fetcher.name)
        return self._covered[fetcher.name]

    def cut(self) -> dict[str, str]:
        """Accounts whose history was too long, with the reason."""
        return dict(self._cut)

    def _trace(self) -> Trace:
        self.case.refresh()
        try:
            return self.case.trace()
        except SeedError as error:
            blind = [fetcher.name for fetcher in self.fetchers if fetcher.way() == BLIND]
            if not blind:
                raise
            advice = (
                f"{', '.join(blind)} shows no internal transfers: ask a node that traces, or seed the thief's address"
            )
            raise SeedError(error.seed, error.reason, advice) from None

    # ---- seeds and rounds ----

    def _seeds(self, transactions: Sequence[str]) -> None:
        """Each fetcher is asked for all of them, once; those of a page that a reorg has cut are asked for again."""
        questions = []
        for fetcher in self.fetchers:
            there = {
                tx_hash
                for kept in self.store.pages()
                if kept.question.provider == fetcher.name and kept.kept_until == kept.question.last
                for tx_hash in kept.question.transactions
            }
            missing = tuple(one for one in dict.fromkeys(transactions) if one not in there)
            for tx_hash in missing:
                self._is_inside(tx_hash, fetcher.block_of(tx_hash))
            if missing:
                questions.append(self._question(fetcher, (), self.where.first, self.where.last, missing))
        if questions:
            self._commit(questions)

    def _is_inside(self, tx_hash: str, block: int) -> None:
        first, last = self.where.first, self.where.last
        if not first <= block <= last:
            reason = f"it stands in block {block}, outside of the blocks {first} to {last} that the case is about"
            advice = "go on to where the chain ends now (extend=True, --extend)" if block > last else "make a new case"
            raise SeedError(f"theft {tx_hash}", reason, f"{advice}; blocks that are not final yet need young=True")

    def _finish(self, meter: Meter, tell: Tell) -> None:
        """The round that was not ended, and gaps that a reorganised chain, or a longer range, have left."""
        plan = json.loads(self.store.get(PLAN) or '{"accounts": [], "apart": false}')
        while unfinished := self._unfinished(plan["accounts"]):
            self._round(unfinished[:1] if plan["apart"] else self._alike(unfinished), meter, tell, plan["apart"])
        had = dict.fromkeys(one.account for fetcher in self.fetchers for one in self.covered(fetcher))
        while (unfinished := self._unfinished(had)) and not meter.spent():
            self._round(self._alike(unfinished), meter, tell)

    def _unfinished(self, accounts: Iterable[str]) -> list[str]:
        done = self.known() | self.cut().keys()
        return [account for account in accounts if account not in done]

    def _alike(self, accounts: Sequence[str]) -> list[str]:
        """The first account, and the others that lack the same blocks."""
        gaps = {account: [self._gap(fetcher, account) for fetcher in self.fetchers] for account in accounts}
        return [account for account in accounts if gaps[account] == gaps[accounts[0]]]

    def _round(self, accounts: Sequence[str], meter: Meter, tell: Tell, apart: bool = False) -> None:
        """Several accounts by one question; where their history is too long together, each by its own."""
        wanted = self._unfinished(accounts)
        if not wanted:
            return
        self.store.set(PLAN, json.dumps({"accounts": wanted, "apart": apart or len(wanted) == 1}))
        tell(None, f"fetching {wanted[0]}" + (f" and {len(wanted) - 1} more" if len(wanted) > 1 else ""))
        try:
            self._fetch(wanted)
        except TooLong:
            self.store.set(PLAN, json.dumps({"accounts": wanted, "apart": True}))
            for account in wanted:
                self._fetch_alone(account)
        meter.accounts += len(wanted)

    def _fetch_alone(self, account: str) -> None:
        try:
            self._fetch([account])
        except TooLong as error:
            self._cut[account] = error.reason
            self.store.set(CUT, json.dumps(self._cut, sort_keys=True))

    def _fetch(self, accounts: Sequence[str]) -> None:
        """Window by window; all fetchers at once, and what they say of a window is kept together."""
        while True:
            questions = []
            for fetcher in self.fetchers:
                blocks = self._gap(fetcher, accounts[0])
                if blocks is not None:
                    last = blocks[1] if fetcher.window is None else min(blocks[1], blocks[0] + fetcher.window - 1)
                    questions.append(self._question(fetcher, tuple(accounts), blocks[0], last))
            if not questions:
                return
            self._commit(questions)
            for question in questions:
                self._is_answered(question)

    def _is_answered(self, question: Question) -> None:
        fetcher = next(one for one in self.fetchers if one.name == question.provider)
        blocks = self._gap(fetcher, question.accounts[0])
        if blocks is not None and blocks[0] <= question.last:
            reason = f"it cannot tell the whole history of {question.accounts[0]}"
            raise Contradiction(fetcher.name, reason, "ask another provider")

    def _gap(self, fetcher: Fetcher, account: str) -> tuple[int, int] | None:
        whole = [one for one in self.covered(fetcher) if one.account == account and set(one.kinds) >= self._basic]
        return gap([(one.first, one.last) for one in whole], self.where)

    def _question(
        self, fetcher: Fetcher, accounts: tuple[str, ...], first: int, last: int, transactions: tuple[str, ...] = ()
    ) -> Question:
        """A window that ends before the range does needs the hash of its own last block."""
        digest = self.where.last_hash
        if last != self.where.last:
            digest = fetcher.hashes([last]).get(last, "")
        return Question(
            door=fetcher.door,
            provider=fetcher.name,
            chain=fetcher.chain,
            accounts=accounts,
            transactions=transactions,
            first=first,
            last=last,
            last_hash=digest,
            final=min(self.where.final, last),
            since=self.where.first,
            way=fetcher.way(),
            wrappers=self.wrappers,
            tokens=self._tokens(fetcher, accounts) if first > self.where.first else (),
        )

    def _tokens(self, fetcher: Fetcher, accounts: Sequence[str]) -> tuple[str, ...]:
        """Contracts of the tokens that earlier pages show with the accounts, in order of the first transfer."""
        found = entries(self.store.rows(fetcher.name), set(accounts))
        contracts = dict.fromkeys(contract_of(one.asset) for one in found)
        return tuple(contract for contract in contracts if contract is not None)

    def _commit(self, questions: Sequence[Question]) -> None:
        by_name = {fetcher.name: fetcher for fetcher in self.fetchers}

        def ask(question: Question) -> Page:
            return by_name[question.provider].ask(question, self.store)

        if len(questions) == 1:
            pages = [ask(questions[0])]
        else:
            with ThreadPoolExecutor(len(questions)) as pool:
                pages = list(pool.map(ask, questions))
        self.store.commit(pages)
        self._covered.clear()


Tell = Callable[["Trace | None", str], Progress]


def _teller(crawl: Crawl, meter: Meter, watch: Watch | None) -> Tell:
    last: list[dict[str, tuple[int, int]]] = [{}]

    def tell(trace: Trace | None, doing: str) -> Progress:
        if trace is not None:
            last[0] = accounted(trace)
        known = len(crawl.known())
        progress = Progress(last[0], known, meter.accounts, meter.requests, meter.seconds, doing)
        if watch is not None:
            watch(progress)
        return progress

    return tell
