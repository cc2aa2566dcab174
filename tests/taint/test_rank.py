"""``ct.rank``: whole parts of one mass, near the limit that a dense matrix gives, and laws that need no oracle."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.errors import AddressError, MethodError, SeedError
from chaintrace.model.transfer import SCHEMA, Transfers
from chaintrace.taint.push import WHOLE
from tests.graph.money import BITCOIN, DAI, ETH, FEWER, USDC, graph, pay, who
from tests.kernels import KERNELS, on
from tests.laws.change import renamed, shuffled, with_extra
from tests.laws.subject import asked_of, by_place, transfers
from tests.oracle.ranks import ranks
from tests.oracle.words import Question, Row, Since
from tests.strategies import address, asked, is_coins

WAYS: dict[str, dict[str, str]] = {
    "appr": {"method": "appr"},
    **{way: {"method": "ttr", "variant": way} for way in ("base", "weight", "time", "redirect")},
}
each_way = pytest.mark.parametrize("way", WAYS)


def ranked(rows: list[Row], question: Question, way: str, **options: Any) -> ct.Ranking:
    told = asked_of(ct, question, is_coins(rows))
    kept = {name: told[name] for name in ("seeds", "stop_at", "coverage", "until")}
    return ct.rank(ct.TransferGraph(transfers(rows)), **{**kept, **WAYS[way], **options})


@st.composite
def about(draw: Any, method: str = "haircut", limits: bool = True) -> tuple[list[Row], Question]:
    """A ledger, and seeds that reach somebody."""
    rows, question = draw(asked(method, "forward", limits))
    for seed in question.seeds:
        assume(isinstance(seed, Since) or any(rows[i].receiver for i in seed.rows))
    return rows, question


def masses(ranking: ct.Ranking) -> dict[str, tuple[int, int]]:
    return {place.account: (place.mass, place.residue) for place in ranking.places}


def shares(ranking: ct.Ranking) -> dict[str, Fraction]:
    return {place.account: Fraction(place.mass, WHOLE) for place in ranking.places}


@given(data=st.data())
def test_mass_is_conserved_to_the_last_part(data: st.DataObject) -> None:
    way = data.draw(st.sampled_from(sorted(WAYS)))
    rows, question = data.draw(about())
    epsilon = data.draw(st.sampled_from(("1e-6", "0.001", "0.1", "1")))
    most = data.draw(st.sampled_from((0, 3, 40, 10**6)))
    alpha, beta = data.draw(st.sampled_from((("0.15", "0.8"), ("1", "0"), ("0.001", "1"), ("1/3", "2/7"))))
    ranking = ranked(rows, question, way, epsilon=epsilon, max_steps=most, alpha=alpha, beta=beta)
    assert ranking.kept + ranking.residue == WHOLE
    assert sum(place.mass + place.residue for place in ranking.places) == WHOLE
    assert all(place.mass >= 0 and place.residue >= 0 for place in ranking.places)
    assert ranking.pushed.steps <= most


@pytest.mark.parametrize("way", [way for way in WAYS if way != "redirect"])
@given(data=st.data())
def test_no_rank_is_further_from_the_limit_than_the_residue(data: st.DataObject, way: str) -> None:
    rows, question = data.draw(about())
    alpha, beta = data.draw(st.sampled_from(((0.15, 0.8), (0.5, 1.0), (0.2, 0.0))))
    epsilon = data.draw(st.sampled_from((1e-9, 1e-3)))
    ranking = ranked(rows, question, way, alpha=alpha, beta=beta, epsilon=epsilon)
    limit = ranks(rows, question, way, alpha, beta)
    residue = ranking.residue / WHOLE
    found = {account: float(share) for account, share in shares(ranking).items()}
    for name, exact in limit.items():
        kept = found.pop(address(name, is_coins(rows)), 0.0)
        assert kept - 1e-7 <= exact <= kept + residue + 1e-7
    assert not found
    if epsilon == 1e-9:
        assert residue < 1e-6


@FEWER
@given(data=st.data())
def test_the_order_in_which_rows_are_read_decides_nothing(data: st.DataObject) -> None:
    way = data.draw(st.sampled_from(sorted(WAYS)))
    rows, question = data.draw(about())
    again = shuffled(rows, Random(data.draw(st.integers(0, 99))))
    assert masses(ranked(rows, question, way)) == masses(ranked(again, question, way))


@FEWER
@given(data=st.data())
def test_other_names_give_the_same_ranking_with_other_names_in_the_same_order(data: st.DataObject) -> None:
    way = data.draw(st.sampled_from(sorted(WAYS)))
    rows, question = data.draw(about())
    old = sorted({party for row in rows for party in row[:2] if party})
    new = [party for party in old if not party.startswith("tx")]
    Random(data.draw(st.integers(0, 99))).shuffle(new)
    names = {party: party if party.startswith("tx") else new.pop() for party in old}
    long = {address(party, is_coins(rows)): address(names[party], is_coins(rows)) for party in old}
    places = ranked(rows, question, way).places
    again = ranked(*renamed(rows, question, names), way).places
    assert [place._replace(account=long[place.account]) for place in places] == again


@FEWER
@given(data=st.data())
def test_money_of_strangers_and_rows_that_move_nothing_change_nothing(data: st.DataObject) -> None:
    way = data.draw(st.sampled_from(sorted(WAYS)))
    rows, question = data.draw(about())
    assume(not is_coins(rows))
    drawn = st.tuples(st.sampled_from("ghi"), st.sampled_from("ghi"), st.integers(0, 5))
    extra = [(at, Row(*pair, "native", amount)) for at, (*pair, amount) in _at(data, rows, drawn)]
    for nothing in (Row("a", "a", "native", 7), Row("a", "b", "native", 0)):
        extra += _at(data, rows, st.just(nothing))
    more, number = with_extra(by_place(rows), extra)
    seeds = [
        seed._replace(rows=tuple(number[i] for i in seed.rows)) if hasattr(seed, "rows") else seed
        for seed in question.seeds
    ]
    again = ranked(more, question.but(seeds=tuple(seeds)), way)
    assert masses(ranked(rows, question, way)) == masses(again)


def _at(data: st.DataObject, rows: list[Row], what: st.SearchStrategy[Any]) -> list[tuple[int, Any]]:
    return data.draw(st.lists(st.tuples(st.integers(0, len(rows)), what), max_size=4))


@FEWER
@given(data=st.data())
def test_what_happened_after_until_decides_nothing(data: st.DataObject) -> None:
    way = data.draw(st.sampled_from(sorted(WAYS)))
    rows, question = data.draw(about())
    assume(question.until is not None)
    assert question.until is not None
    early = [row for row in rows if row.block <= question.until]
    assert masses(ranked(rows, question, way)) == masses(ranked(early, question, way))


@FEWER
@given(data=st.data())
def test_without_a_way_back_only_whom_poison_reaches_gets_anything(data: st.DataObject) -> None:
    """Also with swaps, of which these rows have none: each is a transaction of its own."""
    way = data.draw(st.sampled_from(("time", "redirect")))
    rows, question = data.draw(about("poison", limits=False))
    reached = ct.trace(ct.TransferGraph(transfers(rows)), **asked_of(ct, question, is_coins(rows)))
    accounts = set(reached.ends()["address"]) | set(reached.flows()["receiver"]) | set(reached.flows()["sender"])
    assert set(masses(ranked(rows, question, way, beta=1))) <= accounts


@FEWER
@given(data=st.data())
def test_every_kernel_gives_the_same_ranking(data: st.DataObject) -> None:
    way = data.draw(st.sampled_from(sorted(WAYS)))
    rows, question = data.draw(about())
    told = []
    for kernel in KERNELS:
        with on(kernel):
            told.append(ranked(rows, question, way).to_dict() | {"kernel": ""})
    assert told[1:] == told[:-1]


@each_way
def test_several_seeds_have_equal_parts_however_much_they_moved(way: str) -> None:
    made = graph(pay("v", "a", 1), pay("v", "b", 10**9))
    ranking = ct.rank(made, [ct.rows(0), ct.rows(1)], **WAYS[way], alpha=1)
    assert shares(ranking) == {who("a"): Fraction(1, 2), who("b"): Fraction(1, 2)}


def test_assets_of_a_seed_have_equal_parts_and_units_of_an_asset_their_own() -> None:
    made = graph(pay("v", "a", 3), pay("v", "b", 1), pay("v", "c", 10**30, asset=USDC))
    ranking = ct.rank(made, ct.rows(0, 1, 2), alpha=1)
    assert shares(ranking) == {who("c"): Fraction(1, 2), who("a"): Fraction(3, 8), who("b"): Fraction(1, 8)}


def test_an_account_that_is_reached_only_back_in_time_gets_nothing() -> None:
    """b paid c before a paid b: nothing of a's can have gone to c."""
    made = graph(pay("b", "c", 5), pay("v", "a", 5), pay("a", "b", 5))
    assert who("c") not in shares(ct.rank(made, ct.rows(1), beta=1))
    assert who("c") in shares(ct.rank(made, ct.rows(1), variant="weight", beta=1))


