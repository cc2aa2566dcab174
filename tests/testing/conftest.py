"""A node for a test, and one on which the laundering story has been played for all who only look at it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from chaintrace.testing.anvil import Anvil, NodeMissing, find
from chaintrace.testing.laundering import launder
from chaintrace.testing.truth import Planted


@dataclass
class Stage:
    node: Anvil
    planted: Planted


def need_node(start: Path | None = None) -> Path:
    """The node's binary. Where there is none the test is skipped and says so; where ``CHAINTRACE_NODE=require``, as in
    CI, it fails."""
    try:
        return find(start)
    except NodeMissing as missing:
        if os.environ.get("CHAINTRACE_NODE") == "require":
            pytest.fail(str(missing))
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def binary() -> None:
    need_node()


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
