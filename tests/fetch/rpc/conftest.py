"""Nodes on which the laundering story has been played, one for each fork that a test asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from chaintrace.testing.anvil import Anvil
from chaintrace.testing.laundering import launder
from tests.fetch.rpc.asking import Stage
from tests.fetch.rpc.proxy import Proxy
from tests.testing.conftest import binary as binary
from tests.testing.conftest import vyper as vyper


@pytest.fixture(scope="session")
def stage_on(binary: None, vyper: None) -> Iterator[Callable[[str], Stage]]:
    """The stage under the rules of a fork. Nobody changes its chain."""
    stages: dict[str, Stage] = {}
    with ExitStack() as stack:

        def on(fork: str) -> Stage:
            if fork not in stages:
                node = stack.enter_context(Anvil(fork=fork))
                planted = launder(node)
                head = node.rpc("eth_getBlockByNumber", hex(planted.last), False)["hash"]
                stages[fork] = Stage(node, planted, head)
            return stages[fork]

        yield on


@pytest.fixture(scope="session")
def stage(stage_on: Callable[[str], Stage]) -> Stage:
    return stage_on("cancun")


@pytest.fixture(scope="module")
def between(stage: Stage) -> Iterator[Proxy]:
    """A proxy in front of the stage's node, for the tests of one file."""
    with Proxy(stage.node.url) as proxy:
        yield proxy


@pytest.fixture
def proxy(between: Proxy) -> Iterator[Proxy]:
    """The proxy as it is without a lie; its answers are remembered from test to test."""
    between.reset()
    yield between
    between.reset()
