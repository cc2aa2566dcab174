"""The public strategies: what they draw is valid, and reaches the corners."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.model.address import is_account, parse_account
from chaintrace.model.amount import MAX, to_bytes
from chaintrace.model.chain import CHAINS, Chain
from chaintrace.model.transfer import KINDS, SCHEMA
from chaintrace.testing import Scenario
from chaintrace.testing.strategies import BOUNDARIES, addresses, amounts, chains, ledgers, names, transfers
from chaintrace.testing.strategies.ledgers import _STEPS

QUICK = settings(max_examples=5_000, phases=[Phase.generate], suppress_health_check=list(HealthCheck), deadline=None)


@given(st.data())
def test_amounts_are_within_their_bounds(data: st.DataObject) -> None:
    least, most = sorted((data.draw(st.integers(0, MAX)), data.draw(st.integers(0, MAX))))
    assert least <= data.draw(amounts(least, most)) <= most
    to_bytes(data.draw(amounts()))


@pytest.mark.parametrize("wanted", BOUNDARIES)
def test_amounts_reach_every_boundary(wanted: int) -> None:
    assert find(amounts(), lambda amount: amount == wanted, settings=QUICK) == wanted


@given(st.data())
def test_addresses_are_canonical_accounts_of_their_chain(data: st.DataObject) -> None:
    chain: Chain = data.draw(chains())
    account = data.draw(addresses(chain))
    assert is_account(account, chain)
    assert parse_account(account, chain) == account


def test_chains_are_of_the_family_that_is_asked_for() -> None:
    for chain in CHAINS:
        assert find(chains(chain.family), lambda one, wanted=chain: one is wanted, settings=QUICK) is chain


@given(names(), names())
def test_every_name_has_an_address_of_its_own(one: str, other: str) -> None:
    story = Scenario().opens("x", 2).pays("x", one, 1).pays("x", other, 1)
    assert (story.address(one) == story.address(other)) == (one == other)
    assert all("\x1b" not in line and "\n" not in line for line in story.told)


@settings(settings.get_profile("many"), max_examples=100)
@given(transfers())
def test_transfers_are_rows_of_the_one_table(rows: ct.Transfers) -> None:
    assert rows.table.schema == SCHEMA
    assert set(rows.table["kind"].to_pylist()) <= set(KINDS)
    assert len(ct.TransferGraph(rows)) == len(rows)
    read = ct.read_transfers(rows.table)
    assert len(read.rejected) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_transfers_have_every_kind(kind: str) -> None:
    found = find(transfers(), lambda rows: kind in rows.table["kind"].to_pylist(), settings=QUICK)
    assert len(found) >= 1


def test_transfers_have_rows_whose_place_is_not_proven_and_rows_without_a_time() -> None:
    find(transfers(), lambda rows: "unknown" in rows.table["order"].to_pylist(), settings=QUICK)
    find(transfers(), lambda rows: len(rows) and rows.table["time"].null_count == len(rows), settings=QUICK)
    find(transfers(), lambda rows: len(rows) and rows.table["time"].null_count == 0, settings=QUICK)


def test_ledgers_take_every_step() -> None:
    """Each is drawn; what it did is in the words of the story."""
    words = (
        "pays",
        "fee of",
        "fails",
        "swaps",
        "deposits",
        "withdraws",
        "wraps",
        "unwraps",
        "burns",
        "is minted",
        "; ",
    )
    assert len(_STEPS) == 14
    for word in words:
        find(ledgers(), lambda story, wanted=word: wanted in str(story), settings=QUICK)


def test_without_hypothesis_the_strategies_say_what_to_install_and_the_rest_works(tmp_path: Path) -> None:
    code = """
import sys
sys.modules["hypothesis"] = None
from chaintrace.testing import Scenario, assert_silent, eth
assert_silent("peel-chain", Scenario().pays("a", "b", eth(1)))
try:
    import chaintrace.testing.strategies
except ModuleNotFoundError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "needs hypothesis\nHint: pip install 'chaintrace[testing]'" in done.stdout
