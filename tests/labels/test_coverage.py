"""Coverage lists: whose history the data have."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from chaintrace.cli import chaintrace
from chaintrace.errors import InputError
from chaintrace.labels.coverage import read_coverage

A, B, C = ("0x" + digit * 40 for digit in "abc")


def test_an_asset_narrows_an_entry(tmp_path: Path) -> None:
    path = tmp_path / "coverage.csv"
    path.write_text(f"address,chain,asset\n{A},,\n{B},ethereum,native\n", encoding="utf-8")
    assert read_coverage(path) == (A, (B, "eip155:1/slip44:60"))


@pytest.mark.parametrize("text", ["", "who\n", "address\n0x12\n", f"address,asset\n{A},ETH\n"])
def test_a_bad_list_names_its_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "coverage.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"coverage\.csv") as caught:
        read_coverage(path)
    assert caught.value.hint


@pytest.mark.parametrize("as_file", [True, False])
def test_on_the_command_line(tmp_path: Path, as_file: bool) -> None:
    """What rests with anybody else is not_fetched."""
    rows = tmp_path / "rows.csv"
    rows.write_text(f"sender,receiver,amount,block\n{A},{B},10,1\n{B},{C},4,2\n", encoding="utf-8")
    listed = tmp_path / "coverage.csv"
    listed.write_text(f"address\n{B}\n", encoding="utf-8")
    words = ["trace", str(rows), "--seed-address", B, "--coverage", str(listed) if as_file else B, "--json"]
    result = CliRunner().invoke(chaintrace, words)
    assert result.exit_code == 0
    assert '"bucket": "held"' in result.stdout
    assert '"bucket": "not_fetched"' in result.stdout