def test_the_order_within_one_second_counts() -> None:
    at = {"time": 100, "block": 7}
    made = graph(
        pay("b", "c", 5, **at, tx_index=1), pay("a", "b", 5, **at, tx_index=2), pay("b", "d", 5, **at, tx_index=3)
    )
    found = shares(ct.rank(made, ct.rows(1), beta=1))
    assert (who("c") in found, who("d") in found) == (False, True)


def test_two_payments_within_one_second_both_count() -> None:
    """Where the later of two edges with one timestamp overwrites the other, b or c would get nothing."""
    at = {"time": 100, "block": 7}
    made = graph(
        pay("v", "a", 4, time=50, block=1), pay("a", "b", 2, **at, tx_index=0), pay("a", "c", 2, **at, tx_index=1)
    )
    found = shares(ct.rank(made, ct.rows(0), beta=1, alpha="0.5"))
    assert found == {who("a"): Fraction(1, 2), who("b"): Fraction(1, 4), who("c"): Fraction(1, 4)}


def test_mass_without_a_way_on_stays() -> None:
    made = graph(pay("v", "a", 4), pay("a", "b", 4))
    found = shares(ct.rank(made, ct.rows(0), beta=1, alpha="0.25"))
    assert found == {who("a"): Fraction(1, 4), who("b"): Fraction(3, 4)}


