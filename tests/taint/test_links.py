"""Links: value that went on somewhere else, on both sides of the ledger and followed only once."""

from __future__ import annotations

import pytest

import chaintrace as ct
from chaintrace.errors import AddressError, AmountError, LinkError, MethodError, SeedError
from tests.graph.money import BITCOIN, BTC, DAI, ETH, USDC, graph, held, ledger, pay, tainted, told, tx, who

ACCOUNTING = ("fifo", "lifo", "haircut", "dirty-first")
every_method = pytest.mark.parametrize("method", ACCOUNTING)


def swapped() -> ct.TransferGraph:
    """100 ETH stolen, 80 of them go to a pool among the pool's own 1,000, which pays 240 USDC."""
    return graph(
        pay("lp", "pool", 1_000, block=1),
        pay("victim", "thief", 100, block=2),
        pay("thief", "pool", 80, block=3, tx="swap", seq=0),
        pay("pool", "thief", 240, block=3, tx="swap", seq=5, asset=USDC),
        pay("pool", "customer", 1_080, block=4),
        pay("thief", "exchange", 200, block=5, asset=USDC),
    )


SWAP = ct.Link([2], [3], id="swap", basis="observed", by="the pool's event")


@every_method
def test_from_row_to_row(method: str) -> None:
    """linked_out of one asset, linked_in of the other; the pool's lines have neither."""
    trace = ct.trace(swapped(), ct.rows(1), method, links=[SWAP])
    assert (trace.seeded, trace.linked_in) == ({ETH: 100}, {USDC: 240})
    assert ledger(trace) == {"linked_out": 80, "held": 20}
    assert ledger(trace, USDC) == {"held": 240}
    assert held(trace, "thief", "exchange") == {"exchange": 200, "thief": 60}
    assert tainted(trace) == {1: 100, 2: 80, 3: 240, 5: 200}
    assert trace.links == (SWAP,)


@every_method
def test_without_the_link_the_pool_has_it(method: str) -> None:
    trace = ct.trace(swapped(), ct.rows(1), method)
    assert trace.linked_in == {}
    assert USDC not in trace.ledger["asset"].tolist()
    assert sum(ledger(trace).values()) == 100


def test_the_row_may_be_named_by_hash_or_identity() -> None:
    for source, target in [
        ((tx("swap"), "native", 0), (tx("swap"), "token", 5)),
        (2, (tx("swap"), "token", 5)),
    ]:
        trace = ct.trace(swapped(), ct.rows(1), links=[ct.Link([source], [target])])
        assert ledger(trace, USDC) == {"held": 240}


@every_method
def test_a_holding_becomes_asserted_arrivals(method: str) -> None:
    """No row shows the swap: legs of an account, an amount and a moment stand after the rows of that moment."""
    found = graph(
        pay("victim", "thief", 100, block=1, asset=USDC),
        pay("helper", "boss", 30, block=9),
        pay("other", "boss", 20, block=9),
    )
    link = ct.Link(
        [ct.Leg(who("thief"), USDC, 100, 5)], [ct.Leg(who("helper"), ETH, 40, 6), ct.Leg(who("other"), ETH, 10, 6)]
    )
    trace = ct.trace(found, ct.rows(0), method, links=[link])
    assert ledger(trace, USDC) == {"linked_out": 100}
    assert trace.linked_in == {ETH: 50}
    assert held(trace, "boss", "helper") == {"boss": 40, "helper": 10}
    flows = told(trace.flows(), "row", "kind", "asset", "tainted")
    assert flows == [
        (0, "token", USDC, 100),
        (-1, "link", USDC, 100),
        (-1, "link", ETH, 40),
        (-1, "link", ETH, 10),
        (1, "native", ETH, 30),
        (2, "native", ETH, 10),
    ]


