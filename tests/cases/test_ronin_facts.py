"""The shipped Ronin facts against the public files they were taken from, row by row, and against the schema."""

from __future__ import annotations

import csv
import json
import os
import re
import tomllib
import zipfile
from fractions import Fraction
from pathlib import Path

import pytest

import chaintrace.cases
from chaintrace.model.transfer import KINDS, SCHEMA

from .naive_fifo import Row, read

CASE = Path(chaintrace.cases.__file__).parent / "ronin"
FACTS = tomllib.loads((CASE / "case.toml").read_text(encoding="utf-8"))
ROWS = read(CASE / "transfers.csv")
LABELS = read(CASE / "labels.csv")
COVERAGE = read(CASE / "coverage.csv")
ETH, USDC = FACTS["assets"]
POOL = "0xa160cdab225685da1d56aa342ad8841c3b53f291"
THEFTS = [seed["theft"] for seed in FACTS["seeds"]]
ROLE_OF_NOTE = {
    "Primary": "exploiter",
    "March 23 - Used for swapping": "swap-helper",
    "Intermediary to TC": "intermediary-tornado",
    "Intermediary to CEX": "intermediary-exchange",
    "April 7 Dormant": "dormant",
    "TC Depositor": "depositor",
}


@pytest.fixture(scope="module")
def originals() -> Path:
    folder = os.environ.get("CHAINTRACE_DATA")
    if not folder:
        pytest.skip("CHAINTRACE_DATA is not set: the original files of the Ronin case are not at hand")
    return Path(folder)


def hops() -> list[Row]:
    return [row for row in ROWS if row["kind"] == "native"]


def deposits() -> list[Row]:
    return [row for row in ROWS if row["receiver"] == POOL]


def test_rows_fit_the_schema() -> None:
    with (CASE / "transfers.csv").open(newline="", encoding="utf-8") as file:
        assert next(csv.reader(file)) == list(SCHEMA.names)
    account = re.compile("0x[0-9a-f]{40}")
    for row in ROWS:
        assert row["kind"] in KINDS
        assert row["order"] == "unknown"
        assert row["chain"] == "eip155:1"
        assert account.fullmatch(row["sender"])
        assert account.fullmatch(row["receiver"])
        assert row["asset"] in (ETH, USDC)
        assert re.fullmatch("[1-9][0-9]*", row["amount"])
        assert re.fullmatch(r"0x[0-9a-f]{64}|synthetic:ronin-hop-\d{4}", row["tx_hash"])
        assert bool(row["block"]) != row["tx_hash"].startswith("synthetic:")
        assert re.fullmatch(r"2022-\d\d-\d\dT\d\d:\d\d:\d\dZ", row["time"])
        assert row["evidence"]


def test_rows_stand_in_position_order_and_are_distinct() -> None:
    positions = [(row["time"], int(row["block"] or -1)) for row in ROWS]
    assert positions == sorted(positions)
    assert [int(row["seq"]) for row in hops()] == list(range(1, len(hops()) + 1))
    identities = {(row["chain"], row["tx_hash"], row["kind"], row["seq"]) for row in ROWS}
    assert len(identities) == len(ROWS) == 2 + 311 + 1_751


def test_every_fact_names_a_public_origin_and_no_folder() -> None:
    for row in [*LABELS, *COVERAGE]:
        assert row["origin"]
        assert row["chain"] == "eip155:1"
    for file in CASE.iterdir():
        assert not re.search(r"/work|\.\./|/tmp|/home", file.read_text(encoding="utf-8")), file.name
    assert {row["category"] for row in LABELS} == {"hack", "exchange", "victim", "mixer", "token", "sanctioned"}
    assert len({(row["address"], row["category"], row["source"]) for row in LABELS}) == len(LABELS) == 85


