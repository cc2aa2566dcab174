"""The examples run and tell where the money is."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT

SCRIPT = ROOT / "examples" / "follow_ronin.py"
NOTEBOOK = ROOT / "examples" / "follow_ronin.ipynb"
FIGURES = (
    "173,600 ETH",
    "25,500,000 USDC",
    "175,100 ETH",
    "96.12",
    "173,398.9431 ETH",
    "6,250 ETH",
    "2,371.81508 ETH",
    "140.14095 ETH",
    "1.7810591307459 ETH",
    "182,162.6801891307459 ETH",
)


def test_script(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, SCRIPT], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert [figure for figure in FIGURES if figure not in done.stdout] == []
    assert done.stderr == ""


def test_script_is_short() -> None:
    assert len(SCRIPT.read_text(encoding="utf-8").splitlines()) <= 60


def test_notebook(tmp_path: Path) -> None:
    if importlib.util.find_spec("ipykernel") is None:
        pytest.skip("ipykernel is not installed")
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    assert len(notebook.cells) <= 10
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in cells), "outputs are not kept"
    nbclient.NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": tmp_path}}).execute()
    shown = "".join(str(output) for cell in cells for output in cell.outputs)
    amounts = ("173398943100000000000000", "8621815080000000000000", "141922009130745900000", "173,398.9431 ETH")
    assert [amount for amount in amounts if amount not in shown] == []
