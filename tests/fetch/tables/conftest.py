"""The stages of the node's tests, and their chains as tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from chaintrace.testing.exported import Exported
from tests.fetch.rpc.asking import Stage
from tests.fetch.rpc.conftest import binary as binary
from tests.fetch.rpc.conftest import stage as stage
from tests.fetch.rpc.conftest import stage_on as stage_on
from tests.fetch.rpc.conftest import vyper as vyper


@pytest.fixture(scope="session")
def exported_on(stage_on: Callable[[str], Stage]) -> Callable[[str], Exported]:
    known: dict[str, Exported] = {}

    def on(fork: str) -> Exported:
        if fork not in known:
            known[fork] = Exported(stage_on(fork).node)
        return known[fork]

    return on


@pytest.fixture(scope="session")
def exported(exported_on: Callable[[str], Exported]) -> Exported:
    return exported_on("cancun")


@pytest.fixture(scope="session")
def lake(exported: Exported, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole chain as Parquet files; nobody changes them."""
    return exported.write(tmp_path_factory.mktemp("lakes") / "lake")
