"""A server that lies, lags or breaks is found out, or does no harm; wrong rows never come silently."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from chaintrace.errors import Contradiction, Malformed, ProviderError, Refused
from chaintrace.fetch.esplora.ways import AFTER, CHAIN
from chaintrace.testing.bitcoin.chain import Regtest
from chaintrace.testing.bitcoin.locks import lock
from chaintrace.testing.esplora import FAULTS, Esplora
from chaintrace.testing.front import Response
from chaintrace.testing.truth import rows_of
from tests.fetch.esplora.asking import BUSY, Kept, Stage, ask, esplora, planted, question

Change = Callable[[Any], Any]


def tell(stage: Stage, server: Esplora, accounts: list[str] | None = None, **other: Any) -> str:
    """What comes of a lie: ``harmless``, or the name of the error. Anything else is wrong rows."""
    asked = question(stage, accounts, **other)
    try:
        answer = ask(server, asked).answer
    except ProviderError as error:
        return type(error).__name__
    assert rows_of(answer.rows) == stage.rows(asked.accounts, asked.first, asked.last, asked.transactions)
    held = {one.account: one.amount for one in answer.balances if one.block == asked.last}
    assert held == {one: sum(coin.value for coin in stage.unspent(one, asked.last)) for one in asked.accounts}
    return "harmless"


EXPECTED = {
    "truncated": {"Malformed"},
    "error": {"Malformed"},
    "duplicated": {"Contradiction"},
    "reordered": {"Contradiction"},
    "shrinking": {"harmless"},
    "lagging": {"Contradiction"},
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("cap", [1, 2, 7, 25])
@pytest.mark.parametrize("way", [CHAIN, AFTER])
def test_faults_are_found_out_or_do_no_harm(stage: Stage, server: Esplora, fault: str, cap: int, way: str) -> None:
    server.fault, server.cap, server.mempool_space = fault, cap, way == AFTER
    found = tell(stage, server, [*stage.accounts[::5], stage.busiest], way=way)
    assert found in EXPECTED[fault] | ({"harmless"} if fault == "reordered" and cap == 1 else set())


# ---- one field, one row at a time --------------------------------------------------------------------------------


def lists(change: Change, first_only: bool = False) -> Callable[[str, Any], Any]:
    """A lie in every list of an account's transactions that has any."""

    def run(path: str, told: Any) -> Any:
        is_first = path.endswith(("/txs", "/chain"))
        if "/txs" not in path or not isinstance(told, list) or not told or (first_only and not is_first):
            return told
        return change(json.loads(json.dumps(told)))

    return run


def at(way: str, value: Any) -> Change:
    """Another value somewhere in the last transaction of a list: ``vin.0.prevout.value``."""

    def change(rows: list[Any]) -> list[Any]:
        *path, last = way.split(".")
        inner: Any = rows[-1]
        for name in path:
            inner = inner[int(name)] if isinstance(inner, list) else inner[name]
        inner[last] = value(inner.get(last)) if callable(value) else value
        return rows

    return change


def more(value: Any) -> int:
    return int(value) + 1


OTHER = lock("p2tr", "somebody else")
LIES: dict[str, Change] = {
    "an output's amount": at("vout.0.value", more),
    "an output's script": at("vout.0.scriptpubkey", OTHER.script.hex()),
    "an output's address": at("vout.0.scriptpubkey_address", OTHER.address),
    "a coin's amount": at("vin.0.prevout.value", more),
    "a coin's owner": at("vin.0.prevout.scriptpubkey", OTHER.script.hex()),
    "a coin's address": at("vin.0.prevout.scriptpubkey_address", OTHER.address),
    "another coin": at("vin.0.txid", "12" * 32),
    "another place of a coin": at("vin.0.vout", more),
    "no coin": at("vin.0.prevout", None),
    "a coinbase": at("vin.0.is_coinbase", True),
    "a fee": at("fee", more),
    "an id": at("txid", "12" * 32),
    "a version": at("version", more),
    "a locktime": at("locktime", more),
    "a sequence": at("vin.0.sequence", 7),
    "a block": at("status.block_height", more),
    "an earlier block": at("status.block_height", lambda old: old - 1),
    "a block's hash": at("status.block_hash", "12" * 32),
    "a time": at("status.block_time", more),
    "no block": at("status", {"confirmed": False}),
    "no standing": at("status", None),
    "no output": at("vout", []),
    "no input": at("vin", []),
}


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("cap", [3, 25])
def test_a_transaction_that_is_told_otherwise_is_found_out(stage: Stage, server: Esplora, lie: str, cap: int) -> None:
    server.cap, server.change = cap, lists(LIES[lie])
    assert tell(stage, server, [stage.busiest], first=101, since=101) in ("Malformed", "Contradiction")


