"""The truth agrees with what the chain says by itself: balances, statuses, counts of transactions."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pyarrow as pa
import pytest

from chaintrace.model.amount import to_bytes
from chaintrace.model.transfer import SCHEMA
from chaintrace.testing.anvil import Anvil
from chaintrace.testing.contracts import compiled
from chaintrace.testing.crowd import crowd
from chaintrace.testing.hubs import STOLEN, hubs
from chaintrace.testing.laundering import BRIDGE, EXPLOITER, POOL, USDC, WETH, launder
from chaintrace.testing.script import Script
from chaintrace.testing.truth import Planted, Pot, Row, difference, rows_of, settled

from .conftest import Stage

ETHER = 10**18
NATIVE = "eip155:1/slip44:60"


def on_chain(node: Anvil, pots: list[Pot], block: int) -> list[int]:
    code = compiled("Token")
    calls: list[tuple[str, list[object]]] = []
    for account, asset in pots:
        if asset == NATIVE:
            calls.append(("eth_getBalance", [account, hex(block)]))
        else:
            data = code.call("balanceOf", account)
            calls.append(("eth_call", [{"to": asset.rpartition(":")[2], "data": data}, hex(block)]))
    return [int(answer, 16) for answer in node.batch(calls)]


def check(node: Anvil, planted: Planted) -> None:
    pots = [Pot(account, NATIVE) for account in planted.accounts]
    pots += sorted({pot for pot in planted.balances if pot.asset != NATIVE})
    for held, block in ((planted.opening, planted.first - 1), (planted.balances, planted.last)):
        assert [held.get(pot, 0) for pot in pots] == on_chain(node, pots, block)
    final = node.rpc("eth_getBlockByNumber", "finalized", False)["number"]
    assert int(final, 16) == planted.last
    blocks = node.batch([("eth_getBlockByNumber", [hex(number), False]) for number in range(1, planted.last + 1)])
    assert tuple(tx for block in blocks for tx in block["transactions"]) == planted.transactions


def test_the_launderers_balances_are_what_the_rows_say(stage: Stage) -> None:
    check(stage.node, stage.planted)


def test_the_launderers_balances_are_what_the_rows_say_in_every_block(stage: Stage) -> None:
    planted, held = stage.planted, dict(stage.planted.opening)
    for block in range(planted.first, planted.last + 1):
        rows = [row for row in planted.rows if row.block == block and row.asset not in planted.liars]
        held = settled(held, rows)
        parties = {Pot(party, row.asset) for row in rows for party in (row.sender, row.receiver) if party}
        moved = sorted(parties)
        assert [held[pot] for pot in moved] == on_chain(stage.node, moved, block)


def payments(node: Anvil, tx: str) -> Counter[tuple[str, str, int]]:
    """What moved beneath the top call, read from the node's traces."""
    traces = node.rpc("trace_transaction", tx)
    undone = [trace["traceAddress"] for trace in traces if "error" in trace]
    found: Counter[tuple[str, str, int]] = Counter()
    for trace in traces:
        place, action = trace["traceAddress"], trace["action"]
        if not place or any(place[: len(top)] == top for top in undone) or action.get("callType") == "delegatecall":
            continue
        if trace["type"] == "suicide":
            parties, amount = (action["address"], action["refundAddress"]), action["balance"]
        else:
            parties, amount = (action["from"], action.get("to") or trace["result"]["address"]), action["value"]
        if int(amount, 16) and parties[0] != parties[1]:
            found[(*parties, int(amount, 16))] += 1
    return found


def test_internal_rows_are_what_the_traces_say(stage: Stage) -> None:
    for tx in stage.planted.transactions:
        rows = [row for row in stage.planted.of([tx]) if row.kind == "internal"]
        assert Counter((row.sender, row.receiver, row.amount) for row in rows) == payments(stage.node, tx)


@pytest.mark.usefixtures("binary", "vyper")
@pytest.mark.parametrize("fork", ["london", "shanghai", "prague"])
def test_the_story_is_true_under_other_rules(fork: str) -> None:
    with Anvil(fork=fork) as node:
        planted = launder(node)
        check(node, planted)
    lost = [row for row in planted.rows if row.kind == "burn" and row.sender in planted.roles["grave"]]
    assert len(lost) == (0 if fork == "prague" else 1)