@every_method
def test_only_the_tainted_share_crosses(method: str) -> None:
    """50 of the 100 that are swapped are stolen: of the 200 that arrive 100 are."""
    found = graph(
        pay("own", "thief", 50, block=1),
        pay("victim", "thief", 50, block=2),
        pay("thief", "pool", 100, block=3),
        pay("pool", "thief", 200, block=4, asset=USDC),
    )
    trace = ct.trace(found, ct.rows(1), method, links=[ct.Link([2], [3])])
    assert (ledger(trace), ledger(trace, USDC)) == ({"linked_out": 50}, {"held": 100})


def test_coordinates_are_floored() -> None:
    """FIFO: units 2 to 5 of 7 become units floor(2·3/7) to floor(5·3/7) of 3: 0 to 2."""
    found = graph(
        pay("own", "thief", 2),
        pay("victim", "thief", 3),
        pay("own", "thief", 2),
        pay("thief", "pool", 7),
        pay("pool", "thief", 3, asset=USDC),
        pay("thief", "one", 2, asset=USDC),
        pay("thief", "two", 1, asset=USDC),
    )
    trace = ct.trace(found, ct.rows(1), links=[ct.Link([3], [4])])
    assert held(trace, "one", "two") == {"one": 2}
    assert told(trace.flows(), "row", "tainted") == [(1, 3), (3, 3), (4, 2), (5, 2)]


def test_what_a_link_rounds_away_is_said_by_its_two_sides() -> None:
    """1 unit of 10 becomes nothing of 5: linked_out 1, linked_in 0, and both ledgers sum."""
    found = graph(
        pay("victim", "thief", 1), pay("own", "thief", 9), pay("thief", "pool", 10), pay("pool", "thief", 5, asset=USDC)
    )
    trace = ct.trace(found, ct.rows(0), links=[ct.Link([2], [3])])
    assert (ledger(trace), trace.linked_in) == ({"linked_out": 1}, {})


@every_method
def test_several_sources_and_targets(method: str) -> None:
    """60 and 40 in, 30 and 20 out: the first source is exactly the first target."""
    found = graph(
        pay("victim", "thief", 60),
        pay("own", "thief", 40),
        pay("thief", "pool", 60, block=3, seq=0),
        pay("thief", "pool", 40, block=3, seq=1),
        pay("pool", "alice", 30, block=4, seq=0, asset=USDC),
        pay("pool", "bob", 20, block=4, seq=1, asset=USDC),
    )
    trace = ct.trace(found, ct.rows(0, 1), method, links=[ct.Link([2, 3], [4, 5])])
    assert held(trace, "alice", "bob") == {"alice": 30, "bob": 20}
    trace = ct.trace(found, ct.rows(0), "fifo", links=[ct.Link([2, 3], [4, 5])])
    assert held(trace, "alice", "bob") == {"alice": 30}


def test_the_order_in_which_ends_are_named_does_not_matter() -> None:
    """They stand in position order."""
    found = graph(
        pay("victim", "thief", 60),
        pay("own", "thief", 40),
        pay("thief", "pool", 60),
        pay("thief", "pool", 40),
        pay("pool", "alice", 30, asset=USDC),
        pay("pool", "bob", 20, asset=USDC),
    )
    one = ct.trace(found, ct.rows(0), links=[ct.Link([2, 3], [4, 5])])
    other = ct.trace(found, ct.rows(0), links=[ct.Link([3, 2], [5, 4])])
    assert one.flows().equals(other.flows())


@every_method
def test_in_one_transaction_the_target_may_stand_before_its_source(method: str) -> None:
    """A pool pays out first and takes in afterwards; log positions say so, and it is one swap all the same."""
    found = graph(
        pay("victim", "thief", 100, block=1),
        pay("pool", "thief", 240, block=2, tx="swap", seq=3, asset=USDC),
        pay("thief", "pool", 100, block=2, tx="swap", seq=9),
        pay("thief", "exchange", 240, block=3, asset=USDC),
    )
    trace = ct.trace(found, ct.rows(0), method, links=[ct.Link([2], [1])])
    assert held(trace, "exchange") == {"exchange": 240}
    assert tainted(trace) == {0: 100, 2: 100, 1: 240, 3: 240}
    assert ledger(trace) == {"linked_out": 100}


