"""The repository of heuristics in examples/ is installed and tested as a team would, offline; and its tests bite."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import chaintrace
from chaintrace.testing import Scenario, eth

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "heuristics-of-your-own"
RULE = "src/acme_heuristics/rush.py"
PIP = ("pip", "install", "--quiet", "--disable-pip-version-check", "--no-index", "--no-deps", "--no-build-isolation")


def python(folder: Path, site: Path, *words: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(site), str(Path(chaintrace.__file__).parents[1])])
    told = {**os.environ, "PYTHONPATH": path}
    return subprocess.run([sys.executable, "-m", *words], cwd=folder, env=told, capture_output=True, text=True)


def installed(folder: Path, site: Path) -> None:
    done = python(folder, site, *PIP, "--target", str(site), ".")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    pytest.importorskip("hatchling", reason="hatchling is not installed")
    folder, site = tmp_path_factory.mktemp("own") / "repository", tmp_path_factory.mktemp("site")
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__", ".*cache", ".hypothesis"))
    installed(folder, site)
    return folder, site


def test_its_tests_pass(copy: tuple[Path, Path]) -> None:
    done = python(*copy, "pytest", "-q", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "12 passed" in done.stdout


def test_the_command_line_asks_its_rule_with_all_others(copy: tuple[Path, Path], tmp_path: Path) -> None:
    story = Scenario().pays("thief", "mule", eth(10)).labelled("mill", "mixer").deposits("mule", "mill", eth(10))
    pq.write_table(story.transfers.table, tmp_path / "story.parquet")
    (tmp_path / "ours.csv").write_text(f"address,category\n{story.address('mill')},mixer\n")
    done = python(tmp_path, copy[1], "chaintrace", "findings", "story.parquet", "--labels", "ours.csv", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)["findings"]
    assert [(one["rule"], one["subject"]) for one in told if one["rule"] == "acme-rush"] == [
        ("acme-rush", story.address("mule"))
    ]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("waited > at.within", "waited > 2 * at.within"),
        ("deposit.amount < at.least", "deposit.amount <= at.least"),
        ("100 * payment", "101 * payment"),
        ('labels.find(deposit.receiver, "mixer"', 'labels.find(deposit.receiver, "exchange"'),
        ('came[came["time"] <= deposit.time]', "came"),
    ],
)
def test_its_tests_fail_where_its_rule_is_wrong(
    copy: tuple[Path, Path], tmp_path: Path, right: str, wrong: str
) -> None:
    folder, site = tmp_path / "repository", tmp_path / "site"
    shutil.copytree(copy[0], folder)
    shutil.copytree(copy[1], site)
    text = (folder / RULE).read_text(encoding="utf-8")
    assert text.count(right) == 1
    (site / "acme_heuristics" / "rush.py").write_text(text.replace(right, wrong), encoding="utf-8")
    done = python(folder, site, "pytest", "-q", "-x", "-p", "no:cacheprovider")
    assert done.returncode == 1, done.stdout + done.stderr


def test_its_ci_runs_what_its_readme_says() -> None:
    ci = (EXAMPLE / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8")
    readme = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    for line in ("pip install '.[test]'", "pytest", "--only acme-rush"):
        assert line in ci
        assert line in readme
