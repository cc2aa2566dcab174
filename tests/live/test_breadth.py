"""What matters first: on a chain with hubs, far fewer requests than a search by breadth."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import chaintrace as ct
from chaintrace.case.budget import Fetched
from chaintrace.testing.anvil import Anvil
from chaintrace.testing.hubs import hubs
from chaintrace.testing.truth import Planted
from tests.testing.conftest import Stage


@pytest.fixture(scope="module")
def maze(binary: None, vyper: None) -> Iterator[Stage]:
    with Anvil() as node:
        yield Stage(node, hubs(node))


def crawl(stage: Stage, path: Path, order: str) -> Fetched:
    planted: Planted = stage.planted
    seeds = [ct.theft(tx) for tx in planted.thefts]
    case = ct.Case.create(path, seeds, [ct.Rpc(stage.node.url)], stop_at=planted.stops)
    return case.fetch(order=order)


def test_99_percent_are_explained_with_under_a_third_of_the_requests_of_breadth_first(
    maze: Stage, tmp_path: Path
) -> None:
    first = crawl(maze, tmp_path / "largest", "largest")
    breadth = crawl(maze, tmp_path / "breadth", "breadth")
    assert first.ended == breadth.ended == "goal"
    assert first.progress.requests * 3 < breadth.progress.requests, (first, breadth)
    assert first.progress.accounts * 3 < breadth.progress.accounts, (first, breadth)
