"""LabelBook: every form of an address, every layer, at a moment; conflicts and doubts are shown, not resolved."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chaintrace.errors import AddressError, ChainError, InputError, MethodError
from chaintrace.labels.account import BITCOIN
from chaintrace.labels.actor import Actor
from chaintrace.labels.book import LabelBook
from chaintrace.labels.edition import Edition
from chaintrace.labels.label import Label
from chaintrace.labels.labellist import LabelList, Unusable, Withdrawal
from chaintrace.labels.span import Standing, seconds, standing
from chaintrace.model.address import format_address
from chaintrace.model.chain import CHAINS
from tests.labels.lists import BLENDER, LITECOIN, RONIN, TRON
from tests.labels.told import labels as any_label

CHECKSUMMED, PLAIN = RONIN, RONIN.lower()
EVM = [chain.id for chain in CHAINS if chain.family == "evm"]
AT = "2023-06-01"
SOMEBODY = "0x" + "2" * 40


def listed(*labels: Label, name: str = "ofac", date: str = "2023-01-01", **more: object) -> LabelList:
    return LabelList(Edition(name, date, snapshot=True), labels, **more)  # type: ignore[arg-type]


@given(st.lists(any_label(), max_size=12), st.dates())
def test_every_label_is_told_once_and_stands_where_its_dates_say(labels: list[Label], day: object) -> None:
    book, at = LabelBook(labels), seconds(str(day))
    for address in {one.address for one in labels}:
        answer = book.look(address, str(day))
        told = [*answer.labels, *answer.doubtful, *answer.outside]
        about = [one for one in labels if one.address == address]
        assert sorted(map(repr, told)) == sorted(map(repr, about))
        assert (answer.elsewhere, answer.withdrawn, answer.unusable) == ((), (), ())
        for part, expected in (
            (answer.labels, Standing.IN_FORCE),
            (answer.doubtful, Standing.UNKNOWN),
            (answer.outside, Standing.NOT_IN_FORCE),
        ):
            said = {standing(one.since, one.until, one.since_at_latest, one.last_seen, at) for one in part}
            assert said <= {expected}


@given(st.binary(min_size=20, max_size=20), st.sampled_from(EVM))
def test_an_evm_address_gives_the_same_answer_in_every_form_on_every_chain(raw: bytes, chain: str) -> None:
    address = "0x" + raw.hex()
    book = LabelBook([Label(format_address(address), "mixer")])
    for form in (address, format_address(address), "0x" + raw.hex().upper()):
        for asked in ("", chain):
            assert [one.category for one in book.look(form, AT, asked).labels] == ["mixer"]
    assert book.look("ronin:" + raw.hex(), AT, "ronin").categories == ("mixer",)


def test_a_label_that_names_a_chain_counts_there_alone() -> None:
    book = LabelBook([Label(PLAIN, "bridge", chain="ethereum")])
    assert book.look(PLAIN, AT, "ethereum").categories == ("bridge",)
    assert book.look(PLAIN, AT).categories == ("bridge",)
    other = book.look(PLAIN, AT, "polygon")
    assert (other.labels, [one.category for one in other.elsewhere]) == ((), ["bridge"])


def test_bitcoin_and_tron_in_every_form() -> None:
    segwit = "bc1qq7p0es3dv5hcynjjf40f2xjjr6qp5py47d2f6n847vduuq9gvnyq7y9ecd"
    book = LabelBook([Label(BLENDER, "mixer"), Label(segwit.upper(), "mixer"), Label(TRON, "scam")])
    for address in (BLENDER, segwit, segwit.upper(), TRON):
        assert book.look(address, AT).labels
    with pytest.raises(AddressError):
        book.look(BLENDER.lower(), AT)


def test_an_address_of_a_chain_that_is_not_followed_is_found_as_it_is_written() -> None:
    book = LabelBook([Label(LITECOIN, "sanctioned", chain="other:LTC")])
    assert book.look(LITECOIN, AT).sanctioned is True
    assert book.look(LITECOIN, AT, "other:LTC").sanctioned is True
    unlisted = "LQAhYwwK5AR1JQiQPr7vu8Pu4b6qcxxvNB"
    assert book.look(unlisted, AT, "other:LTC").labels == ()
    with pytest.raises(AddressError):
        book.look(unlisted, AT)
    with pytest.raises(ChainError):
        book.look(LITECOIN, AT, "litecoin")


def test_a_litecoin_address_that_looks_like_bitcoin_is_told_apart() -> None:
    book = LabelBook([Label(BLENDER, "sanctioned", chain="other:LTC")])
    assert book.look(BLENDER, AT, "bitcoin").labels == ()
    assert [one.chain for one in book.look(BLENDER, AT, "bitcoin").elsewhere] == ["other:LTC"]
    assert book.look(BLENDER, AT).sanctioned is True


def test_what_is_no_address_is_an_error_and_no_clean_answer() -> None:
    book = LabelBook([])
    for text in ("", "0x12", RONIN[:-1], RONIN.replace("B", "b", 1), "vitalik.eth"):
        with pytest.raises(AddressError):
            book.look(text, AT)
    for other in (None, b"0x12", 5):
        with pytest.raises(AddressError, match="not text"):
            book.look(other, AT)  # type: ignore[arg-type]
    with pytest.raises(MethodError):
        book.look(RONIN, 14442835)


@pytest.mark.parametrize(
    "label",
    [
        Label("0x12", "mixer"),
        Label(RONIN, "mixer", since="14442835"),
        Label(RONIN, "mixer", chain="mars"),
        Label(RONIN, "Sanctioned"),
        Label(RONIN, "sanctioned "),
    ],
)
def test_a_label_that_cannot_be_looked_up_is_refused(label: Label) -> None:
    with pytest.raises(InputError, match=f"a label of {label.address}"):
        LabelBook([label])


def test_a_layer_takes_back_what_lies_below_and_it_stays_visible() -> None:
    below = LabelList(Edition("a"), (Label(PLAIN, "coinjoin", source="A"), Label(PLAIN, "hack", source="A")))
    above = LabelList(
        Edition("own"), (Label(PLAIN, "mixer", source="own"),), withdrawals=(Withdrawal(CHECKSUMMED, "mixer"),)
    )
    book = LabelBook(below, above)
    answer = book.look(PLAIN, AT)
    assert [(one.category, one.source) for one in answer.labels] == [("hack", "A"), ("mixer", "own")]
    assert [(label.category, one) for label, one in answer.withdrawn] == [("coinjoin", above.withdrawals[0])]
    assert [one.category for one in book] == ["hack", "mixer"]
    assert len(book) == 3
    again = book.over([Label(PLAIN, "coinjoin", source="B")])
    assert [one.source for one in again.look(PLAIN, AT).labels] == ["A", "own", "B"], "layers above are not touched"


@given(st.sampled_from(["", "A", "B"]), st.sampled_from(["", "mixer", "coinjoin", "exchange"]))
def test_a_withdrawal_takes_its_own_source_and_category_alone(source: str, category: str) -> None:
    assume(source or category)
    labels = [Label(PLAIN, kind, source=by) for kind in ("coinjoin", "exchange") for by in ("A", "B")]
    layer = LabelList(Edition("own"), withdrawals=(Withdrawal(PLAIN, category, source),))
    left = {(one.category, one.source) for one in LabelBook(labels, layer).look(PLAIN, AT).labels}
    kinds = {"": {"coinjoin", "exchange"}, "mixer": {"coinjoin"}, "coinjoin": {"coinjoin"}, "exchange": {"exchange"}}
    gone = {(kind, by) for kind in kinds[category] for by in (source or "AB")}
    assert left == {(kind, by) for kind in ("coinjoin", "exchange") for by in "AB"} - gone


def test_a_withdrawal_that_names_nothing_takes_nothing_back() -> None:
    with pytest.raises(InputError, match="neither category nor source"):
        Withdrawal(PLAIN)


def test_two_kinds_are_a_conflict_and_a_kind_with_a_standing_is_none() -> None:
    labels = [Label(PLAIN, "mixer"), Label(PLAIN, "coinjoin"), Label(PLAIN, "exchange"), Label(PLAIN, "sanctioned")]
    found = LabelBook(labels).look(PLAIN, AT).conflicts
    assert [(one.about, one.one.category, one.other.category) for one in found] == [
        ("kind", "mixer", "exchange"),
        ("kind", "coinjoin", "exchange"),
    ]


def test_two_sources_with_other_dates_are_a_conflict() -> None:
    labels = [Label(PLAIN, "sanctioned", source="A"), Label(PLAIN, "sanctioned", source="B", until="2023-01-01")]
    (conflict,) = LabelBook(labels).look(PLAIN, AT).conflicts
    assert (conflict.about, conflict.one.source, conflict.other.source) == ("dates", "A", "B")
    assert LabelBook(labels).look(PLAIN, "2022-01-01").conflicts == ()


def test_what_a_later_edition_lacks_has_left_the_list() -> None:
    """Between the two nobody knows when."""
    label = Label(PLAIN, "sanctioned", since="2022-04-14")
    book = LabelBook(listed(label), listed(Label(BLENDER, "sanctioned", since="2022-05-06"), date="2023-03-01"))
    said = {at: book.look(PLAIN, at).sanctioned for at in ("2022-04-13", "2023-01-01", "2023-01-02", "2023-03-01")}
    assert said == {"2022-04-13": False, "2023-01-01": True, "2023-01-02": None, "2023-03-01": False}
    assert book.look(BLENDER, "2022-06-01").sanctioned is True


def test_of_three_editions_the_gap_is_the_one_where_it_went() -> None:
    label = Label(PLAIN, "sanctioned", since="2023-01-01", since_at_latest=True)
    book = LabelBook(listed(label), listed(label, date="2023-02-01"), listed(date="2023-03-01"))
    moments = ("2022-12-31", "2023-01-15", "2023-02-01", "2023-02-02", "2023-03-01")
    assert [book.look(PLAIN, at).sanctioned for at in moments] == [None, True, True, None, False]


def test_an_edition_says_nothing_about_another_list() -> None:
    book = LabelBook(listed(Label(PLAIN, "sanctioned")), listed(name="eu", date="2024-01-01"))
    assert book.look(PLAIN, "2025-01-01").sanctioned is True


def test_where_no_sanctions_list_was_looked_through_nothing_is_known() -> None:
    note = Label(BLENDER, "sanctioned", source="me")
    for book in (LabelBook(), LabelBook([Label(PLAIN, "mixer")]), LabelBook([note]), LabelBook(listed())):
        answer = book.look(PLAIN, AT)
        assert (answer.sanctioned, answer.speaks_from) == (None, None)
        assert answer.sanctioned_because == "no sanctions list was looked through"
    assert LabelBook([Label(PLAIN, "mixer")]).look(PLAIN, AT).is_a("exchange") is False


@given(st.dates(), st.dates(), st.dates())
def test_a_list_says_nothing_about_the_time_before_it_was_first_seen(
    seen: object, published: object, at: object
) -> None:
    label = Label(BLENDER, "sanctioned", since=str(seen), since_at_latest=True)
    answer = LabelBook(listed(label, date=str(published))).look(PLAIN, str(at))
    first = min(str(seen), str(published))
    assert answer.speaks_from == first
    assert answer.sanctioned is (False if str(at) >= first else None)
    assert (first in answer.sanctioned_because) or answer.sanctioned is False


def test_an_address_whose_own_day_is_known_is_not_sanctioned_before_it() -> None:
    book = LabelBook(
        listed(Label(PLAIN, "sanctioned", since="2022-04-14"), Label(TRON, "sanctioned", since="2022-05-06"))
    )
    assert [book.look(PLAIN, at).sanctioned for at in ("2010-01-01", "2022-04-13", "2022-04-14")] == [
        False,
        False,
        True,
    ]
    assert book.look(BLENDER, "2022-04-13").sanctioned is None
    assert book.look(PLAIN, "2022-04-13").sanctioned_because == "its own days there: from 2022-04-14"
    ended = LabelBook(listed(Label(PLAIN, "sanctioned", since="2022-04-14", until="2022-05-01")))
    told = ended.look(PLAIN, "2023-01-01").sanctioned_because
    assert told == "as of ofac of 2023-01-01; its own days there: from 2022-04-14 to 2022-05-01"


def test_an_answer_says_of_which_day_its_lists_are() -> None:
    book = LabelBook(listed(Label(BLENDER, "sanctioned", since="2022-04-14")))
    assert book.look(PLAIN, "2023-01-01").sanctioned_because == "as of ofac of 2023-01-01"
    later = book.look(PLAIN, "2023-01-02")
    assert (later.sanctioned, later.sanctioned_because) == (
        False,
        "as of ofac of 2023-01-01; the moment is after it",
    )


def test_a_list_that_does_not_reach_back_so_far_is_named_and_not_counted_on() -> None:
    """A No about an early day rests on the lists that speak of it; a list that was first fetched later is silent."""
    early = listed(Label(BLENDER, "sanctioned", since="2022-09-03", since_at_latest=True))
    late = listed(Label(TRON, "sanctioned", since="2026-01-01", since_at_latest=True), name="uk", date="2026-01-01")
    wordless = listed(name="un", date="2026-02-01")
    book = LabelBook(early, late, wordless)
    assert book.speaks == (("ofac", "2022-09-03"), ("uk", "2026-01-01"))
    found = {at: book.look(PLAIN, at) for at in ("2022-09-02", "2022-09-03", "2025-12-31", "2026-01-01")}
    assert [one.sanctioned for one in found.values()] == [None, False, False, False]
    assert [one.silent for one in found.values()] == [("ofac", "uk"), ("uk",), ("uk",), ()]
    assert found["2022-09-03"].sanctioned_because == "as of ofac of 2023-01-01; uk does not reach back so far"
    assert found["2026-01-01"].sanctioned_because == (
        "as of ofac of 2023-01-01 and uk of 2026-01-01; the moment is after one of them"
    )


def test_behind_a_label_stand_the_actors_of_its_very_name_with_every_regime() -> None:
    ofac = LabelList(
        Edition("ofac", "2023-01-01", snapshot=True),
        (Label(SOMEBODY, "sanctioned", "LAZARUS GROUP"),),
        (Actor("LAZARUS GROUP", ("Hidden Cobra",), source="US", since="2019-09-13"), Actor("KIM", source="US")),
    )
    korea = LabelList(Edition("korea"), actors=(Actor("Lazarus Group", source="Korea", since="2023-02-10"),))
    own = [Label(BLENDER, "exchange", "KIM"), Label(TRON, "hack", "Hidden Cobra"), Label(RONIN, "hack", "Kim")]
    book = LabelBook(ofac, korea, own)
    assert [(one.source, one.since) for one in book.look(SOMEBODY, AT).actors] == [
        ("US", "2019-09-13"),
        ("Korea", "2023-02-10"),
    ]
    assert book.look(BLENDER, AT).actors == book.look(TRON, AT).actors == ()
    assert [one.name for one in book.look(RONIN, AT).actors] == ["KIM"]


def test_of_several_editions_an_actor_is_told_once() -> None:
    editions = [
        LabelList(
            Edition("ofac", date, snapshot=True),
            (Label(PLAIN, "sanctioned", "X"),),
            (Actor("X", source="US", reference="7", origin=date),),
        )
        for date in ("2023-01-01", "2023-02-01")
    ]
    assert [one.origin for one in LabelBook(*editions).look(PLAIN, AT).actors] == ["2023-02-01"]


def test_of_two_who_are_called_the_same_the_label_means_the_one_with_its_id() -> None:
    both = (Actor("KIM", source="US", reference="1"), Actor("Kim", source="US", reference="2"))
    korea = LabelList(Edition("korea"), actors=(Actor("KIM", source="Korea", reference="9"),))
    book = LabelBook(LabelList(Edition("ofac"), actors=both), korea)
    for said, expected in (("2", ["2", "9"]), ("", ["1", "2", "9"])):
        told = book.over([Label(PLAIN, "sanctioned", "KIM", source="US", actor=said)])
        assert [one.reference for one in told.look(PLAIN, AT).actors] == expected


def test_a_row_that_lost_its_capitals_keeps_an_address_on_the_list() -> None:
    lost = Unusable(BLENDER.lower(), "lost")
    book = LabelBook(listed(Label(BLENDER, "sanctioned", chain=BITCOIN)), listed(date="2023-03-01", unusable=(lost,)))
    answer = book.look(BLENDER, "2024-01-01")
    assert (answer.sanctioned, answer.unusable) == (True, (lost,))
    assert book.unusable == 1


def test_stops_are_the_labels_of_a_kind_on_a_chain() -> None:
    labels = [
        Label(PLAIN, "coinjoin"), Label(BLENDER, "mixer"), Label(LITECOIN, "mixer", chain="other:LTC"),
        Label(PLAIN, "hack"), Label("0x" + "1" * 40, "mixer", chain="polygon"),
    ]  # fmt: skip
    book = LabelBook(labels)
    assert book.stops(["mixer"]) == [labels[0], labels[1], labels[4]]
    assert book.stops(["mixer"], ["ethereum"]) == [labels[0]]
    assert book.stops(["coinjoin", "hack"], ["polygon", "bitcoin"]) == [labels[0], labels[3]]


def test_actors_are_found_by_any_name() -> None:
    actor = Actor("LAZARUS GROUP", ("HIDDEN COBRA", "Straße"))
    book = LabelBook(listed(actors=(actor,)))
    assert book.find("lazarus") == book.find("group Lazarus") == book.find("cobra") == book.find("STRASSE") == [actor]
    assert book.find("andariel") == []


def test_every_list_is_named_with_its_date() -> None:
    book = LabelBook(listed(), [Label(PLAIN, "mixer")])
    assert [(one.name, one.published, one.count) for one in book.lists] == [
        ("ofac", "2023-01-01", 0),
        ("own labels", "", 1),
    ]
    assert book.look(PLAIN, AT).lists == book.lists


def test_now_is_the_moment_of_a_question_without_one() -> None:
    book = LabelBook([Label(PLAIN, "mixer", since="2022-01-01"), Label(PLAIN, "scam", since="9000-01-01")])
    assert book.look(PLAIN).categories == ("mixer",)
