"""Heuristics by name: ours, a user's own, and those that an installed package brings."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import chaintrace as ct
from chaintrace.cli import chaintrace
from chaintrace.errors import MethodError
from chaintrace.heuristics import registry
from chaintrace.heuristics.registry import heuristic, known_heuristics
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.whirlpool import MixThresholds, Tx0Thresholds
from tests.heuristics.coins import ask, joinmarket, payment, whirlpool


@dataclass(frozen=True)
class Large:
    """``least``: satoshi."""

    least: int = 100_000


@pytest.fixture
def own() -> Iterator[str]:
    @heuristic("test-large", Large(), doubt="Many are.")
    def large(rows: Rows, labels: Known, at: Large) -> Iterator[ct.Finding]:
        """Transactions that pay much."""
        txs = rows.transactions
        for tx in range(len(txs)):
            paid = int(txs.outs.value[txs.outputs(tx)].sum())
            if paid >= at.least:
                name = txs.name(tx)
                yield ct.Finding(
                    f"tx:{name}", "pays much", (name,), 10, {"paid": paid}, txs.rows(tx), doubt="This one too."
                )

    yield "test-large"
    del registry._KNOWN["test-large"]


def test_ours_are_there_and_each_says_what_it_doubts() -> None:
    found = known_heuristics()
    assert list(found) == sorted(found)
    assert {"coinjoin-whirlpool", "whirlpool-tx0", "coinjoin-joinmarket"} <= found.keys()
    for one in found.values():
        assert one.doubt.endswith(".")
        assert one.rule.__doc__


def test_each_rule_follows_the_drill() -> None:
    """CLAIM, EVIDENCE, THRESHOLD, DOUBT: the eye learns the shape once."""
    for module in registry.OURS:
        text = Path(sys.modules[f"chaintrace.heuristics.{module}"].__file__ or "").read_text(encoding="utf-8")
        for part in text.split("@heuristic(")[1:]:
            body = part.split("\ndef _")[0]
            assert [word for word in ("CLAIM", "EVIDENCE", "THRESHOLD", "DOUBT") if f"{word}" not in body] == [], part[
                :40
            ]


def test_a_heuristic_of_ones_own_is_asked_with_the_others(own: str) -> None:
    found = ask(payment(), whirlpool())
    (mine, other) = found.of(own)
    assert {mine.rule, other.rule} == {own}
    assert mine.thresholds == {"least": 100_000}
    assert mine.doubt == "Many are. This one too."
    assert mine.scores == ()
    assert "coinjoin-whirlpool" in found.rules


def test_thresholds_are_the_callers(own: str) -> None:
    tx = payment()
    paid = sum(value for _, value in tx.outs)
    assert len(ask(tx, only=own, thresholds={own: Large(paid)})) == 1
    assert len(ask(tx, only=own, thresholds={own: Large(paid + 1)})) == 0
    with pytest.raises(MethodError, match="are Tx0Thresholds"):
        ask(tx, only=own, thresholds={own: Tx0Thresholds()})


def test_findings_under_other_thresholds_quote_no_scores() -> None:
    usual, other = MixThresholds(), replace(MixThresholds(), most=9)
    assert ask(whirlpool())[0].scores != ()
    assert ask(whirlpool(), thresholds={"coinjoin-whirlpool": usual})[0].scores != ()
    (found,) = ask(whirlpool(n=9), thresholds={"coinjoin-whirlpool": other})
    assert (found.scores, found.thresholds["most"]) == ((), 9)


def test_only_the_named_are_asked() -> None:
    assert ask(joinmarket(), whirlpool(), only="coinjoin-joinmarket").rules == ("coinjoin-joinmarket",)
    with pytest.raises(MethodError, match="is not known"):
        ask(payment(), only=["coinjoin"])
    with pytest.raises(MethodError, match="is not known"):
        ask(payment(), thresholds={"coinjoin": MixThresholds()})


def test_a_name_is_taken_once(own: str) -> None:
    with pytest.raises(MethodError, match="is there already"):
        heuristic(own, Large(), doubt="None.")(lambda rows, labels, at: [])
    with pytest.raises(MethodError, match="are no dataclass"):
        heuristic("test-other", {"least": 3}, doubt="None.")
    with pytest.raises(MethodError, match="are no dataclass"):
        heuristic("test-other", Large, doubt="None.")


PLUGIN = """
from dataclasses import dataclass
import chaintrace as ct

@dataclass(frozen=True)
class Any:
    pass

@ct.heuristic("test-plugin", Any(), doubt="It knows nothing.")
def anything(rows, labels, at):
    return []
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    def install(name: str, code: str) -> None:
        (tmp_path / f"{name}.py").write_text(code)
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[chaintrace.heuristics]\nsome = {name}\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        registry._load.cache_clear()

    yield install
    registry._KNOWN.pop("test-plugin", None)
    registry._load.cache_clear()


def test_an_installed_package_brings_its_own(installed: Callable[[str, str], None]) -> None:
    installed("some_plugin", PLUGIN)
    assert "test-plugin" in known_heuristics()