def test_link_amounts_are_what_the_helpers_sent_beyond_what_they_got() -> None:
    (link,) = FACTS["links"]
    for target in link["targets"]:
        sent = [row for row in ROWS if row["sender"] == target["address"]]
        got = sum(int(row["amount"]) for row in ROWS if row["receiver"] == target["address"])
        assert got == 10**18
        assert int(target["amount"]) == sum(int(row["amount"]) for row in sent) - got
        assert target["at"] == link["source"]["at"] < min(row["time"] for row in sent)
    (theft,) = (row for row in ROWS if row["asset"] == USDC)
    assert (theft["receiver"], theft["amount"]) == (link["source"]["holding"], link["source"]["amount"])


def test_thefts_are_the_originals(originals: Path) -> None:
    shipped = [row for row in ROWS if row["tx_hash"] in THEFTS]
    theirs = read(originals / "ronin/theft.csv")
    assert len(shipped) == len(theirs) == 2
    for row, fact in zip(shipped, theirs, strict=True):
        for ours, their in [("tx_hash", "tx_hash"), ("block", "block"), ("time", "utc"), ("sender", "from"),
                            ("receiver", "to"), ("amount", "raw_value")]:  # fmt: skip
            assert row[ours] == fact[their]
        assert row["kind"] == {"internal": "internal", "erc20": "token"}[fact["kind"]]
        assert row["asset"] == (f"eip155:1/erc20:{fact['token_contract']}" if fact["token_contract"] else ETH)


def test_explorer_answers_agree(originals: Path) -> None:
    folder = originals / "rpc/blockscout-v2-ronin"
    (call,) = json.loads((folder / "eth_internal_transactions.json").read_text())["items"]
    tokens = json.loads((folder / "eth_token_transfers.json").read_text())["items"]
    (token,) = (item for item in tokens if item["transaction_hash"] == THEFTS[1])
    native, usdc = (row for row in ROWS if row["tx_hash"] in THEFTS)
    assert (call["transaction_hash"], call["value"]) == (native["tx_hash"], native["amount"])
    assert native["evidence"].endswith(f"index {call['index']}")
    assert (str(token["log_index"]), token["total"]["value"]) == (usdc["seq"], usdc["amount"])
    assert int(token["token"]["decimals"]) == FACTS["assets"][USDC]["decimals"]


def test_native_transfers_are_the_originals(originals: Path) -> None:
    """The float text becomes wei through exact fractions; the 125 rows of 0 ETH are what is left out."""
    theirs = list(enumerate(read(originals / "ronin/hops.csv"), 1))
    valued = [(number, fact) for number, fact in theirs if Fraction(fact["eth"])]
    assert (len(theirs), len(valued)) == (436, 311)
    for running, (row, (number, fact)) in enumerate(zip(hops(), valued, strict=True), 1):
        assert row["tx_hash"] == f"synthetic:ronin-hop-{running:04}"
        assert row["time"] == fact["utc"].replace("+00:00", "Z")
        assert (row["sender"], row["receiver"]) == (fact["from"], fact["to"])
        assert int(row["amount"]) == Fraction(fact["eth"]) * 10**18
        assert f"transaction {number} of 436, {fact['eth']} ETH" in row["evidence"]


def test_deposits_are_the_originals(originals: Path) -> None:
    theirs = read(originals / "ronin/tornado_deposits.csv")
    for row, fact in zip(deposits(), theirs, strict=True):
        assert (row["sender"], row["time"], row["block"]) == (fact["depositor"], fact["utc"], fact["block"])
        assert (row["tx_hash"], row["seq"], row["amount"]) == (fact["tx_hash"], "1", str(100 * 10**18))
        assert f"leaf {fact['leaf_index']}, log {fact['log_index']}," in row["evidence"]


def test_deposits_stand_among_the_pool_events(originals: Path) -> None:
    with zipfile.ZipFile(originals / "tornado/events/deposits_1_eth_100.json.zip") as archive:
        events = json.loads(archive.read(archive.namelist()[0]))
    by_leaf = {event["leafIndex"]: event for event in events}
    for row in deposits():
        event = by_leaf[int(re.search(r"leaf (\d+)", row["evidence"])[1])]  # type: ignore[index]
        assert row["tx_hash"] == event["transactionHash"]
        assert row["sender"] == event["from"].lower()
        assert int(row["block"]) == event["blockNumber"]


