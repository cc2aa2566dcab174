"""Demixing a campaign: who is found, who must not be, and what is said where nothing can be known."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.errors import AddressError, MethodError
from chaintrace.heuristics.demix.settle import MANY
from chaintrace.labels.pools import tornado_pools
from tests.heuristics.demix.pools import (
    FEE,
    HOUR,
    POOL,
    START,
    address,
    campaign,
    numbered,
    paid,
    planted,
    strangers,
    taken,
)

SEEDS = st.integers(0, 10_000)


@given(seed=SEEDS)
def test_planted_thieves_are_found_and_strangers_are_not(seed: int) -> None:
    story = planted(seed)
    found = {one.address for one in ct.demix(story.notes, story.payers)}
    assert len(found & story.thieves) >= 0.9 * len(story.thieves)
    assert len(found - story.thieves) <= 0.1 * len(found)


@given(seed=SEEDS)
def test_no_note_leaves_before_it_came_and_no_more_leave_than_came(seed: int) -> None:
    story = planted(seed, a_day=80)
    made = ct.demix(story.notes, story.payers)
    out = sorted(note.time for lot in made.lots for one in lot.candidates for note in one.events)
    came = sorted(note.time for note in story.notes if note.account in story.payers and note.kind == "deposit")
    assert len(out) <= len(came)
    assert all(time >= came[n] for n, time in enumerate(out))


@given(seed=SEEDS, random=st.randoms(use_true_random=False))
def test_the_order_in_which_events_are_told_decides_nothing(seed: int, random: Random) -> None:
    story = planted(seed, batches=2)
    shuffled = list(story.notes)
    random.shuffle(shuffled)
    assert ct.demix(shuffled, story.payers).to_dict() == ct.demix(story.notes, story.payers).to_dict()


@given(seed=SEEDS)
def test_a_campaign_that_takes_nothing_out_accuses_few(seed: int) -> None:
    """Strangers alone: single notes at random times are at most a few in a hundred of what was paid in."""
    story = planted(seed)
    notes = [one for one in story.notes if one.account not in story.thieves]
    made = ct.demix(notes, story.payers)
    assert made.taken_out <= 0.15 * made.paid_in


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("spoil", ["direct", "pays in", "before", "after", "slow"])
def test_each_mark_of_a_fresh_address_alone_decides(seed: int, spoil: str) -> None:
    story = planted(seed)
    who = min(one.address for one in ct.demix(story.notes, story.payers) if one.address in story.thieves)
    mine = sorted((one for one in story.notes if one.account == who), key=lambda one: one.time)
    others = [one for one in story.notes if one.account != who]
    if spoil == "direct":
        mine[0] = replace(mine[0], fee=0)
    elif spoil == "pays in":
        mine.append(paid(who, START - 6 * 86400))
    elif spoil == "before":
        mine.append(taken(who, START - 1))
    elif spoil == "after":
        mine.append(taken(who, START + 30 * 86400))
    else:
        mine[-1] = replace(mine[-1], time=mine[0].time + 4 * 86400 + 1)
    made = ct.demix(numbered([*others, *mine]), story.payers)
    assert who not in {one.address for lot in made.lots for one in lot.candidates}


def test_a_batch_that_is_taken_to_the_last_note_speaks_for_its_recipients() -> None:
    story = planted(1)
    made = ct.demix(story.notes, story.payers)
    whole = {one.address for lot in made.lots if lot.whole and len(lot.deposits) >= MANY for one in lot.candidates}
    assert whole
    assert whole == {one.address for lot in made.lots for one in lot.candidates if "whole-batch" in one.rules}
    for lot in made.lots:
        taken_out = sum(one.notes for one in lot.candidates)
        assert taken_out <= len(lot.deposits)
        assert lot.whole == (taken_out == len(lot.deposits))


def test_a_pool_whose_deposits_have_a_gap_is_not_looked_at() -> None:
    story = planted(2)
    inside = [n for n, one in enumerate(story.notes) if one.kind == "deposit" and one.time > START + HOUR]
    gone = [one for n, one in enumerate(story.notes) if n != inside[0]]
    made = ct.demix(gone, story.payers)
    assert not made.candidates
    assert made.notes == ("Tornado Cash 100 ETH: not looked at, 1 of its deposits in the campaign's time are missing",)


def test_deposits_without_numbers_may_be_some_of_many() -> None:
    story = planted(2)
    made = ct.demix([replace(one, leaf=None) for one in story.notes], story.payers)
    assert not made.candidates
    assert "nobody knows whether all are there" in made.notes[0]
    assert made.paid_in == sum(one.account in story.payers for one in story.notes)


def test_a_pool_of_which_nothing_usual_is_known_is_named() -> None:
    story = planted(2)
    unknown = replace(POOL, address=address("x", 1))
    made = ct.demix([replace(one, pool=unknown) for one in story.notes], story.payers)
    assert not made.candidates
    assert "what is usual in it was never counted" in made.notes[0]


def test_nobody_who_paid_in_is_an_error_and_so_is_no_address() -> None:
    with pytest.raises(MethodError, match="paid no note in"):
        ct.demix(planted(2).notes, [address("n", 1)])
    with pytest.raises(AddressError):
        ct.demix(planted(2).notes, ["nobody"])


def test_amounts_are_what_was_paid_out_less_the_fees() -> None:
    story = planted(3)
    for one in ct.demix(story.notes, story.payers):
        assert one.amount == one.notes * (POOL.denomination - FEE)
        assert one.to_dict()["tx_hashes"] == [note.tx_hash for note in one.events]
        assert 50 <= one.score <= 99
        assert 1 <= one.chance <= 100


def test_what_is_unlikely_is_told_apart() -> None:
    made = ct.demix(planted(4, a_day=150).notes, planted(4, a_day=150).payers)
    settled = {one.address for lot in made.lots for one in lot.candidates}
    assert {one.address for one in (*made.candidates, *made.unlikely)} == settled
    assert all(one.score < 50 for one in made.unlikely)
    assert [one.score for one in made] == sorted((one.score for one in made), reverse=True)


@given(seed=SEEDS)
def test_what_is_whole_sums_and_nothing_takes_more_than_was_paid_in(seed: int) -> None:
    """Also where batches are small, and recipients take of several."""
    random = Random(seed)
    notes, payers, _ = campaign(random, recipients=2)
    shuffled = [replace(one, account=random.choice(sorted(payers))) if one.kind == "deposit" else one for one in notes]
    made = ct.demix(numbered([*shuffled, *strangers(random, 15, 20)]), payers)
    for lot in made.lots:
        assert lot.whole == (sum(one.notes for one in lot.candidates) == len(lot.deposits))
        assert sum(one.notes for one in lot.candidates) <= len(lot.deposits)
        assert set(lot.accounts) == {note.account for note in lot.deposits}
        assert all(one.payers == lot.accounts for one in lot.candidates)
        told = lot.whole and len(lot.deposits) >= MANY
        assert all(("whole-batch" in one.rules) == told for one in lot.candidates)


@pytest.mark.parametrize("count", [1, 2, 8])
@pytest.mark.filterwarnings("error")
def test_a_campaign_alone_in_its_window_is_found(count: int) -> None:
    """Nobody else pays in or takes out: there is nothing to divide by, and nothing to doubt but the rule itself."""
    notes = [paid(address("p", 1), START + 60 * n) for n in range(count)]
    notes += [taken(address("x", 1), START + HOUR + 600 * n) for n in range(count)]
    (lot,) = ct.demix(numbered(notes), [address("p", 1)]).lots
    assert [(one.address, one.notes) for one in lot.candidates] == [(address("x", 1), count)]


@pytest.mark.parametrize("spoil", ["pays in", "direct", "before", "after"])
def test_what_an_account_did_in_another_pool_counts(spoil: str) -> None:
    story, other = planted(1), replace(POOL, address=address("o", 1))
    who = min(one.address for one in ct.demix(story.notes, story.payers) if one.address in story.thieves)
    first = min(one.time for one in story.notes if one.account == who)
    more = {
        "pays in": paid(who, START),
        "direct": taken(who, first + 1, fee=0),
        "before": taken(who, START - 1),
        "after": taken(who, first + 5 * 86400),
    }[spoil]
    made = ct.demix([*story.notes, replace(more, pool=other)], story.payers)
    assert who not in {one.address for lot in made.lots for one in lot.candidates}


def test_payers_that_paid_nothing_are_named_and_what_is_no_list_is_refused() -> None:
    story, nobody = planted(2), address("n", 1)
    made = ct.demix(story.notes, [*story.payers, nobody])
    assert made.notes == (f"1 accounts paid no note in: {nobody}",)
    assert made.lots == ct.demix(story.notes, story.payers).lots
    for wrong in (nobody, None, 5):
        with pytest.raises(MethodError, match="payers"):
            ct.demix(story.notes, wrong)  # type: ignore[arg-type]


def test_amounts_in_json_are_text_and_in_a_frame_integers() -> None:
    story = planted(3)
    made = ct.demix(story.notes, story.payers)
    assert made.to_dict()["candidates"][0]["amount"] == str(made[0].amount)
    assert made.to_pandas()["amount"][0] == made[0].amount


def test_a_small_batch_that_comes_out_even_says_nothing() -> None:
    """Anybody takes one note out, or five."""
    notes = [paid(address("p", 1), START + 60 * n) for n in range(MANY - 1)]
    notes += [taken(address("x", 1), START + HOUR + 600 * n) for n in range(MANY - 1)]
    (lot,) = ct.demix(numbered(notes), [address("p", 1)]).lots
    assert lot.whole
    assert "whole-batch" not in lot.candidates[0].rules


@pytest.mark.parametrize("count", [2, 4, 8])
def test_rivals_share_the_odds(count: int) -> None:
    """Recipients that are alike to the second: one is settled, and each could be the one."""
    notes = [paid(address("p", 1), START + 60 * n) for n in range(12)]
    notes += [taken(address("x", who), START + HOUR + 900 * n) for who in range(count) for n in range(12)]
    (lot,) = ct.demix(numbered([*notes, *strangers(Random(1), 15, 30)]), [address("p", 1)]).lots
    (one,) = [one for one in lot.candidates if one.notes == 12]
    assert one.rivals == count - 1
    assert one.score <= 100 / count
    assert one.chance >= 100 - 100 / count


def test_one_who_takes_out_of_two_pools_a_day_apart_is_a_candidate_of_both() -> None:
    other = next(one for one in tornado_pools() if one.chain == POOL.chain and one.written == "0.1")
    payer, who, later = address("p", 1), address("x", 1), 30 * HOUR
    notes = [paid(payer, START + 60 * n) for n in range(12)] + [taken(who, START + HOUR + 900 * n) for n in range(12)]
    more = [replace(paid(payer, later + START + 60 * n), pool=other, leaf=n) for n in range(12)]
    more += [replace(taken(who, later + START + HOUR + 900 * n, fee=10**16), pool=other) for n in range(12)]
    made = ct.demix([*numbered(notes), *more], [payer])
    assert {one.address for lot in made.lots for one in lot.candidates} == {who}
    assert len(made.lots) == 2


@pytest.mark.parametrize("field", ["sender", "relayer"])
def test_who_sends_or_relays_his_own_withdrawal_is_not_fresh(field: str) -> None:
    notes = [paid(address("p", 1), START + 60 * n) for n in range(5)]
    out = [taken(address("x", 1), START + HOUR + 600 * n) for n in range(5)]
    told = [replace(one, **{field: one.account}) for one in out]
    assert ct.demix(numbered([*notes, *out]), [address("p", 1)]).lots[0].candidates
    assert not ct.demix(numbered([*notes, *told]), [address("p", 1)]).lots[0].candidates


def test_links_are_asked_with_a_number_and_with_transfers() -> None:
    made = ct.demix(planted(3).notes, planted(3).payers)
    for above, transfers in (("90", None), (None, None), (90, None), (90, "x"), (90, ct.Case.open("ronin"))):
        with pytest.raises(MethodError):
            made.links(above, transfers)  # type: ignore[arg-type]
