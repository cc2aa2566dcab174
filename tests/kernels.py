"""The kernels that are installed, and a test that runs on each of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

import chaintrace as ct

KERNELS = ct.kernels()


@contextmanager
def on(kernel: str) -> Iterator[None]:
    """While this lasts, ``kernel`` answers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHAINTRACE_KERNEL", kernel)
        yield


@pytest.fixture(scope="module", params=KERNELS)
def kernel(request: pytest.FixtureRequest) -> Iterator[str]:
    """One kernel, chosen for as long as the tests of a module run on it."""
    with on(request.param):
        yield request.param


@pytest.fixture(scope="module", params=KERNELS, autouse=True)
def each_kernel(request: pytest.FixtureRequest) -> Iterator[str]:
    """In the conftest of a folder: every test there runs on every kernel."""
    with on(request.param):
        yield request.param