def test_base_looks_at_transfers_weight_at_amounts_and_appr_at_counterparties() -> None:
    made = graph(pay("v", "a", 9), *(pay("a", "b", 1) for _ in range(3)), pay("a", "c", 5))
    told = {}
    for way in ("base", "weight"):
        found = shares(ct.rank(made, ct.rows(0), **WAYS[way], beta=1, alpha="0.5"))
        told[way] = (found[who("b")], found[who("c")])
    assert told == {"base": (Fraction(3, 8), Fraction(1, 8)), "weight": (Fraction(3, 16), Fraction(5, 16))}
    found = shares(ct.rank(made, ct.rows(0), method="appr"))
    assert found[who("b")] == found[who("c")] == found[who("v")]


def test_a_stop_keeps_what_reaches_it() -> None:
    made = graph(pay("v", "a", 9), pay("a", "x", 9), pay("x", "c", 9))
    ranking = ct.rank(made, ct.rows(0), beta=1, alpha="0.5", stop_at={who("x"): "exchange"})
    assert shares(ranking) == {who("a"): Fraction(1, 2), who("x"): Fraction(1, 2)}
    assert {place.account: place.stop for place in ranking.places} == {who("a"): "", who("x"): "exchange"}


def test_a_stop_holds_within_its_dates_where_time_counts() -> None:
    made = graph(pay("v", "a", 9), pay("a", "x", 9, block=5), pay("x", "c", 9, block=6))
    later = ct.Label(who("x"), "exchange", since=6)
    kept = {
        way: shares(ct.rank(made, ct.rows(0), **WAYS[way], stop_at=[later])).get(who("c")) is None
        for way in ("time", "weight", "appr")
    }
    assert kept == {"time": False, "weight": True, "appr": True}


