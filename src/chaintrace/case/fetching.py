"""Fetching: from a case's question to its evidence — which blocks, which transactions, and then the crawl."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from chaintrace.case.budget import Budget, Fetched, Watch
from chaintrace.case.crawl import Crawl
from chaintrace.case.frontier import LARGEST, ORDERS
from chaintrace.case.harvest import CUT, ENDED, RUNNING, STATE
from chaintrace.case.range import Range, keep_range, kept_range
from chaintrace.case.reorg import heal, is_still_there
from chaintrace.case.result import canonical, keep_result
from chaintrace.errors import CaseError, Contradiction, MethodError, SeedError
from chaintrace.fetch.fetcher import Fetcher
from chaintrace.model.address import parse_account
from chaintrace.model.chain import get_chain
from chaintrace.model.hash import parse_hash
from chaintrace.model.moment import Moment, parse_moment
from chaintrace.store.store import Store
from chaintrace.taint.seeds import AddressSince, Seed, Theft

if TYPE_CHECKING:
    from chaintrace.case.case import Case

ASKED, UNTIL, MOST = "asked", "until", "most"
REORGS = 3
"""How often a chain may be reorganised under one fetch before that is an error."""


def fetch(
    case: Case,
    fetchers: Sequence[Fetcher],
    budget: Budget,
    watch: Watch | None = None,
    order: str = LARGEST,
    extend: bool = False,
) -> Fetched:
    """See ``Case.fetch``."""
    if order not in ORDERS:
        raise MethodError(f"order={order!r}", "is not known", f"use one of: {', '.join(ORDERS)}")
    _check(case, fetchers)
    case.fetchers = tuple(fetchers)
    store = Store.create(case.folder.path)
    with store.writing():
        case.store = store
        transactions = transactions_of(case.seeds, fetchers[0].chain)
        for fetcher in fetchers:
            _keep_way(store, fetcher, transactions)
        accounts = accounts_of(case.seeds, fetchers[0].chain)
        _keep_question(case, store, extend)
        _forget_cut(store, fetchers)
        store.set(STATE, RUNNING)

        def run(where: Range) -> Fetched:
            crawl = Crawl(case, store, fetchers, where, case.wrappers)
            return crawl.run(budget, watch, accounts, transactions, order)

        try:
            done = _through_reorgs(case, store, fetchers, extend, run)
            store.set(STATE, ENDED)
            keep_result(case, store)
        finally:
            case.refresh()
    return done


def _through_reorgs(
    case: Case, store: Store, fetchers: Sequence[Fetcher], extend: bool, run: Callable[[Range], Fetched]
) -> Fetched:
    """Runs, and runs again where the chain was reorganised meanwhile."""
    for _ in range(REORGS):
        where = _range(case, store, fetchers, extend)
        try:
            return run(where)
        except Contradiction:
            if all(is_still_there(fetcher, where) for fetcher in fetchers):
                raise
    return run(_range(case, store, fetchers, extend))


def _check(case: Case, fetchers: Sequence[Fetcher]) -> None:
    if not fetchers:
        raise CaseError(case.name, "nobody was named to fetch from", "give fetchers=[ct.Rpc(url)], or --rpc URL")
    chains = dict.fromkeys(fetcher.chain for fetcher in fetchers)
    if len(chains) > 1:
        raise CaseError(case.name, f"its fetchers are of {' and '.join(chains)}", "one case is of one chain")
    told = case.folder.fetch.chain if case.folder.fetch else None
    if told is not None and told not in chains:
        names = get_chain(told).name, fetchers[0].name, get_chain(fetchers[0].chain).name
        reason = "it is about {}, and {} is of {}".format(*names)
        raise CaseError(case.name, reason, "ask a provider of that chain")
    if len({fetcher.name for fetcher in fetchers}) < len(fetchers):
        raise CaseError(case.name, f"{fetchers[0].name} is named twice", "two fetchers are two providers")


def _keep_way(store: Store, fetcher: Fetcher, transactions: Sequence[str]) -> None:
    """How a provider is asked is decided once, so that what comes later is found as what came before."""
    key = f"way/{fetcher.name}"
    found = fetcher.way(transactions[0] if transactions else None)
    kept = store.get(key)
    if kept is None:
        store.set(key, found)
    elif kept != found:
        reason = f"{fetcher.name} was asked by {kept} before, and now by {found}"
        raise CaseError(fetcher.name, reason, f"ask with way={kept!r}, or fetch into a new case")


def _keep_question(case: Case, store: Store, extend: bool) -> None:
    """What pages were asked with cannot be changed afterwards; where they end can be, by going on."""
    told = case.folder.fetch
    asked = {"wrappers": sorted(case.wrappers), "first": None if told is None else str(told.first)}
    until = {"until": None if told is None else str(told.until), "young": bool(told and told.young)}
    for key, now, advice in (
        (ASKED, asked, "fetch into a new case"),
        (UNTIL, until, "extend=True, --extend, goes there; or write it as it was"),
    ):
        kept = store.get(key)
        if kept is not None and kept != canonical(now) and not (key == UNTIL and extend):
            names = " and ".join(sorted(now))
            raise CaseError(case.name, f"{names} are not what they were when it was fetched: {kept}", advice)
        store.set(key, canonical(now))


def _forget_cut(store: Store, fetchers: Sequence[Fetcher]) -> None:
    """Histories that were too long are looked at again when more is allowed."""
    most = canonical({fetcher.name: fetcher.most for fetcher in fetchers})
    if store.get(MOST) not in (None, most):
        store.set(CUT, "{}")
    store.set(MOST, most)


# ---- blocks ------------------------------------------------------------------------------------------------------


def _range(case: Case, store: Store, fetchers: Sequence[Fetcher], extend: bool) -> Range:
    known = kept_range(store)
    if known is not None and all(is_still_there(fetcher, known) for fetcher in fetchers) and not extend:
        return known
    if known is not None:
        heal(store, fetchers)
    where = _fixed(case, fetchers[0], None if known is None else known.first)
    if known is not None and where.last < known.last and is_still_there(fetchers[0], known):
        reason = f"it was fetched to block {known.last}, and is now to end in block {where.last}"
        raise CaseError(case.name, reason, "trace with until= instead, or fetch into a new case")
    keep_range(store, where)
    return where


def _fixed(case: Case, fetcher: Fetcher, first: int | None) -> Range:
    told = case.folder.fetch
    head = fetcher.head(bool(told and told.young))
    last, digest = head.number, head.hash
    if told and told.until is not None:
        until = block_by(fetcher, told.until, last=True)
        if until < 0:
            raise CaseError(case.name, f"until = {told.until} is before the chain's first block", "choose a later one")
        if until < last:
            last, digest = until, fetcher.hashes([until])[until]
    if first is None:
        starts = [_start(fetcher, seed) for seed in case.seeds]
        first = block_by(fetcher, told.first) if told and told.first is not None else min(starts)
    if first > last:
        reason = f"it begins in block {first}, and the last block to fetch is {last}"
        raise CaseError(case.name, reason, "wait until the block is final, or fetch young blocks as well")
    return Range(first, last, digest, min(head.final, last))


def _start(fetcher: Fetcher, seed: Seed) -> int:
    if isinstance(seed, AddressSince):
        return 0 if seed.since is None else block_by(fetcher, seed.since)
    return min(fetcher.block_of(one) for one in transactions_of([seed], fetcher.chain))


def block_by(fetcher: Fetcher, moment: Moment, last: bool = False) -> int:
    """The block of a moment: the first at or after it; with ``last`` the last at or before it."""
    value, is_block = parse_moment(moment)
    if is_block:
        return value
    return fetcher.block_at(value + 1) - 1 if last else fetcher.block_at(value)


# ---- seeds -------------------------------------------------------------------------------------------------------


def transactions_of(seeds: Sequence[Seed], chain: str) -> list[str]:
    """The transactions that seeds name, each once, as their chain spells them. SeedError for rows by number, which
    cannot be asked for."""
    found: dict[str, None] = {}
    for seed in seeds:
        if isinstance(seed, AddressSince):
            continue
        for ref in [seed.tx] if isinstance(seed, Theft) else seed.refs:
            name = ref[0] if isinstance(ref, tuple) else ref
            if not isinstance(name, str):
                raise SeedError(seed.name, "row numbers name nothing that could be fetched", "name transactions")
            tx_hash = parse_hash(name, chain)
            if tx_hash is None:
                reason = "a transaction hash is 64 hexadecimal digits, after 0x or not"
                raise SeedError(seed.name, reason, "copy the whole hash from its source")
            found[tx_hash] = None
    return list(found)


def accounts_of(seeds: Sequence[Seed], chain: str) -> list[str]:
    return [parse_account(seed.address, chain) for seed in seeds if isinstance(seed, AddressSince)]
