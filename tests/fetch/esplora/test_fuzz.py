"""Any bytes either decode to an Answer or raise a ProviderError; and no changed value passes for the truth unseen."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chaintrace.errors import ProviderError
from chaintrace.fetch.doors import decode
from chaintrace.model.page import Answer, Page
from chaintrace.testing.esplora import Esplora
from tests.fetch.esplora.asking import ask, planted, question
from tests.fetch.etherscan_api.test_fuzz import changed, ways
from tests.fetch.rpc.test_fuzz import BYTES, VALUES

PROFILE = settings(
    settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci")),
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def sample() -> Page:
    """A true page about a few accounts and a whole transaction, in pages of seven, of blocks that may still change."""
    stage = planted(seed=3, blocks=3)
    some = [*stage.accounts[:3], stage.busiest, "script:" + "7" * 64]
    whole = next(tx.txid for _, place, tx in stage.sent(stage.first) if place)
    with stage.chain, Esplora(stage.chain, cap=7) as server:
        return ask(server, question(stage, some, transactions=(whole,), final=stage.last - 2))


def read(page: Page, instead: dict[str, bytes]) -> Answer | None:
    """What a page says with other bytes under some names; None where that is found to be no evidence."""
    bodies = {digest: body.data for digest, body in page.bodies.items()} | instead
    with suppress(ProviderError):
        return decode(page.question, page.asked, bodies.__getitem__)
    return None


def same(answer: Answer | None, sample: Page) -> bool:
    """Whether it says of rows and balances what is true."""
    return answer is not None and (
        answer.rows.drop_columns(["evidence"]).equals(sample.answer.rows.drop_columns(["evidence"]))
        and answer.balances == sample.answer.balances
        and answer.hashes == sample.answer.hashes
    )


def test_the_sample_is_read(sample: Page) -> None:
    assert read(sample, {}) == sample.answer
    assert {json.loads(one.call)[0] for one in sample.asked} == {
        "address", "address/txs/chain", "block", "block/txids", "block-height", "tx",
    }  # fmt: skip
    assert all(sha256(body.data).hexdigest() == digest for digest, body in sample.bodies.items())


@PROFILE
@given(data=st.data())
def test_any_bytes_for_a_body_decode_or_are_found_out(sample: Page, data: st.DataObject) -> None:
    digest = data.draw(st.sampled_from(sorted(sample.bodies)))
    answer = read(sample, {digest: data.draw(BYTES)})
    assert answer is None or same(answer, sample)


@PROFILE
@given(data=st.data())
def test_any_value_at_any_place_decodes_or_is_found_out(sample: Page, data: st.DataObject) -> None:
    digest = data.draw(st.sampled_from(sorted(sample.bodies)))
    told = _loaded(sample.bodies[digest].data)
    way = data.draw(st.sampled_from(list(ways(told))))
    read(sample, {digest: json.dumps(changed(told, way, data.draw(VALUES))).encode()})


@PROFILE
@given(data=st.data())
def test_any_calls_with_any_answers_decode_or_are_found_out(sample: Page, data: st.DataObject) -> None:
    """Calls swapped, gone, or none at all."""
    asked = list(sample.asked)
    number = data.draw(st.integers(0, len(asked) - 1))
    one = asked[number]
    other = data.draw(st.sampled_from(asked))
    none = ["", "[]", '["tx",[]]', '["tx",[{}]]', '["address/txs/chain",["x"]]', '["block-height",["7"]]', "x"]
    text = data.draw(st.sampled_from([other.call, *none]))
    place = data.draw(st.sampled_from([0, 1]))
    asked[number : number + 1] = data.draw(st.sampled_from([[], [replace(one, call=text, place=place)]]))
    answer = read(replace(sample, asked=tuple(asked)), {})
    assert answer is None or same(answer, sample)


@PROFILE
@given(data=st.data())
def test_a_question_with_anything_in_it_is_answered_or_found_out(sample: Page, data: st.DataObject) -> None:
    other = {
        "chain": data.draw(st.sampled_from(["eip155:1", "", "bip122:0f9188f13cb7b2c71f2a335e3a4fc328"])),
        "accounts": data.draw(st.sampled_from([("x",), ("tx:" + "7" * 64,), ()])),
        "transactions": data.draw(st.sampled_from([("x",), ()])),
        "first": data.draw(st.integers(-1, 200)),
        "since": data.draw(st.integers(-1, 200)),
        "final": data.draw(st.integers(-1, 200)),
    }
    name = data.draw(st.sampled_from(sorted(other)))
    read(replace(sample, question=replace(sample.question, **{name: other[name]})), {})


def test_every_call_is_needed(sample: Page) -> None:
    """But for those that say again what another one says: a block that is young and that a transaction stands in."""
    for n in range(len(sample.asked)):
        assert read(replace(sample, asked=(*sample.asked[:n], *sample.asked[n + 1 :])), {}) is None


HARMLESS = {
    "fee", "size", "weight", "scriptpubkey_asm", "scriptpubkey_type", "scriptpubkey_address", "scriptsig_asm",
    "witness", "is_coinbase", "txid", "address", "scripthash", "tx_count", "difficulty", "inner_redeemscript_asm",
    "inner_witnessscript_asm", "sigops", "mediantime",
}  # fmt: skip
"""Members without which a server tells no less: what they say follows from others."""


def test_a_member_that_is_missing_is_found_out_or_does_no_harm(sample: Page) -> None:
    """Each member of every body, one at a time."""
    count = 0
    for digest, body in sample.bodies.items():
        told = _loaded(body.data)
        for way in ways(told):
            if not way or not isinstance(way[-1], str):
                continue
            answer = read(sample, {digest: json.dumps(_without(told, way)).encode()})
            count += 1
            if answer is not None:
                assert same(answer, sample), way
                assert way[-1] in HARMLESS or _at(told, way) in (None, ""), way
    assert count > 500


@pytest.mark.parametrize("change", [lambda value: value + 1, lambda value: value - 1, lambda value: None, str])
def test_a_number_that_is_another_is_found_out_or_means_nothing(sample: Page, change: Any) -> None:
    """But for what strangers' coins held, which only the fee tells, and what waits."""
    for digest, body in sample.bodies.items():
        told = _loaded(body.data)
        for way in ways(told):
            value = _at(told, way)
            if type(value) is not int:
                continue
            answer = read(sample, {digest: json.dumps(changed(told, way, change(value))).encode()})
            assert answer is None or same(answer, sample), way


def _loaded(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return data.decode()


def _at(told: Any, way: tuple[Any, ...]) -> Any:
    for name in way:
        told = told[name]
    return told


def _without(told: Any, way: tuple[Any, ...]) -> Any:
    if len(way) == 1:
        return {name: value for name, value in told.items() if name != way[0]}
    return changed(told, way[:-1], _without(_at(told, way[:-1]), way[-1:]))


def test_a_stage_is_repeatable() -> None:
    one, other = planted(seed=5, blocks=1), planted(seed=5, blocks=1)
    with one.chain, other.chain:
        assert one.chain.tip == other.chain.tip
