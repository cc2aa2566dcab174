"""The stages of the node's tests, and an explorer in front of the first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chaintrace.testing.explorer import Explorer
from tests.fetch.etherscan_api.asking import KEY, Stage
from tests.fetch.rpc.conftest import binary as binary
from tests.fetch.rpc.conftest import stage as stage
from tests.fetch.rpc.conftest import stage_on as stage_on
from tests.fetch.rpc.conftest import vyper as vyper


@pytest.fixture(scope="session")
def standing(stage: Stage) -> Iterator[Explorer]:
    with Explorer(stage.node, key=KEY) as explorer:
        yield explorer


@pytest.fixture
def explorer(standing: Explorer) -> Iterator[Explorer]:
    """An explorer as it is without a fault; a test may change its attributes."""
    held = {name: getattr(standing, name) for name in _CHANGED}
    standing.calls.clear()
    standing.refused = 0
    yield standing
    for name, value in held.items():
        setattr(standing, name, value)


_CHANGED = ("cap", "window", "key", "rate", "loud", "archive", "traces", "fault", "change")
