"""Transactions by hand that cannot all be true: of coins, and of blocks that may still change."""

from __future__ import annotations

from typing import Any

import pytest

from chaintrace.errors import Contradiction, Malformed
from chaintrace.fetch.esplora import call, things, words
from chaintrace.fetch.esplora.facts import Facts, read
from chaintrace.fetch.esplora.proof import _coins_agree
from chaintrace.fetch.esplora.things import hashed, root_of
from chaintrace.fetch.words import Bad
from chaintrace.model.page import Asked
from chaintrace.testing.esplora import Esplora
from tests.fetch.esplora.asking import BITCOIN, BUSY, Stage, ask, esplora, question


def test_the_root_of_a_block_is_bitcoin_s() -> None:
    """Block 170 of the main network, the first with a payment in it."""
    ids = [
        "b1fea52486ce0c62bb442b530a3f0132b826c74e473d1f2c220bfa78111c5082",
        "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16",
    ]
    assert root_of(ids) == "7dac2c5666815c17a3b36427de37bb9d2e2c5ccec3f8633eb91a4205cb4c10ff"
    assert root_of(ids[:1]) == ids[0]
    third = hashed(b"x")
    assert root_of([*ids, third]) == root_of([*ids, third, third])


def test_an_answer_about_something_else_is_none(stage: Stage, server: Esplora) -> None:
    server.seen.look()
    block, whole = server.seen.block(server.seen.blocks[5]), related(stage)[0].txid
    strange = server.seen.transaction(server.seen.blocks[5].sent[0])
    with esplora(server) as fetcher:
        (sums,) = fetcher._desk.results([call.stats(BUSY.account)])
    sums |= {"address": "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"}
    lies = ((f"/block/{stage.last_hash}", block), (f"/tx/{whole}", strange), (f"/address/{BUSY.account}", sums))
    for path, other in lies:
        server.change = lambda asked, told, path=path, other=other: other if asked == path else told
        with pytest.raises(Malformed, match="another"):
            ask(server, question(stage, [BUSY.account], transactions=(whole,)))


def test_ids_that_have_the_same_root_are_not_the_same() -> None:
    """CVE-2012-2459: the last of three, repeated."""
    ids = [hashed(bytes([n])) for n in range(3)]
    facts = Facts("by hand", BITCOIN)
    asked = Asked(call.txids("12" * 32).text, "body")
    read(facts, asked, ids)
    assert root_of(ids) == root_of([*ids, ids[2]])
    for lie in ([*ids, ids[2]], [], None, {}):
        with pytest.raises(Malformed):
            read(Facts("by hand", BITCOIN), asked, lie)


def test_what_is_told_in_two_ways_is_found_out() -> None:
    facts, asked = Facts("by hand", BITCOIN), Asked(call.height(7).text, "body")
    read(facts, asked, "12" * 32)
    read(facts, asked, "12" * 32)
    with pytest.raises(Contradiction, match="told in two ways"):
        read(facts, asked, "34" * 32)


@pytest.mark.parametrize("value", [21_000_000 * 10**8 + 1, -1, 1.0, "1", None, True, 2**64])
def test_no_coin_holds_more_than_there_is(value: object) -> None:
    assert words.satoshi(21_000_000 * 10**8) == 21_000_000 * 10**8
    with pytest.raises(Bad):
        words.satoshi(value)


def related(stage: Stage) -> tuple[Any, Any]:
    """A transaction of strangers, and one that spends what it made."""
    sent = {tx.txid: tx for _, place, tx in stage.sent(stage.first) if place}
    for tx in sent.values():
        for coin in tx.spent:
            if coin.txid in sent and BUSY not in [one.lock for one in tx.spent]:
                return sent[coin.txid], tx
    raise AssertionError


def test_a_coin_that_was_another_when_it_was_made_is_found_out(stage: Stage, server: Esplora) -> None:
    """Nobody but the transaction that made it tells what a stranger's coin held, where the fee is not told."""
    parent, child = related(stage)

    def change(path: str, told: Any) -> Any:
        if path != f"/tx/{child.txid}":
            return told
        for each in told["vin"]:
            each["prevout"]["value"] += 1
        return {name: value for name, value in told.items() if name != "fee"}

    server.change = change
    asked = question(stage, (), transactions=(parent.txid, child.txid))
    with pytest.raises(Contradiction, match="is another coin where"):
        ask(server, asked)


def test_a_coin_that_two_transactions_spend_is_found_out(stage: Stage, server: Esplora) -> None:
    """The second with another locktime, and so with another id."""
    _, child = related(stage)
    server.seen.look()
    told = server.seen.transaction(server.seen.sent[child.txid])
    again = told | {"locktime": told["locktime"] + 1}
    del again["txid"]
    one, other = (things.transaction(each, BITCOIN) for each in (told, again))
    assert one.txid == child.txid != other.txid
    _coins_agree(Facts("by hand", BITCOIN), [one])
    with pytest.raises(Contradiction, match="is spent twice"):
        _coins_agree(Facts("by hand", BITCOIN), [one, other])
