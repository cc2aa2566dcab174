"""A node with the laundering story, and cases fetched from it."""

from __future__ import annotations

from pathlib import Path

import pytest

import chaintrace as ct
from tests.testing.conftest import Stage
from tests.testing.conftest import anvil as anvil
from tests.testing.conftest import binary as binary
from tests.testing.conftest import stage as stage
from tests.testing.conftest import vyper as vyper


@pytest.fixture(scope="session")
def fetched(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> ct.Case:
    """The whole story, fetched until nothing is left; tests only look at it."""
    return fetch(stage, tmp_path_factory.mktemp("live") / "story", share="1")


def fetch(stage: Stage, path: Path, way: str = "trace_filter", **budget: str | int) -> ct.Case:
    """A case of the story's thefts in a new folder, fetched."""
    case = create(stage, path, way)
    case.fetch(budget=ct.Budget(**budget))  # type: ignore[arg-type]
    return case


def create(stage: Stage, path: Path, way: str = "trace_filter") -> ct.Case:
    planted = stage.planted
    seeds = [ct.theft(tx) for tx in planted.thefts]
    return ct.Case.create(path, seeds, [ct.Rpc(stage.node.url, way=way)], stop_at=planted.stops)
