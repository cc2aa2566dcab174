"""Our own schema, and frames of sender, receiver, amount and block or time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from chaintrace.errors import AmountError, AssetError, ChainError, ColumnError, InputError, RowError
from chaintrace.fetch.files import read_transfers
from chaintrace.model.transfer import SCHEMA
from tests.fetch.samples import ETH, HASHES, TOKEN, TOP, USDC, ZERO, A, B, C, moves, notes, reasons, records

MADE = 2**40


def frame(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame([{"sender": A, "receiver": B, "amount": "5", "block": 7, **row} for row in rows], dtype=object)


def test_four_columns_are_enough() -> None:
    read = read_transfers(frame({}, {"amount": str(TOP), "block": 8}))
    assert read.table.schema == SCHEMA
    assert read.format == "chaintrace"
    first, second = records(read)
    assert first["chain"] == "eip155:1"
    assert (first["kind"], first["asset"], first["order"]) == ("native", ETH, "unknown")
    assert (first["block"], first["time"], first["seq"]) == (7, None, MADE)
    assert first["tx_hash"].startswith("synthetic:")
    assert first["tx_hash"] != second["tx_hash"]
    assert (second["amount"], second["seq"]) == (TOP, MADE + 1)
    assert first["evidence"] == "pandas frame, row 0"
    assert not read.rejected.counts


def test_equal_rows_are_two_transfers_with_names_of_their_own() -> None:
    read = records(read_transfers(frame({}, {})))
    assert len(read) == 2
    assert read[0]["tx_hash"] != read[1]["tx_hash"]


def test_names_do_not_depend_on_the_other_rows() -> None:
    alone = records(read_transfers(frame({"amount": "6"})))[0]["tx_hash"]
    assert records(read_transfers(frame({}, {"amount": "6"})))[1]["tx_hash"] == alone


@pytest.mark.parametrize(
    ("row", "order"),
    [
        ({"tx_index": 3, "seq": 4}, "known"),
        ({"tx_index": 3}, "known"),
        ({"seq": 4}, "unknown"),
        ({}, "unknown"),
        ({"tx_index": 3, "seq": 4, "order": "unknown"}, "unknown"),
    ],
)
def test_order_is_known_only_when_it_is_proven(row: dict[str, Any], order: str) -> None:
    assert records(read_transfers(frame(row)))[0]["order"] == order


def test_two_rows_of_one_transaction_without_seq_have_no_known_order() -> None:
    read = records(read_transfers(frame({"tx_index": 3}, {"tx_index": 3}, {"tx_index": 4})))
    assert [row["order"] for row in read] == ["unknown", "unknown", "known"]


def test_columns_are_renamed_first() -> None:
    given = frame({}).rename(columns={"sender": "from", "receiver": "to"})
    read = read_transfers(given, columns={"from": "sender", "to": "receiver"})
    assert moves(read) == [("native", A, B, 5, MADE)]
    with pytest.raises(InputError, match="'nobody'"):
        read_transfers(given, columns={"nobody": "sender"})
    with pytest.raises(InputError, match="second column 'amount'"):
        read_transfers(given, columns={"from": "amount"})


def test_a_missing_column_is_named_with_a_suggestion() -> None:
    given = frame({}).rename(columns={"sender": "From", "amount": "Value"})
    with pytest.raises(ColumnError, match="missing sender, amount") as caught:
        read_transfers(given)
    assert 'columns={"From": "sender", "Value": "amount"}' in caught.value.hint
    assert caught.value.missing == ["sender", "amount"]
    assert caught.value.present == ["From", "receiver", "Value", "block"]


def test_a_misspelt_column_is_suggested() -> None:
    with pytest.raises(ColumnError) as caught:
        read_transfers(frame({}).rename(columns={"receiver": "reciever"}))
    assert 'columns={"reciever": "receiver"}' in caught.value.hint


def test_tokens_and_their_mints_and_burns() -> None:
    rows = (
        {"asset": TOKEN},
        {"asset": USDC, "sender": ZERO},
        {"asset": TOKEN.upper().replace("X", "x"), "receiver": ZERO},
    )
    read = read_transfers(frame(*rows, {"sender": ZERO}, {"asset": TOKEN, "sender": ZERO, "receiver": ZERO}))
    assert [move[:3] for move in moves(read)] == [
        ("token", A, B),
        ("mint", None, B),
        ("burn", A, None),
        ("native", ZERO, B),
    ]
    assert [row["asset"] for row in records(read)] == [USDC, USDC, USDC, ETH]
    assert reasons(read) == {"no party": 1}


def test_texts_of_the_asset_column_mean_what_the_caller_says() -> None:
    rows = frame({"asset": "ETH"}, {"asset": "USDC"}, {"asset": "USDT"}, {"asset": None})
    read = read_transfers(rows, assets={"ETH": "native", "USDC": TOKEN}, asset="USDC")
    assert [row["asset"] for row in records(read)] == [ETH, USDC, USDC]
    assert reasons(read) == {"unknown asset": 1}
    assert "assets={" in notes(read)


def test_an_asset_belongs_to_its_row_s_chain() -> None:
    rows = frame({"chain": "polygon"}, {"chain": "137", "asset": USDC}, {"chain": "nowhere"}, {})
    read = read_transfers(rows)
    assert [(row["chain"], row["asset"]) for row in records(read)] == [
        ("eip155:137", "eip155:137/slip44:966"),
        ("eip155:1", ETH),
    ]
    assert reasons(read) == {"asset of another chain": 1, "unknown chain": 1}


def test_bitcoin_rows_keep_coins_and_transaction_accounts() -> None:
    txid = "ab" * 32
    row = {
        "chain": "bitcoin",
        "sender": "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        "receiver": f"tx:{txid}",
        "kind": "input",
        "tx_hash": txid.upper(),
        "seq": 0,
        "tx_index": 1,
        "outpoint": f"{txid}:3",
    }
    (read,) = records(read_transfers(frame(row)))
    assert (read["kind"], read["receiver"], read["tx_hash"]) == ("input", f"tx:{txid}", txid)
    assert (read["outpoint"], read["order"]) == (f"{txid}:3", "known")
    assert reasons(read_transfers(frame({**row, "outpoint": "3"}))) == {"bad outpoint": 1}


BAD = [
    ({"sender": A[:-1]}, "bad address", "sender"),
    ({"sender": "0x52908400098527886E0F7030069857D2E4169Ee7"}, "bad checksum", "sender"),
    ({"receiver": " " + B}, "bad address", "receiver"),
    ({"sender": None}, "missing field", "sender"),
    ({"receiver": float("nan")}, "missing field", "receiver"),
    ({"amount": ""}, "missing field", "amount"),
    ({"amount": pd.NA}, "missing field", "amount"),
    ({"amount": "-5"}, "negative", "amount"),
    ({"amount": -5}, "negative", "amount"),
    ({"amount": "1.5"}, "fractional", "amount"),
    ({"amount": 1.5}, "fractional", "amount"),
    ({"amount": 1e18}, "inexact (float)", "amount"),
    ({"amount": float("inf")}, "not a number", "amount"),
    ({"amount": str(TOP + 1)}, "above uint256", "amount"),
    ({"amount": TOP + 1}, "above uint256", "amount"),
    ({"amount": "9" * 5000}, "above uint256", "amount"),
    ({"amount": "1_000"}, "not a number", "amount"),
    ({"amount": "١٢٣"}, "not a number", "amount"),
    ({"amount": "0x10"}, "not a number", "amount"),
    ({"amount": True}, "not a number", "amount"),
    ({"amount": b"\x01"}, "not a number", "amount"),
    ({"block": None}, "missing field", "block"),
    ({"block": -1}, "negative", "block"),
    ({"block": 2**63}, "out of range", "block"),
    ({"time": 1648000000000}, "time out of range", "time"),
    ({"time": "2022-03-23 13:29:09"}, "time without zone", "time"),
    ({"time": "2022-03-23"}, "time without zone", "time"),
    ({"time": "2022-13-23 13:29:09 UTC"}, "not a time", "time"),
    ({"time": "yesterday"}, "not a time", "time"),
    ({"time": "1960-01-01T00:00:00Z"}, "time out of range", "time"),
    ({"tx_hash": "0xabc"}, "bad transaction hash", "tx_hash"),
    ({"tx_hash": "a\nb"}, "bad transaction hash", "tx_hash"),
    ({"outpoint": "here"}, "bad outpoint", "outpoint"),
    ({"evidence": "\ud800"}, "not text", "evidence"),
    ({"kind": "gift"}, "unknown kind", "kind"),
    ({"order": "perhaps"}, "unknown order", "order"),
    ({"kind": "fee"}, "receiver not allowed", "receiver"),
    ({"kind": "reward"}, "sender not allowed", "sender"),
    ({"asset": "USDC"}, "unknown asset", "asset"),
]


@pytest.mark.parametrize(("row", "reason", "field"), BAD)
def test_a_bad_row_is_left_out_with_its_reason(row: dict[str, Any], reason: str, field: str) -> None:
    read = read_transfers(frame({}, row, {"amount": 6}))
    assert [move[3] for move in moves(read)] == [5, 6]
    (rejection,) = read.rejected.examples
    assert (rejection.reason, rejection.field, rejection.row) == (reason, field, 1)
    assert rejection.source == "pandas frame"
    assert len(rejection.value) <= 80
    assert rejection.value.isprintable()


@pytest.mark.parametrize(("row", "reason", "field"), BAD[:6])
def test_strict_raises_for_the_first_bad_row(row: dict[str, Any], reason: str, field: str) -> None:
    with pytest.raises(RowError) as caught:
        read_transfers(frame({}, row, {"amount": "-1"}), strict=True)
    assert (caught.value.row, caught.value.reason, caught.value.field) == (1, reason, field)


def test_accounts_of_rejected_rows_are_remembered() -> None:
    read = read_transfers(frame({"sender": C, "amount": "-1"}, {"receiver": "0xno"}))
    assert read.rejected.accounts == {A, B, C}


def test_strange_text_is_shown_escaped_and_cut() -> None:
    read = read_transfers(frame({"sender": "\x1b[31m\u202e" + "x" * 500}))
    (rejection,) = read.rejected.examples
    assert rejection.value.startswith("\\x1b[31m\\u202ex")
    assert len(rejection.value) == 80


@pytest.mark.parametrize(
    ("time", "seconds"),
    [
        (1648042149, 1648042149),
        ("1648042149", 1648042149),
        ("2022-03-23T13:29:09Z", 1648042149),
        ("2022-03-23 13:29:09 UTC", 1648042149),
        ("2022-03-23 13:29:09.999+00:00", 1648042149),
        ("2022-03-23T15:29:09+0200", 1648042149),
        (pd.Timestamp("2022-03-23 13:29:09.7", tz="UTC"), 1648042149),
        (pd.Timestamp("2022-03-23 14:29:09", tz="Europe/Berlin"), 1648042149),
        (1648042149.75, 1648042149),
        (0, 0),
    ],
)
def test_times_are_seconds_of_utc(time: object, seconds: int) -> None:
    assert [row["time"] for row in records(read_transfers(frame({"time": time})))] == [seconds]


def test_other_people_s_types() -> None:
    rows = [
        {"amount": Decimal(5), "time": datetime(2022, 3, 23, 13, 29, 9, tzinfo=UTC)},
        {"amount": Decimal("5.5")},
        {"amount": Decimal("Infinity")},
        {"amount": Decimal("NaN")},
        {"amount": np.int64(6), "block": np.uint8(3)},
        {"amount": np.float64("nan")},
        {"amount": memoryview(bytes(31) + b"\x07")},
        {
            "amount": bytearray(31) + b"\x08",
            "sender": bytes.fromhex(A[2:]),
            "tx_hash": bytes(32),
            "block_hash": b"\x01",
        },
        {"amount": complex(1)},
        {"amount": object},
        {"time": datetime(2022, 3, 23, 13, 29, 9)},  # noqa: DTZ001
        {"time": date(2022, 3, 23)},
        {"time": pd.NaT, "tx_hash": 12},
        {"sender": b"\x01", "asset": bytes.fromhex(TOKEN[2:])},
    ]
    read = read_transfers(frame(*rows))
    assert [move[3] for move in moves(read)] == [5, 6, 7, 8, 5]
    assert [row["tx_hash"] for row in records(read)][3:] == ["0x" + "00" * 32, "12"]
    assert reasons(read) == {
        "bad address": 1,
        "fractional": 1,
        "missing field": 2,
        "not a number": 3,
        "time without zone": 2,
    }
    assert "tz_localize" in notes(read)


def test_whole_floats_below_two_to_the_53_are_exact() -> None:
    read = read_transfers(frame({"amount": 2.0**53 - 1}, {"amount": 2.0**53}))
    assert [move[3] for move in moves(read)] == [2**53 - 1]
    assert reasons(read) == {"inexact (float)": 1}


def test_an_opening_balance_needs_neither_sender_nor_clock() -> None:
    read = read_transfers(frame({"kind": "opening", "sender": None, "block": None}))
    assert [move[:3] for move in moves(read)] == [("opening", None, B)]


def test_own_names_of_transactions_are_kept_and_hashes_made_canonical() -> None:
    read = records(
        read_transfers(
            frame({"tx_hash": "theft"}, {"tx_hash": HASHES[9].upper()[2:]}, {"tx_hash": "0x" + HASHES[10][2:].upper()})
        )
    )
    assert [row["tx_hash"] for row in read] == ["theft", HASHES[9], HASHES[10]]


def test_transfers_come_back_as_they_are() -> None:
    read = read_transfers(frame({}))
    assert read_transfers(read) is read


def test_wrong_arguments_are_the_caller_s() -> None:
    with pytest.raises(ChainError):
        read_transfers(frame({}), chain="nowhere")
    with pytest.raises(AssetError):
        read_transfers(frame({}), asset="USDC")
    with pytest.raises(AmountError):
        read_transfers(frame({}), decimals={TOKEN: 300})
    for nothing in ({"a": 1}, 3, [], "/no/such/file", "a\0b", "x" * 5000):
        with pytest.raises(InputError):
            read_transfers(nothing)


def test_decimals_are_for_exports_in_whole_tokens_only() -> None:
    assert "decimals= was not used" in notes(read_transfers(frame({}), decimals={TOKEN: 6}))


def test_nothing_in_memory_is_nothing() -> None:
    assert len(read_transfers(pd.DataFrame([], dtype=object))) == 0
    assert len(read_transfers(frame({}).iloc[:0])) == 0
