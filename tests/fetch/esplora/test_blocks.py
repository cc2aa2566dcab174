"""Small questions about blocks: where the chain ends, when a block was, where a transaction stands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chaintrace.errors import Malformed, SeedError
from chaintrace.testing.bitcoin.chain import Regtest
from chaintrace.testing.esplora import Esplora
from tests.fetch.esplora.asking import Stage, esplora

FEW = settings(
    settings.get_profile("ci"),
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def test_the_end_is_six_blocks_deep_or_as_deep_as_is_asked_for(stage: Stage, server: Esplora) -> None:
    tip = stage.chain.height
    for options, depth in (({}, 6), ({"depth": 0}, 0), ({"depth": 2}, 2), ({"depth": 10_000}, tip)):
        with esplora(server, **options) as fetcher:
            head, young = fetcher.head(), fetcher.head(young=True)
        final = tip - depth
        genesis = server.seen.blocks[0].hash
        assert (head.number, head.hash, head.final) == (final, stage.hash(final) if final else genesis, final)
        assert (young.number, young.hash, young.final) == (tip, stage.chain.tip, final)


def test_the_first_block_that_is_stamped_so_late(stage: Stage, server: Esplora) -> None:
    stamps = [(block.height, block.time) for block in stage.chain.blocks]
    with esplora(server) as fetcher:
        for _, time in stamps[::30]:
            for moment in (time - 1, time, time + 1):
                first = next((height for height, stamp in stamps if stamp >= moment), len(stamps) + 1)
                assert fetcher.block_at(moment) == first
        assert fetcher.block_at(0) == 0
        assert fetcher.block_at(2**32) == stage.chain.height + 1


@pytest.fixture(scope="module")
def wild() -> Iterator[Regtest]:
    """A chain whose stamps run up to two hours ahead, and fall back."""
    with Regtest() as chain:
        for n in range(70):
            ahead = (n % 17 == 5) * 7_000 - (n % 13 == 4) * 900
            chain.submit(chain.assembled(time=1_609_459_200 + 600 * n + ahead))
        yield chain


@FEW
@given(data=st.data())
def test_stamps_that_run_ahead_hide_no_block(wild: Regtest, data: st.DataObject) -> None:
    stamps = [block.time for block in wild.blocks]
    moment = data.draw(st.sampled_from(stamps)) + data.draw(st.integers(-700, 700))
    with Esplora(wild) as server, esplora(server) as fetcher:
        first = next((n for n, stamp in enumerate(stamps, start=1) if stamp >= moment), len(stamps) + 1)
        assert fetcher.block_at(moment) == first


def test_a_stamp_ahead_after_a_long_pause_is_found() -> None:
    """Where five hours pass without a block, the median does not move until the sixth block after them."""
    start = 1_609_459_200
    stamps = [start + 600 * n for n in range(20)]
    pause = stamps[-1] + 5 * 3600
    stamps += [pause + 2 * 3600, *(pause + 600 * n for n in range(1, 30))]
    with Regtest() as chain:
        for stamp in stamps:
            chain.submit(chain.assembled(time=stamp))
        with Esplora(chain) as server, esplora(server) as fetcher:
            assert fetcher.block_at(pause + 2 * 3600) == 21
            assert fetcher.block_at(pause + 2 * 3600 + 1) == stamps.index(pause + 600 * 13) + 1


def test_a_server_that_tells_no_median_is_searched_from_its_beginning(server: Esplora, stage: Stage) -> None:
    server.change = lambda path, told: told | {"mediantime": None} if isinstance(told, dict) else told
    with esplora(server) as fetcher:
        assert fetcher.block_at(stage.chain.blocks[4].time) == 5


def test_hashes_of_blocks_that_are_not_there_are_left_out(stage: Stage, server: Esplora) -> None:
    with esplora(server) as fetcher:
        found = fetcher.hashes([1, stage.last, 10**6])
    assert found == {1: stage.hash(1), stage.last: stage.last_hash}


def test_where_a_transaction_stands(stage: Stage, server: Esplora) -> None:
    with esplora(server) as fetcher:
        for height, _, tx in list(stage.sent(stage.first))[::17]:
            assert fetcher.block_of(tx.txid) == height
        with pytest.raises(SeedError, match="knows no such transaction"):
            fetcher.block_of("12" * 32)
        with pytest.raises(SeedError, match="in no block yet"):
            fetcher.block_of(next(iter(stage.chain.waiting)))


def test_an_answer_about_something_else_is_none(stage: Stage, server: Esplora) -> None:
    ids = [tx.txid for _, _, tx in stage.sent(stage.first)]
    server.seen.look()
    other = server.seen.transaction(server.seen.sent[ids[1]])
    server.change = lambda path, told: other if path.startswith("/tx/") else told
    with esplora(server) as fetcher, pytest.raises(Malformed, match="was not asked for"):
        fetcher.block_of(ids[0])
    block = server.seen.block(server.seen.blocks[5])
    server.change = lambda path, told: block if path.startswith("/block/") else told
    with esplora(server) as fetcher, pytest.raises(Malformed, match="it tells of block 5"):
        fetcher.head()
    server.change = lambda path, told: "many" if path == "/blocks/tip/height" else told
    with esplora(server) as fetcher, pytest.raises(Malformed, match="something else"):
        fetcher.head()
