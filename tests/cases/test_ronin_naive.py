"""The figures of the Ronin case, from the shipped rows, by a naive queue that shares no code with the library."""

from __future__ import annotations

import tomllib
from collections import Counter
from itertools import groupby
from pathlib import Path

import pytest

import chaintrace.cases

from .naive_fifo import UNEXPLAINED, Row, follow, read

CASE = Path(chaintrace.cases.__file__).parent / "ronin"
FACTS = tomllib.loads((CASE / "case.toml").read_text(encoding="utf-8"))
ROWS = read(CASE / "transfers.csv")
ROLES = {row["address"]: row["role"] for row in read(CASE / "labels.csv") if row["role"]}
ETH, USDC = FACTS["assets"]
ETH_THEFT, USDC_THEFT = (seed["theft"] for seed in FACTS["seeds"])
(EXPLOITER,) = (address for address, role in ROLES.items() if role == "exploiter")
UNFUNDED = "0x01a5d51057a82818d68d8f3b76ef0ac69a99a911"

WEI_ALONE = {
    "pool": 164_930_043970000000000000,
    "intermediary-exchange": 6_250_000000000000000000,
    "depositor": 2_283_115080000000000000,
    "intermediary-tornado": 136_840950000000000000,
}
WEI_BOTH = {
    "pool": 173_398_943100000000000000,
    "intermediary-exchange": 6_250_000000000000000000,
    "depositor": 2_371_815080000000000000,
    "intermediary-tornado": 140_140950000000000000,
    "exploiter": 1_781059130745900000,
}


def legs() -> list[Row]:
    """The two ends of the bundled link as rows: USDC leaves the holding, ETH arrives at the helpers."""
    (link,) = FACTS["links"]
    source = link["source"]
    leave = {"sender": source["holding"], "receiver": "", "time": source["at"], "tx_hash": link["id"]}
    arrive = [
        {"sender": "", "receiver": end["address"], "time": end["at"], "tx_hash": link["id"]} for end in link["targets"]
    ]
    ends = [source, *link["targets"]]
    return [
        row | {"asset": end["asset"], "amount": end["amount"]} for row, end in zip([leave, *arrive], ends, strict=True)
    ]


def by_role(held: dict[tuple[str, str], Counter[str]], asset: str, origins: set[str]) -> dict[str, int]:
    """Units of these origins, summed over the accounts of each role; accounts without a role under their address."""
    sums: Counter[str] = Counter()
    for (address, held_asset), lots in held.items():
        if held_asset == asset:
            sums[ROLES.get(address, address)] += sum(lots[origin] for origin in origins)
    return {role: amount for role, amount in sums.items() if amount}


def eth(rows: list[Row]) -> int:
    return sum(int(row["amount"]) for row in rows if row["asset"] == ETH)


def test_in_and_out_of_the_exploiter() -> None:
    """In: the ETH theft and the native transfers to it; out: native transfers alone."""
    paid_in = [row for row in ROWS if row["receiver"] == EXPLOITER and row["asset"] == ETH]
    theft = [row for row in paid_in if row["tx_hash"] == ETH_THEFT]
    assert eth(theft) == 173_600 * 10**18
    assert eth(paid_in) - eth(theft) == 8_565_903082267597648050
    assert eth(paid_in) == 182_165_903082267597648050
    paid_out = [row for row in ROWS if row["sender"] == EXPLOITER]
    assert {row["kind"] for row in paid_out} == {"native"}
    assert eth(paid_out) == 182_163_956030000000000000


def test_paid_accounts() -> None:
    paid = {row["receiver"] for row in ROWS if row["sender"] == EXPLOITER}
    roles = Counter(ROLES[address] for address in paid)
    assert roles == {"depositor": 11, "intermediary-tornado": 7, "intermediary-exchange": 5, "swap-helper": 2}
    assert len(paid) == 25
    assert len(paid) - roles["swap-helper"] == 23


def test_campaign_by_asserted_roles() -> None:
    deposits = [row for row in ROWS if ROLES.get(row["receiver"]) == "pool"]
    assert len(deposits) == 1_751
    assert {row["amount"] for row in deposits} == {str(100 * 10**18)}
    assert eth(deposits) == 175_100 * 10**18
    senders = {row["sender"] for row in deposits}
    assert len(senders) == 48
    assert senders == {address for address, role in ROLES.items() if role == "depositor"}
    stolen = 173_600 * 10**18 + int(FACTS["published"]["swap_proceeds"]["amount"])
    assert (eth(deposits) * 10_000 + stolen // 2) // stolen == 9_612


@pytest.mark.parametrize("arrivals", [False, True], ids=["without the link", "with its arrivals on the lines"])
def test_eth_theft_alone(arrivals: bool) -> None:
    """The arrivals stand where the missing units would: before the helpers' first transfer. So both give the same."""
    held = follow(ROWS, {ETH_THEFT: "theft"}, legs() if arrivals else ())
    assert by_role(held, ETH, {"theft"}) == WEI_ALONE
    assert sum(WEI_ALONE.values()) == 173_600 * 10**18


def test_both_thefts_with_the_link() -> None:
    held = follow(ROWS, {ETH_THEFT: "theft", USDC_THEFT: "usdc"}, legs())
    assert by_role(held, ETH, {"theft", "usdc-swap"}) == WEI_BOTH
    assert sum(WEI_BOTH.values()) == 182_162_680189130745900000
    assert by_role(held, ETH, {"theft"}) == WEI_ALONE
    assert by_role(held, USDC, {"usdc"}) == {}


def test_both_thefts_without_the_link() -> None:
    held = follow(ROWS, {ETH_THEFT: "theft", USDC_THEFT: "usdc"})
    assert by_role(held, ETH, {"theft"}) == WEI_ALONE
    assert by_role(held, USDC, {"usdc"}) == {"exploiter": 25_500_000_000000}


def test_one_depositor_is_not_funded_inside_the_rows() -> None:
    assert not [row for row in ROWS if row["receiver"] == UNFUNDED]
    assert eth([row for row in ROWS if row["sender"] == UNFUNDED]) == 1_700 * 10**18
    held = follow(ROWS, {ETH_THEFT: "theft"}, legs())
    assert by_role(held, ETH, {UNEXPLAINED})["pool"] == 1_701_056900000000000000


def test_ties_within_a_second_do_not_matter() -> None:
    turned = [row for _, tied in groupby(ROWS, key=lambda row: row["time"]) for row in reversed(list(tied))]
    assert turned != ROWS
    held = follow(turned, {ETH_THEFT: "theft"}, legs())
    assert by_role(held, ETH, {"theft"}) == WEI_ALONE
    assert by_role(held, ETH, {"theft", "usdc-swap"}) == WEI_BOTH
