"""From a theft to where its coins are: a case that is fetched from a server is the whole chain's, coin by coin."""

from __future__ import annotations

import logging
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

import chaintrace as ct
from chaintrace.cli import chaintrace
from chaintrace.model.transfer import Transfers
from chaintrace.testing.bitcoin.chain import Regtest
from chaintrace.testing.bitcoin.locks import lock
from chaintrace.testing.bitcoin.told import rows_of_tx
from chaintrace.testing.esplora import Esplora
from chaintrace.testing.truth import Row, difference, rows_of
from tests.fetch.esplora.asking import BUSY, NATIVE, NOTHING, Stage, planted, question
from tests.kernels import KERNELS, on
from tests.testing.conftest import Robbed

EXACT = ct.Budget(share="1")
CANARY = "c4n4ryK3y0f7h3c0a1m1n3"


def theft(stage: Stage) -> str:
    """A transaction early on that pays several people."""
    for _, _, tx in stage.sent(stage.first + 1):
        if tx.spent and len({coin.lock for coin in tx.made} - {coin.lock for coin in tx.spent}) > 2:
            return tx.txid
    raise AssertionError


def server_of(server: Esplora, **how: Any) -> ct.Esplora:
    return ct.Esplora(server.url, **({"limits": ct.Limits(), "depth": 0} | how))


def whole_chain(stage: Stage) -> ct.TransferGraph:
    """Everything that was planted, without any fetcher."""
    rows = []
    for height, place, tx in stage.sent():
        rows += [(place, seq, *row) for seq, row in enumerate(rows_of_tx(tx, height))]
    frame = pd.DataFrame(rows, columns=["tx_index", "seq", *Row._fields], dtype=object)
    return ct.TransferGraph(ct.read_transfers(frame, chain="bitcoin"))


def told(trace: ct.Trace) -> tuple[Counter[Any], Counter[Any]]:
    """The ledger, and where the coins are, one by one."""
    ledger, held = trace.ledger, trace.holdings()
    lines = Counter(dict(zip(zip(ledger["bucket"], ledger["category"], strict=True), ledger["amount"], strict=True)))
    return lines, Counter(dict(zip(zip(held["address"], held["outpoint"], strict=True), held["amount"], strict=True)))


def fetched(stage: Stage, server: Esplora, folder: Path) -> ct.Case:
    case = ct.Case.create(folder, ct.theft(theft(stage)), [server_of(server)], chain="bitcoin")
    assert case.fetch(budget=EXACT).ended == "goal"
    return case


