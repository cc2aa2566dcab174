"""Any bytes either decode to an Answer or raise a ProviderError; and no changed value passes for the truth unseen."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaintrace.errors import ProviderError
from chaintrace.fetch.blockscout.decode import decode
from chaintrace.model.page import Answer, Page
from chaintrace.testing.scout import Scout
from tests.fetch.blockscout.asking import KEY, Stage, asked_of, question
from tests.fetch.etherscan_api.test_fuzz import PROFILE, changed, ways
from tests.fetch.rpc.test_fuzz import BYTES, VALUES


@pytest.fixture(scope="module")
def sample(stage: Stage) -> Page:
    """A true page about a few accounts and whole transactions, in pages of seven."""
    some = [stage.planted.one("exploiter"), *stage.planted.roles["mule"][:2], stage.planted.one("bomb")]
    with Scout(stage.node, key=KEY, cap=7) as scout:
        return asked_of(scout, question(stage, some, transactions=stage.planted.thefts))


def read(page: Page, changed: dict[str, bytes]) -> Answer | None:
    """What a page says with other bytes under some names; None where that is found to be no evidence."""
    bodies = {digest: body.data for digest, body in page.bodies.items()} | changed
    with suppress(ProviderError):
        return decode(page.question, page.asked, bodies.__getitem__)
    return None


def test_the_sample_is_read(sample: Page) -> None:
    assert read(sample, {}) == sample.answer
    assert {json.loads(one.call)[0] for one in sample.asked} >= {
        "addresses/transactions", "addresses/internal-transactions", "addresses/token-transfers", "blocks",
        "addresses/withdrawals", "transactions/internal-transactions", "eth_getTransactionReceipt",
        "eth_getBlockByNumber", "eth_getTransactionByHash", "eth_getBalance", "eth_call",
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
    body = json.dumps(changed(told, way, data.draw(VALUES))).encode()
    read(sample, {digest: body})


@PROFILE
@given(data=st.data())
def test_any_calls_with_any_answers_decode_or_are_found_out(sample: Page, data: st.DataObject) -> None:
    """Calls swapped, gone, or none at all."""
    asked = list(sample.asked)
    number = data.draw(st.integers(0, len(asked) - 1))
    one, other = asked[number], data.draw(st.sampled_from(asked))
    strange = ["", "[]", '["blocks",[]]', '["blocks",[{"number":-1}]]', '["addresses/transactions",[{"of":1}]]', "x"]
    text = data.draw(st.sampled_from([other.call, *strange]))
    place = data.draw(st.sampled_from([0, 1]))
    asked[number : number + 1] = data.draw(st.sampled_from([[], [replace(one, call=text, place=place)]]))
    read(replace(sample, asked=tuple(asked)), {})


@PROFILE
@given(data=st.data())
def test_a_page_that_lacks_a_call_proves_no_more_than_it_has(sample: Page, data: st.DataObject) -> None:
    """Only balances and what contracts say of themselves may be missing."""
    asked = list(sample.asked)
    gone = asked.pop(data.draw(st.integers(0, len(asked) - 1)))
    answer = read(replace(sample, asked=tuple(asked)), {})
    if answer is not None and "eth_call" not in gone.call and "eth_getBalance" not in gone.call:
        assert answer.rows.drop_columns(["evidence"]).equals(sample.answer.rows.drop_columns(["evidence"]))


@pytest.mark.parametrize("young", [False, True])
def test_every_block_that_was_asked_for_is_needed(stage: Stage, scout: Scout, young: bool) -> None:
    """For the time of a seed, for the rules under which a contract ended, for blocks that may still change."""
    some = [stage.planted.one("bomb"), stage.planted.one("lone"), stage.planted.one("factory")]
    final = 0 if young else stage.planted.last
    page = asked_of(scout, question(stage, some, transactions=stage.planted.thefts[:1], final=final))
    blocks = [one for one in page.asked if "eth_getBlockByNumber" in one.call or '"blocks"' in one.call]
    assert len(blocks) > 2
    for gone in blocks:
        assert read(replace(page, asked=tuple(one for one in page.asked if one != gone)), {}) is None


def test_the_names_of_bodies_are_their_hashes(sample: Page) -> None:
    assert all(sha256(body.data).hexdigest() == digest for digest, body in sample.bodies.items())