def test_a_seed_that_is_a_stop_is_followed_and_the_notes_say_so() -> None:
    made = graph(pay("v", "a", 9), pay("a", "b", 9))
    ranking = ct.rank(made, ct.rows(0), stop_at=[who("a")])
    assert who("b") in shares(ranking)
    assert f"stop {who('a')} receives a seed and is followed" in ranking.notes


def test_a_token_that_nobody_asked_for_draws_no_mass() -> None:
    """Spam reaches the thief after the theft; its sender is not of the theft's asset."""
    made = graph(pay("v", "a", 9), pay("spammer", "a", 10**40, asset=DAI), pay("a", "b", 9))
    assert all(who("spammer") not in shares(ct.rank(made, ct.rows(0), **told)) for told in WAYS.values())


def test_an_address_has_part_in_every_asset_that_it_was_sent_and_the_notes_say_so() -> None:
    made = graph(pay("v", "a", 9), pay("spammer", "a", 10**40, asset=DAI), pay("a", "b", 9))
    every, one = ct.rank(made, who("a")), ct.rank(made, ct.address(who("a"), asset=ETH))
    assert shares(every)[who("a")] > Fraction(1, 2) > shares(one)[who("a")]
    assert any("begins in 2 assets" in note for note in every.notes)
    assert not any("begins in" in note for note in one.notes)


def test_redirect_stays_with_who_swaps() -> None:
    swap = [
        pay("a", "pool", 8, block=2, tx="swap", seq=0),
        pay("pool", "a", 900, block=2, tx="swap", seq=1, asset=USDC),
        pay("a", None, 1, block=2, tx="swap", seq=9, kind="fee"),
    ]
    made = graph(pay("v", "a", 9, block=1), *swap, pay("a", "b", 900, block=3, asset=USDC))
    found = shares(ct.rank(made, ct.rows(0), **WAYS["redirect"], beta=1, alpha="0.5"))
    assert found == {who("a"): Fraction(3, 4), who("b"): Fraction(1, 4)}
    assert who("pool") in shares(ct.rank(made, ct.rows(0), beta=1))


def test_redirect_goes_back_through_a_swap_too() -> None:
    swap = [
        pay("a", "pool", 8, block=2, tx="swap", seq=0),
        pay("pool", "a", 900, block=2, tx="swap", seq=1, asset=USDC),
    ]
    made = graph(pay("v", "a", 9, block=1), *swap, pay("a", "b", 900, block=3, asset=USDC))
    found = shares(ct.rank(made, ct.address(who("b"), since=4), **WAYS["redirect"], beta=0, alpha="0.5"))
    assert set(found) == {who("b"), who("a"), who("v")}


def test_redirect_keeps_to_the_time_of_the_swap_in_both_directions() -> None:
    """Who was paid before the swap gets nothing of what it brought; who paid after it did not fund it."""
    swap = [
        pay("a", "pool", 8, block=3, tx="swap", seq=0),
        pay("pool", "a", 900, block=3, tx="swap", seq=1, asset=USDC),
    ]
    early = [pay("v", "a", 9, block=1), pay("a", "early", 1, block=2, asset=USDC)]
    late = [pay("late", "a", 9, block=4), pay("a", "b", 900, block=5, asset=USDC)]
    made = graph(*early, *swap, *late)
    assert set(shares(ct.rank(made, ct.rows(0), **WAYS["redirect"], beta=1))) == {who("a"), who("b")}
    back = ct.rank(made, ct.address(who("b"), since=6), **WAYS["redirect"], beta=0)
    assert set(shares(back)) == {who("b"), who("a"), who("v")}


