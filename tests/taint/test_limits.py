"""Limits never drop value: every unit that a limit keeps back is a line of the ledger."""

from __future__ import annotations

import pytest

import chaintrace as ct
from tests.graph.money import ETH, FEE_SEQ, USDC, graph, held, ledger, pay, tainted, told, who

METHODS = ("fifo", "lifo", "haircut", "dirty-first")
every_method = pytest.mark.parametrize("method", METHODS)


def chain() -> ct.TransferGraph:
    """100 go a → b → c → d; 90 of them go further each time, 1 is paid as a fee, 1 is burnt."""
    return graph(
        pay("a", "b", 100, block=1),
        pay("b", "c", 90, block=2),
        pay("c", None, 1, block=3, kind="fee", seq=FEE_SEQ),
        pay("c", None, 1, block=4, kind="burn"),
        pay("c", "d", 80, block=5),
    )


@every_method
def test_fees_and_burns_are_lines_of_their_own(method: str) -> None:
    trace = ct.trace(chain(), ct.rows(0), method)
    assert ledger(trace) == {"held": 98, "fees": 1, "burnt": 1}
    assert held(trace, *"bcd") == {"b": 10, "c": 8, "d": 80}


@every_method
@pytest.mark.parametrize(
    ("hops", "said"),
    [
        (0, {"held": 10, "cut_hops": 90}),
        (1, {"held": 18, "cut_hops": 82}),
        (2, {"held": 98, "fees": 1, "burnt": 1}),
        (9, {"held": 98, "fees": 1, "burnt": 1}),
    ],
)
def test_max_hops(method: str, hops: int, said: dict[str, int]) -> None:
    """A seed row is hop 0; what would go further is cut, at the account that it does not leave."""
    trace = ct.trace(chain(), ct.rows(0), method, max_hops=hops)
    assert ledger(trace) == said
    flows = told(trace.flows(), "row", "hops")
    assert max(hop for _, hop in flows) <= hops
    ends = told(trace.ends(), "bucket", "address", "amount")
    if hops == 0:
        assert ("cut_hops", who("b"), 90) in ends


@every_method
def test_min_amount_is_strictly_below(method: str) -> None:
    """Pieces of exactly the threshold pass."""
    assert ledger(ct.trace(chain(), ct.rows(0), method, min_amount=80)) == {"held": 98, "below_threshold": 2}
    assert ledger(ct.trace(chain(), ct.rows(0), method, min_amount=81)) == {"held": 18, "below_threshold": 82}
    assert ledger(ct.trace(chain(), ct.rows(0), method, min_amount=1)) == {"held": 98, "fees": 1, "burnt": 1}


def test_min_amount_is_applied_to_the_piece_as_it_stands() -> None:
    """A row of 100 that carries two pieces of 50 carries nothing of 60 under FIFO, and 100 under haircut."""
    found = graph(
        pay("x", "b", 50),
        pay("z", "b", 1),
        pay("y", "b", 50),
        pay("b", "c", 101),
    )
    seeds = ct.rows(0, 2)
    assert ledger(ct.trace(found, seeds, "fifo", min_amount=60)) == {"below_threshold": 100}
    assert ledger(ct.trace(found, seeds, "haircut", min_amount=60)) == {"held": 100}


def test_min_amount_by_asset() -> None:
    found = graph(pay("a", "b", 10), pay("b", "c", 10), pay("a", "b", 10, asset=USDC), pay("b", "c", 10, asset=USDC))
    trace = ct.trace(found, ct.rows(0, 2), min_amount={"native": 11})
    assert ledger(trace) == {"below_threshold": 10}
    assert ledger(trace, USDC) == {"held": 10}
    trace = ct.trace(found, ct.rows(0, 2), min_amount={USDC: 11})
    assert (ledger(trace), ledger(trace, USDC)) == ({"held": 10}, {"below_threshold": 10})
    trace = ct.trace(found, ct.rows(0, 2), min_amount=11)
    assert (ledger(trace), ledger(trace, USDC)) == ({"below_threshold": 10}, {"below_threshold": 10})


@every_method
def test_until(method: str) -> None:
    """What has not moved by then is held; the block itself still counts."""
    assert ledger(ct.trace(chain(), ct.rows(0), method, until=1)) == {"held": 100}
    assert held(ct.trace(chain(), ct.rows(0), method, until=2), *"bc") == {"b": 10, "c": 90}
    assert ledger(ct.trace(chain(), ct.rows(0), method, until=3)) == {"held": 99, "fees": 1}
    assert ledger(ct.trace(chain(), ct.rows(0), method, until=99)) == ledger(ct.trace(chain(), ct.rows(0), method))


