"""A chain that is planted once, and a server in front of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chaintrace.testing.esplora import Esplora
from tests.fetch.esplora.asking import Stage, planted
from tests.testing.conftest import kernel_of_bitcoin as kernel_of_bitcoin
from tests.testing.conftest import robbed as robbed


@pytest.fixture(scope="session")
def stage(kernel_of_bitcoin: None) -> Iterator[Stage]:
    found = planted()
    yield found
    found.chain.stop()


@pytest.fixture(scope="session")
def standing(stage: Stage) -> Iterator[Esplora]:
    with Esplora(stage.chain) as server:
        yield server


@pytest.fixture
def server(standing: Esplora) -> Iterator[Esplora]:
    """A server as it is without a fault; a test may change its attributes."""
    held = {name: getattr(standing, name) for name in ("cap", "rate", "loud", "mempool_space", "fault", "change")}
    standing.calls.clear()
    standing.refused = 0
    yield standing
    for name, value in held.items():
        setattr(standing, name, value)