def test_a_package_whose_heuristics_cannot_be_loaded_is_named(installed: Callable[[str, str], None]) -> None:
    installed("broken_plugin", "1 / 0")
    with pytest.raises(MethodError, match="of broken_plugin: cannot be loaded: ZeroDivisionError"):
        known_heuristics()


@pytest.mark.parametrize("confidence", [-1, 101, 0.5, True, "high"])
def test_confidence_is_a_whole_number_up_to_100(confidence: object) -> None:
    with pytest.raises(MethodError, match="no whole number from 0 to 100"):
        ct.Finding("tx:", "is one", (), confidence)  # type: ignore[arg-type]


def test_whatever_a_heuristic_measures_can_be_written_as_json() -> None:
    evidence = {"n": np.int64(3), "of": (np.int64(1), {"b", "a"}), "more": {"x": Path("y")}, "none": None}
    told = json.dumps(ct.Finding("tx:", "is one", (), 50, evidence).to_dict()["evidence"])
    assert json.loads(told) == {"n": 3, "of": [1, ["a", "b"]], "more": {"x": "y"}, "none": None}


BAD_RULES = [
    (lambda rows: 1 / 0, "it fails: ZeroDivisionError: division by zero"),
    (lambda rows: None, "it fails: TypeError: 'NoneType' object is not iterable"),
    (lambda rows: ["a text"], "it gives str, which is no Finding"),
    (lambda rows: [ct.Finding("tx:", "is one", (), 50), None], "it gives NoneType, which is no Finding"),
    (lambda rows: [ct.Finding(5, "is one", (), 50)], "subject '5' of a finding: is no text"),
    (lambda rows: [ct.Finding("tx:", "is one", ("00",), 50, rows=(("00", "fee", 0),))], "it names a row that is not"),
    (
        lambda rows: [ct.Finding("tx:", "is one", (), 50, rows=rows.transactions.rows(0)), *(1 / n for n in [0])],
        "fails",
    ),
]


@pytest.mark.parametrize(("body", "said"), BAD_RULES)
def test_a_rule_that_breaks_is_named_and_the_others_can_be_asked(
    body: Callable[[Rows], list[ct.Finding]], said: str, tmp_path: Path
) -> None:
    heuristic("test-broken", Large(), doubt="None.")(lambda rows, labels, at: body(rows))
    try:
        with pytest.raises(MethodError) as caught:
            ask(whirlpool())
        assert said in caught.value.message
        assert f"heuristic 'test-broken', of {__name__}: " in caught.value.message
        assert "only=" in caught.value.hint
        assert len(ask(whirlpool(), only="coinjoin-whirlpool")) == 1
        path = tmp_path / "rows.csv"
        path.write_text(f"block,sender,receiver,amount\n1,0x{'1' * 40},0x{'2' * 40},5\n")
        done = CliRunner().invoke(chaintrace, ["findings", str(path), "--only", "test-broken"])
        assert done.exit_code == 2, done.output
        assert "test-broken" in done.output
    finally:
        del registry._KNOWN["test-broken"]


def test_an_error_of_the_rows_is_not_the_rules() -> None:
    def refuses(rows: Rows, labels: Known, at: Large) -> list[ct.Finding]:
        raise ct.errors.OrderError("eip155:1", "some have a block")

    heuristic("test-broken", Large(), doubt="None.")(refuses)
    try:
        with pytest.raises(ct.errors.OrderError):
            ask(whirlpool(), only="test-broken")
    finally:
        del registry._KNOWN["test-broken"]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("subject", None, "is no text"),
        ("claim", 5, "is no text"),
        ("doubt", None, "is no text"),
        ("tx_hashes", "ab" * 32, "is no tuple"),
        ("tx_hashes", (b"ab",), "holds what is no hash"),
        ("rows", ("ab", "fee", 0), "holds what is no row"),
        ("rows", (("ab", "fee"),), "holds what is no row"),
        ("rows", (("ab", "fee", "0"),), "holds what is no row"),
        ("rows", (("ab", "fee", True),), "holds what is no row"),
        ("rows", (("ab", 0, "fee"),), "holds what is no row"),
        ("links", ("link",), "holds what is no Link"),
        ("evidence", [("n", 1)], "is no mapping"),
        ("evidence", None, "is no mapping"),
    ],
)
def test_a_finding_says_what_it_has_to(field: str, value: object, said: str) -> None:
    told = {"subject": "tx:", "claim": "is one", "tx_hashes": (), "confidence": 50} | {field: value}
    with pytest.raises(MethodError, match=said) as caught:
        ct.Finding(**told)  # type: ignore[arg-type]
    assert caught.value.message.startswith(field)


def test_lists_and_numbers_of_numpy_are_kept_as_tuples_and_ints() -> None:
    found = ct.Finding("tx:", "is one", ["ab"], 50, rows=[["ab", "fee", np.int64(3)]])  # type: ignore[arg-type,list-item]
    assert (found.tx_hashes, found.rows) == (("ab",), (("ab", "fee", 3),))
    assert type(found.rows[0][2]) is int
