"""A chain that ends otherwise than it did: what was fetched of it is set aside, and the rest is as if fetched anew."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

import chaintrace as ct
from chaintrace.case.budget import Progress
from chaintrace.errors import Contradiction
from chaintrace.model.page import row_lines
from chaintrace.testing.anvil import Anvil
from tests.conftest import PROFILE

DEEPEST = 64
DEPTHS = range(1, DEEPEST + 1) if PROFILE == "nightly" else (1, 2, 3, 5, 8, 21, 63, 64)
ETHER = 10**18
VICTIM, THIEF = "0x" + "aa" * 20, "0x" + "bb" * 20
MULES = ["0x" + f"{n:02x}" * 20 for n in range(1, 8)]


class Story:
    """A theft, and payments along mules in every block since, on a chain whose end can be made anew."""

    def __init__(self, node: Anvil) -> None:
        self.node, self.numbers = node, count()
        node.give(VICTIM, 1000 * ETHER)
        node.impersonate(VICTIM, THIEF, *MULES)
        for one in MULES:
            node.give(one, 100 * ETHER)
        node.automine(False)
        self.theft = self.pay(VICTIM, THIEF, 900 * ETHER)
        node.mine()
        self.go_on(DEEPEST + 6)

    def pay(self, sender: str, receiver: str, amount: int) -> str:
        tx = {"from": sender, "to": receiver, "value": hex(amount), "gas": hex(21_000), "gasPrice": hex(10**10)}
        return str(self.node.rpc("eth_sendTransaction", tx))

    def go_on(self, blocks: int) -> None:
        """Blocks of which each pays on, no two alike."""
        for _ in range(blocks):
            n = next(self.numbers)
            payers = [THIEF, *MULES]
            self.pay(payers[n % 4], MULES[n % len(MULES)], 10**17 + n)
            self.node.mine()


@pytest.fixture
def story(binary: None) -> Iterator[Story]:
    with Anvil(slots_in_an_epoch=DEEPEST) as node:
        yield Story(node)


def case_of(story: Story, path: Path, way: str) -> ct.Case:
    return ct.Case.create(path, ct.theft(story.theft), [ct.Rpc(story.node.url, way=way)], young=True)


@pytest.mark.parametrize("way", ["trace_filter", "call_tracer"])
def test_reorgs_leave_no_orphan_row(story: Story, tmp_path: Path, way: str) -> None:
    """Of any depth, one after the other: rows, answer and coverage are those of a case that never saw the old end."""
    case = case_of(story, tmp_path / "case", way)
    case.fetch(budget=ct.Budget(share="1"))
    for depth in DEPTHS:
        before = set(row_lines(case.graph.table))
        story.node.reorg(depth)
        story.go_on(depth % 3 + 1)
        case = ct.Case.open(tmp_path / "case")
        case.fetch([ct.Rpc(story.node.url, way=way)], budget=ct.Budget(share="1"), extend=True)
        clean = case_of(story, tmp_path / f"clean{depth}", way)
        clean.fetch(budget=ct.Budget(share="1"))
        assert case.trace().ledger.equals(clean.trace().ledger)
        assert case.trace().ends().equals(clean.trace().ends())
        assert identities(case) >= identities(clean)
        head = int(story.node.rpc("eth_blockNumber"), 16)
        canonical = {n: story.node.rpc("eth_getBlockByNumber", hex(n), False)["hash"] for n in range(head + 1)}
        for row in case.graph.table.to_pylist():
            assert row["kind"] == "opening" or canonical[row["block"]] == row["block_hash"]
        assert before - set(row_lines(case.graph.table))
        assert case.verify().same


def identities(case: ct.Case) -> set[tuple[object, ...]]:
    columns = ("tx_hash", "kind", "seq", "block_hash", "sender", "receiver", "amount")
    return {tuple(row[name] for name in columns) for row in case.graph.table.to_pylist()}


def test_without_extending_a_reorganised_end_is_replaced_too(story: Story, tmp_path: Path) -> None:
    case = case_of(story, tmp_path / "case", "trace_filter")
    case.fetch()
    story.node.reorg(3)
    again = ct.Case.open(tmp_path / "case")
    again.fetch([ct.Rpc(story.node.url)])
    assert again.harvest is not None
    assert story.node.rpc("eth_getBlockByNumber", hex(again.harvest.where.last), False)["hash"] == (
        again.harvest.where.last_hash
    )
    assert again.store is not None
    assert len(again.store.orphans()) == 1


def test_by_default_only_final_blocks_are_fetched(story: Story, tmp_path: Path) -> None:
    story.go_on(2 * DEEPEST)
    case = ct.Case.create(tmp_path / "case", ct.theft(story.theft), [ct.Rpc(story.node.url)])
    case.fetch()
    assert case.harvest is not None
    final = int(story.node.rpc("eth_getBlockByNumber", "finalized", False)["number"], 16)
    assert case.harvest.where.last == final
    story.node.reorg(5)
    assert case.fetch().progress.requests <= 1


def test_a_case_goes_on_to_where_the_chain_ends_now(story: Story, tmp_path: Path) -> None:
    case = case_of(story, tmp_path / "case", "trace_filter")
    case.fetch(budget=ct.Budget(share="1"))
    story.go_on(5)
    case.fetch(budget=ct.Budget(share="1"), extend=True)
    clean = case_of(story, tmp_path / "clean", "trace_filter")
    clean.fetch(budget=ct.Budget(share="1"))
    assert case.trace().ledger.equals(clean.trace().ledger)
    assert case.verify().same


def test_a_node_of_another_chain_is_told_apart_from_a_reorg(story: Story, tmp_path: Path) -> None:
    case = case_of(story, tmp_path / "case", "trace_filter")
    case.fetch()
    with Anvil(genesis=1_650_000_000) as other:
        other.mine(200)
        with pytest.raises(Contradiction, match="none of the"):
            case.fetch([ct.Rpc(other.url)])


def test_a_chain_that_is_reorganised_while_it_is_fetched_is_asked_again(story: Story, tmp_path: Path) -> None:
    """The watcher lets the chain end otherwise once the first account is there."""
    case = case_of(story, tmp_path / "case", "trace_filter")
    depths = iter([4])

    def disturb(progress: Progress) -> None:
        if progress.accounts and (depth := next(depths, None)):
            story.node.reorg(depth)
            story.go_on(1)

    case.fetch(budget=ct.Budget(share="1"), watch=disturb)
    assert case.store is not None
    assert len(case.store.orphans()) == 1
    clean = case_of(story, tmp_path / "clean", "trace_filter")
    clean.fetch(budget=ct.Budget(share="1"))
    assert case.trace().ledger.equals(clean.trace().ledger)
    assert case.verify().same
