"""Bitcoin transactions as JSON lines: every coin a row, sums exact; what is wrong is rejected whole, with a reason."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.fetch.bitcoin import MAX_MONEY, Coin, told_moves
from chaintrace.model.chain import get_chain
from chaintrace.model.script import account_of

CHAIN = get_chain("bitcoin")
A, B, C = "11" * 32, "22" * 32, "33" * 32
PAYS = "0014" + "ab" * 20
BARE = "51"  # anybody can spend it, and it has no address
DATA = "6a0401020304"


def coin(value: Any = 5000, script: Any = PAYS, **more: Any) -> dict[str, Any]:
    return {"txid": B, "vout": 0, "value": value, "script": script, "type": "any"} | more


def transaction(**changed: Any) -> dict[str, Any]:
    usual = {
        "txid": A,
        "block_hash": "00" * 32,
        "tx_index": 3,
        "time": 1_700_000_000,
        "inputs": [coin(), coin(3000, vout=1)],
        "outputs": [{"value": 4000, "script": PAYS}, {"value": 0, "script": DATA}, {"value": 3500, "script": BARE}],
    }
    return {name: value for name, value in (usual | changed).items() if value is not ...}


def read(folder: Path, *lines: Any, **options: Any) -> ct.Transfers:
    path = folder / "some.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return ct.read_transfers(path, **options)


def test_a_transaction_is_an_account_and_its_coins_are_rows(tmp_path: Path) -> None:
    frame = read(tmp_path, transaction(), chain="bitcoin").to_pandas().replace({float("nan"): None})
    told = frame[["kind", "sender", "receiver", "amount", "outpoint", "seq"]].to_dict("split")["data"]
    pays, bare = (account_of(bytes.fromhex(one), CHAIN.id) for one in (PAYS, BARE))
    assert bare.startswith("script:")
    assert told == [
        ["input", pays, f"tx:{A}", 5000, f"{B}:0", 0],
        ["input", pays, f"tx:{A}", 3000, f"{B}:1", 1],
        ["output", f"tx:{A}", pays, 4000, f"{A}:0", 2],
        ["burn", f"tx:{A}", None, 0, f"{A}:1", 3],
        ["output", f"tx:{A}", bare, 3500, f"{A}:2", 4],
        ["fee", f"tx:{A}", None, 500, None, 5],
    ]
    assert set(frame["evidence"]) == {"some.jsonl, row 0"}
    assert set(frame["asset"]) == {CHAIN.native}


def test_packed_files_read_alike_and_a_graph_follows_the_coins(tmp_path: Path) -> None:
    spend = transaction(
        txid=C, inputs=[coin(4000, txid=A, vout=0)], outputs=[{"value": 3900, "script": BARE}], tx_index=4
    )
    path = tmp_path / "more.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, [transaction(), spend])).encode()))
    trace = ct.trace(ct.TransferGraph(ct.read_transfers(path, chain="bitcoin")), ct.rows((A, "output", 2)))
    assert trace.holdings()[["outpoint", "amount"]].to_dict("split")["data"] == [[f"{C}:0", 3900]]


def test_a_coinbase_has_no_inputs_and_its_coins_are_a_reward(tmp_path: Path) -> None:
    frame = read(
        tmp_path, transaction(inputs=[], outputs=[{"value": 625, "script": PAYS}]), chain="bitcoin"
    ).to_pandas()
    assert frame["kind"].tolist() == ["reward", "output"]
    assert frame["amount"].tolist() == [625, 625]
    assert frame["sender"].isna().tolist() == [True, False]


def test_the_order_is_proven_by_block_numbers_alone(tmp_path: Path) -> None:
    timed = read(tmp_path, transaction(), chain="bitcoin")
    assert set(timed.to_pandas()["order"]) == {"unknown"}
    assert any("order of blocks" in note for note in timed.notes)
    blocks = read(tmp_path, transaction(block=800_000), chain="bitcoin")
    assert set(blocks.to_pandas()["order"]) == {"known"}
    assert blocks.notes == ()


def test_another_chain_is_not_believed(tmp_path: Path) -> None:
    found = read(tmp_path, transaction())
    assert set(found.to_pandas()["chain"]) == {CHAIN.id}
    assert any("read as transactions of bitcoin" in note for note in found.notes)
    test = read(tmp_path, transaction(), chain="bitcoin-testnet").to_pandas()
    assert test["sender"][0].startswith("tb1q")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"txid": "11" * 31}, "bad transaction hash"),
        ({"txid": ...}, "missing field"),
        ({"inputs": None}, "missing field"),
        ({"inputs": [coin(...)]}, "coin without a field"),
        ({"inputs": [coin(script=None)]}, "coin without a field"),
        ({"inputs": [coin(vout=...)]}, "coin without a field"),
        ({"inputs": [coin(script="0")]}, "bad script"),
        ({"inputs": [coin(script="zz")]}, "bad script"),
        ({"inputs": [coin(vout="-1")]}, "bad outpoint"),
        ({"inputs": [coin(), coin()]}, "coin spent twice"),
        ({"inputs": [coin(-1)]}, "negative"),
        ({"inputs": [coin(1.5)]}, "fractional"),
        ({"inputs": [coin(MAX_MONEY + 1)]}, "more than there is"),
        ({"inputs": "none"}, "not a list of coins"),
        ({"inputs": {"a": 1}}, "not a list of coins"),
        ({"inputs": [[1]]}, "not a list of coins"),
        ({"outputs": []}, "missing field"),
        ({"outputs": [{"value": 9000, "script": PAYS}]}, "outputs exceed inputs"),
        ({"time": ...}, "missing field"),
        ({"tx_index": "first"}, "not a number"),
    ],
)
def test_what_is_wrong_is_rejected_whole_with_a_reason(tmp_path: Path, changed: dict[str, Any], reason: str) -> None:
    def clean(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: clean(one) for name, one in value.items() if one is not ...}
        return [clean(one) for one in value] if isinstance(value, list) else value

    found = read(tmp_path, clean(transaction(**changed)), transaction(txid=C), chain="bitcoin")
    assert found.rejected.counts == {reason: 1}
    assert set(found.to_pandas()["tx_hash"]) == {C}


@given(
    st.lists(st.tuples(st.integers(0, 10**9), st.binary(max_size=40)), max_size=6),
    st.lists(st.tuples(st.integers(0, 10**9), st.binary(max_size=40)), min_size=1, max_size=6),
)
def test_what_comes_in_goes_out(spent: list[tuple[int, bytes]], made: list[tuple[int, bytes]]) -> None:
    coins = tuple(Coin(value, script, f"{B}:{n}") for n, (value, script) in enumerate(spent))
    moves = told_moves(CHAIN, A, coins, tuple(Coin(value, script) for value, script in made))
    into = sum(amount for kind, _, _, amount, _ in moves if kind in ("input", "reward"))
    out = sum(amount for kind, _, _, amount, _ in moves if kind in ("output", "burn", "fee"))
    assert into == out
    assert {receiver if kind in ("input", "reward") else sender for kind, sender, receiver, *_ in moves} == {f"tx:{A}"}


def test_real_transactions_are_read_to_the_satoshi(data: Path) -> None:
    for path in sorted((data / "coinjoin").glob("*.jsonl.gz")):
        with gzip.open(path, "rt") as file:
            told = [json.loads(line) for line in file]
        found = ct.read_transfers(path, chain="bitcoin")
        assert len(found.rejected) == 0
        frame = found.to_pandas()
        for kind, side in (("input", "inputs"), ("output", "outputs")):
            real = sum(one["value"] for tx in told for one in tx[side])
            assert sum(frame["amount"][frame["kind"].isin({kind, "burn"} if side == "outputs" else {kind})]) == real
        assert frame["tx_hash"].nunique() == len(told)
