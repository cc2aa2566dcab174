"""The stages of the node's tests, and a TronGrid in front of the first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chaintrace.testing.grid import Grid
from tests.fetch.rpc.conftest import binary as binary
from tests.fetch.rpc.conftest import stage as stage
from tests.fetch.rpc.conftest import stage_on as stage_on
from tests.fetch.rpc.conftest import vyper as vyper
from tests.fetch.trongrid.asking import KEY, Stage

_CHANGED = ("cap", "key", "rate", "hurry", "penalty", "solid", "fault", "change")


@pytest.fixture(scope="session")
def standing(stage: Stage) -> Iterator[Grid]:
    with Grid(stage.node, key=KEY) as grid:
        yield grid


@pytest.fixture
def grid(standing: Grid) -> Iterator[Grid]:
    """A TronGrid as it is without a fault; a test may change its attributes."""
    held = {name: getattr(standing, name) for name in _CHANGED}
    standing.calls.clear()
    standing.refused = 0
    standing._times.clear()
    standing._until = 0.0
    yield standing
    for name, value in held.items():
        setattr(standing, name, value)
