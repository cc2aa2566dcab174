"""The server by Esplora's API tells what happened on the chain, page by page, and breaks as it is told to."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from chaintrace.testing.bitcoin.chain import Regtest
from chaintrace.testing.bitcoin.locks import KINDS, lock
from chaintrace.testing.bitcoin.told import BITCOIN, told
from chaintrace.testing.esplora import PAGE, WAITING, Esplora
from chaintrace.testing.esplored import Esplored
from chaintrace.testing.front import LAG, Response
from chaintrace.testing.outputs import address_of, asm, kind_of
from chaintrace.testing.truth import Row

from .bitcoin.stories import STORIES, Story, play
from .conftest import Robbed

Get = Callable[..., Any]
Item = dict[str, Any]
TILL = lock("p2wpkh", "till").account


@pytest.fixture(scope="module")
def server(robbed: Robbed) -> Iterator[Esplora]:
    with Esplora(robbed.chain) as esplora:
        yield esplora


def get(server: Esplora, path: str, **query: str) -> requests.Response:
    return requests.get(server.url + path, params=query, timeout=10)


def told_by(server: Esplora, path: str, **query: str) -> Any:
    return get(server, path, **query).json()


def party(out: Item) -> str:
    return out.get("scriptpubkey_address") or f"script:{sha256(bytes.fromhex(out['scriptpubkey'])).hexdigest()}"


def rows(tx: Item) -> list[Row]:
    """Rows of a transaction as the server writes it, by this test's own reading."""
    txid, block, asset, account = tx["txid"], tx["status"]["block_height"], BITCOIN.native, f"tx:{tx['txid']}"
    found = []
    for one in tx["vin"]:
        if one["is_coinbase"]:
            made = sum(out["value"] for out in tx["vout"])
            found.append(Row(txid, block, "reward", None, account, asset, made))
        else:
            coin, outpoint = one["prevout"], f"{one['txid']}:{one['vout']}"
            found.append(Row(txid, block, "input", party(coin), account, asset, coin["value"], outpoint))
    for n, out in enumerate(tx["vout"]):
        lost = out["scriptpubkey"].startswith("6a") or len(out["scriptpubkey"]) > 20_000
        kind, payee = ("burn", None) if lost else ("output", party(out))
        found.append(Row(txid, block, kind, account, payee, asset, out["value"], f"{txid}:{n}"))
    if not tx["vin"][0]["is_coinbase"]:
        found.append(Row(txid, block, "fee", account, None, asset, tx["fee"]))
    return found


def blockwise(server: Esplora) -> Iterator[Item]:
    for height in range(1, int(get(server, "/blocks/tip/height").text) + 1):
        block = told_by(server, f"/block/{get(server, f'/block-height/{height}').text}")
        for start in range(0, block["tx_count"], PAGE):
            yield from told_by(server, f"/block/{block['id']}/txs/{start}")


def history(server: Esplora, who: str) -> list[Item]:
    """Everything confirmed of an address, as clients ask for it."""
    found: list[Item] = told_by(server, f"/address/{who}/txs/chain")
    while page := told_by(server, f"/address/{who}/txs/chain/{found[-1]['txid']}"):
        found += page
    return found


def test_the_blocks_tell_the_truth(server: Esplora, robbed: Robbed) -> None:
    assert [row for tx in blockwise(server) for row in rows(tx)] == list(robbed.planted.rows)


def test_every_address_has_its_transactions_and_no_others(server: Esplora, robbed: Robbed) -> None:
    for account in robbed.planted.accounts:
        if account.startswith(("tx:", "script:")):
            continue
        listed = [tx["txid"] for tx in history(server, account)]
        true = {row.tx_hash for row in robbed.planted.touching([account])}
        assert len(listed) == len(set(listed))
        assert set(listed) == true


def test_every_script_without_an_address_has_its_transactions_but_those_that_return(
    server: Esplora, robbed: Robbed
) -> None:
    scripts = [coin.lock for coin in robbed.planted.coins.values() if coin.lock.address is None]
    assert {one.kind for one in scripts} >= {"p2pk", "multisig", "anyone", "return", "broken"}
    for one in scripts:
        name = one.account.removeprefix("script:")
        listed = [tx["txid"] for tx in told_by(server, f"/scripthash/{name}/txs/chain")]
        true = {row.tx_hash for row in robbed.planted.touching([one.account])}
        assert set(listed) == (set() if one.script[0] == 0x6A else true)