def test_labels_are_the_originals(originals: Path) -> None:
    noted = [row for row in LABELS if row["category"] in ("hack", "exchange", "victim")]
    for row, fact in zip(noted, read(originals / "ronin/roles.csv"), strict=True):
        assert row["address"] == fact["address"]
        assert row["confidence"] == "asserted"
        assert row["origin"] == f'{fact["origin"]}: role "{fact["role"]}"'
        if row["category"] == "hack":
            assert row["role"] == ROLE_OF_NOTE[fact["role"]]
        elif row["category"] == "exchange":
            assert fact["role"].endswith("Deposit Address")
    (pool,) = (row for row in LABELS if row["category"] == "mixer")
    (fact,) = (
        r
        for r in read(originals / "tornado/pools.csv")
        if (r["chain_id"], r["symbol"], r["denomination"]) == ("1", "ETH", "100")
    )
    assert pool["address"] == fact["pool_address"].lower() == POOL
    assert f"block {fact['deployed_block']}," in pool["origin"]


def test_sanctioned_addresses_are_the_listed_ones(originals: Path) -> None:
    listed = [
        row
        for row in read(originals / "ofac/ofac_crypto_timeline_2024-12_2026-08.csv")
        if row["entity"] == "LAZARUS GROUP"
    ]
    first = {row["address"].lower(): row["first_seen_commit_date"]
             for row in read(originals / "ofac/ofac_crypto_timeline_0xB10C_2022-09_2024-09.csv")}  # fmt: skip
    shipped = {row["address"]: row for row in LABELS if row["category"] == "sanctioned"}
    assert set(shipped) == {row["address"].lower() for row in listed}
    assert len(shipped) == 8
    assert {row["still_listed_at_last_snapshot"] for row in listed} == {"1"}
    for address, row in shipped.items():
        assert row["since"] <= first[address]
        assert row["until"] == ""
        assert row["confidence"] == "listed"
    assert set(shipped) == {row["address"] for row in COVERAGE}


def test_coverage_is_the_exploiter_and_the_seven(originals: Path) -> None:
    roles = {row["address"]: row["role"] for row in read(originals / "ronin/roles.csv")}
    assert [roles[row["address"]] for row in COVERAGE] == ["Primary"] + ["Intermediary to TC"] * 7
    times = [row["utc"].replace("+00:00", "Z") for row in read(originals / "ronin/hops.csv")]
    assert {(row["from"], row["until"]) for row in COVERAGE} == {(times[0], times[-1])}
    covered = {row["address"] for row in COVERAGE}
    assert all({row["sender"], row["receiver"]} & covered for row in hops())


def test_notes_are_the_pools_events_of_the_campaigns_time(originals: Path) -> None:
    """Every event of the pool from 3 April to 20 May, all others of who took a note out then, in whatever pool, and no
    other; as published."""
    first, last, theirs = 1648944000, 1653091200, {}
    for path in sorted((originals / "tornado" / "events").glob("*.json.zip")):
        kind, _, pool = path.name.removesuffix(".json.zip").partition("_")
        who, number = {"deposits": ("from", "leafIndex"), "withdrawals": ("to", "fee")}.get(kind, ("", ""))
        with zipfile.ZipFile(path) as archive:
            events = json.loads(archive.read(archive.namelist()[0])) if who else []
        for event in events:
            told = (pool, kind.removesuffix("s"), event[who].lower(), str(event["timestamp"]), str(event[number]))
            theirs[pool, event["transactionHash"], str(event["logIndex"])] = told
    inside = {key: told for key, told in theirs.items() if told[0] == "1_eth_100" and first <= int(told[3]) < last}
    took = {told[2] for told in inside.values() if told[1] == "withdrawal"}
    wanted = inside | {key: told for key, told in theirs.items() if told[2] in took}
    ours = {}
    for row in read(CASE / "notes.csv"):
        told = (row["pool"], row["kind"], row["account"], row["time"], row["leaf"] or row["fee"])
        ours[row["pool"], row["tx_hash"], row["log_index"]] = told
        assert row["origin"]
    assert ours == wanted
