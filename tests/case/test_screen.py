"""Screening: the days of the Tornado Cash pool, forms of one address, what could not be evaluated, batches, frames."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.case.judge import judge
from chaintrace.case.policy import default_policy
from chaintrace.case.screen import Screener
from chaintrace.case.screened import OPEN, PERHAPS, Screened
from chaintrace.labels.answer import Answer
from chaintrace.labels.book import LabelBook
from chaintrace.labels.bundled import bundled_lists
from chaintrace.labels.edition import Edition
from chaintrace.labels.label import Label
from chaintrace.labels.labellist import LabelList, Unusable, Withdrawal
from chaintrace.model.address import format_address
from chaintrace.report.console import render
from chaintrace.report.screened import batch_view, screened_dict, screened_view
from tests.taint.test_exposure import day, graph_of

ETH = "eip155:1/slip44:60"
POOL = "0xa160cdab225685da1d56aa342ad8841c3b53f291"
EXPLOITER = "0x098b716b8aaf21512996dc57eb0615e2383e2f96"
A, B, S = ("0x" + digit * 40 for digit in "123")
BOOK = LabelBook(*bundled_lists())


@pytest.fixture(scope="module")
def ronin() -> ct.Case:
    return ct.Case.open("ronin")


@pytest.mark.parametrize(
    ("at", "is_sanctioned", "verdict"),
    [
        ("2022-08-07", False, "review"),
        ("2022-08-07T23:59:59Z", False, "review"),
        ("2022-08-08", True, "alert"),
        ("2025-03-20T23:59:59Z", True, "alert"),
        ("2025-03-21", False, "review"),
        ("2025-03-22", False, "review"),
    ],
)
def test_the_pool_is_sanctioned_from_the_day_to_the_day(at: str, is_sanctioned: bool, verdict: str) -> None:
    found = ct.screen(POOL, at=at, book=BOOK)
    assert (found.answer.sanctioned, found.verdict) == (is_sanctioned, verdict)  # type: ignore[union-attr]
    assert [(one.entity, one.since, one.until) for one in found.sanctioned] == (
        [("TORNADO CASH", "2022-08-08", "2025-03-21")] if is_sanctioned else []
    )
    rules = {one.id for one in found.fired}
    assert "mixer" in rules
    assert ("was-sanctioned" in rules) == (at >= "2025-03-21")


@pytest.mark.parametrize(("at", "listed"), [("2022-04-13", 0), ("2022-04-14", 1), ("2026-01-01", 1)])
def test_the_exploiter_is_the_lazarus_groups_from_the_day_it_was_listed(at: str, listed: int) -> None:
    found = ct.screen(EXPLOITER, at=at, book=BOOK)
    assert [(one.entity, one.since) for one in found.sanctioned] == [("LAZARUS GROUP", "2022-04-14")] * listed


@given(st.sampled_from(["lower", "upper", "checksum"]), st.sampled_from(["", *("eip155:1", "eip155:56", "eip155:137")]))
def test_every_form_on_every_evm_chain_has_the_same_answer(form: str, chain: str) -> None:
    text = {"lower": EXPLOITER, "upper": "0x" + EXPLOITER[2:].upper(), "checksum": format_address(EXPLOITER)}[form]
    found, known = (ct.screen(one, at="2023-01-01", book=BOOK) for one in (text, EXPLOITER))
    assert (found.address, found.rules, found.sanctioned) == (known.address, known.rules, known.sanctioned)
    there = ct.screen(text, at="2023-01-01", book=BOOK, chain=chain)
    assert (there.verdict, there.sanctioned) == (known.verdict, known.sanctioned)


def test_ronins_exploiter_sent_its_ether_to_the_pool(ronin: ct.Case) -> None:
    found = ronin.screen(EXPLOITER, at="2022-09-01", book=BOOK)
    assert found.verdict == "alert"
    assert found.basis == "labels and transfers"
    band = found.exposure.category("mixer", "sent", ETH)
    assert band.most == 173_400 * 10**18  # by FIFO; haircut leaves some with accounts that had money of their own
    assert 0 <= band.most - band.least < 10**16
    assert found.exposure.category("sanctioned", "sent", ETH, when="then").most == 0
    assert found.exposure.category("sanctioned", "sent", ETH, when="now") == band
    assert found.exposure.category("mixer", "sent", ETH, indirect=False).most == 0
    assert found.exposure.category("victim", "received", ETH, indirect=False).least == 173_600 * 10**18
    assert POOL in {party.account for party in found.exposure.parties}
    before = ronin.screen(EXPLOITER, at="2022-08-07", book=BOOK)
    assert before.exposure.category("sanctioned", "sent", ETH).most == 0
    assert before.exposure.category("mixer", "sent", ETH) == band


def test_a_depositor_was_paid_by_the_sanctioned_exploiter(ronin: ct.Case) -> None:
    found = ronin.screen("0xdf225c84a0eaeaaac20e6c1d369e94ee13b9df2a", at="2026-08-21", book=BOOK)
    assert "sanctioned-direct" in {one.id for one in found.fired}
    funds = found.exposure.funds("received", ETH)
    assert found.exposure.category("sanctioned", "received", ETH, indirect=False) == (funds, funds)


def test_the_pool_got_it_from_the_thieves(ronin: ct.Case) -> None:
    found = ronin.screen(POOL, at="2022-09-01", book=BOOK)
    assert found.exposure.category("hack", "received", ETH, indirect=False).least > 170_000 * 10**18


DUST = 10**14


def dusted(parties: int, others: int) -> Screened:
    """Screens an account that so many unrelated sanctioned ones sent dust, and somebody ``others``."""
    many = [f"0x{number:040x}" for number in range(100, 100 + parties)]
    book = LabelBook(*bundled_lists(), [Label(one, "sanctioned") for one in many])
    rows = [*((day(1), one, A, DUST) for one in many), (day(2), B, A, others)]
    found: Screened = ct.screen(A, book=book, graph=graph_of(*rows), at="2026-08-21")
    return found


@pytest.mark.parametrize(
    ("parties", "others", "verdict"),
    [
        (1, 9 * DUST, "clear"),  # a tenth of the funds
        (1, 9 * DUST - 1, "review"),
        (1, 1, "review"),
        (10, 10**18, "clear"),
        (11, 10**18, "review"),  # whatever else it has: eleven who send dust are no accident
    ],
)
def test_dust_is_reviewed_where_there_is_much_of_it(parties: int, others: int, verdict: str) -> None:
    found = dusted(parties, others)
    assert found.verdict == verdict
    expected = [("sanctioned-direct", PERHAPS)] if verdict == "review" else []
    assert [(one.id, one.outcome) for one in found.fired] == expected
    assert all("dust" in one.reason for one in found.fired)


def test_a_counterparty_that_was_sanctioned_once_is_reviewed_and_shown() -> None:
    graph = graph_of((day(1), A, S, 10))
    ended = BOOK.over([Label(S, "sanctioned", since="2024-06-01", until="2024-07-01")])
    taken_back = LabelList(Edition("w.csv"), withdrawals=(Withdrawal(S, "sanctioned", by="w.csv"),))
    taken = BOOK.over([Label(S, "sanctioned")]).over(taken_back)
    for book, word in ((ended, "sanctioned at another time, neither then nor now"), (taken, "sanctioned withdrawn")):
        found = ct.screen(A, at="2026-08-21", book=book, graph=graph)
        assert (found.verdict, [one.id for one in found.fired]) == ("review", ["sanctioned-once"])
        assert word in " ".join(render(screened_view(found)).split())
        (line,) = (
            one for one in screened_dict(found)["exposure"] if one["bucket"] == "exit" and one["method"] == "fifo"
        )
        assert (line["once"], line["withdrawn"]) == ((["sanctioned"], []) if book is ended else ([], ["sanctioned"]))


def test_one_chain_has_the_exposure_of_its_funds_and_of_no_other() -> None:
    graph = graph_of((day(1), A, S, 10))
    book = BOOK.over([Label(S, "sanctioned")])
    assert ct.screen(A, at="2026-08-21", book=book, graph=graph, chain="ethereum").verdict == "alert"
    found = ct.screen(A, at="2026-08-21", book=book, graph=graph, chain="polygon")
    assert (found.verdict, found.basis) == ("clear", "labels")
    assert found.notes == ("the transfers are not of eip155:137, so it was answered from labels alone",)
    assert {one.outcome for one in found.rules if "direct" in one.id} == {OPEN}


def test_lists_that_are_silent_about_the_moment_are_named() -> None:
    late = LabelList(Edition("uk", "2026-08-01", snapshot=True), (Label(S, "sanctioned", since="2026-08-01"),))
    found = ct.screen(A, at="2023-01-01", book=BOOK.over(late))
    assert found.answer is not None
    assert found.answer.sanctioned is False
    assert "sanctions lists that begin later, and know announced days of that moment only: uk" in found.notes
    told = " ".join(render(screened_view(found)).split())
    assert "On none of these sanctions lists then: as of ofac of 2026-08-20; uk does not reach back so far." in told


def test_the_exploiter_is_ascribed_to_the_lazarus_group_with_dates(ronin: ct.Case) -> None:
    found = ronin.screen(EXPLOITER, at="2022-05-01", book=BOOK)
    told = " ".join(render(screened_view(found)).split())
    assert "LAZARUS GROUP is listed by US OFAC from 2019-09-13 (E.O. 13722)" in told
    assert "by Republic of Korea from 2023-02-10 (cyber), after that moment" in told
    assert "FBI, 2022-04-14: the theft from Ronin bridge, 2022-03-29 (reported), stated as US$620 million" in told
    plain = screened_dict(found)
    assert [(one["name"], one["source"], one["since"]) for one in plain["actors"]] == [
        ("LAZARUS GROUP", "US OFAC", "2019-09-13"),
        ("LAZARUS GROUP", "Republic of Korea", "2023-02-10"),
    ]
    assert [(one["heist"], one["checked"]) for one in plain["thefts"]] == [
        ("Ronin bridge", "not compared with the chain")
    ]


def test_without_transfers_the_answer_says_so() -> None:
    found = ct.screen(A, at="2026-08-21", book=BOOK)
    assert (found.verdict, found.basis) == ("clear", "labels")
    assert {one.outcome for one in found.rules if "direct" in one.id} == {OPEN}
    assert found.notes == ("answered from labels alone: no transfers were given",)
    assert "by labels" in repr(found)
    assert "not evaluated" in repr(found)


def test_an_address_that_is_in_no_transfer_is_not_clear_by_its_transfers() -> None:
    graph = graph_of((day(1), A, S, 10))
    found = ct.screen(B, book=BOOK, graph=graph, at="2026-08-21")
    assert found.basis == "labels"
    assert found.unevaluated
    assert "in no transfer" in found.notes[0]
    early = ct.screen(A, book=BOOK, graph=graph, at="2024-04-01")
    assert early.basis == "labels"
    bitcoin = ct.screen("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", book=BOOK, graph=graph, at="2026-08-21")
    assert bitcoin.basis == "labels"
    assert "no other chain" in bitcoin.notes[0]


def test_a_history_that_is_not_whole_leaves_rules_open() -> None:
    graph = graph_of((day(1), A, B, 10))
    partly = ct.screen(A, book=BOOK, graph=graph, coverage=[B], at="2026-08-21")
    assert {one.id for one in partly.unevaluated} >= {"mixer-direct", "sanctioned-direct"}
    assert not ct.screen(A, book=BOOK, graph=graph, coverage=[A, B], at="2026-08-21").unevaluated


def test_what_the_lists_do_not_say_is_reviewed_and_never_clear() -> None:
    doubtful = BOOK.over([Label(A, "sanctioned", since="2024-01-01", since_at_latest=True)])
    found = ct.screen(A, at="2023-01-01", book=doubtful)
    assert found.verdict == "review"
    assert {one.outcome for one in found.fired} == {PERHAPS}
    assert found.sanctioned[0].doubtful
    lost = LabelList(Edition("list"), unusable=(Unusable("1boatslrhtknngkdxeeobr76b53lettpyt", "lost", "", "X"),))
    unsure = ct.screen("1BoatSLRHtKNngkdXEeobR76b53LETtpyT", at="2023-01-01", book=BOOK.over(lost))
    assert unsure.verdict == "review"
    assert not unsure.sanctioned


def test_stale_lists_are_said_and_what_helps() -> None:
    found = ct.screen(A, at="2026-11-28", book=BOOK)
    assert "old-lists" in {one.id for one in found.fired}
    for view in (screened_view(found), batch_view([found, found])):
        assert " ".join(render(view).split()).count("chaintrace labels update") == 1
    assert "old-lists" not in {one.id for one in ct.screen(A, at="2026-08-21", book=BOOK).fired}


def test_without_a_sanctions_list_nothing_is_clear() -> None:
    for book in (LabelBook(), LabelBook([Label(B, "mixer")])):
        found = ct.screen(A, at="2026-08-21", book=book)
        assert (found.verdict, found.fired[-1].id) == ("review", "no-list")
        assert "no sanctions list was looked through" in found.notes


def test_a_moment_of_which_the_lists_do_not_speak_is_reviewed() -> None:
    class Unknown(Answer):
        sanctioned = None  # type: ignore[assignment]

    verdict, rules = judge(default_policy(), Unknown(A, "", 0, lists=BOOK.lists), None)
    assert verdict == "review"
    assert [(one.id, one.outcome) for one in rules if one.verdict == "review"] == [("sanctioned", PERHAPS)]


def test_a_withdrawn_sanction_is_reviewed_and_shown() -> None:
    taken_back = tuple(Withdrawal(EXPLOITER, one, reason="mistake", by="w.csv") for one in ("sanctioned", "illicit"))
    taken = LabelList(Edition("w.csv"), withdrawals=taken_back)
    found = ct.screen(EXPLOITER, at="2026-08-21", book=BOOK.over(taken))
    assert (found.verdict, [one.id for one in found.fired]) == ("review", ["withdrawn-sanction"])
    shown = [one for one in screened_dict(found)["labels"] if one["standing"] == "withdrawn"]
    assert {(one["category"], one["by"]["reason"]) for one in shown} >= {("sanctioned", "mistake")}
    told = render(screened_view(found))
    assert "Withdrawn by w.csv (mistake): sanctioned" in told


def test_a_sanction_on_another_chain_is_reviewed_and_shown() -> None:
    book = BOOK.over([Label(A, "sanctioned", chain="eip155:56", source="list")])
    found = ct.screen(A, at="2026-08-21", book=book, chain="ethereum")
    assert (found.verdict, [one.id for one in found.fired]) == ("review", ["sanctioned-elsewhere"])
    assert [one["standing"] for one in screened_dict(found)["labels"]] == ["another chain"]
    assert "On another chain, eip155:56: sanctioned, of list." in render(screened_view(found))
    assert ct.screen(A, at="2026-08-21", book=book, chain="eip155:56").verdict == "alert"


@pytest.mark.parametrize("ticker", ["ETH", "BTC", "TRX", "USDT", "BNB"])
def test_a_followed_chain_is_not_one_of_the_others(ticker: str) -> None:
    with pytest.raises(ct.errors.ChainError):
        ct.screen(POOL, at="2023-01-01", book=BOOK, chain=f"other:{ticker}")


def test_several_keep_their_order_and_lose_none() -> None:
    asked = [EXPLOITER, "nonsense", POOL, A]
    told: list[tuple[int, int]] = []
    found = ct.screen(asked, at="2023-01-01", book=BOOK, watch=lambda done, whole: told.append((done, whole)))
    assert [one.verdict for one in found] == ["alert", "error", "alert", "clear"]
    assert "not an address" in found[1].error
    assert found[1].address == "nonsense"
    assert told == [(n + 1, 4) for n in range(4)]
    assert ct.screen([], book=BOOK) == []


def test_one_address_that_is_none_is_an_error() -> None:
    with pytest.raises(ct.errors.AddressError):
        ct.screen("0x098B716B8Aaf21512996dc57EB0615e2383E2f96", book=BOOK)  # one letter's case is wrong


@pytest.mark.parametrize("what", [7, b"0x", {"a": 1}, [A, 7], None])
def test_what_is_no_address_at_all_is_refused(what: Any) -> None:
    with pytest.raises(ct.errors.MethodError):
        ct.screen(what, book=BOOK)


def test_a_block_is_no_day() -> None:
    with pytest.raises(ct.errors.MethodError, match="block"):
        ct.screen(A, at=14_442_835, book=BOOK)


def test_a_frame_comes_back_with_its_columns_and_index() -> None:
    frame = pd.DataFrame(
        {
            "customer": ["x", "y", "z"],
            "address": [POOL, "?", POOL],
            "at": ["2022-08-07", None, pd.Timestamp("2022-08-08", tz="UTC")],
        },
        index=[7, 8, 9],
    )
    found = ct.screen(frame, book=BOOK, at="2023-01-01")
    assert list(found.index) == [7, 8, 9]
    assert list(found["customer"]) == ["x", "y", "z"]
    assert list(found["verdict"]) == ["review", "error", "alert"]
    assert list(found["sanctioned"]) == [False, None, True]
    assert "row 1" in found["error"].iloc[1]
    assert list(frame.columns) == ["customer", "address", "at"]


@pytest.mark.parametrize("columns", [["adress"], ["address", "verdict"]])
def test_a_frame_that_cannot_be_asked_is_refused(columns: list[str]) -> None:
    with pytest.raises(ct.errors.InputError):
        ct.screen(pd.DataFrame({name: [A] for name in columns}), book=BOOK)


def test_cells_of_a_frame_that_are_no_text_are_told_apart() -> None:
    found = ct.screen(
        pd.DataFrame({"address": [A, 7, None, A], "at": ["2023-01-01", None, None, "yesterday"]}), book=BOOK
    )
    assert list(found["verdict"]) == ["clear", "error", "error", "error"]


def test_a_case_and_a_graph_are_one_too_many(ronin: ct.Case) -> None:
    with pytest.raises(ct.errors.MethodError):
        ct.screen(A, case=ronin, graph=ronin.graph)
    assert ct.screen(POOL, case=ronin, book=BOOK, at="2022-09-01").basis == "labels and transfers"


def test_a_screener_is_ready_for_the_next_moment(ronin: ct.Case) -> None:
    screener: Screener = ronin.screener(BOOK)
    assert [screener.one(POOL, at).answer.sanctioned for at in ("2022-08-07", "2022-08-08", "2022-08-07")] == [  # type: ignore[union-attr]
        False,
        True,
        False,
    ]


def test_of_every_account_of_ronin_both_directions_have_the_same_funds(ronin: ct.Case) -> None:
    screener: Screener = ronin.screener(BOOK, least=0)
    for account in ronin.graph.accounts[::4]:
        exposure = screener.one(account, "2022-09-01").exposure
        assert exposure is not None
        for asset in exposure.assets:
            own = {
                exposure.funds(way, asset) - exposure.linked.get((way, asset, "fifo"), 0)
                for way in ("received", "sent")
            }
            assert len(own) == 1, (account, own)
