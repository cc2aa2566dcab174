"""A node for a test, and one on which the laundering story has been played for all who only look at it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from chaintrace.testing.anvil import Anvil, NodeMissing, find
from chaintrace.testing.laundering import launder
from chaintrace.testing.truth import Planted


@dataclass
class Stage:
    node: Anvil
    planted: Planted


@pytest.fixture(scope="session")
def binary() -> None:
    try:
        find()
    except NodeMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def anvil(binary: None) -> Iterator[Anvil]:
    with Anvil() as node:
        yield node


@pytest.fixture(scope="session")
def vyper() -> None:
    pytest.importorskip("vyper", reason="vyper is not installed: pip install 'chaintrace[testing]'")


@pytest.fixture(scope="session")
def stage(binary: None, vyper: None) -> Iterator[Stage]:
    with Anvil() as node:
        yield Stage(node, launder(node))