def test_sums_and_unspent_coins_are_the_balances(server: Esplora, robbed: Robbed) -> None:
    held = {pot.account: amount for pot, amount in robbed.planted.balances.items()}
    for account in robbed.planted.accounts:
        if account.startswith(("tx:", "script:")):
            continue
        stats = told_by(server, f"/address/{account}")["chain_stats"]
        coins = told_by(server, f"/address/{account}/utxo")
        assert stats["funded_txo_sum"] - stats["spent_txo_sum"] == held.get(account, 0)
        assert sum(coin["value"] for coin in coins) == held.get(account, 0)
        assert len(coins) == stats["funded_txo_count"] - stats["spent_txo_count"]
        assert stats["tx_count"] == len({row.tx_hash for row in robbed.planted.touching([account])})


def test_a_script_has_the_history_of_its_address(server: Esplora) -> None:
    name = sha256(lock("p2wpkh", "till").script).hexdigest()
    assert told_by(server, f"/scripthash/{name}/txs") == told_by(server, f"/address/{TILL}/txs")
    stats = told_by(server, f"/scripthash/{name}")
    assert stats.pop("scripthash") == name
    assert stats == {key: value for key, value in told_by(server, f"/address/{TILL}").items() if key != "address"}


def test_pages_are_full_but_the_last_and_newest_come_first(server: Esplora) -> None:
    first = told_by(server, f"/address/{TILL}/txs")
    second = told_by(server, f"/address/{TILL}/txs/chain/{first[-1]['txid']}")
    third = told_by(server, f"/address/{TILL}/txs/chain/{second[-1]['txid']}")
    assert (len(first), len(second), len(third)) == (PAGE, PAGE, 16)
    heights = [tx["status"]["block_height"] for tx in first + second + third]
    assert heights == sorted(heights, reverse=True)
    assert told_by(server, f"/address/{TILL}/txs/chain/{third[-1]['txid']}") == []
    assert told_by(server, f"/address/{TILL}/txs/chain/{'0' * 64}") == []


def test_only_mempool_space_keeps_the_order_of_a_block(server: Esplora, robbed: Robbed) -> None:
    true = list(dict.fromkeys(row.tx_hash for row in reversed(robbed.planted.touching([TILL]))))
    with Esplora(robbed.chain, mempool_space=True) as other:
        assert other.url.endswith("/api")
        first = told_by(other, f"/address/{TILL}/txs")
        second = told_by(other, f"/address/{TILL}/txs", after_txid=first[-1]["txid"])
        third = told_by(other, f"/address/{TILL}/txs", after_txid=second[-1]["txid"])
        assert [tx["txid"] for tx in first + second + third] == true
        assert told_by(other, f"/address/{TILL}/txs", after_txid=third[-1]["txid"]) == []
    mixed = [tx["txid"] for tx in history(server, TILL)]
    assert mixed != true
    assert sorted(mixed) == sorted(true)
    assert told_by(server, f"/address/{TILL}/txs", after_txid=mixed[24])[0]["txid"] == mixed[0]


def test_a_transaction_is_told_in_full(server: Esplora, robbed: Robbed) -> None:
    block = next(block for block in robbed.planted.blocks if block.height == robbed.planted.first)
    place, tx = next((n, tx) for n, tx in enumerate(block.sent) if tx.txid == robbed.planted.thefts[0])
    said = told_by(server, f"/tx/{tx.txid}")
    assert get(server, f"/tx/{tx.txid}/hex").text == get(server, f"/tx/{tx.txid}/raw").content.hex() == tx.raw.hex()
    assert (said["size"], said["fee"], said["version"]) == (len(tx.raw), 10_000, 2)
    assert said["weight"] < 4 * said["size"]
    assert said["status"] == told_by(server, f"/tx/{tx.txid}/status")
    assert said["status"]["block_hash"] == block.hash
    assert get(server, f"/block/{block.hash}/txid/{place}").text == tx.txid
    assert told_by(server, f"/block/{block.hash}/txids") == [one.txid for one in block.sent]
    assert get(server, f"/block/{block.hash}/raw").content == block.raw
    assert get(server, f"/block/{block.hash}/header").text == block.raw[:80].hex()
    spent = told_by(server, f"/tx/{tx.txid}/outspends")
    split = robbed.planted.named["split"]
    assert [one.get("txid") for one in spent] == [None, split, split]
    assert [one.get("vin") for one in spent] == [None, 0, 1]
    assert told_by(server, f"/tx/{tx.txid}/outspend/2") == spent[2]


