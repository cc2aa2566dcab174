"""``chaintrace fetch``, ``verify`` and ``export``, as a stranger types them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import chaintrace as ct
from tests.testing.conftest import Stage


def run(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "chaintrace", *words]
    environment = {**os.environ, **more}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, check=False)


@pytest.fixture
def seeds(stage: Stage, tmp_path: Path) -> list[str]:
    lines = "".join(f"{address},{category}\n" for address, category in stage.planted.stops.items())
    (tmp_path / "stops.csv").write_text("address,category\n" + lines)
    return [*(word for tx in stage.planted.thefts for word in ("--seed-tx", tx)), "--stop-at", "stops.csv"]


def test_fetch_trace_verify_export(stage: Stage, fetched: ct.Case, tmp_path: Path, seeds: list[str]) -> None:
    done = run(tmp_path, "fetch", "mycase", *seeds, "--rpc", stage.node.url, "--share", "100 %", "--json")
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["ended"] == "goal"
    assert told["reconciled"]["agree"] == told["reconciled"]["pairs"] - 1
    assert "% of 173,600 ETH accounted for" in " ".join(done.stderr.split())
    assert {one["door"] for one in told["doors"].values()} == {"rpc"}
    traced = run(tmp_path, "trace", "mycase", "--json")
    assert json.loads(traced.stdout)["ledger"] == json.loads(fetched.trace().to_json())["ledger"]
    assert json.loads(traced.stdout)["fetched"]["reconciled"] == told["reconciled"]
    verified = run(tmp_path, "verify", "mycase")
    assert verified.returncode == 0
    assert verified.stdout.startswith("The same, byte for byte")
    exported = run(tmp_path, "export", "mycase")
    assert exported.returncode == 0
    assert exported.stdout.split() == [exported.stdout.split()[0], "mycase.chaintrace"]
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "mycase.chaintrace").rename(tmp_path / "elsewhere" / "theirs.chaintrace")
    again = run(tmp_path / "elsewhere", "trace", "theirs.chaintrace", "--json")
    assert json.loads(again.stdout)["ledger"] == json.loads(traced.stdout)["ledger"]
    assert run(tmp_path / "elsewhere", "verify", "theirs.chaintrace", "--json").returncode == 0


def test_the_end_is_said_in_words(stage: Stage, tmp_path: Path, seeds: list[str]) -> None:
    done = run(tmp_path, "fetch", "mycase", *seeds, CHAINTRACE_RPC=stage.node.url)
    assert "accounted for" in done.stdout
    assert "Reconciled with the chain's own balances" in done.stdout
    assert "What does not agree with the chain" in done.stdout
    for told in (done.stdout, run(tmp_path, "trace", "mycase").stdout):
        assert "What the sources can see" in told
        assert "trace_filter or callTracer" in " ".join(told.split())


def test_a_case_that_differs_exits_with_one(stage: Stage, tmp_path: Path, seeds: list[str]) -> None:
    assert run(tmp_path, "fetch", "mycase", *seeds, "--rpc", stage.node.url).returncode == 0
    (tmp_path / "mycase" / "labels.csv").write_text("address,category\n")
    found = run(tmp_path, "verify", "mycase")
    assert found.returncode == 1
    assert "labels.csv" in found.stdout
    assert "Traceback" not in found.stderr


def test_an_interrupted_fetch_ends_cleanly_and_goes_on(stage: Stage, tmp_path: Path, seeds: list[str]) -> None:
    words = [sys.executable, "-m", "chaintrace", "fetch", "mycase", *seeds, "--rpc", stage.node.url, "--rate", "8"]
    process = subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not (tmp_path / "mycase" / "store" / "evidence").is_dir():
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert out == ""
    assert err.strip().splitlines()[-1].startswith("Interrupted: what was fetched is kept")
    assert "Traceback" not in err
    again = run(tmp_path, "fetch", "mycase", "--rpc", stage.node.url)
    assert again.returncode == 0, again.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["fetch", "mycase", "--seed-tx", "0x" + "1" * 64], "--rpc"),
        (["fetch", "mycase", "--rpc", "http://127.0.0.1:1"], "what was stolen"),
        (["fetch", "mycase", "--seed-tx", "0x" + "1" * 64, "--rpc", "ftp://there"], "Hint:"),
        (["fetch", "mycase", "--seed-tx", "0x" + "1" * 64, "--rpc", "URL"], "knows no such transaction"),
        (["fetch", "mycase", "--seed-address", "0x12", "--rpc", "URL"], "Hint:"),
        (["fetch", "mycase", "--seed-tx", "0x" + "1" * 64, "--rpc", "URL", "--share", "much"], "percentage"),
        (["fetch", "mycase", "--seed-tx", "0x" + "1" * 64, "--rpc", "URL", "--chain", "bnb"], "of ethereum"),
        (["verify", "ronin"], "no evidence"),
        (["export", "ronin"], "not fetched"),
        (["verify", "nowhere"], "no bundled case"),
    ],
)
def test_what_cannot_be_is_one_clear_message(stage: Stage, tmp_path: Path, words: list[str], says: str) -> None:
    done = run(tmp_path, *(stage.node.url if word == "URL" else word for word in words))
    assert done.returncode == 2, done.stdout
    assert done.stdout == ""
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_the_same_command_goes_on_and_another_question_is_refused(
    stage: Stage, tmp_path: Path, seeds: list[str]
) -> None:
    words = ["fetch", "mycase", *seeds, "--rpc", stage.node.url]
    assert run(tmp_path, *words, "--max-accounts", "1").returncode == 0
    again = run(tmp_path, *words)
    assert again.returncode == 0, again.stderr
    for other in (["--seed-tx", "0x" + "1" * 64], ["--wrapper", "0x" + "ab" * 20], ["--until", "7"], ["--young"]):
        done = run(tmp_path, "fetch", "mycase", *other, "--rpc", stage.node.url)
        assert done.returncode == 2
        assert f"{other[0]} asks something else" in done.stderr


def test_a_command_that_fails_leaves_no_case_behind(stage: Stage, tmp_path: Path, seeds: list[str]) -> None:
    assert run(tmp_path, "fetch", "mycase", *seeds).returncode == 2
    assert not (tmp_path / "mycase").exists()


@pytest.mark.parametrize("share", ["0.5", "50", "50 %"])
def test_a_share_is_a_part_or_a_percentage(stage: Stage, tmp_path: Path, seeds: list[str], share: str) -> None:
    done = run(tmp_path, "fetch", "mycase", *seeds, "--rpc", stage.node.url, "--share", share, "--json")
    part, whole = map(int, json.loads(done.stdout)["accounted"]["eip155:1/slip44:60"])
    assert whole > part >= whole / 2


def test_a_second_writer_is_told_who_writes(stage: Stage, tmp_path: Path, seeds: list[str]) -> None:
    assert run(tmp_path, "fetch", "mycase", *seeds, "--rpc", stage.node.url, "--max-accounts", "1").returncode == 0
    case = ct.Case.open(tmp_path / "mycase")
    assert case.store is not None
    with case.store.writing():
        done = run(tmp_path, "fetch", "mycase", "--rpc", stage.node.url)
        assert run(tmp_path, "trace", "mycase").returncode == 0
    assert done.returncode == 2
    assert str(os.getpid()) in done.stderr
