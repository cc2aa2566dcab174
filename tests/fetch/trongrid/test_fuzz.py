"""Any bytes either decode to an Answer or raise a ProviderError; and no value that is gone passes unseen."""

from __future__ import annotations

import copy
import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chaintrace.errors import ProviderError
from chaintrace.fetch.trongrid.decode import decode
from chaintrace.model.page import Answer, Page
from chaintrace.testing.grid import Grid
from tests.fetch.rpc.test_fuzz import BYTES, VALUES
from tests.fetch.trongrid.asking import KEY, Stage, asked_of, question, rows

PROFILE = settings(
    settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci")),
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

MANY, NIGHTLY = 2, os.environ.get("HYPOTHESIS_PROFILE") == "nightly"

Way = tuple[Any, ...]
GONE = object()


@pytest.fixture(scope="module")
def sample(stage: Stage) -> Page:
    """A true page about a few accounts and whole transactions, in pages of seven."""
    some = [stage.planted.one("exploiter"), *stage.planted.roles["mule"][:2], stage.planted.one("bomb")]
    with Grid(stage.node, key=KEY, cap=7) as grid:
        return asked_of(grid, question(stage, some, first=stage.planted.first, transactions=stage.planted.thefts))


def read(page: Page, changed: dict[str, bytes]) -> Answer | None:
    """What a page says with other bytes under some names; None where that is found to be no evidence."""
    bodies = {digest: body.data for digest, body in page.bodies.items()} | changed
    with suppress(ProviderError):
        found = decode(page.question, page.asked, bodies.__getitem__)
        assert len(found.digest) == 64
        return found
    return None


def ways(value: Any, so_far: Way = ()) -> Iterator[Way]:
    yield so_far
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in members:
        yield from ways(inner, (*so_far, name))


def changed(told: Any, way: Way, value: Any) -> Any:
    if not way:
        return value
    copied = copy.copy(told)
    if value is GONE and len(way) == 1:
        del copied[way[0]]
    else:
        copied[way[0]] = changed(told[way[0]], way[1:], value)
    return copied


def test_the_sample_is_read(sample: Page) -> None:
    assert read(sample, {}) == sample.answer
    assert {json.loads(one.call)[0] for one in sample.asked} == {
        "v1/accounts/transactions", "v1/accounts/transactions/trc20", "v1/accounts/internal-transactions",
        "wallet/getblock", "wallet/getblockbynum", "wallet/gettransactionbyid", "wallet/gettransactioninfobyid",
        "walletsolidity/getnowblock", "walletsolidity/getaccount", "walletsolidity/triggerconstantcontract",
    }  # fmt: skip


@PROFILE
@given(data=st.data())
def test_any_bytes_for_a_body_decode_or_are_found_out(sample: Page, data: st.DataObject) -> None:
    digest = data.draw(st.sampled_from(sorted(sample.bodies)))
    read(sample, {digest: data.draw(BYTES)})


@PROFILE
@given(data=st.data())
def test_any_value_at_any_place_decodes_or_is_found_out(sample: Page, data: st.DataObject) -> None:
    digest = data.draw(st.sampled_from(sorted(sample.bodies)))
    told = json.loads(sample.bodies[digest].data)
    way = data.draw(st.sampled_from(list(ways(told))))
    read(sample, {digest: json.dumps(changed(told, way, data.draw(VALUES))).encode()})


@PROFILE
@given(data=st.data())
def test_any_calls_with_any_answers_decode_or_are_found_out(sample: Page, data: st.DataObject) -> None:
    """Calls swapped, gone, or none at all."""
    asked = list(sample.asked)
    number = data.draw(st.integers(0, len(asked) - 1))
    one, other = asked[number], data.draw(st.sampled_from(asked))
    texts = [other.call, "", "[]", '["wallet/getblockbynum",[]]', '["v1/accounts/transactions",[{}]]', "x"]
    text, place = data.draw(st.sampled_from(texts)), data.draw(st.sampled_from([0, 1]))
    asked[number : number + 1] = data.draw(st.sampled_from([[], [replace(one, call=text, place=place)]]))
    read(replace(sample, asked=tuple(asked)), {})


MAY_BE_GONE = ("getaccount", "triggerconstantcontract")
"""What only tells balances."""


def test_every_call_is_needed_but_for_balances(sample: Page) -> None:
    for n, gone in enumerate(sample.asked):
        answer = read(replace(sample, asked=sample.asked[:n] + sample.asked[n + 1 :]), {})
        if answer is None or answer == sample.answer:  # a block may be told twice, alone and as the last one
            continue
        assert json.loads(gone.call)[0].partition("/")[2] in MAY_BE_GONE, gone.call
        assert rows(answer.rows) == rows(sample.answer.rows)
        assert None in {one.amount for one in answer.balances}


def test_no_value_that_is_gone_changes_a_row_unseen(sample: Page) -> None:
    """Each member of each object, one at a time, in a few answers of each sort. Opening balances are told by lists
    alone, which are checked by what accounts hold at last."""
    methods = {one.body: json.loads(one.call)[0] for one in sample.asked}
    seen: Counter[tuple[Any, ...]] = Counter()
    for digest, body in sample.bodies.items():
        told = json.loads(body.data)
        for way in ways(told):
            shape = (methods[digest], *("#" if isinstance(name, int) else name for name in way))
            seen[shape] += 1
            if way and isinstance(way[-1], str) and (seen[shape] <= MANY or NIGHTLY):
                answer = read(sample, {digest: json.dumps(changed(told, way, GONE)).encode()})
                assert answer is None or rows(answer.rows) == rows(sample.answer.rows), (way, body.data[:80])
