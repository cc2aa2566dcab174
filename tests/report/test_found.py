"""Findings on a terminal: amounts and moments as people read them, text of strangers as text."""

from __future__ import annotations

import pytest

from chaintrace.heuristics.finding import Finding
from chaintrace.heuristics.findings import Findings
from chaintrace.model.token import NATIVES
from chaintrace.report.console import render
from chaintrace.report.found import SHOWN, found_view

ETH = "eip155:1/slip44:60"
UNKNOWN = "eip155:1/erc20:0x00000000000000000000000000000000000000aa"


def shown(**evidence: object) -> str:
    one = Finding("0xaa", "does something", ("0x01",), 10, evidence, rule="a-rule", doubt="who knows")
    return render(found_view(Findings((one,), ("a-rule",)), NATIVES))


@pytest.mark.parametrize(
    ("evidence", "wanted"),
    [
        ({"paid": {ETH: 7_800_000_000_000_000}}, "0.0078 ETH"),
        ({"paid": {UNKNOWN: 78}}, "78 raw units"),
        ({"amount": 3 * 10**21, "asset": ETH}, "3,000 ETH"),
        ({"amount": 78}, "amount: 78"),
        ({"first": 1_652_926_932}, "2022-05-19 02:22:12"),
        ({"first": 12}, "first: 12"),
        ({"notes": 1_652_926_932}, "1,652,926,932"),
    ],
)
def test_evidence_is_shown_as_what_it_is(evidence: dict[str, object], wanted: str) -> None:
    assert wanted in shown(**evidence)


def test_text_of_strangers_stays_text() -> None:
    told = shown(symbol="[red]USDC[/red]\x1b[31m\u202e<b>")
    assert "[red]USDC[/red]" in told
    assert "\x1b[31m" not in told
    assert "\u202e" not in told


def test_more_than_are_shown_are_counted() -> None:
    many = [Finding(f"0x{n:02x}", "is one", ("0x01",), 10, rule="a-rule") for n in range(SHOWN + 3)]
    told = render(found_view(Findings(tuple(many), ("a-rule",))))
    assert "and 3 more: --json" in told
    assert told.count("is one") == SHOWN