WITHOUT: dict[str, Change] = {
    "the newest": lambda rows: rows[1:],
    "the oldest": lambda rows: rows[:-1],
    "one between": lambda rows: rows[:1] + rows[2:],
    "all": lambda rows: [],
}


@pytest.mark.parametrize("which", WITHOUT)
@pytest.mark.parametrize("cap", [3, 25])
def test_a_transaction_that_is_kept_back_is_found_out(stage: Stage, server: Esplora, which: str, cap: int) -> None:
    """Where it is the last of a page, the next page has it again: so that does no harm."""
    server.cap, server.change = cap, lists(WITHOUT[which])
    harmless = {"harmless"} if which == "the oldest" else set()
    assert tell(stage, server, [stage.busiest]) in {"Contradiction"} | harmless
    if harmless:
        server.change = lists(WITHOUT[which], first_only=True)
        assert tell(stage, server, [stage.busiest]) == "harmless"


def test_a_transaction_of_somebody_else_is_found_out(stage: Stage, server: Esplora) -> None:
    strange = next(tx.txid for _, place, tx in stage.sent() if place and BUSY not in [one.lock for one in tx.made])
    server.seen.look()
    told = server.seen.transaction(server.seen.sent[strange])
    for place in (0, -1):
        server.change = lists(lambda rows, place=place: [told, *rows] if not place else [*rows, told])
        assert tell(stage, server, [stage.busiest]) == "Contradiction"


def test_equal_payments_do_not_hide_that_the_oldest_is_missing() -> None:
    """Sums of before the last of five equal payments are those of the newest four: only the list's end tells."""
    chain = Regtest()
    chain.mine(120)
    to = lock("p2wpkh", "paid in equal parts")
    for _ in range(5):
        chain.fund(to, 1_000)
        chain.mine()
    stage = Stage(chain, 121, chain.height, [to])

    def stale(path: str, told: Any) -> Any:
        if path != f"/address/{to.account}":
            return told
        sums = {"tx_count": 4, "funded_txo_count": 4, "funded_txo_sum": 4_000, "spent_txo_count": 0, "spent_txo_sum": 0}
        return told | {"chain_stats": sums}

    with chain, Esplora(chain, cap=2) as server:
        assert tell(stage, server, [to.account]) == "harmless"
        server.change = stale
        assert tell(stage, server, [to.account]) == "Contradiction"


@pytest.mark.parametrize("name", ["tx_count", "funded_txo_count", "funded_txo_sum", "spent_txo_count", "spent_txo_sum"])
@pytest.mark.parametrize("value", [0, more, None, -1, "7", 1.5, True])
def test_sums_that_are_not_those_of_the_list_are_found_out(
    stage: Stage, server: Esplora, name: str, value: Any
) -> None:
    def change(path: str, told: Any) -> Any:
        if not path.startswith("/address/") or "/txs" in path:
            return told
        stats = told["chain_stats"]
        return told | {"chain_stats": stats | {name: value(stats[name]) if callable(value) else value}}

    server.change = change
    assert tell(stage, server, [stage.busiest]) in ("Malformed", "Contradiction")


BLOCKS: dict[str, dict[str, Any]] = {
    "a time": {"timestamp": more},
    "a height": {"height": more},
    "a parent": {"previousblockhash": "12" * 32},
    "a root": {"merkle_root": "12" * 32},
    "a nonce": {"nonce": more},
    "an id": {"id": "12" * 32},
    "a version": {"version": more},
    "nothing": {"id": None},
}


@pytest.mark.parametrize("lie", BLOCKS)
def test_a_block_that_is_told_otherwise_is_found_out(stage: Stage, server: Esplora, lie: str) -> None:
    def change(path: str, told: Any) -> Any:
        if not isinstance(told, dict) or "merkle_root" not in told:
            return told
        changed = {k: v(told[k]) if callable(v) else v for k, v in BLOCKS[lie].items()}
        return told | changed

    server.change = change
    assert tell(stage, server, [stage.busiest]) in ("Malformed", "Contradiction")


