"""Whatever happened on the chain, whatever a page holds and whatever goes wrong: no row is lost and none invented."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.errors import ProviderError
from chaintrace.fetch.rpc.ways import CALL_TRACER, TRACE_FILTER
from chaintrace.testing import explorer, grid, scout
from chaintrace.testing.anvil import Anvil
from chaintrace.testing.explorer import Explorer
from chaintrace.testing.exported import Exported
from chaintrace.testing.grid import Grid
from chaintrace.testing.scout import Scout
from chaintrace.testing.truth import Row, difference, rows_of
from tests.fetch.blockscout import asking as scouts
from tests.fetch.etherscan_api import asking as explorers
from tests.fetch.histories import Act, Player, histories
from tests.fetch.rpc import asking as nodes
from tests.fetch.rpc.asking import Stage
from tests.fetch.tables import asking as lakes
from tests.fetch.trongrid import asking as grids
from tests.testing.conftest import binary as binary
from tests.testing.conftest import vyper as vyper

NOTHING = ((), ())
CAPS = (1, 2, 7, 1_000)
SETTINGS = settings(
    max_examples=10_000 if settings.get_current_profile_name() == "nightly" else 25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture(scope="module")
def player(binary: None, vyper: None) -> Iterator[Player]:
    with Anvil() as node:
        yield Player(node)


def some(stage: Stage, data: st.DataObject) -> list[str]:
    """One of the parties, or a few."""
    return data.draw(st.lists(st.sampled_from(stage.planted.accounts), min_size=1, max_size=3, unique=True))


def moving(rows: Any) -> list[Row]:
    """Payments of nothing inside of transactions move nothing: nobody lists them."""
    return [row for row in rows if row.amount or row.kind != "internal"]


@SETTINGS
@given(history=histories(), way=st.sampled_from([TRACE_FILTER, CALL_TRACER]), data=st.data())
def test_a_node_tells_what_happened(player: Player, history: list[Act], way: str, data: st.DataObject) -> None:
    stage = player.play(history)
    accounts = some(stage, data)
    answer = nodes.ask(stage.node.url, nodes.question(stage, way, accounts)).answer
    found = moving(rows_of(answer.rows))
    assert difference(moving(stage.planted.touching(accounts)), found) == NOTHING


def etherscan(stage: Stage, cap: int, fault: str, accounts: list[str]) -> Any:
    with Explorer(stage.node, cap=cap, fault=fault, key=explorers.KEY) as server:
        return rows_of(explorers.asked_of(server, explorers.question(stage, accounts), page=10).answer.rows)


def blockscout(stage: Stage, cap: int, fault: str, accounts: list[str]) -> Any:
    with Scout(stage.node, cap=cap, fault=fault, key=scouts.KEY) as server:
        return rows_of(scouts.asked_of(server, scouts.question(stage, accounts)).answer.rows)


def trongrid(stage: Stage, cap: int, fault: str, accounts: list[str]) -> Any:
    with Grid(stage.node, cap=cap, fault=fault, key=grids.KEY) as server:
        return rows_of(grids.asked_of(server, grids.question(stage, accounts)).answer.rows)


def as_they_are(rows: Any) -> Any:
    return rows


DOORS: dict[str, tuple[Callable[[Stage, int, str, list[str]], Any], tuple[str, ...], Callable[[Any], Any]]] = {
    "etherscan": (etherscan, explorer.FAULTS, as_they_are),
    "blockscout": (blockscout, scout.FAULTS, as_they_are),
    "trongrid": (trongrid, grid.FAULTS, grids.as_tron),
}


@pytest.mark.parametrize("door", DOORS)
@SETTINGS
@given(history=histories(), cap=st.sampled_from(CAPS), data=st.data())
def test_an_explorer_tells_what_happened_or_that_it_cannot(
    player: Player, door: str, history: list[Act], cap: int, data: st.DataObject
) -> None:
    ask, faults, written = DOORS[door]
    fault = data.draw(st.sampled_from(["", "", *faults]))
    stage = player.play(history)
    accounts = some(stage, data)
    try:
        found = moving(ask(stage, cap, fault, accounts))
    except ProviderError:
        assert fault
        return
    assert difference(moving(written(stage.planted.touching(accounts))), found) == NOTHING


@SETTINGS
@given(history=histories(), data=st.data())
def test_a_lake_tells_what_happened(player: Player, history: list[Act], data: st.DataObject) -> None:
    stage = player.play(history)
    accounts = some(stage, data)
    with TemporaryDirectory() as folder:
        files = ct.Files(Exported(stage.node).write(Path(folder) / "lake"))
        found = moving(rows_of(lakes.asked_of(files, lakes.question(stage, files, accounts)).answer.rows))
    assert difference(moving(stage.planted.touching(accounts)), found) == NOTHING
