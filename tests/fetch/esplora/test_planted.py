"""What was planted on a chain comes back from a server, row by row, whatever its pages are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.errors import InputError, MethodError, TooLong
from chaintrace.fetch.esplora import things
from chaintrace.fetch.esplora.ways import AFTER, CHAIN, UNCONFIRMED
from chaintrace.model.address import is_account
from chaintrace.model.amount import from_bytes
from chaintrace.model.chain import get_chain
from chaintrace.model.page import Page
from chaintrace.testing.esplora import Esplora
from chaintrace.testing.truth import difference, rows_of
from tests.fetch.esplora.asking import BITCOIN, NATIVE, NOTHING, Kept, Stage, again, ask, esplora, question
from tests.fetch.rpc.asking import by_identity

FEW = settings(
    settings.get_profile("ci"),
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def is_true(stage: Stage, page: Page, whole: tuple[str, ...] = ()) -> bool:
    """Whether a page shows what was planted: rows in their order, coins and balances, and itself again."""
    asked, answer = page.question, page.answer
    truth = stage.rows(asked.accounts, asked.first, asked.last, (*whole, *asked.transactions))
    assert rows_of(answer.rows) == truth
    assert len(by_identity(answer.rows)) == answer.rows.num_rows
    held = {(one.account, one.block): one.amount for one in answer.balances}
    for account in asked.accounts:
        for block in {asked.since - 1, asked.last}:
            assert held[account, block] == sum(coin.value for coin in stage.unspent(account, block))
    assert again(page).digest == answer.digest
    return True


@pytest.mark.parametrize("cap", [1, 2, 7, 25])
@pytest.mark.parametrize("mempool_space", [False, True])
def test_whatever_the_largest_page_is_every_row_comes_once(
    stage: Stage, server: Esplora, cap: int, mempool_space: bool
) -> None:
    """Both kinds of servers, each paged in both ways where it can be."""
    server.cap, server.mempool_space = cap, mempool_space
    some = [*stage.accounts[:: 6 if cap < 7 else 1], stage.busiest]
    for way in (CHAIN, AFTER) if mempool_space else (CHAIN,):
        assert is_true(stage, ask(server, question(stage, list(dict.fromkeys(some)), way=way)))


def test_every_column_says_what_was_planted(stage: Stage, server: Esplora) -> None:
    page = ask(server, question(stage))
    rows = [row for row in page.answer.rows.to_pylist() if row["kind"] != "opening"]
    places = {tx.txid: (height, place, tx) for height, place, tx in stage.sent()}
    seen: dict[str, int] = {}
    for row in rows:
        height, place, tx = places[row["tx_hash"]]
        block = stage.chain.blocks[height - 1]
        assert (row["block"], row["block_hash"], row["tx_index"]) == (height, block.hash, place)
        assert (int(row["time"].timestamp()), row["order"], row["chain"]) == (block.time, "known", BITCOIN)
        assert row["seq"] == seen.get(tx.txid, -1) + 1
        seen[tx.txid] = row["seq"]
        coins = [None if not tx.spent else coin.outpoint for coin in tx.spent or (None,)]
        coins += [*(coin.outpoint for coin in tx.made), None]
        assert row["outpoint"] == coins[row["seq"]]
    assert page.answer.hashes == {row["block"]: row["block_hash"] for row in rows} | {stage.last: stage.last_hash}
    assert {(one.account, one.first, one.last) for one in page.answer.covered} == {
        (account, stage.first, stage.last) for account in stage.accounts
    }


def test_coins_from_before_stand_first_each_by_itself(stage: Stage, server: Esplora) -> None:
    since = stage.first + 9
    answer = ask(server, question(stage, since=since, first=since)).answer
    opening = [row for row in answer.rows.to_pylist() if row["kind"] == "opening"]
    truth = {
        (coin.lock.account, coin.outpoint, coin.value) for a in stage.accounts for coin in stage.unspent(a, since - 1)
    }
    assert {(row["receiver"], row["outpoint"], from_bytes(row["amount"])) for row in opening} == truth
    assert len(opening) == len(truth)
    assert {row["block"] for row in opening} == {since - 1}


def test_each_account_alone_gets_its_own_transactions_whole(stage: Stage, server: Esplora) -> None:
    archive = Kept()
    for account in stage.accounts[::2]:
        page = ask(server, question(stage, [account]), archive)
        truth = stage.rows([account], stage.first, stage.last)
        assert rows_of(page.answer.rows) == truth
        archive.add(page)
        assert again(page, archive).digest == page.answer.digest


@FEW
@given(data=st.data())
def test_some_accounts_between_some_blocks(stage: Stage, server: Esplora, data: st.DataObject) -> None:
    server.cap = data.draw(st.sampled_from([1, 2, 7, 25]))
    some = data.draw(st.lists(st.sampled_from(stage.accounts), max_size=5, unique=True))
    first = data.draw(st.integers(100, stage.last))
    last = data.draw(st.integers(first, stage.last))
    since = data.draw(st.integers(100, first))
    final = data.draw(st.sampled_from([last, max(last - 1, 0), max(last - 3, 0), first - 1]))
    ids = [tx.txid for _, _, tx in stage.sent(stage.first, last)] if last >= stage.first else []
    whole = tuple(data.draw(st.lists(st.sampled_from(ids), max_size=3, unique=True))) if ids else ()
    asked = question(
        stage, some, first=first, last=last, last_hash=stage.hash(last), since=since, final=final, transactions=whole
    )
    assert is_true(stage, ask(server, asked))


def test_what_is_wanted_whole_is_told_whole_and_covers_nobody(stage: Stage, server: Esplora) -> None:
    ids = tuple(tx.txid for _, _, tx in stage.sent(stage.first))
    page = ask(server, question(stage, (), transactions=ids))
    assert difference(stage.rows((), 0, 0, ids), rows_of(page.answer.rows)) == NOTHING
    assert page.answer.covered == page.answer.missing == page.answer.balances == ()


def test_what_is_in_no_block_is_no_row_and_is_said_with_its_amounts(stage: Stage, server: Esplora) -> None:
    waiting = list(stage.chain.waiting.values())
    assert waiting
    answer = ask(server, question(stage)).answer
    assert not {tx.txid for tx in waiting} & set(answer.rows["tx_hash"].to_pylist())
    said = {one.account: one.reason for one in answer.missing if one.kind == UNCONFIRMED}
    for account in stage.accounts:
        made = [coin.value for tx in waiting for coin in tx.made if coin.lock.account == account]
        gone = [coin.value for tx in waiting for coin in tx.spent if coin.lock.account == account]
        assert (account in said) == bool(made or gone)
        if account in said:
            assert f"{sum(made)} satoshi coming and {sum(gone)} going" in said[account]


def test_an_account_of_which_nothing_is_known_has_nothing(stage: Stage, server: Esplora) -> None:
    nobody = ["bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "script:" + "7" * 64]
    page = ask(server, question(stage, nobody))
    assert is_true(stage, page)
    assert [one.amount for one in page.answer.balances] == [0] * 4


def test_every_script_type_is_told_under_its_account(stage: Stage, server: Esplora) -> None:
    rows = ask(server, question(stage)).answer.rows.to_pylist()
    parties = {party for row in rows for party in (row["sender"], row["receiver"]) if party}
    assert all(is_account(party, "bitcoin") for party in parties)
    starts = {party[:4] for party in parties}
    assert {"bc1q", "bc1p", "bc1z", "scri"} <= starts
    assert {"1", "3"} <= {party[0] for party in parties}
    assert "burn" in {row["kind"] for row in rows}


def test_the_test_networks_are_told_as_well(stage: Stage) -> None:
    regtest = get_chain("bitcoin-regtest")
    with Esplora(stage.chain, main=False) as server, esplora(server, chain="bitcoin-regtest") as fetcher:
        asked = question(stage, ["script:" + "7" * 64], chain=fetcher.chain, transactions=(_any(stage),))
        rows = fetcher.ask(asked, Kept()).answer.rows.to_pylist()
    assert {row["asset"] for row in rows} == {regtest.native}
    assert all(is_account(party, regtest) for row in rows for party in (row["sender"], row["receiver"]) if party)
    assert any((row["receiver"] or "").startswith("bcrt1") for row in rows)


def _any(stage: Stage) -> str:
    return next(
        tx.txid
        for _, place, tx in stage.sent(stage.first)
        if place and any(one.lock.kind == "p2wpkh" for one in tx.made)
    )


# ---- which server ------------------------------------------------------------------------------------------------


def test_a_server_of_another_network_is_refused(stage: Stage, server: Esplora) -> None:
    with (
        esplora(server, chain="bitcoin-testnet") as fetcher,
        pytest.raises(InputError, match="it is a server of bitcoin,"),
    ):
        fetcher.head()
    server.change = lambda path, told: "00" * 32 if path == "/block-height/0" else told
    with esplora(server) as fetcher, pytest.raises(InputError, match="it is a server of another chain"):
        fetcher.head()


def test_the_prefix_and_the_way_are_found_out(stage: Stage, server: Esplora) -> None:
    with esplora(server) as fetcher:
        assert fetcher.way() == CHAIN
        assert server.calls["/block-height/:n"] == 1
    server.mempool_space = True

    def without_paths(path: str, told: object) -> object:
        from chaintrace.testing.front import Response

        return Response(404, b"endpoint does not exist") if "/txs/chain" in path else told

    server.change = without_paths
    with esplora(server) as fetcher:
        assert fetcher.way() == AFTER
        page = fetcher.ask(question(stage, [stage.busiest], way=fetcher.way()), Kept())
    assert is_true(stage, page)


def test_a_place_without_an_api_is_no_server(server: Esplora) -> None:
    server.change = lambda path, told: "<!doctype html><html>welcome</html>"
    with esplora(server) as fetcher, pytest.raises(InputError, match="no server with Esplora's API"):
        fetcher.head()


def test_options_that_are_none_are_refused() -> None:
    for options in ({"chain": "ethereum"}, {"depth": -1}, {"depth": True}, {"way": "utxo"}):
        with pytest.raises(MethodError):
            ct.Esplora("http://localhost", **options)  # type: ignore[arg-type]


def test_a_history_that_is_too_long_is_not_read(stage: Stage, server: Esplora) -> None:
    with pytest.raises(TooLong, match="and 10 are taken") as caught:
        ask(server, question(stage, [stage.busiest]), most=10)
    assert caught.value.accounts == (stage.busiest,)
    assert caught.value.found > 60
    assert server.calls["/address/:address/txs/chain"] == 0


def test_a_server_that_tells_no_more_is_a_history_that_is_too_long(stage: Stage, server: Esplora) -> None:
    from chaintrace.testing.front import Response

    server.change = lambda path, told: Response(400, b"Too many history entries") if "/txs" in path else told
    with pytest.raises(TooLong, match="Too many history entries"):
        ask(server, question(stage, [stage.busiest], transactions=()), Kept())


# ---- bodies as they come -----------------------------------------------------------------------------------------


def test_a_recorded_transaction_is_read_as_it_is(data: Path) -> None:
    """Its id is not told, and is the hash of what it says."""
    told = json.loads((data / "rpc" / "esplora_tx_sample.json").read_bytes())
    found = things.transaction(told, BITCOIN)
    assert [coin.amount for coin in found.outputs] == [151_900, 44_560_006]
    assert (found.paid, found.fee, found.standing, found.mints) == (2_369, None, None, False)
    assert [name for name, _ in found.spent] == ["c7a1682bdf54913a4d825b4f1b79ae9c3ad0638cb70ed4e60cab88ab39a5de26:1"]


GENESIS = {
    "txid": "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b",
    "version": 1,
    "locktime": 0,
    "vin": [
        {
            "txid": "0" * 64,
            "vout": 0xFFFFFFFF,
            "prevout": None,
            "scriptsig": "04ffff001d010445"
            + b"The Times 03/Jan/2009 Chancellor on brink of second bailout for banks".hex(),
            "is_coinbase": True,
            "sequence": 0xFFFFFFFF,
        }
    ],
    "vout": [
        {
            "scriptpubkey": "4104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb6"
            "49f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac",
            "value": 5_000_000_000,
        }
    ],
}


def test_the_first_transaction_is_the_hash_of_what_it_says() -> None:
    found = things.transaction(GENESIS, BITCOIN)
    assert found.mints
    assert found.paid == -5_000_000_000


def test_the_asset_is_bitcoin_s_coin(stage: Stage, server: Esplora) -> None:
    assert set(ask(server, question(stage)).answer.rows["asset"].to_pylist()) == {NATIVE}
