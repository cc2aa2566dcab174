"""``chaintrace screen``: exit statuses, files, and answers that other programs read."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from chaintrace.cli import chaintrace
from tests.labels.lists import LAZARUS, Party, advanced

POOL = "0xA160cdAB225685dA1d56aa342Ad8841c3b53f291"
EXPLOITER = "0x098b716b8aaf21512996dc57eb0615e2383e2f96"
CLEAN = "0x" + "1" * 40


@pytest.fixture(autouse=True)
def no_lists_of_ones_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "labels").mkdir()
    monkeypatch.setenv("CHAINTRACE_LABELS", str(tmp_path))


def screen(*words: str) -> Result:
    return CliRunner().invoke(chaintrace, ["screen", *words])


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ((CLEAN, "--at", "2026-08-21"), 0),
        ((CLEAN, "--at", "2026-11-28"), 1),  # the bundled lists are too old by then
        ((POOL, "--at", "2022-08-07"), 1),
        ((POOL, "--at", "2022-08-08"), 1),
        ((CLEAN, CLEAN, "--at", "2026-08-21"), 0),
        ((CLEAN, POOL, "--at", "2026-08-21"), 1),
        ((CLEAN, "nonsense", "--at", "2026-08-21"), 2),
        ((POOL, "nonsense", "--at", "2026-08-21"), 2),
        (("nonsense",), 2),
        (("none.csv",), 2),
        ((CLEAN, "--at", "14442835"), 2),
        ((CLEAN, "--at", "soon"), 2),
        ((CLEAN, "--chain", "moon"), 2),
        ((POOL, "--chain", "other:ETH", "--at", "2023-01-01"), 2),
        ((CLEAN, "--case", "none"), 2),
        ((CLEAN, "--policy", "none.toml"), 2),
        ((CLEAN, "--json", "--csv"), 2),
        ((), 2),
    ],
)
def test_the_exit_status_says_what_was_found(words: tuple[str, ...], status: int) -> None:
    done = screen(*words)
    assert done.exit_code == status, done.output
    assert "Traceback" not in done.output


def test_old_lists_are_cured_by_an_update_from_a_file(tmp_path: Path) -> None:
    """What the bundled list alone leaves to review is clear once a whole new edition is there, and says its date."""
    yesterday = (datetime.now(UTC).date() - timedelta(days=1)).isoformat()
    listed = [Party(f"P{n}", addresses=[("ETH", f"0x{n + 1:040x}")]) for n in range(700)]
    parties = [LAZARUS, *listed, *(Party(f"Q{n}") for n in range(12_000))]
    (tmp_path / "SDN_ADVANCED.XML").write_text(advanced(parties, yesterday), encoding="utf-8")
    before = screen(CLEAN)
    words = " ".join(before.stdout.split())
    assert (before.exit_code, "chaintrace labels update fetches new editions" in words) == (1, True)
    done = CliRunner().invoke(chaintrace, ["labels", "update", str(tmp_path / "SDN_ADVANCED.XML")])
    assert done.exit_code == 0, done.output
    after = screen(CLEAN)
    assert after.exit_code == 0, after.output
    assert f"ofac of {yesterday}" in " ".join(after.stdout.split())
    assert screen("0x" + "0" * 39 + "1").exit_code == 1


def test_a_policy_may_fail_on_alerts_only(tmp_path: Path) -> None:
    rules = '[[rules]]\nid = "m"\nverdict = "review"\nabout = "label"\ncategory = "mixer"\n'
    (tmp_path / "p.toml").write_text(f'fail_on = "alert"\n{rules}', encoding="utf-8")
    done = screen(POOL, "--policy", str(tmp_path / "p.toml"), "--at", "2022-08-07")
    assert done.exit_code == 0
    assert "review" in done.stdout
    (tmp_path / "p.toml").write_text(rules, encoding="utf-8")
    assert screen(POOL, "--policy", str(tmp_path / "p.toml"), "--at", "2022-08-07").exit_code == 1


def test_json_of_one_is_an_object_and_of_several_a_list(tmp_path: Path) -> None:
    one = json.loads(screen(POOL, "--at", "2022-08-08", "--json").stdout)
    assert one["sanctioned"] == [
        {
            "list": "US OFAC SDN list",
            "entity": "TORNADO CASH",
            "programme": "CYBER2, DPRK3",
            "since": "2022-08-08",
            "until": "2025-03-21",
            "doubtful": False,
        }
    ]
    (tmp_path / "b.csv").write_text(f"address\n{POOL}\n=1+1\n", encoding="utf-8")
    done = screen(str(tmp_path / "b.csv"), "--at", "2022-08-08", "--json")
    assert done.exit_code == 2
    assert [one["verdict"] for one in json.loads(done.stdout)] == ["alert", "error"]
    assert "line 3" in json.loads(done.stdout)[1]["error"]


def test_a_csv_comes_back_as_one(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text(f"address,at\n{POOL},2022-08-07\n{POOL},2022-08-08\n=1+1,\n", encoding="utf-8")
    rows = list(csv.DictReader(StringIO(screen(str(tmp_path / "b.csv"), "--csv").stdout)))
    assert [row["verdict"] for row in rows] == ["review", "alert", "error"]
    assert rows[2]["address"] == "'=1+1"
    assert rows[1]["entities"] == "TORNADO CASH"


def test_a_case_gives_the_exposure() -> None:
    done = screen(EXPLOITER, "--case", "ronin", "--at", "2022-09-01")
    assert done.exit_code == 1
    assert "173,400 ETH" in done.stdout
    assert "LAZARUS GROUP" in done.stdout
    assert "2022-04-14" in done.stdout
    assert "labels and transfers" in done.stdout


def test_without_a_case_it_says_that_only_labels_answer() -> None:
    done = screen(CLEAN, "--at", "2026-08-21")
    assert "clear, by labels" in done.stdout
    assert "answered from labels alone" in done.stdout
    several = screen(CLEAN, CLEAN, "--at", "2026-08-21")
    assert "answered from labels alone" in several.stdout