@every_method
def test_a_chain_of_links(method: str) -> None:
    """ETH → USDC → DAI, the USDC passing from pool to pool in one row that is a target and a source."""
    found = graph(
        pay("victim", "thief", 10, block=1),
        pay("thief", "pool one", 10, block=2, seq=0),
        pay("pool one", "pool two", 30, block=3, asset=USDC),
        pay("pool two", "thief", 29, block=4, asset=DAI),
        pay("somebody", "else", 1, block=5),
    )
    trace = ct.trace(found, ct.rows(0), method, links=[ct.Link([1], [2], id="one"), ct.Link([2], [3], id="two")])
    assert (ledger(trace), ledger(trace, USDC), ledger(trace, DAI)) == (
        {"linked_out": 10},
        {"linked_out": 30},
        {"held": 29},
    )
    assert trace.linked_in == {USDC: 30, DAI: 29}


@every_method
def test_a_wrapped_coin_is_minted_by_a_link_and_burnt_by_one(method: str) -> None:
    """ETH in → mint of the token; burn of the token → ETH out."""
    found = graph(
        pay("victim", "thief", 10, block=1),
        pay("thief", "wrapper", 10, block=2, tx="wrap", seq=0),
        pay(None, "thief", 10, block=2, tx="wrap", seq=1, asset=USDC, kind="mint"),
        pay("thief", None, 10, block=3, tx="unwrap", seq=0, asset=USDC, kind="burn"),
        pay("wrapper", "boss", 10, block=3, tx="unwrap", seq=1),
        pay("somebody", "else", 1, block=5, asset=DAI),
    )
    links = [ct.Link([1], [2], id="wrap"), ct.Link([3], [4], id="unwrap")]
    trace = ct.trace(found, ct.rows(0), method, links=links)
    assert (ledger(trace), ledger(trace, USDC)) == ({"linked_out": 10, "held": 10}, {"linked_out": 10})
    assert held(trace, "boss") == {"boss": 10}


def test_a_linked_mint_keeps_its_asset() -> None:
    """The mint is the source: tokens are issued and said to have become ETH. The ledger speaks of tokens."""
    found = graph(
        pay(None, "thief", 10, block=1, asset=USDC, kind="mint"),
        pay("pool", "thief", 7, block=2),
        pay("somebody", "else", 1, block=5, asset=DAI),
    )
    trace = ct.trace(found, ct.rows(0), links=[ct.Link([0], [1])])
    assert trace.seeded == {USDC: 10}
    assert (ledger(trace, USDC), ledger(trace)) == ({"linked_out": 10}, {"held": 7})


def test_a_linked_burn_keeps_its_asset() -> None:
    """The burn is the target: what is burnt are tokens."""
    found = graph(
        pay("victim", "bridge", 10, block=1),
        pay("bridge", None, 7, block=2, asset=USDC, kind="burn"),
        pay("somebody", "else", 1, block=5, asset=DAI),
    )
    trace = ct.trace(found, ct.rows(0), links=[ct.Link([0], [1])])
    assert (trace.linked_in, ledger(trace, USDC), ledger(trace)) == ({USDC: 7}, {"burnt": 7}, {"linked_out": 10})


@every_method
def test_a_link_crosses_chains(method: str) -> None:
    """A bridge: Ether in on one chain, bitcoin asserted on another."""
    found = graph(
        pay("victim", "bridge", 100, block=1, time=100),
        pay("n", "m", 5, block=1, time=300, chain=BITCOIN, asset=BTC),
    )
    link = ct.Link([0], [ct.Leg(who("n", BITCOIN), BTC, 7, "1970-01-01T00:03:20Z")])
    trace = ct.trace(found, ct.rows(0), method, links=[link])
    assert trace.linked_in == {BTC: 7}
    assert (ledger(trace), sum(ledger(trace, BTC).values())) == ({"linked_out": 100}, 7)


