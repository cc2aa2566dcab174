"""The benchmark runs, and all that it measures beside each other find the same. It says nothing of speed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = "before\n<!-- bench: begin -->\nold\n<!-- bench: end -->\nafter\n"


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "bench" / "run.py", "--rows", "2000", "--repeats", "1", "--folder", folder]
    return subprocess.run([*command, *words], cwd=folder, capture_output=True, text=True)


def test_harness(tmp_path: Path) -> None:
    page, figures = tmp_path / "page.md", tmp_path / "figures.json"
    page.write_text(PAGE, encoding="utf-8")
    done = run(tmp_path, "--shapes", "hex", "--json", str(figures), "--write", str(page))
    assert done.returncode == 0, done.stderr
    (size,) = json.loads(figures.read_text(encoding="utf-8"))["sizes"]
    assert size["failures"] == []
    assert {"python hex", "loop hex"} <= size["answers"]["fifo wide"].keys()
    assert size["answers"]["temporal wide"]["python hex"][0][0] == str(size["seeds"]["wide_reach"])
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n<!-- bench: begin -->\n\nMeasured on ")
    assert text.endswith("\n<!-- bench: end -->\nafter\n")
    assert "| **chaintrace**, Python |" in text


def test_labels(tmp_path: Path) -> None:
    command = [sys.executable, ROOT / "bench" / "labels.py", "--labels", "500", "--lookups", "100", "--repeats", "1"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("500 labels, 100 lookups, 50 found\n")


def test_the_workload_is_the_same_every_time(tmp_path: Path) -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\nimport hashlib, workload\n"
        "batches = workload.World(workload.plan(3000)).batches()\n"
        "print(hashlib.sha256(b''.join(part.tobytes() for batch in batches for part in batch[1:])).hexdigest())"
    )
    command = [sys.executable, "-c", code, ROOT / "bench"]
    first, second = (subprocess.run(command, capture_output=True, text=True).stdout for _ in range(2))
    assert first == second != ""


def test_files_of_another_generator_are_not_taken(tmp_path: Path) -> None:
    """A file that was left over from another version of the workload is written again, whatever else is asked for."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\nimport json, pathlib, files\n"
        "made = files.Files(1000, pathlib.Path(sys.argv[2]))\nmade.make(('hex', 'binary'))\n"
        "made.manifest.write_text(json.dumps(json.loads(made.manifest.read_text()) | {'version': 'older'}))\n"
        "made.make(('hex',))\nprint(made.path('hex').is_file(), made.path('binary').is_file())"
    )
    done = subprocess.run([sys.executable, "-c", code, ROOT / "bench", tmp_path], capture_output=True, text=True)
    assert done.stdout == "True False\n", done.stderr


def test_heuristics_are_measured_on_whole_transactions(tmp_path: Path) -> None:
    command = [sys.executable, ROOT / "bench" / "heuristics.py", "--transactions", "2000", "--joint", "40"]
    command += ["--moves", "3000"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "2,000 transactions" in done.stdout
    assert "coinjoin-whirlpool: 40 found" in done.stdout
    assert "3,000 moves of an account chain" in done.stdout


def test_the_benchmark_of_screening_runs(tmp_path: Path) -> None:
    command = [sys.executable, ROOT / "bench" / "screening.py", "--rows", "2000", "--addresses", "70", "--labels", "20"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "| 2,000 | 70 |" in done.stdout


def test_rank(tmp_path: Path) -> None:
    command = [
        sys.executable,
        ROOT / "bench" / "rank.py",
        "--rows",
        "2000",
        "--seeds",
        "1",
        "--folder",
        tmp_path,
        "--alone",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("2,000 transfers, ")
    assert [line.split()[0] for line in done.stdout.splitlines()[2:]] == ["appr", "base", "weight", "time"]