@every_method
def test_coverage(method: str) -> None:
    """What rests where the history was not fetched is not_fetched; what is known to leave is followed."""
    trace = ct.trace(chain(), ct.rows(0), method, coverage=[who("b"), who("d")])
    assert ledger(trace) == {"held": 90, "not_fetched": 8, "fees": 1, "burnt": 1}
    assert told(trace.holdings(), "bucket", "address", "amount") == [
        ("held", who("d"), 80),
        ("held", who("b"), 10),
        ("not_fetched", who("c"), 8),
    ]
    assert ledger(ct.trace(chain(), ct.rows(0), method, coverage=())) == {"not_fetched": 98, "fees": 1, "burnt": 1}


def test_coverage_of_one_asset_says_nothing_of_another() -> None:
    found = graph(pay("a", "b", 10), pay("a", "b", 7, asset=USDC))
    trace = ct.trace(found, ct.rows(0, 1), coverage=[(who("b"), ETH)])
    assert (ledger(trace), ledger(trace, USDC)) == ({"held": 10}, {"not_fetched": 7})


@pytest.mark.parametrize("method", ["fifo", "lifo", "haircut"])
def test_backwards_the_lines_have_other_names(method: str) -> None:
    """issued, opening, unexplained; not_fetched where the account's history is not whole."""
    found = graph(
        pay(None, "a", 5, kind="opening"),
        pay(None, "a", 7, kind="reward"),
        pay("x", "a", 11),
        pay("a", "target", 23),
    )
    trace = ct.trace(found, ct.rows(3), method, "backward")
    assert ledger(trace) == {"unexplained": 11, "issued": 7, "opening": 5}
    trace = ct.trace(found, ct.rows(3), method, "backward", coverage=[who("a")])
    assert ledger(trace) == {"not_fetched": 11, "issued": 7, "opening": 5}
    assert ledger(ct.trace(found, ct.rows(3), method, "backward", max_hops=0)) == {"cut_hops": 23}
    trace = ct.trace(found, ct.rows(3), method, "backward", min_amount=7)
    assert ledger(trace) == {"unexplained": 11, "issued": 7, "below_threshold": 5}


def late_money() -> ct.TransferGraph:
    """b spends 10 unseen units before the 10 stolen ones come, and 10 afterwards; 10 more than it ever received."""
    return graph(pay("b", "early", 10), pay("a", "b", 10), pay("b", "late", 10), pay("b", "later", 10))


def test_unexplained_units_enter_just_in_time() -> None:
    assert held(ct.trace(late_money(), ct.rows(1)), "late", "later") == {"late": 10}


def test_unexplained_units_at_the_head_leave_first() -> None:
    """Then the 20 missing ones are there from the beginning, and the stolen 10 leave last under FIFO."""
    trace = ct.trace(late_money(), ct.rows(1), unexplained="opening")
    assert held(trace, "late", "later") == {"later": 10}


@every_method
@pytest.mark.parametrize("limit", [{"max_hops": 1}, {"min_amount": 30}, {"until": 3}, {"coverage": ()}], ids=str)
def test_with_any_limit_the_ledger_sums_to_what_was_seeded(method: str, limit: dict) -> None:
    found = graph(
        pay("a", "b", 100),
        pay("x", "b", 50),
        pay("b", "c", 75),
        pay("b", "d", 25),
        pay("c", "b", 60),
        pay("b", "e", 110),
    )
    trace = ct.trace(found, ct.rows(0), method, **limit)
    assert sum(ledger(trace).values()) == 100 == trace.seeded[ETH]
    assert max(tainted(trace).values()) <= 100


def test_what_was_cut_is_not_on_the_row_for_a_later_seed() -> None:
    """The second seed takes the row itself, so those units are seeded anew."""
    found = graph(pay("a", "b", 10), pay("b", "c", 10), pay("c", "d", 10))
    trace = ct.trace(found, [ct.rows(0), ct.rows(1)], max_hops=0)
    assert trace.seeded == {ETH: 20}
    assert ledger(trace) == {"cut_hops": 20}
    assert told(trace.flows(by_seed=True), "row", "seed", "tainted") == [(0, 0, 10), (1, 1, 10)]