@pytest.mark.parametrize("method", ["fifo", "lifo", "haircut"])
def test_backwards_a_link_leads_to_its_sources(method: str) -> None:
    trace = ct.trace(swapped(), ct.rows(5), method, "backward", links=[SWAP])
    assert trace.seeded == {USDC: 200}
    assert ledger(trace, USDC) == {"linked_out": 200}
    crossed = trace.linked_in[ETH]
    assert 200 * 80 // 240 <= crossed <= 200 * 80 // 240 + 1
    assert sum(ledger(trace).values()) == crossed
    assert {1, 2, 3, 5} >= set(tainted(trace))


def test_backwards_the_interval_covers() -> None:
    """One unit of 2 that were 7 is any of 3 or 4 of them: the smallest stretch whose image holds it."""
    found = graph(
        pay("victim", "thief", 7),
        pay("thief", "pool", 7),
        pay("pool", "boss", 2, asset=USDC),
        pay("boss", "x", 1, asset=USDC),
    )
    trace = ct.trace(found, ct.rows(3), "fifo", "backward", links=[ct.Link([1], [2])])
    #  x·2/7:  0 0 0 0 1 1 1 2  — the first unit arrives when x goes from 3 to 4
    assert tainted(trace) == {3: 1, 2: 1, 1: 1, 0: 1}
    found = graph(
        pay("victim", "thief", 2),
        pay("thief", "pool", 2),
        pay("pool", "boss", 7, asset=USDC),
        pay("boss", "x", 4, asset=USDC),
    )
    trace = ct.trace(found, ct.rows(3), "fifo", "backward", links=[ct.Link([1], [2])])
    #  x·7/2:  0 3 7  — units 0 to 4 need both
    assert tainted(trace) == {3: 4, 2: 4, 1: 2, 0: 2}


def test_backwards_pieces_do_not_take_one_source_unit_twice() -> None:
    """Two targets' pieces cover the same source unit; it is counted once, so no more comes back than went in."""
    found = graph(
        pay("victim", "thief", 1),
        pay("thief", "pool", 1),
        pay("pool", "boss", 4, asset=USDC),
        pay("boss", "x", 2, asset=USDC),
        pay("boss", "y", 2, asset=USDC),
    )
    trace = ct.trace(found, [ct.rows(3), ct.rows(4)], "fifo", "backward", links=[ct.Link([1], [2])])
    assert trace.linked_in == {ETH: 1}
    assert tainted(trace)[0] == 1


def test_poison_reaches_through_a_link() -> None:
    trace = ct.trace(swapped(), ct.rows(1), "poison", links=[SWAP])
    assert set(tainted(trace)) == {1, 2, 3, 5}
    back = ct.trace(swapped(), ct.rows(5), "poison", "backward", links=[SWAP])
    assert set(tainted(back)) == {1, 2, 3, 5}


def test_poison_reaches_only_the_targets_that_share_a_unit() -> None:
    found = graph(
        pay("victim", "thief", 60),
        pay("thief", "pool", 60),
        pay("other", "pool", 40),
        pay("pool", "alice", 30, asset=USDC),
        pay("pool", "bob", 20, asset=USDC),
    )
    trace = ct.trace(found, ct.rows(0), "poison", links=[ct.Link([1, 2], [3, 4])])
    assert set(tainted(trace)) == {0, 1, 3}


@every_method
def test_a_link_that_ends_after_the_end_has_not_happened(method: str) -> None:
    """Until block 3: neither side of a link whose target is in block 4, so the pool still has the money."""
    found = graph(
        pay("victim", "thief", 10, block=1),
        pay("thief", "pool", 10, block=2),
        pay("pool", "thief", 5, block=4, asset=USDC),
    )
    link = ct.Link([1], [2])
    trace = ct.trace(found, ct.rows(0), method, links=[link], until=3)
    assert (ledger(trace), trace.links) == ({"held": 10}, ())
    assert held(trace, "pool") == {"pool": 10}
    assert ledger(ct.trace(found, ct.rows(0), method, links=[link], until=4)) == {"linked_out": 10}


