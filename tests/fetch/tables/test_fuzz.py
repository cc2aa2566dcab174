"""Any bytes either decode to an Answer or raise a ProviderError; and no question but the one that was asked."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.errors import ProviderError
from chaintrace.fetch.doors import decode
from chaintrace.model.page import Answer, Page
from tests.fetch.rpc.asking import Stage, ask
from tests.fetch.rpc.asking import question as node_question
from tests.fetch.rpc.test_fuzz import BYTES
from tests.fetch.tables.asking import about, asked_of, question

PROFILE = settings(
    settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci")),
    max_examples=2_000 if os.environ.get("HYPOTHESIS_PROFILE") == "nightly" else 80,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
CELLS = st.one_of(
    st.none(),
    st.sampled_from(["", "0", "-1", "1", "0x", "0x" + "0" * 40, "native", "fee", "opening", "token", "eip155:1", "[]"]),
    st.sampled_from([1.5, 1e300, -0.0, True, 7, [], {}, "9" * 30, "9" * 80, "\ud800", "1970-01-01", "0,0", "reward"]),
    st.text(max_size=8),
    st.floats(),
)


@pytest.fixture(scope="module", params=["lake", "ours"])
def sample(request: pytest.FixtureRequest, stage: Stage, lake: Path) -> Page:
    """A true page: of a chain's tables, and of our own columns."""
    some = [stage.planted.one("exploiter"), *stage.planted.roles["mule"][:2], stage.planted.one("bomb")]
    if request.param == "lake":
        return asked_of(files := ct.Files(lake), question(stage, files, some, transactions=stage.planted.thefts))
    tables = ct.Warehouse(ask(stage.node.url, node_question(stage, "trace_filter")).answer.rows)
    return asked_of(tables, about(tables, some, stage.planted.first, stage.planted.last))


def read(page: Page, changed: dict[str, bytes]) -> Answer | None:
    """What a page says with other bytes under some names; None where that is found to be no evidence."""
    bodies = {digest: body.data for digest, body in page.bodies.items()} | changed
    with suppress(ProviderError):
        return decode(page.question, page.asked, bodies.__getitem__)
    return None


def test_the_sample_is_read(sample: Page) -> None:
    assert read(sample, {}) == sample.answer


@PROFILE
@given(data=st.data())
def test_any_bytes_for_a_body_decode_or_are_found_out(sample: Page, data: st.DataObject) -> None:
    digest = data.draw(st.sampled_from(sorted(sample.bodies)))
    read(sample, {digest: data.draw(BYTES)})


@PROFILE
@given(body=st.integers(0, 99), changes=st.lists(st.tuples(st.integers(0, 999), st.integers(0, 99), CELLS), max_size=3))
def test_any_cell_decodes_or_is_found_out(sample: Page, body: int, changes: list[tuple[int, int, Any]]) -> None:
    one = sample.asked[1 + body % (len(sample.asked) - 1)]
    lines = sample.bodies[one.body].data.decode().split("\n")
    rows = [json.loads(line) for line in lines[1:-1]]
    for row, column, cell in changes:
        cells = rows[row % len(rows)]
        cells[column % len(cells)] = cell
    told = sorted(json.dumps(row, separators=(",", ":")) for row in rows)
    read(sample, {one.body: "\n".join([lines[0], *told, ""]).encode()})


@PROFILE
@given(data=st.data())
def test_any_lake_decodes_or_is_found_out(sample: Page, data: st.DataObject) -> None:
    told = json.loads(sample.bodies[sample.asked[0].body].data)
    where = data.draw(st.sampled_from([told, *told["tables"]]))
    where[data.draw(st.sampled_from(sorted(where)))] = data.draw(CELLS)
    read(sample, {sample.asked[0].body: json.dumps(told).encode()})


@PROFILE
@given(data=st.data())
def test_a_page_that_lacks_a_call_or_has_another_is_none(sample: Page, data: st.DataObject) -> None:
    asked = list(sample.asked)
    number = data.draw(st.integers(0, len(asked) - 1))
    text = data.draw(st.sampled_from(["", "[]", '["lake",[]]', '["rows",[]]', "x"]))
    other: Any = data.draw(
        st.sampled_from([[], [replace(asked[number], call=text)], [replace(asked[number], place=1)]])
    )
    if other and other[0] == asked[number]:
        return
    asked[number : number + 1] = other
    assert read(replace(sample, asked=tuple(asked)), {}) is None


@PROFILE
@given(data=st.data())
def test_another_question_is_not_answered(sample: Page, data: st.DataObject) -> None:
    """Rows that were asked for are not passed off as those of other accounts, blocks or transactions."""
    asked = sample.question
    change: dict[str, Any] = data.draw(
        st.sampled_from(
            [
                {"last": asked.last + 1},
                {"first": asked.first + 1, "since": asked.since + 1},
                {"last_hash": "0x" + "77" * 32},
                {"transactions": ()} if asked.transactions else {"transactions": ("0x" + "77" * 32,)},
                {"accounts": ()},
            ]
        )
    )
    with pytest.raises(ProviderError):
        decode(replace(asked, **change), sample.asked, lambda digest: sample.bodies[digest].data)


def test_a_row_in_no_block_is_found_out() -> None:
    """The tables were looked through when they were opened; a body is not believed for that."""
    tables = ct.Warehouse(
        pa.table({"sender": ["0x" + "11" * 20], "receiver": ["0x" + "22" * 20], "block": [5], "amount": [1]})
    )
    page = asked_of(tables, about(tables, ["0x" + "11" * 20], 5, 5))
    one = page.asked[1]
    body = page.bodies[one.body].data.replace(b'["1","5"', b'["1",null')
    assert body != page.bodies[one.body].data
    assert read(page, {one.body: body}) is None


def test_floats_are_told_apart_from_exact_numbers() -> None:
    rows = {"sender": ["0x" + "11" * 20], "receiver": ["0x" + "22" * 20], "block": [5]}
    for amount, exact in ((2.0**53, False), (2.0**53 - 1, True), (1.5, False)):
        tables = ct.Warehouse(pa.table({**rows, "amount": [amount]}))
        asked = about(tables, rows["sender"], 5, 5)
        if exact:
            assert asked_of(tables, asked).answer.rows.num_rows == 1
        else:
            with pytest.raises(ProviderError, match=r"fractional|inexact"):
                asked_of(tables, asked)
