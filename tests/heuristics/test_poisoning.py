"""Poisoned histories and dust: look-alikes to the letter, each kind of bait, and what is no bait."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaintrace.heuristics.dusting import DustThresholds
from chaintrace.heuristics.poisoning import PoisonThresholds
from chaintrace.model.token import Token
from tests.heuristics.ledger import ETHER, Pay, address, ask, label, token

RULE, DUST = "address-poisoning", "dust"
FRIEND = "0x" + "abc" + "1" * 33 + "7890"
ALIKE = "0x" + "abc" + "2" * 33 + "7890"
USDT = 10**6
TOKENS = {token("usdt"): Token("USDT", 6)}
PAID = Pay("victim", FRIEND, 5_000 * USDT, 0, "usdt")
NOTHING = Pay("victim", ALIKE, 0, 60, "usdt")


def asked(pays: list[Pay], **options: object) -> object:
    return ask(pays, **({"only": RULE, "tokens": TOKENS} | options))


def test_a_transfer_of_nothing_to_a_lookalike_is_bait() -> None:
    (found,) = asked([PAID, NOTHING])  # type: ignore[misc]
    assert found.subject == ALIKE
    assert found.evidence["looks_like"] == [FRIEND]
    assert found.evidence["victims"] == [address("victim")]
    assert found.evidence["bait"] == {"nothing": 1, "dust": 0, "copy": 0}
    assert (found.evidence["paid_to_it"], found.confidence, len(found.rows)) == ({}, 70, 1)


@pytest.mark.parametrize(
    ("bait", "kind"),
    [
        (replace(NOTHING, sender=ALIKE, receiver="victim"), "nothing"),
        (Pay(ALIKE, "victim", USDT // 100, 60, "usdt"), "dust"),
        (Pay(ALIKE, "victim", USDT // 100 + 1, 60, "usdt"), None),
        (Pay(ALIKE, "victim", ETHER // 100_000, 60), "dust"),
        (Pay(ALIKE, "victim", ETHER // 100_000 + 1, 60), None),
        (Pay("victim", ALIKE, PAID.amount, 60, "fake"), "copy"),
        (Pay("victim", ALIKE, PAID.amount + 1, 60, "fake"), None),
        (Pay("victim", ALIKE, PAID.amount, 60, "usdt"), None),
        (replace(NOTHING, at=0, order="unknown"), None),
        (replace(NOTHING, sender="another"), None),
        (replace(NOTHING, receiver=FRIEND), None),
        (replace(NOTHING, receiver="0x" + "abd" + "2" * 33 + "7890"), None),
        (replace(NOTHING, receiver="0x" + "abc" + "2" * 33 + "8890"), None),
    ],
)
def test_bait_is_nothing_dust_or_a_copy_from_who_looks_like_one_that_was_paid_before(
    bait: Pay, kind: str | None
) -> None:
    found = asked([PAID, bait])
    assert [one.evidence["bait"][kind] for one in found] == ([1] if kind else [])  # type: ignore[attr-defined]


@given(st.text("0123456789abcdef", min_size=40, max_size=40), st.integers(0, 39))
def test_the_first_three_and_the_last_four_letters_decide(letters: str, place: int) -> None:
    """Two addresses that differ in one letter are alike where it is none of these."""
    other = letters[:place] + ("0" if letters[place] != "0" else "1") + letters[place + 1 :]
    pays = [replace(PAID, receiver=f"0x{letters}"), replace(NOTHING, receiver=f"0x{other}")]
    assert len(asked(pays)) == (3 <= place < 36)  # type: ignore[arg-type]


def test_thresholds_of_letters_are_the_callers() -> None:
    for prefix, suffix, is_found in ((3, 4, 1), (4, 4, 0), (3, 5, 0), (3, 0, 1)):
        at = {RULE: PoisonThresholds(prefix=prefix, suffix=suffix)}
        assert len(asked([PAID, NOTHING], thresholds=at)) == is_found  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "first",
    [
        replace(PAID, at=120),
        replace(PAID, sender=FRIEND, receiver="victim"),
        replace(PAID, amount=0),
        replace(PAID, amount=USDT // 100),
    ],
)
def test_only_who_was_really_paid_before_is_looked_like(first: Pay) -> None:
    assert len(asked([first, NOTHING])) == 0  # type: ignore[arg-type]


def test_who_was_paid_before_the_bait_is_no_lookalike() -> None:
    assert len(asked([PAID, replace(PAID, receiver=ALIKE, at=12), NOTHING])) == 0  # type: ignore[arg-type]


def test_a_labelled_service_is_no_lookalike() -> None:
    for bait in (NOTHING, replace(NOTHING, sender=ALIKE, receiver="victim")):
        assert len(asked([PAID, bait], labels=[label(ALIKE, "exchange")])) == 0  # type: ignore[arg-type]
        assert len(asked([PAID, bait], labels=[label(FRIEND, "exchange")])) == 1  # type: ignore[arg-type]


def test_what_the_victim_then_pays_the_lookalike_is_told() -> None:
    lost = replace(PAID, receiver=ALIKE, amount=9 * USDT, at=600)
    (found,) = asked([PAID, NOTHING, lost])  # type: ignore[misc]
    assert found.evidence["paid_to_it"] == {token("usdt"): 9 * USDT}
    assert len(found.rows) == 2
    (found,) = asked([PAID, replace(NOTHING, order="unknown"), replace(lost, at=60, order="unknown")])  # type: ignore[misc]
    assert found.evidence["paid_to_it"] == {}


def campaign(victims: int, real: int = 0) -> list[Pay]:
    """One transaction puts nothing into the histories of so many."""
    paid = [Pay(f"v{n}", FRIEND, 50 * USDT + n, 0, "usdt") for n in range(victims)]
    bait = [Pay(f"v{n}", ALIKE, 0, 60, "usdt", tx="one", seq=n) for n in range(victims)]
    return [*paid, *bait, *(Pay("v0", ALIKE, 30 * USDT, 99 * 60, "usdt") for _ in range(real))]


@pytest.mark.parametrize(("victims", "real", "confidence"), [(9, 0, 70), (10, 0, 90), (10, 5, 90), (10, 6, 70)])
def test_a_campaign_is_surer(victims: int, real: int, confidence: int) -> None:
    (found,) = asked(campaign(victims, real))  # type: ignore[misc]
    assert (found.confidence, found.evidence["targets"]) == (confidence, victims)


def dusted(many: int, amount: int, asset: str = "") -> list[Pay]:
    return [Pay("duster", f"somebody {n}", amount, n * 60, asset) for n in range(many)]


@pytest.mark.parametrize(
    ("pays", "is_found"),
    [
        (dusted(10, 10**13), True),
        (dusted(10, 10**13 + 1), False),
        (dusted(9, 10**13), False),
        (dusted(9, 10**13) * 2, False),
        (dusted(10, 10**4, "usdt"), True),
        (dusted(10, 10**4 + 1, "usdt"), False),
        (dusted(10, 1, "unknown"), False),
        (dusted(10, 0, "usdt"), False),
    ],
)
def test_next_to_nothing_to_ten_others_is_dust(pays: list[Pay], is_found: bool) -> None:
    assert len(asked(pays, only=DUST)) == is_found  # type: ignore[arg-type]
    assert len(asked(pays, only=DUST, labels=[label("duster", "exchange")])) == 0  # type: ignore[arg-type]


def test_dust_thresholds_are_the_callers() -> None:
    at = {DUST: DustThresholds(coin_parts=1, token_parts=1, least_accounts=2)}
    assert len(asked(dusted(2, ETHER), only=DUST, thresholds=at)) == 1  # type: ignore[arg-type]
    assert len(asked(dusted(2, USDT, "usdt"), only=DUST, thresholds=at)) == 1  # type: ignore[arg-type]
