"""The stages of the node's tests, and a Blockscout in front of the first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chaintrace.testing.scout import Scout
from tests.fetch.blockscout.asking import KEY, Stage
from tests.fetch.rpc.conftest import binary as binary
from tests.fetch.rpc.conftest import stage as stage
from tests.fetch.rpc.conftest import stage_on as stage_on
from tests.fetch.rpc.conftest import vyper as vyper


@pytest.fixture(scope="session")
def standing(stage: Stage) -> Iterator[Scout]:
    with Scout(stage.node, key=KEY) as scout:
        yield scout


@pytest.fixture
def scout(standing: Scout) -> Iterator[Scout]:
    """A Blockscout as it is without a fault; a test may change its attributes."""
    held = {name: getattr(standing, name) for name in _CHANGED}
    standing.calls.clear()
    standing.refused = 0
    yield standing
    for name, value in held.items():
        setattr(standing, name, value)


_CHANGED = ("cap", "key", "rate", "after", "credits", "archive", "scams", "fault", "change")