IDS: dict[str, Change] = {
    "one less": lambda ids: ids[:-1],
    "one more": lambda ids: [*ids, "12" * 32],
    "one twice": lambda ids: [*ids, ids[-1]],
    "another order": lambda ids: [ids[0], *ids[:0:-1]],
    "none": lambda ids: [],
    "another": lambda ids: ["12" * 32, *ids[1:]],
    "no hashes": lambda ids: [1, 2],
    "no list": lambda ids: {"txids": ids},
}


@pytest.mark.parametrize("lie", IDS)
def test_ids_that_a_block_was_not_made_of_are_found_out(stage: Stage, server: Esplora, lie: str) -> None:
    server.change = lambda path, told: IDS[lie](list(told)) if path.endswith("/txids") and len(told) > 2 else told
    assert tell(stage, server, [stage.busiest]) in ("Malformed", "Contradiction")


# ---- servers that lag, or are somebody else's --------------------------------------------------------------------


@pytest.mark.parametrize("height", ["12" * 32, Response(404, b"Block not found"), "soon", ""])
def test_a_server_that_has_another_last_block_or_none_is_found_out(
    stage: Stage, server: Esplora, height: object
) -> None:
    server.change = lambda path, told: height if path == f"/block-height/{stage.last}" else told
    assert tell(stage, server, [stage.busiest]) in ("Contradiction", "Malformed")


def test_a_server_that_knows_of_a_block_and_not_what_is_in_it_is_found_out(stage: Stage, server: Esplora) -> None:
    """Its index of transactions lags behind that of blocks: all its lists agree with all its sums."""
    server.fault = "lagging"
    assert tell(stage, server, [stage.busiest]) == "Contradiction"


@pytest.mark.parametrize(
    "said",
    [
        "Too Many Requests",
        "<html>502</html>",
        "null",
        "[]",
        "{}",
        '{"error":"busy"}',
        '[{"txid":',
        "[" * 5000,
        "\xff\xfe",
        "NaN",
        "7",
    ],
)
def test_what_is_no_answer_is_never_an_empty_one(stage: Stage, server: Esplora, said: str) -> None:
    for part in ("/txs/chain", "/address/", "/txids", "/tx/"):
        server.change = lambda path, told, part=part: said.encode("latin-1") if part in path else told
        assert tell(stage, server, [stage.busiest]) in ("Malformed", "Contradiction")


@pytest.mark.parametrize(("status", "error"), [(400, Refused), (403, Refused), (404, Contradiction)])
def test_a_refusal_is_no_answer(stage: Stage, server: Esplora, status: int, error: type[ProviderError]) -> None:
    server.change = lambda path, told: Response(status, b"no") if "/txs" in path else told
    with pytest.raises(error):
        ask(server, question(stage, [stage.busiest]))


def test_a_server_that_is_asked_too_often_is_given_time(stage: Stage, server: Esplora) -> None:
    seen = [0]

    def hurried(path: str, told: Any) -> Any:
        seen[0] += 1
        return Response(429, b"Too Many Requests") if seen[0] % 2 else told

    server.change = hurried
    assert tell(stage, server, [stage.busiest]) == "harmless"


# ---- a chain that grows and changes while it is asked for --------------------------------------------------------


def test_a_block_that_comes_between_the_sums_and_the_list_is_met_by_reading_anew() -> None:
    stage = planted(blocks=4)
    with stage.chain, Esplora(stage.chain) as server:
        mined = [0]

        def mine(path: str, told: Any) -> Any:
            if path == f"/address/{BUSY.account}" and mined[0] < 2:
                mined[0] += 1
                coin = max(stage.chain.coins(BUSY.name), key=lambda one: one.value)
                stage.chain.pay([coin], (BUSY, coin.value - 1_000))
                stage.chain.mine()
            return told

        server.change = mine
        assert tell(stage, server, [BUSY.account]) == "harmless"
        assert mined == [2]
        assert server.calls["/address/:address"] == 3
        server.change = lambda path, told: mine(path, told) if (mined.__setitem__(0, 0) is None) else told
        assert tell(stage, server, [BUSY.account]) == "Contradiction"