@pytest.fixture(scope="module")
def case(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> ct.Case:
    with Esplora(stage.chain) as server:
        return fetched(stage, server, tmp_path_factory.mktemp("cases") / "case")


METHODS = ("fifo", "haircut", "lifo", "tiho", "dirty-first")


@pytest.fixture(scope="module")
def wide(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> ct.Case:
    """With the history of every account that any method follows coins to; a crawl goes by FIFO."""
    with Esplora(stage.chain) as server:
        found = fetched(stage, server, tmp_path_factory.mktemp("cases") / "wide")
        fetcher, store = server_of(server), found.store
        assert store is not None
        with store.writing():
            while accounts := unfollowed(found):
                asked = question(stage, accounts, provider=fetcher.name, first=first_of(found), since=first_of(found))
                store.commit([fetcher.ask(asked, store)])
                found.refresh()
    return found


def first_of(case: ct.Case) -> int:
    assert case.harvest is not None
    return case.harvest.where.first


def unfollowed(case: ct.Case) -> list[str]:
    ends = [case.trace(method).ends() for method in METHODS]
    return sorted({account for one in ends for account in one[one["bucket"] == "not_fetched"]["address"]})


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("which", KERNELS)
def test_the_crawl_knows_what_the_whole_chain_knows(stage: Stage, wide: ct.Case, method: str, which: str) -> None:
    with on(which):
        wide.refresh()
        mine = wide.trace(method)
        true = ct.trace(whole_chain(stage), ct.theft(theft(stage)), method)
        assert mine.seeded == true.seeded
        assert told(mine) == told(true)
    wide.refresh()


@pytest.mark.parametrize("which", KERNELS)
def test_a_crawl_by_fifo_is_enough_for_fifo(stage: Stage, case: ct.Case, which: str) -> None:
    with on(which):
        case.refresh()
        assert told(case.trace()) == told(ct.trace(whole_chain(stage), ct.theft(theft(stage))))
    case.refresh()


def test_the_server_s_sums_agree_and_evidence_says_it_again(case: ct.Case, tmp_path: Path) -> None:
    found = case.reconcile()
    assert len(found) > 10
    assert (found["residual"] == 0).all()
    assert case.verify().same
    bundle = case.export(tmp_path / "case.chaintrace")
    again = ct.Case.open(bundle)
    assert again.verify().same
    assert told(again.trace()) == told(case.trace())


def test_accounts_that_nobody_asked_about_are_where_the_trace_ends(stage: Stage, tmp_path: Path) -> None:
    """Transactions in the middle are known, whoever is in them; coins of accounts without a history are not."""
    with Esplora(stage.chain) as server:
        case = ct.Case.create(tmp_path / "case", ct.theft(theft(stage)), [server_of(server)], chain="bitcoin")
        case.fetch(budget=ct.Budget(accounts=1, share="1"))
        ends = case.trace().ends()
    open_ = ends[ends["bucket"] == "not_fetched"]
    assert len(open_)
    assert not open_["address"].str.startswith("tx:").any()
    assert set(open_["address"]).isdisjoint(case.harvest.fetched if case.harvest else ())


def test_an_address_from_a_moment_on_begins_with_the_coins_that_it_had(stage: Stage, tmp_path: Path) -> None:
    since = stage.first + 5
    had = sum(coin.value for coin in stage.unspent(BUSY.account, since - 1))
    with Esplora(stage.chain) as server:
        seed = ct.address(BUSY.account, since=since)
        case = ct.Case.create(tmp_path / "case", seed, [server_of(server)], chain="bitcoin")
        case.fetch(budget=ct.Budget(accounts=1))
        trace = case.trace()
    later = stage.rows([BUSY.account], since, stage.last)
    got = sum(row.amount for row in later if row.receiver == BUSY.account)
    assert 0 < had <= trace.seeded[NATIVE] <= had + got
    assert int(case.reconcile()["residual"].iloc[0]) == 0
    assumed = trace.assumptions()
    assert assumed[assumed["assumption"] == "unexplained"]["amount"].sum() >= 0


def test_two_servers_agree(stage: Stage, tmp_path: Path) -> None:
    with Esplora(stage.chain) as one, Esplora(stage.chain, mempool_space=True, cap=10) as other:
        fetchers = [server_of(one), server_of(other)]
        case = ct.Case.create(tmp_path / "case", ct.theft(theft(stage)), fetchers, chain="bitcoin")
        case.fetch(budget=ct.Budget(accounts=4))
    assert len(case.disagreements()) == 0
    assert case.verify().same


# ---- reorganised chains ------------------------------------------------------------------------------------------


def is_what_the_chain_has_now(stage: Stage, case: ct.Case) -> bool:
    stage.last = stage.chain.height
    assert case.harvest is not None
    where, accounts = case.harvest.where, case.harvest.fetched
    assert (where.last, where.last_hash, where.final) == (stage.last, stage.chain.tip, stage.last - 6)
    truth = stage.rows(accounts, where.first, where.last, [theft(stage)])
    assert difference(truth, rows_of(case.harvest.transfers.table)) == NOTHING
    assert set(case.graph.to_pandas()["block_hash"].dropna()) <= {block.hash for block in stage.chain.blocks}
    assert (case.reconcile()["residual"] == 0).all()
    return case.verify().same


FEW = ct.Budget(accounts=4, share="1")


@pytest.mark.parametrize("depth", range(1, 7))
def test_blocks_that_were_replaced_are_healed(depth: int, tmp_path: Path) -> None:
    """Fetched young, replaced, and fetched on: what is there is what the chain has now."""
    stage = planted(seed=depth, blocks=8, most=2)
    with stage.chain, Esplora(stage.chain) as server:
        fetcher = server_of(server, depth=6)
        case = ct.Case.create(tmp_path / "case", ct.theft(theft(stage)), [fetcher], chain="bitcoin", young=True)
        case.fetch(budget=FEW)
        gone = stage.chain.reorg(depth)
        first = next((tx for block in gone for tx in block.sent[1:] if tx.txid in stage.chain.waiting), None)
        stage.chain.mine(only=[first] if first else [])
        case.fetch(budget=FEW, extend=True)
        assert is_what_the_chain_has_now(stage, case)


@pytest.mark.parametrize("moment", [12, 30])
def test_blocks_that_are_replaced_while_they_are_fetched_are_healed(moment: int, tmp_path: Path) -> None:
    stage = planted(seed=9, blocks=8, most=2)
    with stage.chain, Esplora(stage.chain) as server:
        seen = [0]

        def change(path: str, told: Any) -> Any:
            seen[0] += 1
            if seen[0] == moment:
                stage.chain.reorg(3)
            return told

        server.change = change
        fetcher = server_of(server, depth=6)
        case = ct.Case.create(tmp_path / "case", ct.theft(theft(stage)), [fetcher], chain="bitcoin", young=True)
        case.fetch(budget=FEW)
        assert seen[0] > moment
        assert is_what_the_chain_has_now(stage, case)


def test_by_default_what_six_blocks_may_replace_is_left_alone(tmp_path: Path) -> None:
    stage = planted(seed=4, blocks=9, most=2)
    few = ct.Budget(accounts=2, share="1")
    with stage.chain, Esplora(stage.chain) as server:
        fetcher = server_of(server, depth=6)
        case = ct.Case.create(tmp_path / "case", ct.theft(theft(stage)), [fetcher], chain="bitcoin")
        case.fetch(budget=few)
        before = told(case.trace())
        stage.chain.reorg(6)
        case.fetch(budget=ct.Budget(accounts=0))
        assert told(case.trace()) == before
        assert case.harvest is not None
        assert case.harvest.where.last == stage.last - 6


# ---- pace, keys, the command -------------------------------------------------------------------------------------


def test_a_rate_is_kept_and_nothing_is_refused(tmp_path: Path) -> None:
    stage = planted(seed=2, blocks=3)
    with stage.chain, Esplora(stage.chain, rate=25) as server:
        fetcher = server_of(server, limits=ct.Limits(rate=20))
        case = ct.Case.create(
            tmp_path / "case", ct.address(stage.accounts[0], since=stage.first), [fetcher], chain="bitcoin"
        )
        case.fetch(budget=ct.Budget(accounts=1))
        assert server.refused == 0
        assert server.calls.total() == fetcher.calls


def test_no_key_is_kept_or_shown_anywhere(stage: Stage, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A key in the path's query; the server repeats it in what it says."""
    caplog.set_level(logging.DEBUG)
    with Esplora(stage.chain) as server:
        server.change = lambda path, told: told | {"echo": CANARY} if isinstance(told, dict) else told
        fetcher = ct.Esplora(f"{server.url}?key={CANARY}", limits=ct.Limits(), depth=0)
        case = ct.Case.create(tmp_path / "case", ct.theft(theft(stage)), [fetcher], chain="bitcoin")
        case.fetch(budget=ct.Budget(accounts=2))
        case.export(tmp_path / "case.chaintrace")
        server.change = lambda path, told: f"no {CANARY}"
        with pytest.raises(ct.errors.ProviderError) as caught:
            fetcher.head()
    shown = f"{caught.value!r} {caught.value} {fetcher!r} {caplog.text}"
    assert CANARY not in shown
    for file in tmp_path.rglob("*"):
        assert file.is_dir() or CANARY.encode() not in file.read_bytes()


def test_the_command_fetches_from_a_server(stage: Stage, tmp_path: Path) -> None:
    run = CliRunner()
    with Esplora(stage.chain) as server:
        words = ["fetch", str(tmp_path / "case"), "--seed-tx", theft(stage), "--chain", "bitcoin", "--rate", "1000"]
        made = run.invoke(chaintrace, [*words, "--esplora", server.url, "--max-accounts", "2"])
        assert made.exit_code == 0, made.output
        again = run.invoke(chaintrace, words, env={"CHAINTRACE_ESPLORA": server.url})
        assert again.exit_code == 0, again.output
    assert run.invoke(chaintrace, ["verify", str(tmp_path / "case")]).exit_code == 0


def test_a_mined_coin_is_followed_from_its_coinbase(tmp_path: Path) -> None:
    chain = Regtest()
    chain.mine(110)
    miner, thief = lock("p2tr", "miner of one block"), lock("p2wpkh", "thief")
    chain.mine(to=miner)
    chain.mine(100)
    (coin,) = chain.coins(miner.name)
    chain.pay([coin], (thief, coin.value - 500))
    chain.mine()
    with chain, Esplora(chain) as server:
        seed = ct.address(miner.account)
        case = ct.Case.create(tmp_path / "case", seed, [server_of(server)], chain="bitcoin", first=0)
        case.fetch(budget=EXACT)
        lines, held = told(case.trace())
    assert lines == {("held", ""): coin.value - 500, ("fees", ""): 500}
    assert [address for address, _ in held] == [thief.account]


def test_a_robbery_is_followed_to_its_end(robbed: Robbed, tmp_path: Path) -> None:
    """Peel chain, CoinJoins, an exchange: as the whole planted chain tells it, which has its figures by hand."""
    planted = robbed.planted
    seed, stops = ct.theft(planted.thefts[0]), planted.stops
    with Esplora(robbed.chain) as server:
        case = ct.Case.create(tmp_path / "case", seed, [server_of(server)], chain="bitcoin", stop_at=stops)
        done = case.fetch(budget=EXACT)
    graph = ct.TransferGraph(Transfers(planted.table()))
    assert told(case.trace()) == told(ct.trace(graph, seed, stop_at=stops))
    assert done.ended == "goal"
    assert done.progress.requests < 200
    assert case.verify().same
    assert (case.reconcile()["residual"] == 0).all()
    found, truth = case.graph.to_pandas(), planted.of(set(case.graph.to_pandas()["tx_hash"]))
    assert len(found[found["kind"] != "opening"]) == len(truth)
