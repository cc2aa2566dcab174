"""``chaintrace rank``: options reach ``ct.rank``, results alone are on stdout, and hostile text stays text."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import chaintrace as ct
from chaintrace.cli import chaintrace
from chaintrace.cli.rank import METHODS, VARIANTS
from chaintrace.taint import rank as ranks
from chaintrace.taint import ttr
from tests.graph.money import tx, who

ROWS = [
    ("victim", "thief", 100, 1, "theft"),
    ("thief", "mixer", 60, 2, "wash"),
    ("thief", "friend", 30, 3, "gift"),
    ("friend", "shop", 1, 4, "spend"),
    ("mixer", "clean", 60, 5, "withdraw"),
]
THEFT = ("--seed-tx", tx("theft"))


@pytest.fixture
def export(tmp_path: Path) -> str:
    return written(tmp_path / "export.csv", [(who(a), who(b), n, block, tx(name)) for a, b, n, block, name in ROWS])


def written(path: Path, rows: list[tuple[Any, ...]]) -> str:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("sender", "receiver", "amount", "block", "tx_hash"), *rows])
    return str(path)


def run(*words: str) -> Result:
    result = CliRunner().invoke(chaintrace, ["rank", *words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def answer(*words: str) -> dict[str, Any]:
    """The JSON; nothing else on stdout, nothing on stderr."""
    result = run(*words, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    read = json.loads(result.stdout)
    assert isinstance(read, dict)
    return read


def reached(read: dict[str, Any]) -> set[str]:
    return {place["account"] for place in read["accounts"]}


def test_methods_and_variants_are_those_there_are() -> None:
    assert METHODS == ranks.RANKINGS
    assert VARIANTS == ttr.VARIANTS


def test_json_is_what_the_library_says(export: str) -> None:
    ranking = ct.rank(ct.TransferGraph(export), ct.theft(tx("theft")))
    assert answer(export, *THEFT) == ranking.to_dict(20, export)


def test_the_bundled_case() -> None:
    assert answer("ronin", "--top", "3") == ct.Case.open("ronin").rank().to_dict(3, "ronin")


def test_a_table(export: str) -> None:
    result = run(export, *THEFT, "--top", "2")
    assert result.exit_code == 0
    assert "Who matters: ttr time" in result.stdout
    assert "more account" in result.stdout
    assert "They are no amounts of money." in " ".join(result.stdout.split())


@pytest.mark.parametrize("variant", VARIANTS)
def test_variant(export: str, variant: str) -> None:
    assert answer(export, *THEFT, "--variant", variant)["variant"] == variant


def test_method(export: str) -> None:
    assert answer(export, *THEFT, "--method", "appr")["method"] == "appr"


def test_stop_at(export: str) -> None:
    assert who("clean") in reached(answer(export, *THEFT))
    assert who("clean") not in reached(answer(export, *THEFT, "--stop-at", f"{who('mixer')}=mixer"))


def test_a_stop_adds_to_those_of_the_case() -> None:
    thief = ct.Case.open("ronin").rank().places[3].account
    stops = {place["account"]: place["stop"] for place in answer("ronin", "--stop-at", f"{thief}=mine")["accounts"]}
    assert stops[thief] == "mine"
    assert "mixer" in stops.values()


def test_until(export: str) -> None:
    assert who("friend") not in reached(answer(export, *THEFT, "--until", "2"))


def test_seed_address_and_since(export: str) -> None:
    assert who("thief") not in reached(answer(export, "--seed-address", who("friend"), "--since", "3", "--beta", "1"))


def test_shares(export: str) -> None:
    read = answer(export, *THEFT, "--alpha", "1/3", "--beta", "1", "--epsilon", "0.5")
    assert (read["alpha"], read["beta"], read["epsilon"]) == ("1/3", "1", "0.5")
    assert int(read["residue"]) > 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "--seed-tx"),
        ([*THEFT, "--alpha", "2"], "is not a share"),
        ([*THEFT, "--method", "appr", "--variant", "time"], "appr has none"),
        (["--seed-tx", tx("nothing")], "no transfer of it"),
        ([*THEFT, "--since", "1"], "--seed-address"),
    ],
)
def test_wrong_words(export: str, words: list[str], said: str) -> None:
    result = run(export, *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_a_case_says_itself_how_it_is_read() -> None:
    result = run("ronin", "--chain", "polygon")
    assert result.exit_code == 2
    assert "a case says itself how it is read" in result.stderr


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    """Markup, escapes and reversed text in what names a stop, a label, a file and a rejected row."""
    evil = "[/red]\x1b]0;owned\x07\u202e"
    rows = [(who(a), who(b), n, block, tx(name)) for a, b, n, block, name in ROWS]
    path = written(tmp_path / "[bold]evil.csv", [*rows, (who("a"), who("b"), evil, 9, tx("evil"))])
    stops = tmp_path / "stops.csv"
    with stops.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("address", "category", "name"), (who("mixer"), evil.replace("\x1b", ""), evil)])
    for stop in (f"{who('friend')}={evil}", str(stops)):
        result = run(path, *THEFT, "--stop-at", stop)
        told = result.stdout + result.stderr
        assert result.exit_code == 0
        assert not {"\x1b", "\x07", "\u202e"} & set(told)
        assert "[/red]" in "".join(told.split())
        assert "rejected while reading: 1 " in " ".join(told.split())


def test_json_is_ascii_whoever_names_a_stop(export: str) -> None:
    told = run(export, *THEFT, "--stop-at", f"{who('friend')}=\x1b\u202e", "--json").stdout
    assert told.isascii()
    assert "\x1b" not in told
