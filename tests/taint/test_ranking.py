"""The Ranking: tables, plain values and reprs, none of which shows a mass as money or loses a part of it."""

from __future__ import annotations

import json

import pytest

import chaintrace as ct
from chaintrace.taint.push import WHOLE
from tests.graph.money import graph, pay, who


@pytest.fixture
def ranking() -> ct.Ranking:
    return ct.rank(graph(pay("v", "a", 4), pay("a", "b", 3), pay("a", "c", 1)), ct.rows(0), beta=1, alpha="0.5")


def test_the_most_mass_comes_first(ranking: ct.Ranking) -> None:
    frame = ranking.to_pandas()
    assert list(frame.columns) == ["account", "millionths", "mass", "residue", "hops", "stop", "fetched"]
    assert frame["account"].tolist() == [who("a"), who("b"), who("c")]
    assert frame["millionths"].tolist() == [500_000, 375_000, 125_000]
    assert sum(frame["mass"]) + sum(frame["residue"]) == WHOLE == ranking.whole
    assert all(type(mass) is int for mass in frame["mass"])


def test_equals_stand_in_the_order_in_which_the_graph_has_them() -> None:
    for pair in ("bc", "cb"):
        made = graph(pay("v", "a", 4), *(pay("a", to, 1) for to in pair))
        assert [place.account for place in ct.rank(made, ct.rows(0), beta=1, alpha="0.5").places[1:]] == [
            who(to) for to in pair
        ]


def test_top(ranking: ct.Ranking) -> None:
    assert ranking.top(2).equals(ranking.to_pandas().head(2))
    assert len(ranking.top()) == 3
    assert len(ranking.top(0)) == 0


def test_plain_values_say_what_top_leaves_out(ranking: ct.Ranking) -> None:
    told = json.loads(ranking.to_json(1, "case"))
    assert told["accounts"] == [
        {
            "account": who("a"),
            "millionths": 500_000,
            "mass": str(WHOLE // 2),
            "residue": "0",
            "hops": 0,
            "stop": "",
            "fetched": True,
        }
    ]
    assert told["others"] == {"accounts": 2, "mass": str(WHOLE // 2), "residue": "0"}
    kept = {name: told[name] for name in ("case", "method", "variant", "alpha", "beta", "epsilon", "kernel")}
    assert kept == {
        "case": "case",
        "method": "ttr",
        "variant": "time",
        "alpha": "0.5",
        "beta": "1",
        "epsilon": "0.00001",
        "kernel": ct.kernel(),
    }


def test_appr_has_no_beta_and_no_variant() -> None:
    told = ct.rank(graph(pay("v", "a", 4)), ct.rows(0), method="appr").to_dict()
    assert "beta" not in told
    assert told["variant"] is None


def test_reprs_say_that_it_is_no_money_and_are_escaped(ranking: ct.Ranking) -> None:
    assert repr(ranking) == "<Ranking: ttr time, 3 accounts, residue 0 millionths; no amounts of money>"
    html = ranking._repr_html_()
    assert html.startswith("<p>&lt;Ranking: ttr time")
    assert who("a") in html


def test_a_stops_category_is_text_in_html() -> None:
    made = graph(pay("v", "a", 4), pay("a", "x", 3))
    html = ct.rank(made, ct.rows(0), stop_at={who("x"): "<script>alert(1)</script>"})._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_what_was_rejected_while_reading_is_in_the_notes() -> None:
    rows = {"sender": [who("v"), who("a")], "receiver": [who("a"), who("b")], "amount": ["4", "-1"], "block": [1, 2]}
    import pandas as pd

    made = ct.TransferGraph(pd.DataFrame(rows))
    assert any(note.startswith("rejected while reading: 1 ") for note in ct.rank(made, ct.rows(0)).notes)


def test_a_case_ranks_with_its_seeds_stops_and_coverage() -> None:
    case = ct.Case.open("ronin")
    ranking = case.rank()
    assert ranking.kept + ranking.residue == WHOLE
    pool = next(place for place in ranking.places if place.stop == "mixer")
    assert ranking.places.index(pool) == 1
    assert any("links are not followed (1)" in note for note in ranking.notes)
    assert case.rank("appr", seeds=case.seeds[0]).seeds == (case.seeds[0].name,)
