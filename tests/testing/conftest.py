"""A node and a Bitcoin chain for a test, and ones on which a story has been played for all who only look at it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from chaintrace.testing.anvil import Anvil, NodeMissing, find
from chaintrace.testing.bitcoin.chain import Regtest
from chaintrace.testing.bitcoin.told import PlantedCoins
from chaintrace.testing.laundering import launder
from chaintrace.testing.robbery import rob
from chaintrace.testing.truth import Planted


@dataclass
class Stage:
    node: Anvil
    planted: Planted


@dataclass
class Robbed:
    chain: Regtest
    planted: PlantedCoins


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


@pytest.fixture(scope="session")
def kernel_of_bitcoin() -> None:
    pytest.importorskip("pbk", reason="py-bitcoinkernel is not installed: pip install 'chaintrace[testing]'")


@pytest.fixture
def regtest(kernel_of_bitcoin: None) -> Iterator[Regtest]:
    """A chain whose first miners can spend."""
    with Regtest() as chain:
        chain.mine(110)
        yield chain


@pytest.fixture(scope="session")
def robbed(kernel_of_bitcoin: None) -> Iterator[Robbed]:
    with Regtest() as chain:
        yield Robbed(chain, rob(chain))
