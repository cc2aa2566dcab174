"""``chaintrace labels``: answers with the dates of the lists, updates that are whole or nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from chaintrace.cli import chaintrace
from chaintrace.labels.book import LabelBook
from chaintrace.labels.label import Label
from chaintrace.report.console import render
from chaintrace.report.labelled import answer_view
from tests.fetch.hostile import Hostile, plain
from tests.labels.lists import RONIN, read, uk_csv, un

POOL = "0xA160cdAB225685dA1d56aa342Ad8841c3b53f291"
NAMES = [f"RECONNAISSANCE GENERAL BUREAU {n}" for n in range(700)]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "labels").mkdir()
    monkeypatch.setenv("CHAINTRACE_LABELS", str(tmp_path / "labels"))
    return tmp_path / "labels"


def run(*words: str) -> Result:
    result = CliRunner().invoke(chaintrace, ["labels", *words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def told(*words: str) -> Any:
    result = run(*words, "--json")
    assert result.exit_code == 0
    # On a slow machine it says what it is doing.
    assert [line for line in result.stderr.splitlines() if not line.endswith("…")] == []
    return json.loads(result.stdout)


@pytest.mark.parametrize(("at", "sanctioned"), [("2022-08-07", False), ("2022-08-08", True), ("2025-03-21", False)])
def test_show_at_a_moment(at: str, sanctioned: bool) -> None:
    address = "0x8589427373D6D84E98730D7795D8f6f8731FDA16"
    found = told("show", address, "--at", at)
    assert (found["address"], found["at"], found["sanctioned"]) == (address.lower(), f"{at}T00:00:00Z", sanctioned)
    assert found["categories"] == (["mixer", "sanctioned"] if sanctioned else ["mixer"])
    assert {"name", "published", "sha256", "count", "age", "stale"} <= set(found["lists"][0])


def test_every_answer_says_the_dates_of_its_lists() -> None:
    for words in (("show", POOL), ("show", "0x" + "1" * 40, "--at", "2023-01-01"), ("lists",)):
        out = " ".join(run(*words).stdout.split())
        assert "2026-08-20" in out
        assert "stale" in out, "the bundled list grows old"


def test_show_in_words() -> None:
    out = " ".join(run("show", POOL, "--at", "2023-01-01").stdout.split())
    assert "On a sanctions list at that moment: a label in force says so." in out
    assert "TORNADO CASH CYBER2, DPRK3 2022-08-08 2025-03-21 US OFAC SDN list ofac 2026-08-20" in out
    none = run("show", "0x" + "1" * 40, "--at", "2023-01-01").stdout
    assert "On none of these sanctions lists at that moment: as of ofac of 2026-08-20." in none
    assert "No label is in force." in none


def test_what_no_list_speaks_of_is_said_in_words() -> None:
    early, late = (
        " ".join(run("show", "0x" + "1" * 40, "--at", at).stdout.split()) for at in ("2010-01-01", "9000-01-01")
    )
    assert "is not known: the sanctions lists say nothing about the time before 2022-09-03." in early
    assert "On none" not in early
    assert "as of ofac of 2026-08-20; the moment is after it." in late
    assert "That moment is yet to come" in late
    found = told("show", "0x" + "1" * 40, "--at", "2010-01-01")
    assert (found["sanctioned"], found["because"][-10:]) == (None, "2022-09-03")


def test_find_gives_every_regime_and_the_thefts_that_are_ascribed() -> None:
    out = " ".join(run("find", "lazarus").stdout.split())
    assert "LAZARUS GROUP US OFAC E.O. 13722 2019-09-13" in out
    assert "LAZARUS GROUP Republic of Korea cyber 2023-02-10" in out
    assert (
        "FBI, 2023-01-23: the theft from Harmony Horizon bridge, 2022-06-24 (reported), stated as US$100 million" in out
    )
    assert "not compared with the chain; no address of it is in our sources." in out
    (theft,) = told("find", "Bybit")["thefts"]
    assert (theft["attributed_by"], theft["amount"], theft["accounts"]) == ("FBI", "about US$1.5 billion", [])
    assert "No list names nobody at all" in run("find", "nobody at all").stdout
    assert run("find", " ").exit_code == 2


def test_show_tells_whose_theft_an_address_belongs_to() -> None:
    out = " ".join(run("show", "0xeB31973E0FeBF3e3D7058234a5eBbAe1aB4B8c23").stdout.split())
    assert "the theft from KuCoin, 2020-09-25 or 2020-09-26, stated as about US$281 million, perhaps by DPRK" in out
    assert "its address by etherscan-labels (MIT), 2023-10: Kucoin Hacker" in out
    early = " ".join(run("show", "3LU8wRu4ZnXP4UM8Yo6kkTiGHM9BubgyiG", "--at", "2023-01-01").stdout.split())
    assert "FBI, 2023-08-22, after that moment: several thefts together" in early


def test_a_doubt_is_said_as_one() -> None:
    result = run("show", "TUCsTq7TofTCJRRoHk6RvhMoS2mJLm5Yzq", "--at", "2020-01-01")
    out = " ".join(result.stdout.split())
    assert "is not known: a label may be in force" in out
    assert "Perhaps in force" in out


def test_a_row_that_lost_its_capitals_is_shown() -> None:
    address = "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb"
    history = f"address,address_case_ok,asset,entity,since\n{address.lower()},0,TRX,SOMEBODY,2022-01-01\n"
    found = LabelBook(read(history, name="t.csv", format="timeline")).look(address, "2023-01-01")
    out = render(answer_view(found, "2023-01-02"))
    assert "A row that cannot be used may be about it" in out
    assert "SOMEBODY" in out
    assert "is not known" in out


def test_names_of_strangers_are_harmless(folder: Path) -> None:
    (folder / "own").mkdir()
    name = "[red]\x1b[2J\u202egnp.exe</script>=HYPERLINK(1)\u200b"
    line = f'{RONIN},exchange,"{name}"\n'
    (folder / "own" / "own.csv").write_text(f"address,category,name\n{line}", encoding="utf-8")
    result = run("show", RONIN, "--at", "2023-01-01")
    assert all(character.isprintable() or character == "\n" for character in result.stdout)
    assert "[red]" in result.stdout, "markup is text"
    for words in (("show", RONIN, "--at", "2023-01-01"), ("lists",)):
        assert all(character in "\n" or " " <= character <= "~" for character in run(*words, "--json").stdout)
    (label,) = (one for one in told("show", RONIN, "--at", "2023-01-01")["labels"] if one["source"] == "")
    assert label["name"] == name, "as it is, where a machine reads it"


def test_a_label_that_was_last_seen_on_a_day_and_has_no_end_says_so() -> None:
    answer = LabelBook([Label(RONIN, "mixer", last_seen="2023-01-01")]).look(RONIN, "2023-01-01")
    out = render(answer_view(answer, "2023-01-02"))
    assert "2023-01-01 or later" in " ".join(out.split())
    assert "None" not in out


def test_a_named_folder_that_is_not_there_is_an_error_and_update_makes_it(folder: Path, tmp_path: Path) -> None:
    folder.rmdir()
    for words in (("show", RONIN), ("lists",)):
        result = run(*words)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "there is no such folder" in result.stderr
    result = run("update", "--list", "ofac", "--from", str(tmp_path / "none.xml"))
    assert (result.exit_code, "the edition of 2026-08-20 stays in use" in result.stderr) == (2, True)
    (tmp_path / "un.xml").write_text(un(NAMES), encoding="utf-8")
    assert run("update", "--list", "un", "--from", str(tmp_path / "un.xml")).exit_code == 0
    assert run("lists").exit_code == 0


def test_a_bad_address_or_moment_is_one_clear_error() -> None:
    for words in (("show", "0x12"), ("show", POOL, "--at", "14442835"), ("show", POOL, "--chain", "mars")):
        result = run(*words)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "Error: " in result.stderr
        assert "Hint: " in result.stderr


def test_update_from_a_file(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "un.xml"
    path.write_text(un(NAMES), encoding="utf-8")
    (done,) = told("update", "--list", "un", "--from", str(path))
    assert (done["list"], done["ok"], done["changed"], done["published"]) == ("un", True, True, "2026-02-27")
    assert (done["actors"], done["before"]) == (700, None)
    assert "there already" in run("update", "--list", "un", "--from", str(path)).stdout
    assert "un 2026-02-27" in " ".join(run("lists").stdout.split())
    assert [one.suffix for one in folder.iterdir()] == [".list"]


@pytest.fixture
def server() -> Iterator[Hostile]:
    with Hostile(plain(un(NAMES).encode())) as running:
        yield running


def test_update_from_an_address(server: Hostile, folder: Path) -> None:
    (done,) = told("update", "--list", "un", "--from", f"http://me:hidden@{server.place}/un.xml?token=hidden")
    assert done["actors"] == 700
    assert (server.seen[0].method, server.seen[0].target) == ("GET", "/un.xml?token=hidden")
    assert server.seen[0].headers["accept"] == "*/*"
    assert done["path"].startswith(str(folder))
    (kept,) = folder.iterdir()
    assert "hidden" not in kept.read_text(encoding="utf-8")
    assert server.url in {one["origin"] for one in told("lists")}


@pytest.mark.parametrize(
    "play",
    [
        plain(un(NAMES[:600], "2026-03-01").encode()),
        plain(un(NAMES[:10], "2026-03-01").encode()),
        plain(un(NAMES, "2026-01-01").encode()),
        plain(un(NAMES, "2026-03-01").encode()[:-9]),
        plain(uk_csv().encode()),
        plain(b"<html>moved</html>"),
        plain(b""),
        plain(b"gone", 404),
        plain(b"", 302, Location="https://elsewhere.example/un.xml"),
    ],
    ids=["shrunk", "emptied", "older", "cut", "another", "page", "nothing", "gone", "elsewhere"],
)
def test_a_refused_update_keeps_the_last_good_edition(server: Hostile, folder: Path, play: Any) -> None:
    told("update", "--list", "un", "--from", server.url)
    before = {one.name: one.read_bytes() for one in folder.iterdir()}
    server.plays.append(play)
    result = run("update", "--list", "un", "--from", server.url)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "the edition of 2026-02-27 stays in use" in result.stderr
    assert {one.name: one.read_bytes() for one in folder.iterdir()} == before
    answer = run("update", "--list", "un", "--from", server.url, "--json")
    (one,) = json.loads(answer.stdout)
    assert (answer.exit_code, one["ok"]) == (2, False)


def test_one_refused_list_does_not_keep_the_others_back(monkeypatch: pytest.MonkeyPatch) -> None:
    with Hostile(plain(b"down", 403), plain(un(NAMES).encode()), plain(b"down", 403)) as server:
        from chaintrace.labels.official import OFFICIAL, Official

        for name, one in list(OFFICIAL.items()):
            url = f"{server.url}/{name}"
            monkeypatch.setitem(OFFICIAL, name, Official(name, one.title, url, one.formats, one.expected))
        result = run("update", "--json")
    assert result.exit_code == 2
    assert [(one["list"], one["ok"]) for one in json.loads(result.stdout)] == [
        ("ofac", False), ("un", True), ("eu", False), ("uk", False),
    ]  # fmt: skip
    assert result.stderr.count("Error: ") == 3


def test_a_file_tells_itself_which_list_it_is(tmp_path: Path, data: Path) -> None:
    (tmp_path / "own.csv").write_text(f"address,category\n{RONIN},hack\n", encoding="utf-8")
    result = run("update", str(data / "un" / "UN_consolidated.xml"), str(tmp_path / "own.csv"), "--json")
    first, second = json.loads(result.stdout)
    assert (first["list"], first["ok"], first["published"]) == ("un", True, "2026-02-27")
    assert (second["list"], second["ok"]) == ("", False)
    assert "not that of an official list" in second["reason"]
    assert result.exit_code == 2
    assert "stays in use" not in run("update", str(tmp_path / "own.csv")).stderr


def test_options_that_do_not_go_together() -> None:
    for words in (
        ("x.xml", "--list", "un"),
        ("x.xml", "--from", "y.xml", "--list", "un"),
        ("x.xml", "--published", "2026-01-01"),
        ("--from", "x.xml"),
        ("--published", "2026-01-01"),
        ("--from", "x", "--list", "un", "--list", "eu"),
    ):
        result = run("update", *words)
        assert result.exit_code == 2
        assert "--list" in result.stderr