@pytest.mark.usefixtures("binary", "vyper")
def test_two_runs_give_the_same_hashes(stage: Stage) -> None:
    with Anvil() as node:
        again = launder(node)
        head = node.rpc("eth_getBlockByNumber", hex(again.last), False)["hash"]
    assert again == stage.planted
    assert head == stage.node.rpc("eth_getBlockByNumber", hex(stage.planted.last), False)["hash"]


def test_the_theft_takes_what_was_taken_in_2022(stage: Stage) -> None:
    planted = stage.planted
    ether, usdc = planted.thefts
    (paid,) = (row for row in planted.of([ether]) if row.kind == "internal")
    (moved,) = (row for row in planted.of([usdc]) if row.kind == "token")
    assert (paid.sender, paid.receiver, paid.amount) == (BRIDGE, EXPLOITER, 173_600 * ETHER)
    assert moved[3:7] == (BRIDGE, EXPLOITER, f"eip155:1/erc20:{USDC}", 25_500_000 * 10**6)
    assert (paid.block, planted.victims) == (planted.first, (BRIDGE,))
    assert planted.one("exploiter") == EXPLOITER
    with pytest.raises(ValueError, match="values to unpack"):
        planted.one("mule")


def test_every_transaction_has_one_fee_and_every_one_that_succeeded_one_native_row(stage: Stage) -> None:
    planted = stage.planted
    kinds = Counter((row.tx_hash, row.kind) for row in planted.rows)
    receipts = stage.node.batch([("eth_getTransactionReceipt", [tx]) for tx in planted.transactions])
    failed = 0
    for tx, receipt in zip(planted.transactions, receipts, strict=True):
        assert kinds[tx, "fee"] == 1
        assert kinds[tx, "native"] == int(receipt["status"], 16)
        failed += receipt["status"] == "0x0"
        if receipt["status"] == "0x0":
            assert len(planted.of([tx])) == 1
    assert failed == 5


def test_every_token_row_is_a_log_and_the_other_way_round(stage: Stage) -> None:
    planted = stage.planted
    topics = [
        compiled("Token").topic("Transfer"),
        compiled("Weth").topic("Deposit"),
        compiled("Weth").topic("Withdrawal"),
    ]
    logs = stage.node.rpc("eth_getLogs", {"fromBlock": "0x1", "toBlock": hex(planted.last), "topics": [topics]})
    wanted = {planted.one("usdc"), planted.one("weth"), planted.one("scam")}
    found = Counter(log["transactionHash"] for log in logs if log["address"] in wanted and len(log["topics"]) < 4)
    assert found == Counter(row.tx_hash for row in planted.rows if row.asset != NATIVE)


def test_the_story_has_everything_that_a_fetcher_has_to_see(stage: Stage) -> None:
    planted = stage.planted
    rows = planted.rows
    assert {row.kind for row in rows} == {"native", "internal", "token", "mint", "burn", "fee"}
    assert max(Counter(rows).values()) == 2  # two equal transfers in one transaction
    assert any(row.kind == "native" and row.amount == 0 and row.sender == EXPLOITER for row in rows)
    assert any(row.kind == "native" and row.sender == row.receiver and row.amount for row in rows)
    assert any(row.kind == "token" and row.amount == 0 for row in rows)
    assert planted.liars == {f"eip155:1/erc20:{planted.one('scam')}"}
    assert sum(row.receiver == POOL and row.kind == "internal" for row in rows) == 6
    assert sum(row.receiver == POOL and row.kind == "native" and row.amount for row in rows) > 6
    assert sum(row.sender == POOL for row in rows) == 9
    assert planted.one("unpaid") not in planted.accounts
    assert any(planted.opening.get(Pot(mule, NATIVE)) for mule in planted.roles["mule"])
    assert any(pot.asset.endswith(WETH) for pot in planted.opening)
    assert max(Counter(row.block for row in rows if row.kind == "fee").values()) > 5
    assert 100 <= len(planted.transactions) <= 200


def test_rows_are_chosen_by_account_and_block(stage: Stage) -> None:
    planted = stage.planted
    mule = planted.roles["mule"][1]
    assert set(planted.touching([mule])) == {row for row in planted.rows if mule in (row.sender, row.receiver)}
    late = planted.touching([mule], planted.first, planted.first + 20)
    assert late == tuple(row for row in planted.touching([mule]) if planted.first <= row.block <= planted.first + 20)
    assert len(planted) == len(planted.rows)