def test_blocks_hang_together_from_the_main_networks_first_on(server: Esplora, robbed: Robbed) -> None:
    genesis = get(server, "/block-height/0").text
    assert genesis == "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"
    first = told_by(server, f"/block/{genesis}")
    assert (first["previousblockhash"], first["difficulty"], first["weight"]) == (None, 1.0, 4 * first["size"])
    assert told_by(server, f"/block/{genesis}/txs")[0]["vout"][0]["value"] == 50 * 10**8
    before = first
    for block in robbed.planted.blocks:
        said = told_by(server, f"/block/{block.hash}")
        parent = before["id"] if before["height"] else robbed.chain.first  # what the header of the first block says
        assert (said["previousblockhash"], said["height"]) == (parent, before["height"] + 1)
        assert (said["timestamp"], said["tx_count"], said["size"]) == (block.time, len(block.sent), len(block.raw))
        assert said["mediantime"] >= before["mediantime"]
        assert told_by(server, f"/block/{before['id']}/status") == {
            "in_best_chain": True,
            "height": before["height"],
            "next_best": block.hash,
        }
        before = said
    assert get(server, "/blocks/tip/hash").text == before["id"] == robbed.chain.tip
    with Esplora(robbed.chain, main=False) as own:
        assert get(own, "/block-height/0").text == robbed.chain.first
        assert told_by(own, f"/block/{robbed.chain.first}")["id"] == robbed.chain.first
        mined = told_by(own, f"/block/{before['id']}/txs")[0]["vout"][0]["scriptpubkey_address"]
        assert mined.startswith("bcrt1q")
        assert told_by(own, f"/address/{mined}/txs")
        assert get(own, f"/address/{TILL}").status_code == 400


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        (f"/tx/{'ab' * 32}", 404, "Transaction not found"),
        (f"/tx/{'ab' * 32}/outspends", 404, "Transaction not found"),
        (f"/block/{'ab' * 32}", 404, "Block not found"),
        (f"/block/{'ab' * 32}/txs", 404, "Block not found"),
        ("/block-height/100000", 404, "Block not found"),
        ("/address/1nonsense", 400, "Invalid Bitcoin address"),
        (f"/address/{TILL.upper()[:-1]}q/txs", 400, "Invalid Bitcoin address"),
        ("/scripthash/abc/txs", 400, "Invalid hash string"),
        ("/nothing", 404, "endpoint does not exist"),
    ],
)
def test_what_is_not_there_is_said_in_plain_text(server: Esplora, path: str, status: int, text: str) -> None:
    answer = get(server, path)
    assert (answer.status_code, answer.text) == (status, text)


def test_what_is_unknown_is_unconfirmed_off_the_best_chain_or_empty(server: Esplora) -> None:
    assert told_by(server, f"/tx/{'ab' * 32}/status") == {"confirmed": False}
    assert told_by(server, f"/block/{'ab' * 32}/status")["in_best_chain"] is False
    nobody = lock("p2tr", "nobody").account
    assert told_by(server, f"/address/{nobody}")["chain_stats"]["tx_count"] == 0
    assert told_by(server, f"/address/{nobody}/txs") == told_by(server, f"/scripthash/{'ab' * 32}/utxo") == []