@pytest.mark.parametrize(
    "more",
    [
        [pay("pool", "a", 5, block=2, tx="swap", seq=2, asset=DAI)],  # two assets gained
        [pay("a", "pool", 900, block=2, tx="swap", seq=2, asset=USDC)],  # nothing gained in the end
        [pay("v", "a", 8, block=2, tx="swap", seq=2)],  # nothing lost in the end
    ],
)
def test_what_is_no_plain_swap_is_not_redirected(more: list[dict[str, Any]]) -> None:
    swap = [
        pay("a", "pool", 8, block=2, tx="swap", seq=0),
        pay("pool", "a", 900, block=2, tx="swap", seq=1, asset=USDC),
    ]
    made = graph(pay("v", "a", 9, block=1), *swap, *more)
    assert who("pool") in shares(ct.rank(made, ct.rows(0), **WAYS["redirect"], beta=1))


def test_a_bitcoin_transaction_keeps_nothing_and_is_one_hop() -> None:
    rows = [
        ("tx1", "input", "a", "tx1", 10, "00" * 32 + ":0"),
        ("tx1", "output", "tx1", "b", 6, _txid("tx1") + ":0"),
        ("tx1", "output", "tx1", "c", 4, _txid("tx1") + ":1"),
        ("tx2", "input", "b", "tx2", 6, _txid("tx1") + ":0"),
        ("tx2", "output", "tx2", "d", 6, _txid("tx2") + ":0"),
    ]
    ranking = ct.rank(ct.TransferGraph(_coins(rows)), ct.rows(0), beta=1, alpha="0.5")
    parts = {"b": Fraction(3, 10), "c": Fraction(2, 5), "d": Fraction(3, 10)}
    assert shares(ranking) == {address(name, True): part for name, part in parts.items()}
    hops = {place.account: place.hops for place in ranking.places}
    assert hops == {address(name, True): n for name, n in {"b": 1, "c": 1, "d": 2}.items()}


def _txid(name: str) -> str:
    return address(name)[3:]


def _coins(rows: list[tuple[str, str, str, str, int, str]]) -> Transfers:
    made = [
        {
            "chain": BITCOIN,
            "block": int(name[2:]),
            "tx_hash": _txid(name),
            "tx_index": 0,
            "seq": seq,
            "order": "known",
            "kind": kind,
            "sender": address(sender, True),
            "receiver": address(receiver, True),
            "asset": f"{BITCOIN}/slip44:0",
            "amount": amount.to_bytes(32, "big"),
            "outpoint": outpoint,
            "evidence": "",
        }
        for seq, (name, kind, sender, receiver, amount, outpoint) in enumerate(rows)
    ]
    return Transfers(pa.Table.from_pylist(made, schema=SCHEMA))