def test_a_young_chain_that_changes_while_it_is_asked_for_is_found_out() -> None:
    stage = planted(blocks=6)
    with stage.chain, Esplora(stage.chain) as server:
        young = {"final": stage.last - 6}
        assert tell(stage, server, [BUSY.account], **young) == "harmless"
        before = json.dumps(stage.last_hash)

        def reorganised(path: str, told: Any) -> Any:
            if "/txs/chain/" in path and json.dumps(stage.chain.blocks[stage.last - 1].hash) == before:
                stage.chain.reorg(2)
            return told

        server.change = reorganised
        with pytest.raises(Contradiction):
            ask(server, question(stage, [BUSY.account], **young))


def test_a_last_block_that_is_another_once_all_is_told_is_found_out(stage: Stage, server: Esplora) -> None:
    seen = [0]

    def change(path: str, told: Any) -> Any:
        seen[0] += path == f"/block-height/{stage.last}"
        return "12" * 32 if path == f"/block-height/{stage.last}" and seen[0] > 1 else told

    server.change = change
    assert tell(stage, server, [stage.busiest]) == "harmless"
    seen[0] = 0
    with pytest.raises(Contradiction, match="changed while it was asked for"):
        ask(server, question(stage, [stage.busiest], final=stage.last - 6))


def test_young_blocks_that_are_not_the_parents_of_the_last_one_are_found_out(stage: Stage, server: Esplora) -> None:
    """A transaction in a block of a fork that another replica still has."""
    fork = planted(blocks=6)
    with fork.chain, Esplora(fork.chain) as other:
        other.seen.look()
        old = other.seen.block(other.seen.blocks[fork.last - 1])
        ids = [tx.txid for tx in other.seen.blocks[fork.last - 1].sent]
        fork.chain.reorg(2, sent=fork.chain.blocks[-2].sent[1:])

        def stale(path: str, told: Any) -> Any:
            if path == f"/block/{old['id']}":
                return old
            if path == f"/block/{old['id']}/txids":
                return ids
            if "/txs/chain" in path and isinstance(told, list):
                for one in told:
                    if one["txid"] in ids:
                        one["status"] = {
                            "confirmed": True,
                            "block_height": old["height"],
                            "block_hash": old["id"],
                            "block_time": old["timestamp"],
                        }
            return told

        other.change = stale
        last = fork.chain.height
        asked = question(fork, [BUSY.account], last=last, last_hash=fork.chain.tip, final=last - 6)
        with pytest.raises((Contradiction, Malformed)):
            ask(other, asked)


def test_a_transaction_that_is_wanted_and_waits_is_found_out(stage: Stage, server: Esplora) -> None:
    waiting = next(iter(stage.chain.waiting))
    with pytest.raises(Contradiction, match="is in no block"):
        ask(server, question(stage, (), transactions=(waiting,)))
    with pytest.raises(Contradiction, match="does not know what it is asked about"):
        ask(server, question(stage, (), transactions=("12" * 32,)))


def test_two_accounts_of_one_transaction_are_told_the_same(stage: Stage, server: Esplora) -> None:
    """What a stranger's coin held is the server's word; told in two ways it is found out."""
    seen = [0]

    def change(path: str, told: Any) -> Any:
        if "/txs/chain" not in path or not told:
            return told
        seen[0] += 1
        if seen[0] > 1:
            for one in told:
                for each in one["vin"]:
                    if each["prevout"]:
                        each["prevout"] |= {"scriptpubkey": OTHER.script.hex(), "scriptpubkey_address": OTHER.address}
        return told

    server.change = change
    with esplora(server) as fetcher, pytest.raises((Contradiction, Malformed)):
        fetcher.ask(question(stage), Kept())


def test_a_transaction_that_pays_more_than_it_spends_is_found_out(stage: Stage, server: Esplora) -> None:
    """What strangers' coins held is told by nothing else where the fee is not."""
    whole = next(
        tx.txid for _, place, tx in stage.sent(stage.first) if place and BUSY not in [one.lock for one in tx.made]
    )

    def change(path: str, told: Any) -> Any:
        if path != f"/tx/{whole}":
            return told
        for each in told["vin"]:
            each["prevout"]["value"] = 0
        return {name: value for name, value in told.items() if name != "fee"}

    server.change = change
    with pytest.raises(Contradiction, match="satoshi for a fee of None"):
        ask(server, question(stage, (), transactions=(whole,)))