def test_pages_of_a_block_begin_at_multiples(server: Esplora, robbed: Robbed) -> None:
    block = max(robbed.planted.blocks, key=lambda block: len(block.sent))
    pages = [told_by(server, f"/block/{block.hash}/txs/{start}") for start in range(0, len(block.sent), PAGE)]
    assert [tx["txid"] for page in pages for tx in page] == [tx.txid for tx in block.sent]
    assert told_by(server, f"/block/{block.hash}/txs") == pages[0]
    assert get(server, f"/block/{block.hash}/txs/{PAGE - 1}").text == f"start index must be a multipication of {PAGE}"
    assert get(server, f"/block/{block.hash}/txs/{PAGE * 40}").text == "start index out of range"


def test_what_waits_is_shown_as_unconfirmed_and_is_gone_from_the_unspent(regtest: Regtest) -> None:
    payer, payee = lock("p2wpkh", "payer"), lock("p2wpkh", "payee")
    coin = regtest.fund(payer, 10**8)
    regtest.mine()
    with Esplora(regtest) as server:
        for _ in range(WAITING + 3):
            coin = regtest.pay([coin], (payee, 1_000), (payer, coin.value - 1_200)).made[1]
        last = list(regtest.waiting)[::-1]
        listed = told_by(server, f"/address/{payee.account}/txs")
        assert [tx["txid"] for tx in listed] == last[:WAITING]
        assert {tx["status"]["confirmed"] for tx in listed} == {False}
        assert told_by(server, f"/address/{payee.account}/txs/mempool") == listed
        assert told_by(server, f"/address/{payee.account}/txs/chain") == []
        assert len(told_by(server, f"/address/{payer.account}/txs")) == WAITING + 1
        stats = told_by(server, f"/address/{payee.account}")
        assert (stats["chain_stats"]["tx_count"], stats["mempool_stats"]["funded_txo_sum"]) == (0, 53_000)
        assert [one["value"] for one in told_by(server, f"/address/{payer.account}/utxo")] == [coin.value]
        spent = told_by(server, f"/tx/{last[1]}/outspend/1")
        assert (spent["txid"], spent["status"]) == (last[0], {"confirmed": False})
        regtest.mine()
        assert len(history(server, payee.account)) == WAITING + 3
        assert told_by(server, f"/address/{payee.account}/txs/mempool") == []


def test_after_a_fork_the_server_shows_the_new_chain_only(regtest: Regtest) -> None:
    payer, payee = lock("p2wpkh", "payer"), lock("p2tr", "payee")
    coin = regtest.fund(payer, 10**8)
    regtest.mine()
    tx = regtest.pay([coin], (payee, 10**8 - 400))
    regtest.mine()
    with Esplora(regtest) as server:
        assert told_by(server, f"/tx/{tx.txid}")["status"]["block_height"] == 112
        (gone,) = regtest.reorg(1)
        assert told_by(server, f"/tx/{tx.txid}")["status"] == {"confirmed": False}
        assert told_by(server, f"/address/{payee.account}/txs/chain/{tx.txid}") == []
        assert get(server, f"/block/{gone.hash}").status_code == 404
        assert told_by(server, f"/block/{gone.hash}/status")["in_best_chain"] is False
        assert [row for one in blockwise(server) for row in rows(one)] == list(told(regtest).rows)


@pytest.mark.parametrize("cap", [1, 2, 7])
def test_pages_may_be_short(robbed: Robbed, cap: int) -> None:
    with Esplora(robbed.chain, cap=cap) as server:
        assert len(told_by(server, f"/address/{TILL}/txs")) == cap
        assert len(history(server, TILL)) == 66
        assert get(server, f"/block/{robbed.chain.tip}/txs/{cap}").status_code == 400


