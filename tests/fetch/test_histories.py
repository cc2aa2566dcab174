"""Whatever happened on the chain, whatever a page holds and whatever goes wrong: no row is lost and none invented."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chaintrace.errors import ProviderError
from chaintrace.fetch.rpc.ways import CALL_TRACER, TRACE_FILTER
from chaintrace.testing.anvil import Anvil
from chaintrace.testing.explorer import FAULTS, Explorer
from chaintrace.testing.truth import Row, difference, rows_of
from tests.fetch.etherscan_api import asking as explorers
from tests.fetch.histories import Act, Player, histories
from tests.fetch.rpc import asking as nodes
from tests.fetch.rpc.asking import Stage
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


@SETTINGS
@given(history=histories(), cap=st.sampled_from(CAPS), fault=st.sampled_from(["", "", *FAULTS]), data=st.data())
def test_an_explorer_tells_what_happened_or_that_it_cannot(
    player: Player, history: list[Act], cap: int, fault: str, data: st.DataObject
) -> None:
    stage = player.play(history)
    accounts = some(stage, data)
    with Explorer(stage.node, cap=cap, fault=fault, key=explorers.KEY) as explorer:
        try:
            answer = explorers.asked_of(explorer, explorers.question(stage, accounts), page=10).answer
        except ProviderError:
            assert fault
            return
    found = moving(rows_of(answer.rows))
    assert difference(moving(stage.planted.touching(accounts)), found) == NOTHING