@pytest.mark.parametrize("until", [3, 5, 8])
def test_an_asserted_arrival_after_the_end_has_not_happened(until: int) -> None:
    """Also where no row stands between the end and the leg."""
    found = graph(pay("victim", "thief", 10, block=1), pay("x", "y", 1, block=2))
    link = ct.Link([ct.Leg(who("thief"), ETH, 10, 7)], [ct.Leg(who("boss"), USDC, 5, 9)])
    trace = ct.trace(found, ct.rows(0), links=[link], until=until)
    assert (ledger(trace), trace.linked_in) == ({"held": 10}, {})


@every_method
def test_limits_hold_across_a_link(method: str) -> None:
    """Crossing adds no hop; what a limit cuts on the far side is a line of that asset's ledger."""
    links = [SWAP]
    trace = ct.trace(swapped(), ct.rows(1), method, links=links, max_hops=1)
    assert (ledger(trace, USDC), ledger(trace)) == ({"cut_hops": 200, "held": 40}, {"linked_out": 80, "held": 20})
    trace = ct.trace(swapped(), ct.rows(1), method, links=links, min_amount={USDC: 241})
    assert ledger(trace, USDC) == {"below_threshold": 240}
    trace = ct.trace(swapped(), ct.rows(1), method, links=links, stop_at={who("exchange"): "exchange"})
    assert ledger(trace, USDC) == {"exit: exchange": 200, "held": 40}


@every_method
def test_the_seed_may_be_the_link_itself(method: str) -> None:
    """The source row: all of it crosses. The target row: its units are seeded, not counted again as linked in."""
    trace = ct.trace(swapped(), ct.rows(2), method, links=[SWAP])
    assert (trace.seeded, trace.linked_in) == ({ETH: 80}, {USDC: 240})
    trace = ct.trace(swapped(), ct.rows(1, 3), method, links=[SWAP])
    assert (trace.seeded, trace.linked_in) == ({ETH: 100}, {USDC: 240})


@every_method
def test_shares_of_several_seeds_cross_too(method: str) -> None:
    found = graph(
        pay("victim", "thief", 60),
        pay("second victim", "thief", 40),
        pay("thief", "pool", 100),
        pay("pool", "thief", 50, asset=USDC),
    )
    trace = ct.trace(found, [ct.rows(0), ct.rows(1)], method, links=[ct.Link([2], [3])])
    assert told(trace.holdings(by_seed=True), "seed", "asset", "amount") == [(0, USDC, 30), (1, USDC, 20)]


# ---- links that cannot be


def rows() -> ct.TransferGraph:
    return graph(
        pay("victim", "thief", 10),
        pay("thief", "pool", 10),
        pay("pool", "thief", 5, asset=USDC),
        pay("pool", "thief", 0, asset=USDC),
        pay("thief", "thief", 5, asset=USDC),
        pay("thief", "x", 5, asset=USDC),
    )


LEG = ct.Leg(who("thief"), ETH, 10, 3)


@pytest.mark.parametrize(
    ("links", "said"),
    [
        ([ct.Link([2], [1])], "does not come after"),
        ([ct.Link([1], [1])], "does not come after"),
        ([ct.Link([1, 5], [2])], "does not come after"),
        ([ct.Link([LEG], [2])], "does not come after"),
        ([ct.Link([ct.Leg(who("a"), ETH, 1, 5)], [ct.Leg(who("a"), USDC, 1, 4)])], "does not come after"),
        ([ct.Link([], [2])], "has no sources"),
        ([ct.Link([1], [])], "has no targets"),
        ([ct.Link([1], [3])], "moves nothing"),
        ([ct.Link([1], [4])], "moves nothing"),
        ([ct.Link([1, 1], [2])], "row 1 is in two links, or in one of them twice"),
        ([ct.Link([1], [2]), ct.Link([1], [5])], "row 1 is in two links"),
        ([ct.Link([0], [2]), ct.Link([1], [2])], "row 2 is in two links"),
    ],
)
def test_a_link_that_cannot_be_is_an_error(links: list, said: str) -> None:
    """Conflicting, empty, of nothing, or backwards in time; the message names the link."""
    named = [ct.Link(link.source, link.target, id="my claim") for link in links]
    with pytest.raises(LinkError, match=said) as caught:
        ct.trace(rows(), ct.rows(0), links=named)
    assert caught.value.link == "my claim"