def test_faults_are_what_they_say(robbed: Robbed) -> None:
    path = f"/address/{TILL}/txs"
    with Esplora(robbed.chain) as server:
        true = told_by(server, path)
        server.fault = "truncated"
        with pytest.raises(requests.exceptions.JSONDecodeError):
            told_by(server, path)
        server.fault = "error"
        assert get(server, path).status_code == 200
        assert get(server, path).text.startswith("Error")
        assert get(server, "/blocks/tip/height").text == str(robbed.chain.height)
        server.fault = "duplicated"
        assert told_by(server, path) == true[:1] + true
        server.fault = "reordered"
        assert told_by(server, path) == true[::-1]
        server.fault = "shrinking"
        assert {len(told_by(server, path)) for _ in range(3)} == {25, 24, 23}
        server.fault = "lagging"
        late = told_by(server, f"/address/{lock('p2wsh', 'bank').account}/txs")
        assert late == []
        assert get(server, f"/tx/{robbed.planted.transactions[-1]}").status_code == 404
        last = max(tx["status"]["block_height"] for tx in told_by(server, path))
        assert last <= robbed.chain.height - LAG
        assert get(server, "/blocks/tip/height").text == str(robbed.chain.height)
        server.fault = ""
        server.change = lambda path, told: Response(503, b"busy") if path.endswith("/txs") else told
        assert get(server, path).status_code == 503
        assert get(server, path + "/chain").json() == true


@pytest.mark.parametrize("loud", [True, False])
def test_whoever_hurries_is_told_to_wait(robbed: Robbed, loud: bool) -> None:
    with Esplora(robbed.chain, rate=2, loud=loud) as server:
        answers = (get(server, "/blocks/tip/height") for _ in range(1_000))
        refused = next(answer for answer in answers if answer.status_code == 429)
        assert refused.headers.get("Retry-After") == ("1" if loud else None)
        assert server.refused == 1 < server.calls["/blocks/tip/height"]


def test_calls_are_counted_by_what_they_ask_for(robbed: Robbed) -> None:
    with Esplora(robbed.chain, mempool_space=True) as server:
        history(server, TILL)
        get(server, f"/tx/{robbed.planted.thefts[0]}/outspend/1")
        get(server, "/block-height/3")
        assert server.calls == Counter(
            {
                "/address/:address/txs/chain": 1,
                "/address/:address/txs/chain/:hash": 3,
                "/tx/:hash/outspend/:n": 1,
                "/block-height/:n": 1,
            }
        )


def test_a_real_transaction_is_written_in_the_same_members_and_words(
    server: Esplora, robbed: Robbed, data: Path
) -> None:
    """A real answer of Blockstream's server, cut to what was asked about; its scripts are read as it reads them."""
    real = json.loads((data / "rpc" / "esplora_tx_sample.json").read_text())
    said = told_by(server, f"/tx/{robbed.planted.named['peel-0']}")
    assert list(real) == [name for name in said if name in real]
    assert set(said) - set(real) == {"txid", "size", "weight", "fee", "status"}
    for ours, theirs in zip((*said["vin"], *said["vout"]), (*real["vin"], *real["vout"]), strict=True):
        assert list(ours) == list(theirs)
    assert list(said["vin"][0]["prevout"]) == list(real["vin"][0]["prevout"])
    for out in (real["vin"][0]["prevout"], *real["vout"]):
        script = bytes.fromhex(out["scriptpubkey"])
        assert asm(script) == out["scriptpubkey_asm"]
        assert kind_of(script) == out["scriptpubkey_type"]
        assert address_of(script) == out["scriptpubkey_address"]


@settings(max_examples=max(settings().max_examples // 5, 20))
@given(choices=STORIES, depth=st.integers(1, 8))
def test_whatever_is_played_is_read_from_its_bytes_as_it_was_meant(
    kernel_of_bitcoin: None, choices: Story, depth: int
) -> None:
    with Regtest() as chain:
        chain.mine(105)
        seen = Esplored(chain)
        for fork in (False, True):
            if fork:
                chain.reorg(depth)
            else:
                play(chain, choices)
            seen.look()
            read = [row for block in seen.blocks[1:] for tx in block.sent for row in rows(seen.transaction(tx))]
            assert read == list(told(chain).rows)
            assert [tx.txid for tx in seen.waiting] == list(chain.waiting)


def test_every_type_of_script_stands_on_the_chain(server: Esplora) -> None:
    kinds = Counter(out["scriptpubkey_type"] for tx in blockwise(server) for out in tx["vout"])
    assert set(kinds) == {"p2pk", "p2pkh", "p2sh", "v0_p2wpkh", "v0_p2wsh", "v1_p2tr", "op_return", "unknown"}
    assert len(KINDS) == 12
