"""Custodial mixers: by list at the time, and suggestions that are no better than their chance says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chaintrace.heuristics import listed
from chaintrace.heuristics.finding import Finding
from chaintrace.heuristics.payouts import SuggestionThresholds
from chaintrace.labels.bundled import bundled_lists
from chaintrace.labels.label import Label
from chaintrace.model.script import account_of
from tests.heuristics.coins import BITCOIN, Tx, ask, payment, script, wasabi10

RULE, SUGGESTION = "custodial-mixer", "custodial-suggestion"
HOUR, DAY, START = 3_600, 86_400, 1_700_000_000


def label(owner: str, category: str = "custodial-mixer", name: str = "M", **dates: Any) -> Label:
    return Label(account_of(script(owner), BITCOIN.id), category, name, source="a list", **dates)


def pays(sender: str, receiver: str, value: int, *, at: int = 0, rest: int = 0, name: str = "") -> Tx:
    outs = ((receiver, value), *(((f"{sender} rest", rest),) if rest else ()))
    return Tx(name or f"{sender} {receiver} {value}", ((sender, value + rest + 500),), outs, time=START + at)


MIXER = label("mixer")

# ---- by list


def test_a_payment_into_a_listed_mixer_and_one_out_of_it_are_told_apart() -> None:
    into, out = pays("thief", "mixer", 10_000), pays("mixer", "thief again", 9_000, rest=4_000)
    one, two = sorted(ask(into, out, only=RULE, labels=[MIXER]), key=lambda found: found.evidence["direction"])
    assert (one.evidence["direction"], one.evidence["got"], one.evidence["gave"]) == ("into", 10_000, 0)
    assert (two.evidence["direction"], two.evidence["got"], two.evidence["gave"]) == ("out of", 0, 13_500)
    assert one.subject == two.subject == MIXER.address
    assert one.tx_hashes == (into.txid,)
    assert (one.evidence["mixer"], one.evidence["list"]) == ("M", "a list")
    assert "designated" not in one.evidence


def test_other_categories_are_no_custodial_mixers() -> None:
    tx = pays("thief", "mixer", 10_000)
    for category in ("mixer", "coinjoin", "pool-mixer", "exchange", "sanctioned"):
        assert len(ask(tx, only=RULE, labels=[label("mixer", category)])) == 0
    assert len(ask(pays("thief", "shop", 10_000), only=RULE, labels=[MIXER])) == 0


def test_a_label_counts_within_its_dates() -> None:
    tx = pays("thief", "mixer", 10_000)
    assert len(ask(tx, only=RULE, labels=[label("mixer", since="2023-11-14T22:13:20Z")])) == 1
    assert len(ask(tx, only=RULE, labels=[label("mixer", since="2023-11-14T22:13:21Z")])) == 0


@pytest.mark.parametrize(("day", "then"), [("2023-11-14", True), ("2023-11-15", False)])
def test_the_designation_is_told_with_whether_it_was_so_then(day: str, then: bool) -> None:
    labels = [MIXER, label("mixer", "sanctioned", "MIXER LTD", since=day, programme="CYBER2")]
    (found,) = ask(pays("thief", "mixer", 10_000), only=RULE, labels=labels)
    assert (found.evidence["designated"], found.evidence["designated_then"]) == (day, then)
    assert found.evidence["programme"] == "CYBER2"
    assert ("was sanctioned then" in found.claim) is then
    assert ("was not sanctioned then" in found.claim) is not then


def test_what_was_taken_off_the_list_was_sanctioned_until_then() -> None:
    ended = label("mixer", "sanctioned", since="2022-01-01", until="2023-01-01")
    (found,) = ask(pays("thief", "mixer", 10_000), only=RULE, labels=[MIXER, ended])
    assert (found.evidence["designated_until"], found.evidence["designated_then"]) == ("2023-01-01", False)


def test_bundled_lists_count_without_labels_and_can_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listed, "bundled", lambda: listed.Known([MIXER]))
    tx = pays("thief", "mixer", 10_000)
    (found,) = ask(tx, only=RULE)
    without = replace(listed_thresholds(), bundled=False)
    assert found.evidence["mixer"] == "M"
    assert len(ask(tx, only=RULE, thresholds={RULE: without})) == 0
    (found,) = ask(tx, only=RULE, labels=[label("mixer", name="mine")])
    assert found.evidence["mixer"] == "mine"


def listed_thresholds() -> Any:
    from chaintrace.heuristics.custodial import MixerThresholds

    return MixerThresholds()


def test_the_bundled_lists_name_blender_sinbad_and_chipmixer() -> None:
    named = {label.name for one in bundled_lists() for label in one.labels if label.category == "custodial-mixer"}
    assert {"Blender.io", "sinbad.io", "ChipMixer"} <= named
    accounts = listed.bundled().accounts("custodial-mixer")
    assert "bc1qq7p0es3dv5hcynjjf40f2xjjr6qp5py47d2f6n847vduuq9gvnyq7y9ecd" in accounts


def test_two_accounts_of_one_mixer_are_one_finding_and_of_two_mixers_two() -> None:
    tx = Tx("two", (("thief", 30_500),), (("mixer", 10_000), ("mixer b", 20_000)))
    (found,) = ask(tx, only=RULE, labels=[MIXER, label("mixer b")])
    assert (found.evidence["got"], len(found.evidence["accounts"])) == (30_000, 2)
    assert len(ask(tx, only=RULE, labels=[MIXER, label("mixer b", name="other")])) == 2


def test_a_coinjoin_that_pays_a_mixer_is_less_sure() -> None:
    joint = wasabi10().but(outs={0: ("mixer", 10_000_000)})
    (found,) = ask(joint, only=RULE, labels=[MIXER])
    assert found.confidence == 50
    assert "Several owners" in found.doubt


def test_a_hostile_name_stays_text_in_the_evidence() -> None:
    name = "<script>\u202e=1+1"
    (found,) = ask(pays("thief", "mixer", 10_000), only=RULE, labels=[label("mixer", name=name)])
    assert found.evidence["mixer"] == name
    assert name not in found.claim + found.doubt


# ---- suggestions


def world(*txs: Tx, labels: tuple[str, ...] = ("mixer", "hot"), **thresholds: Any) -> list[Finding]:
    at = replace(SuggestionThresholds(), **thresholds)
    made = ask(*txs, only=SUGGESTION, labels=[label(name) for name in labels], thresholds={SUGGESTION: at})
    return list(made)


INTO = pays("thief", "mixer", 1_000_000)
OUT = pays("hot", "new", 960_000, at=HOUR)


def shown(found: list[Finding]) -> list[str]:
    return [one["tx_hash"] for one in found[0].evidence["candidates"]] if found else []


def test_the_only_output_that_fits_beats_chance() -> None:
    (found,) = world(INTO, OUT)
    (line,) = found.evidence["candidates"]
    assert line == {
        "address": account_of(script("new"), BITCOIN.id),
        "amount": 960_000,
        "tx_hash": OUT.txid,
        "seq": line["seq"],
        "kept_permille": 40,
        "delay": HOUR,
        "listed": True,
        "chance": 1_000 // 25,  # none of 24 decoys finds as much; the rows do not reach back for more
    }
    assert (found.confidence, found.evidence["fits"], found.evidence["decoys"]) == (50, 1, 24)
    assert found.tx_hashes == (INTO.txid, OUT.txid)
    assert found.rows == ((OUT.txid, "output", line["seq"]),)
    assert found.links == ()
    assert "more rarely" in found.claim


PAIRS = [
    ("at least nothing is kept", pays("hot", "n", 1_000_000, at=1), pays("hot", "n", 1_000_001, at=1)),
    ("at most 7 % is kept", pays("hot", "n", 930_000, at=1), pays("hot", "n", 929_999, at=1)),
    ("it comes later", pays("hot", "n", 960_000, at=1), pays("hot", "n", 960_000, at=0)),
    ("it comes within four days", pays("hot", "n", 960_000, at=4 * DAY), pays("hot", "n", 960_000, at=4 * DAY + 1)),
]


@pytest.mark.parametrize(("what", "inside", "outside"), PAIRS, ids=[what for what, *_ in PAIRS])
def test_a_threshold_decides_alone(what: str, inside: Tx, outside: Tx) -> None:
    assert shown(world(INTO, inside)) == [inside.txid]
    assert world(INTO, outside) == []


def test_who_keeps_more_at_least_or_at_most_is_asked_otherwise() -> None:
    assert world(INTO, OUT, least_fee=41) == []
    assert shown(world(INTO, OUT, least_fee=40)) == [OUT.txid]
    assert world(INTO, OUT, most_fee=39) == []
    assert world(INTO, OUT, window=HOUR - 1) == []


def test_what_no_list_names_comes_behind_and_is_less_sure() -> None:
    sooner = pays("stranger", "x", 970_000, at=60)
    (found,) = world(INTO, OUT, sooner)
    assert shown([found]) == [OUT.txid, sooner.txid]
    assert [one["listed"] for one in found.evidence["candidates"]] == [True, False]
    (found,) = world(INTO, sooner)
    assert found.confidence < 50


def crowded(n: int) -> list[Tx]:
    """Every quarter of an hour somebody is paid, sums of all sizes, before and after."""
    return [
        pays("hot", f"c{i}", 200_000 + 7_919 * i % 4_000_000, at=900 * (i - n // 2) + 7, name=f"c{i}") for i in range(n)
    ]


def test_where_everything_fits_chance_is_not_beaten_and_the_finding_says_so() -> None:
    (found,) = world(INTO, *crowded(1_000))
    best = found.evidence["candidates"][0]
    assert best["chance"] > 100
    assert found.confidence == 5
    assert "no more rarely" in found.claim
    assert "say nothing" in found.doubt
    assert found.evidence["decoys"] == 49  # the same amount and 24 others, before; 24 others, after


def test_decoys_before_are_asked_only_where_rows_reach_back() -> None:
    """A mixer that pays the same sum all the time is no better explained by the payment."""
    before = [pays("hot", f"b{i}", 960_000, at=-i * HOUR, name=f"b{i}") for i in range(1, 100)]
    (found,) = world(INTO, OUT, *before)
    assert found.evidence["decoys"] == 49
    assert found.evidence["candidates"][0]["chance"] == 1_000 * 2 // 50
    (found,) = world(INTO, OUT, *before[:95])
    assert found.evidence["decoys"] == 24


def test_a_chance_above_the_most_says_nothing() -> None:
    assert world(INTO, OUT, most_chance=40)[0].confidence == 50
    assert world(INTO, OUT, most_chance=39)[0].confidence == 5


def test_of_a_crowd_none_is_shown_and_all_are_counted() -> None:
    many = [pays("hot", f"n{i}", 960_000 + i, at=HOUR + i) for i in range(12)]
    (found,) = world(INTO, *many)
    assert (len(found.evidence["candidates"]), found.evidence["fits"]) == (10, 12)
    (found,) = world(INTO, *many, most_candidates=3)
    assert shown([found]) == [tx.txid for tx in many[:3]]
    (found,) = world(INTO, *many, crowd=11)
    assert (found.evidence["candidates"], found.evidence["fits"], found.confidence) == ([], 12, 5)
    assert len(world(INTO, *many, crowd=12)[0].evidence["candidates"]) == 10


def test_strangers_do_not_hide_what_a_listed_mixer_pays() -> None:
    strangers = [pays(f"s{i}", f"n{i}", 960_000 + i, at=60 + i) for i in range(6)]
    (found,) = world(INTO, OUT, *strangers, crowd=5)
    assert (shown([found]), found.evidence["fits"], found.confidence) == ([OUT.txid], 7, 50)
    (alone,) = world(INTO, OUT)
    assert found.evidence["candidates"] == alone.evidence["candidates"]
    (found,) = world(INTO, *strangers, crowd=5)
    assert (shown([found]), found.evidence["fits"], found.confidence) == ([], 6, 5)


def test_fewer_or_nearer_decoys_are_the_askers_choice() -> None:
    other = pays("hot", "o", 2_000_000, at=60)  # fits what the payment doubled would have come out as
    assert world(INTO, OUT, other, step=200, steps=1)[0].evidence["candidates"][0]["chance"] == 1_000 * 2 // 3
    assert world(INTO, OUT, other, step=300, steps=1)[0].evidence["candidates"][0]["chance"] == 1_000 // 3
    assert world(INTO, OUT, steps=3)[0].evidence["decoys"] == 6


def test_coinjoins_other_payments_in_and_the_mixers_own_change_are_no_candidates() -> None:
    joint = replace(wasabi10(value=9_600_000), time=START + HOUR)
    assert world(pays("thief", "mixer", 10_000_000), joint) == []
    assert world(INTO, pays("other", "mixer", 960_000, at=HOUR)) == []
    change = replace(pays("hot", "x", 10, at=HOUR), outs=(("hot", 960_000), ("x", 10)), ins=(("hot", 970_000),))
    assert world(INTO, change) == []


def test_nothing_is_suggested_without_a_list_or_a_payment() -> None:
    assert world(INTO, OUT, labels=()) == []
    assert world(payment(), OUT) == []


def test_the_order_of_rows_changes_nothing() -> None:
    txs = [INTO, OUT, *crowded(60)]
    assert [one.to_dict() for one in world(*txs)] == [one.to_dict() for one in world(*txs[::-1])]