def test_a_hub_with_more_counterparties_than_its_mass_is_worth_is_not_pushed() -> None:
    """Half of the mass comes to a hub with 60 counterparties: more than a hundredth for each is asked for."""
    crowd = [pay(f"friend {n}", "hub", 1) for n in range(60)]
    made = graph(pay("v", "a", 1), pay("a", "hub", 1), *crowd, *(pay("hub", f"friend {n}", 1) for n in range(60)))
    ranking = ct.rank(made, ct.rows(0), beta=1, alpha="0.5", epsilon="0.01")
    assert masses(ranking) == {who("a"): (WHOLE // 2, 0), who("hub"): (WHOLE // 4, WHOLE // 4)}
    assert len(ct.rank(made, ct.rows(0), beta=1, alpha="0.5", epsilon="0.008")) == 62


def test_work_is_bounded_and_what_is_left_is_said() -> None:
    made = graph(pay("v", "a", 1), pay("a", "b", 1), pay("b", "c", 1))
    ranking = ct.rank(made, ct.rows(0), beta=1, alpha="0.5", max_steps=3)
    assert masses(ranking) == {who("a"): (WHOLE // 2, 0), who("b"): (WHOLE // 4, WHOLE // 4)}
    assert any("max_steps" in note for note in ranking.notes)
    assert not any("max_steps" in note for note in ct.rank(made, ct.rows(0), max_steps=100).notes)


def test_hops_are_the_fewest_by_which_mass_came() -> None:
    made = graph(pay("v", "a", 2), pay("a", "b", 1), pay("b", "c", 1), pay("a", "c", 1))
    found = {place.account: place.hops for place in ct.rank(made, ct.rows(0), beta=1).places}
    assert found == {who("a"): 0, who("b"): 1, who("c"): 1}


def test_an_account_whose_history_is_missing_is_marked() -> None:
    made = graph(pay("v", "a", 2), pay("a", "b", 1))
    ranking = ct.rank(made, ct.rows(0), beta=1, coverage=[who("a")])
    assert {place.account: place.fetched for place in ranking.places} == {who("a"): True, who("b"): False}
    assert not any("coverage" in note for note in ranking.notes)
    assert any("coverage" in note for note in ct.rank(made, ct.rows(0)).notes)


def test_an_address_is_a_seed() -> None:
    made = graph(pay("v", "a", 2), pay("a", "b", 1))
    assert masses(ct.rank(made, who("a"))) == masses(ct.rank(made, [ct.address(who("a"))]))


def test_a_seed_that_is_yet_to_come_has_no_part_and_is_named() -> None:
    made = graph(pay("v", "a", 2, block=1), pay("v", "b", 2, block=5))
    ranking = ct.rank(made, [ct.rows(0), ct.rows(1)], alpha=1, until=1)
    assert shares(ranking) == {who("a"): 1}
    assert any("lies after the end" in note for note in ranking.notes)


def test_floats_are_read_as_they_are_printed() -> None:
    made = graph(pay("v", "a", 2), pay("a", "b", 1))
    told = [masses(ct.rank(made, ct.rows(0), alpha=alpha)) for alpha in (0.15, "0.15", Fraction(3, 20))]
    assert told[0] == told[1] == told[2]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"method": "pagerank"}, "ranks nobody"),
        ({"method": "fifo"}, "ranks nobody"),
        ({"variant": "fast"}, "is not known"),
        ({"method": "appr", "variant": "time"}, "appr has none"),
        ({"alpha": 0}, "is not a share"),
        ({"alpha": "1.1"}, "is not a share"),
        ({"alpha": "much"}, "is not a share"),
        ({"alpha": True}, "is not a share"),
        ({"beta": -1}, "is not a share"),
        ({"epsilon": 0}, "is not a share"),
        ({"epsilon": float("nan")}, "is not a share"),
        ({"max_steps": -1}, "is not a number of rows"),
        ({"max_steps": True}, "is not a number of rows"),
    ],
)
def test_options_that_mean_nothing(options: dict[str, Any], said: str) -> None:
    with pytest.raises(MethodError, match=said):
        ct.rank(graph(pay("v", "a", 2)), ct.rows(0), **options)


@pytest.mark.parametrize("seeds", [[], 5, None, [5]])
def test_seeds_that_are_none(seeds: Any) -> None:
    with pytest.raises(SeedError):
        ct.rank(graph(pay("v", "a", 2)), seeds)


def test_what_is_burnt_or_paid_as_a_fee_brings_mass_to_nobody() -> None:
    made = graph(pay("v", "a", 4), pay("a", None, 3, kind="burn"), pay("a", "b", 1))
    with pytest.raises(SeedError, match="reaches no account"):
        ct.rank(made, [ct.rows(0), ct.rows(1)])
    assert shares(ct.rank(made, ct.rows(1, 2), beta=1)) == {who("b"): 1}


def test_an_account_that_is_not_there() -> None:
    made = graph(pay("v", "a", 2))
    with pytest.raises(SeedError):
        ct.rank(made, who("nobody"))
    with pytest.raises(AddressError):
        ct.rank(made, "nonsense")
    with pytest.raises(MethodError):
        ct.rank([1], ct.rows(0))  # type: ignore[arg-type]
