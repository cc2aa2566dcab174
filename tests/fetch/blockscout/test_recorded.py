"""Blockscout's own answers about the Ronin exploiter, a few rows of each list, are read as they came."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chaintrace.fetch.blockscout import things
from chaintrace.fetch.blockscout.call import INNER, MOVED, SENT, listed
from chaintrace.fetch.blockscout.facts import Facts, Listed, Want, read
from chaintrace.fetch.blockscout.reply import Reply
from chaintrace.fetch.words import Bad
from chaintrace.model.page import Asked

EXPLOITER = "0x098b716b8aaf21512996dc57eb0615e2383e2f96"
BRIDGE = "0x1a2a1c938ce3ec39b6d47113c7955baa9dd454f2"
USDC = "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
FILES = {
    SENT: "eth_transactions.json",
    INNER: "eth_internal_transactions.json",
    MOVED: "eth_token_transfers.json",
}


@pytest.fixture
def folder(data: Path) -> Path:
    return data / "rpc" / "blockscout-v2-ronin"


def page(folder: Path, method: str) -> Listed:
    """A file as the answer to the first page of a list."""
    facts = Facts("blockscout test")
    reply = Reply("blockscout test", (folder / FILES[method]).read_bytes())
    read(facts, Asked(listed(method, EXPLOITER).text, reply.digest), reply.at(0))
    return facts.lists[Want(method, EXPLOITER), ""][0]


@pytest.mark.parametrize("method", FILES)
def test_every_row_is_read(folder: Path, method: str) -> None:
    whole = json.loads((folder / FILES[method]).read_bytes())
    found = page(folder, method)
    assert len(found.rows) == len(whole["items"]) > 0
    assert found.after == (whole["next_page_params"] and json.dumps(
        whole["next_page_params"], separators=(",", ":"), sort_keys=True
    ))  # fmt: skip


def test_the_theft_of_ether_is_there(folder: Path) -> None:
    ((one, _),) = page(folder, INNER).rows
    assert (one.one.sender, one.one.receiver, one.one.amount) == (BRIDGE, EXPLOITER, 173_600 * 10**18)
    assert (one.block, one.index, one.one.failed) == (14_442_835, 18, False)
    assert one.tx_hash == "0xc28fad5e8d5e0ce6a2eaf67b6687be5d58113e16be590824d6cfa1a94467d0b7"
    assert one.one.time == 1_648_042_149


def test_the_theft_of_usdc_is_there(folder: Path) -> None:
    one = page(folder, MOVED).rows[0][0]
    assert (one.sender, one.receiver, one.contract) == (BRIDGE, EXPLOITER, USDC)
    assert (one.amount, one.decimals, one.symbol, one.index) == (25_500_000 * 10**6, 6, "USDC", 29)
    assert one.block == 14_442_840
    assert not one.doubted


def test_a_scam_s_name_is_no_part_of_a_row(folder: Path) -> None:
    """One sender is named as an advertisement; what it sent is real."""
    one = page(folder, MOVED).rows[1][0]
    assert (one.sender, one.amount) == ("0x985409c0e4b1853a42800765bafcd9efc1c57d03", 10**11)
    assert "getether" not in repr(one)


def test_what_the_exploiter_was_sent_is_there(folder: Path) -> None:
    rows = [one for one, _ in page(folder, SENT).rows]
    assert [one.value for one in rows] == [100 * 10**18, 9_064_800_000_000_000, 2 * 10**18, 0]
    assert {one.failed for one in rows} == {False}
    assert {one.receiver for one in rows} == {EXPLOITER}


READERS: dict[str, Any] = {SENT: things.payment, INNER: things.called, MOVED: things.transfer}
OPTIONAL = {
    SENT: {"status", "result", "method", "type", "to"},
    INNER: {"error"},
    MOVED: {"type", "token_type"},
}


@pytest.mark.parametrize("method", FILES)
def test_each_member_is_needed_or_known_not_to_be(folder: Path, method: str) -> None:
    for item in json.loads((folder / FILES[method]).read_bytes())["items"]:
        for name in item:
            less = {key: value for key, value in item.items() if key != name}
            if name in OPTIONAL[method]:
                READERS[method](less)
            else:
                with pytest.raises(Bad):
                    READERS[method](less)