@pytest.mark.parametrize(
    ("link", "error"),
    [
        (ct.Link([99], [2]), SeedError),
        (ct.Link([1], ["0xnothing"]), SeedError),
        (ct.Link([ct.Leg("0x12", ETH, 1, 3)], [5]), AddressError),
        (ct.Link([1], [ct.Leg(who("a"), USDC, 1, "tomorrow")]), MethodError),
    ],
)
def test_ends_that_do_not_exist_are_errors(link: ct.Link, error: type[Exception]) -> None:
    with pytest.raises((error, LinkError)):
        ct.trace(rows(), ct.rows(0), links=[link])


def totals(found: ct.TransferGraph) -> list[tuple[int, int]]:
    return [found.lines().totals(pot, len(found)) for pot in range(len(found.pots))]


def test_what_the_links_of_a_graph_do_stays_with_the_trace() -> None:
    """The graph is as before: a leg's new account is in no other trace."""
    found = swapped()
    before = (len(found.pots), totals(found))
    ct.trace(found, ct.rows(1), links=[ct.Link([2], [ct.Leg(who("never seen"), USDC, 5, 9)])])
    assert (len(found.pots), totals(found)) == before


@pytest.mark.parametrize("amount", [0, -1, 2**256, 1.5, 1e22 / 3, True, "5"])
def test_a_leg_is_a_whole_amount_above_zero(amount: object) -> None:
    """A float would become a ledger of floats."""
    with pytest.raises(AmountError):
        ct.Leg(who("thief"), ETH, amount, 3)  # type: ignore[arg-type]


def test_the_basis_of_a_link_is_one_that_is_defined() -> None:
    with pytest.raises(LinkError):
        ct.Link([0], [1], basis="guess")  # type: ignore[arg-type]


def test_one_link_needs_no_list() -> None:
    found = graph(pay("victim", "thief", 10, block=1), pay("x", "y", 1, block=9))
    link = ct.Link([ct.Leg(who("thief"), ETH, 10, 3)], [ct.Leg(who("boss"), USDC, 5, 4)])
    assert ct.trace(found, ct.rows(0), links=link).linked_in == {USDC: 5}


def test_a_link_that_brings_less_than_a_unit_is_still_said() -> None:
    """What became another asset must not vanish without the link that it went through."""
    found = graph(pay("victim", "thief", 10, block=1), pay("x", "y", 1, block=9))
    link = ct.Link([ct.Leg(who("thief"), ETH, 1000, 3)], [ct.Leg(who("boss"), USDC, 5, 4)])
    trace = ct.trace(found, ct.rows(0), links=[link])
    assert ledger(trace) == {"linked_out": 10}
    lines = trace.assumptions()
    assert lines[lines["assumption"] == "link"][["asset", "amount"]].values.tolist() == [[USDC, 0]]


@every_method
def test_what_is_unwrapped_and_sent_on_in_one_transaction_is_followed(method: str) -> None:
    """A router burns the token, gets the coin and pays it on by the next call: logs and calls each have their order,
    and neither says how it lies to the other."""
    found = graph(
        pay("victim", "thief", 10, block=1, asset=USDC),
        pay("thief", "router", 10, block=2, tx="swap", seq=7, asset=USDC),
        pay("router", None, 10, block=2, tx="swap", seq=8, asset=USDC, kind="burn"),
        pay("wrapper", "router", 10, block=2, tx="swap", seq=1, kind="internal"),
        pay("router", "thief", 10, block=2, tx="swap", seq=2, kind="internal"),
        pay("thief", "boss", 4, block=3),
    )
    rows = found.to_pandas().reset_index()
    burn, coin = (int(rows.index[rows["seq"] == seq][0]) for seq in (8, 1))
    trace = ct.trace(found, ct.rows(0), method, links=[ct.Link([burn], [coin], id="unwrap")])
    assert ledger(trace, USDC) == {"linked_out": 10}
    assert held(trace, "boss", "thief") == {"boss": 4, "thief": 6}
