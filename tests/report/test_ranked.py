"""A ranking on a terminal: what is shown and what is hidden add up, and text of others stays text."""

from __future__ import annotations

import chaintrace as ct
from chaintrace.report.console import render
from chaintrace.report.ranked import MEANS_NOTHING, ranked_view
from tests.graph.money import graph, pay, who


def shown(ranking: ct.Ranking, top: int = 20, labels: tuple[ct.Label, ...] = ()) -> str:
    return " ".join(render(ranked_view(ranking, top, labels)).split())


def spread() -> ct.TransferGraph:
    return graph(pay("v", "a", 4), pay("a", "b", 3), pay("a", "c", 1))


def test_places_others_and_the_sum() -> None:
    ranking = ct.rank(spread(), ct.rows(0), beta=1, alpha="0.5", coverage=[who("a"), who("c")])
    text = shown(ranking, 2)
    assert f"1 {who('a')} 0 50.00 % 0.00 %" in text
    assert f"2 {who('b')} history not in the data 1 37.50 % 0.00 %" in text
    assert "… and 1 more account: --top, --json 12.50 % 0.00 %" in text
    assert "sum the whole, to the last part 100.00 % 0.00 %" in text
    assert MEANS_NOTHING in text
    assert "more account" not in shown(ranking, 3)


def test_labels_and_stops_are_said_and_notes_are_shown() -> None:
    label = ct.Label(who("b"), "exchange", name="Kraken")
    ranking = ct.rank(spread(), ct.rows(0), stop_at=[label])
    text = shown(ranking, labels=(label,))
    assert f"{who('b')} Kraken; stop: exchange" in text
    for note in ranking.notes:
        assert note in text


def test_hostile_text_stays_text() -> None:
    evil = "[red]\x1b[2J\u202eevil[/b]"
    label = ct.Label(who("b"), evil, name=evil)
    raw = render(ranked_view(ct.rank(spread(), ct.rows(0), stop_at=[label]), 20, [label]))
    assert "\x1b" not in raw
    assert "\u202e" not in raw
    text = " ".join(raw.split())
    assert r"[red]\u001b[2J\u202eevil[/b]" in text.replace(" ", "")