def test_a_difference_counts_equal_rows_as_often_as_they_stand_there() -> None:
    row = Row("0xaa", 1, "token", "0x1", "0x2", NATIVE, 5)
    other = row._replace(amount=6)
    assert difference([row, row], [row, other]) == ((row,), (other,))
    assert difference([row, other], [other, row]) == ((), ())


def test_a_table_of_transfers_is_read_as_rows_without_its_openings() -> None:
    cells = dict.fromkeys(SCHEMA.names) | {
        "chain": "eip155:1", "block": 7, "tx_hash": "0xaa", "seq": 0, "order": "known", "kind": "fee",
        "sender": "0x1", "asset": NATIVE, "amount": to_bytes(2**255),
    }  # fmt: skip
    table = pa.Table.from_pylist([cells, cells | {"kind": "opening"}], schema=SCHEMA)
    assert rows_of(table) == (Row("0xaa", 7, "fee", "0x1", None, NATIVE, 2**255),)


def test_what_is_settled_leaves_liars_out() -> None:
    row = Row("0xaa", 1, "token", "0x1", "0x2", "lie", 5)
    true = row._replace(asset=NATIVE)
    assert settled({Pot("0x1", NATIVE): 9}, [row, true], {"lie"}) == {Pot("0x1", NATIVE): 4, Pot("0x2", NATIVE): 5}


@pytest.mark.usefixtures("vyper")
@pytest.mark.parametrize(("scale", "seed"), [(1, 0), (2, 7)])
def test_the_hubs_balances_are_what_the_rows_say(anvil: Anvil, scale: int, seed: int) -> None:
    planted = hubs(anvil, scale=scale, seed=seed)
    check(anvil, planted)
    exchange = planted.one("exchange")
    cashed = sum(row.amount for row in planted.rows if row.receiver == exchange)
    held = sum(planted.balances[Pot(holder, NATIVE)] for holder in planted.roles["holder"])
    assert (cashed + held) * 100 > STOLEN * 99
    assert 35 < len(planted.roles["tree"]) < 50
    assert len(planted.roles["dust"]) > 300
    assert min(len(planted.touching([hub])) for hub in planted.roles["hub"]) > 200 * scale
    assert planted.stops == {exchange: "exchange"}


@pytest.mark.usefixtures("vyper")
def test_hubs_are_the_same_for_a_seed_and_others_for_another(binary: None) -> None:
    played = []
    for seed in (1, 1, 2):
        with Anvil() as node:
            played.append(hubs(node, seed=seed))
    assert played[0] == played[1]
    assert played[0].rows != played[2].rows


@pytest.mark.usefixtures("vyper")
def test_a_crowds_balances_are_what_the_rows_say(anvil: Anvil) -> None:
    planted = crowd(anvil, transfers=6_001)
    check(anvil, planted)
    center = planted.one("center")
    tokens = [row for row in planted.touching([center]) if row.kind == "token"]
    assert len(tokens) == 6_400
    assert {row.sender == center for row in tokens} == {True, False}
    assert planted.thefts == ()


@pytest.mark.usefixtures("vyper")
def test_a_transaction_that_is_not_as_meant_is_an_error(anvil: Anvil) -> None:
    script = Script(anvil, 1_700_000_000)
    payer, trap = script.play("payer", wei=ETHER), script.place("Reverter", "trap", False)
    script.send(payer, trap, 1, "0x", gas=50_000)
    with pytest.raises(AssertionError, match="not as it was meant"):
        script.block()
    script.send(payer, trap, ETHER // 2, fails=True, gas=50_000)
    script.send(payer, trap, ETHER // 2, fails=True, gas=50_000)
    anvil.give(payer, 1)
    with pytest.raises(AssertionError, match="cannot pay"):
        script.block()


@pytest.mark.usefixtures("vyper")
def test_nobody_is_given_money_once_the_story_has_begun(anvil: Anvil) -> None:
    script = Script(anvil, 1_700_000_000)
    payer = script.play("payer", wei=ETHER)
    script.send(payer, script.play("payee"), 1)
    script.block()
    with pytest.raises(AssertionError, match="after the first block"):
        script.play("late", wei=1)
    assert replace(script.planted(), victims=()).first == 1
