"""A trace and a case on a terminal: the figures are those of the trace, and text of others stays text."""

from __future__ import annotations

import pandas as pd
import pytest

import chaintrace as ct
from chaintrace.model.token import Token
from chaintrace.report.console import render
from chaintrace.report.terminal import LISTED, case_view, cases_view, trace_view
from tests.graph.money import ETH, FEE_SEQ, USDC, graph, pay, who

ETHER = 10**18


def shown(trace: ct.Trace, **options: object) -> str:
    return render(trace_view(trace, **options))  # type: ignore[arg-type]


def squeezed(text: str) -> str:
    return " ".join(text.split())


def theft() -> ct.TransferGraph:
    return graph(
        pay("v", "b", 100 * ETHER),
        pay("b", "mixer", 60 * ETHER),
        pay("b", None, ETHER, kind="fee", seq=FEE_SEQ),
        pay("b", "c", 30 * ETHER),
    )


def test_a_trace_by_bucket_and_by_account() -> None:
    text = squeezed(shown(ct.trace(theft(), ct.rows(0), stop_at={who("mixer"): "mixer"}, coverage=[who("b")])))
    assert "fifo forward, kernel python: seeded 100 ETH" in text or "kernel native: seeded 100 ETH" in text
    for line in (
        "exit: mixer reached a stop 60 ETH 60.00 %",
        "not_fetched went to accounts whose history is not in the data 30 ETH 30.00 %",
        "held still there 9 ETH 9.00 %",
        "fees paid as fees 1 ETH 1.00 %",
        "sum = seeded + linked in, to the last unit 100 ETH 100.00 %",
    ):
        assert line in text
    assert f"exit: mixer {who('mixer')} 60 ETH" in text


def test_one_wei_is_not_rounded_away() -> None:
    text = squeezed(shown(ct.trace(graph(pay("v", "b", ETHER + 1), pay("b", "c", 1)), ct.rows(0))))
    assert "held still there 1.000000000000000001 ETH" in text
    assert "0.000000000000000001 ETH" in text


def test_a_link_is_said_beside_what_was_seeded() -> None:
    found = graph(pay("v", "b", ETHER), pay("b", "pool", ETHER), pay("pool", "b", 5, asset=USDC))
    text = squeezed(shown(ct.trace(found, ct.rows(0), links=[ct.Link([1], [2])])))
    assert "seeded 1 ETH, linked in 5 raw units" in text
    assert "linked_out became another asset through a link 1 ETH" in text


def test_poison_shows_no_sum_and_no_shares() -> None:
    text = shown(ct.trace(theft(), ct.rows(0), "poison"))
    assert "touched" in text
    assert "%" not in text
    assert "to the last unit" not in text


def test_many_accounts_are_cut_and_it_says_so() -> None:
    rows = [pay("v", "b", 100), *(pay("b", f"to {n}", n) for n in range(1, 14))]
    text = shown(ct.trace(graph(*rows), ct.rows(0)))
    assert f"… and {14 - LISTED} more" in text
    assert who("to 13") in text
    assert who("to 1") not in text


def test_labels_group_accounts_by_role() -> None:
    labels = [ct.Label(who("mixer"), "mixer", role="pool"), ct.Label(who("c"), "hack", role="friend")]
    text = squeezed(shown(ct.trace(theft(), ct.rows(0), stop_at=labels[:1]), labels=labels))
    assert "exit: mixer pool: 1 account, 1 transfer 60 ETH" in text
    assert "held friend: 1 account 30 ETH" in text
    assert "held others: 1 account 9 ETH" in text


def test_an_upper_bound_is_said_to_be_one() -> None:
    found = graph(pay("v", "b", 10), pay("b", "c", 15))
    assert "at most" in shown(ct.trace(found, ct.rows(0), "haircut"))
    assert "at most" not in shown(ct.trace(found, ct.rows(0), "fifo"))


def rejected(value: str) -> ct.TransferGraph:
    frame = pd.DataFrame(
        {"sender": [who("v"), who("b")], "receiver": [who("b"), who("c")], "amount": ["9", value], "block": [1, 2]}
    )
    return ct.TransferGraph(frame)


def test_rejected_rows_are_shown_with_an_example() -> None:
    text = squeezed(shown(ct.trace(rejected("-5"), ct.rows(0))))
    assert "Rejected while reading: 1 row" in text
    assert "negative 1" in text
    assert "row 1: amount = '-5'" in text


HOSTILE = ["[/b]", "[red]red[/red]", ":skull:", "[link=https://example.org]click[/link]"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_rejected_value_is_shown_as_it_is(text: str) -> None:
    """Square brackets in somebody's file are not our markup: no crash, and nothing is left out."""
    assert text in shown(ct.trace(rejected(text), ct.rows(0)))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_label_is_shown_as_it_is(text: str) -> None:
    trace = ct.trace(theft(), ct.rows(0), stop_at={who("mixer"): text})
    assert text in shown(trace)
    labels = [ct.Label(who("c"), "hack", role=text), ct.Label(who("mixer"), "mixer", name=text)]
    assert text in shown(ct.trace(theft(), ct.rows(0)), labels=labels)


@pytest.mark.parametrize("text", ["\x1b[31mred", "\x1b]0;title\x07", "\x9b31m", "a\rb"])
def test_no_text_of_others_steers_the_terminal(text: str) -> None:
    """An escape sequence in a label would move the cursor, change colours or the window's title."""
    trace = ct.trace(theft(), ct.rows(0), stop_at={who("mixer"): text})
    out = shown(trace, labels=[ct.Label(who("c"), "hack", role=text)])
    assert not set("\x1b\x07\x9b\r") & set(out)


def test_a_case_shows_campaign_and_trace_as_two_things() -> None:
    case = ct.Case.open("ronin")
    text = squeezed(render(case_view(case, case.trace())))
    campaign, trace = text.index("Campaign:"), text.index("Trace fifo forward")
    assert campaign < trace
    for figure in ("1,751 transfers by 48 accounts", "175,100 ETH", "96.12 %"):
        assert campaign < text.index(figure) < trace
    for figure in ("173,398.9431 ETH", "140.14095 ETH", "1.7810591307459 ETH", "182,162.6801891307459 ETH"):
        assert figure in text[trace:]
    assert "exact relative to these rows" in text
    assert "What the data cannot say:" in text


def test_cases_view_lists_names_and_titles() -> None:
    text = squeezed(render(cases_view([ct.Case.open("ronin")])))
    assert "ronin The Ronin bridge theft of 23 March 2022" in text


def test_nothing_is_wider_than_a_plain_page() -> None:
    case = ct.Case.open("ronin")
    assert max(len(line) for line in render(case_view(case, case.trace())).splitlines()) <= 150
    assert ETH not in render(case_view(case, case.trace()))


def test_a_symbol_in_a_heading_is_shown_as_it_is() -> None:
    found = graph(pay("victim", "thief", 10))
    trace = ct.trace(found, ct.rows(0))
    trace.tokens = {ETH: Token("A[/b]", 0)}
    assert "Where the A[/b] is" in render(trace_view(trace, trace.tokens))
