"""Etherscan's CSV exports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chaintrace.fetch.files import read_transfers
from tests.fetch.samples import FEE_SEQ, HASHES, TOKEN, ZERO, A, B, C, moves, notes, reasons, records, write_csv

MADE = 2**40


def transaction(n: int, **other: Any) -> dict[str, Any]:
    return {
        "Transaction Hash": HASHES[n],
        "Blockno": "14442835",
        "UnixTimestamp": "1648042149",
        "DateTime (UTC)": "2022-03-23 13:29:09",
        "From": A,
        "To": B,
        "ContractAddress": "",
        "Value_IN(ETH)": "0",
        "Value_OUT(ETH)": "0",
        "CurrentValue @ $2,000.00/Eth": "0",
        "TxnFee(ETH)": "0.000441",
        "TxnFee(USD)": "1.1",
        "Historical $Price/Eth": "2,500.1",
        "Status": "",
        "ErrCode": "",
        "Method": "Transfer",
        **other,
    }


def test_transactions(tmp_path: Path) -> None:
    rows = [
        transaction(0, **{"Value_IN(ETH)": "1,234.000000000000000001"}),
        transaction(1, **{"Value_OUT(ETH)": "2E-18"}),
        transaction(2, **{"Value_OUT(ETH)": "3", "Status": "Error(0)", "ErrCode": "Out of gas"}),
        transaction(3, **{"To": "", "ContractAddress": C, "Value_OUT(ETH)": "1", "TxnFee(ETH)": ""}),
        transaction(4, **{"Value_OUT(ETH)": "0.0000000000000000001"}),
        transaction(5, **{"Value_OUT(ETH)": "1", "Value_IN(ETH)": "2"}),
        transaction(6, **{"Value_OUT(ETH)": "1,23"}),
    ]
    read = read_transfers(write_csv(tmp_path / "export-0xaa.csv", rows))
    assert read.format == "Etherscan transactions"
    fee = ("fee", A, None, 441 * 10**12, FEE_SEQ)
    assert moves(read) == [
        ("native", A, B, 1234 * 10**18 + 1, 0),
        fee,
        ("native", A, B, 2, 0),
        fee,
        fee,
        ("native", A, C, 10**18, 0),
    ]
    assert reasons(read) == {"fractional": 1, "not a number": 1, "reverted": 1, "two values": 1}
    assert {(row["time"], row["order"], row["block"]) for row in records(read)} == {(1648042149, "unknown", 14442835)}
    assert "order within a block is as read" in notes(read)


def test_older_exports_and_other_chains(tmp_path: Path) -> None:
    row = transaction(0, **{"Value_IN(ETH)": "1.5"})
    older = {name.replace("ETH", "BNB").replace("Transaction Hash", "Txhash"): value for name, value in row.items()}
    del older["UnixTimestamp"], older["Status"], older["ErrCode"]
    read = read_transfers(write_csv(tmp_path / "export.csv", [older]), chain="bnb")
    first = records(read)[0]
    assert (first["asset"], first["amount"], first["time"]) == ("eip155:56/slip44:714", 15 * 10**17, 1648042149)
    assert "no status column" in notes(read)


def internal(n: int, **other: Any) -> dict[str, Any]:
    return {
        "Transaction Hash": HASHES[n],
        "Blockno": "14442835",
        "UnixTimestamp": "1648042149",
        "DateTime (UTC)": "2022-03-23 13:29:09",
        "ParentTxFrom": A,
        "ParentTxTo": B,
        "ParentTxETH_Value": "0",
        "From": B,
        "TxTo": C,
        "ContractAddress": "",
        "Value_IN(ETH)": "1",
        "Value_OUT(ETH)": "0",
        "CurrentValue @ $2,000.00/Eth": "0",
        "Historical $Price/Eth": "2500",
        "Status": "0",
        "ErrCode": "",
        "Type": "call",
        **other,
    }


def test_internal_transactions(tmp_path: Path) -> None:
    rows = [
        internal(0),
        internal(0),
        internal(1, TxTo="", ContractAddress=A),
        internal(2, Status="Error(1)"),
        internal(3, TxTo=""),
    ]
    path = write_csv(tmp_path / "internal.csv", rows)
    read = read_transfers(path)
    ether = 10**18
    assert moves(read) == [
        ("internal", B, C, ether, MADE),
        ("internal", B, C, ether, MADE + 1),
        ("internal", B, A, ether, MADE + 2),
    ]
    assert reasons(read) == {"missing receiver": 1, "reverted": 1}


def test_exports_of_two_addresses_tell_what_they_share_once(tmp_path: Path) -> None:
    one = write_csv(tmp_path / "a.csv", [internal(0), internal(0), internal(1)])
    other = write_csv(tmp_path / "b.csv", [internal(0), internal(0), internal(0), internal(2)])
    read = read_transfers([one, other])
    assert [row["tx_hash"] for row in records(read)] == [HASHES[n] for n in (0, 0, 1, 0, 2)]
    assert len({row["seq"] for row in records(read)}) == 5
    assert reasons(read) == {"duplicate": 2}
    outgoing = write_csv(tmp_path / "c.csv", [transaction(0, **{"Value_OUT(ETH)": "1"})])
    incoming = write_csv(tmp_path / "d.csv", [transaction(0, **{"Value_IN(ETH)": "1"})])
    assert [move[0] for move in moves(read_transfers([outgoing, incoming]))] == ["native", "fee"]


def token(n: int, **other: Any) -> dict[str, Any]:
    return {
        "Transaction Hash": HASHES[n],
        "Blockno": "14442840",
        "UnixTimestamp": "1648042200",
        "DateTime (UTC)": "2022-03-23 13:30:00",
        "From": A,
        "To": B,
        "TokenValue": "25,500,000.000001",
        "USDValueDayOfTx": "$25,500,000",
        "ContractAddress": TOKEN,
        "TokenName": "=HYPERLINK(1)",
        "TokenSymbol": "NA",
        **other,
    }


@pytest.mark.parametrize("name", [TOKEN, f"eip155:1/erc20:{TOKEN}", "USDC"])
def test_tokens_with_decimals(tmp_path: Path, name: str) -> None:
    rows = [
        token(0),
        token(1, From=ZERO),
        token(2, ContractAddress=C),
        token(3, TokenValue="1.0000001"),
        token(4, TokenValue=""),
    ]
    path = write_csv(tmp_path / "tokens.csv", rows)
    read = read_transfers(path, decimals={name: 6}, assets={"USDC": TOKEN})
    assert moves(read) == [("token", A, B, 25_500_000_000_001, MADE), ("mint", None, B, 25_500_000_000_001, MADE + 1)]
    assert reasons(read) == {"decimals unknown": 1, "fractional": 1, "missing field": 1}
    assert "decimals={" in notes(read)


def test_tokens_without_decimals_are_all_left_out(tmp_path: Path) -> None:
    read = read_transfers(write_csv(tmp_path / "tokens.csv", [token(0), token(1)]))
    assert len(read) == 0
    assert reasons(read) == {"decimals unknown": 2}
    assert read.rejected.examples[0].value == TOKEN
