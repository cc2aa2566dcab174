"""A fetch's progress and end, in words; text of strangers stays text."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

import chaintrace as ct
from chaintrace.case.budget import Budget, Progress
from chaintrace.case.verify import Differs, Verified
from chaintrace.errors import MethodError
from chaintrace.model.token import Token
from chaintrace.report.console import render
from chaintrace.report.fetched import ProgressLine, progress_line
from chaintrace.report.verified import verified_view

ETH = "eip155:1/slip44:60"
USDC = "eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
TOKENS = {ETH: Token("ETH", 18), USDC: Token("USDC", 6)}
STOLEN = 173_600 * 10**18


def test_the_line_says_how_much_of_what_is_accounted_for() -> None:
    progress = Progress({ETH: (STOLEN * 973 // 1000, STOLEN)}, 41, 41, 120, 10)
    assert progress_line(progress, TOKENS) == (
        "97.30 % of 173,600 ETH accounted for, 41 accounts fetched, 12 requests/s"
    )


def test_of_several_assets_each_is_said_and_the_least_counts() -> None:
    progress = Progress({ETH: (STOLEN, STOLEN), USDC: (1, 2)}, 1, 1, 3, 0, "fetching 0xabc")
    told = "100.00 % of 173,600 ETH and 50.00 % of 0.000002 USDC accounted for, 1 account fetched, 3 requests/s"
    assert progress_line(progress, TOKENS) == f"{told}; fetching 0xabc"
    assert float(progress.share) == 0.5


def test_before_anything_is_known_nothing_is_accounted_for() -> None:
    assert progress_line(Progress(), {}) == "nothing accounted for, 0 accounts fetched, 0 requests/s"
    assert Progress().share == 0


@pytest.fixture
def ronin() -> ct.Case:
    return ct.Case.open("ronin")


def test_where_nobody_watches_a_line_is_written_when_the_share_has_changed(ronin: ct.Case) -> None:
    out = StringIO()
    with ProgressLine(ronin, Console(file=out, width=200)) as line:
        for progress in (
            Progress({ETH: (0, STOLEN)}, 0, 0, 1, 1, "fetching"),
            Progress({ETH: (0, STOLEN)}, 0, 0, 1, 1),
            Progress({ETH: (0, STOLEN)}, 0, 0, 1, 1),
            Progress({ETH: (STOLEN, STOLEN)}, 1, 1, 1, 1),
        ):
            line(progress)
    assert [text.split(" accounted")[0] for text in out.getvalue().splitlines()] == [
        "0.00 % of 173,600 ETH",
        "100.00 % of 173,600 ETH",
    ]


def test_a_terminal_keeps_one_line_up_to_date(ronin: ct.Case) -> None:
    out = StringIO()
    with ProgressLine(ronin, Console(file=out, width=200, force_terminal=True)) as line:
        line(Progress({ETH: (0, STOLEN)}, 0, 0, 1, 1, "fetching \x1b[31m[bold]red"))
    assert "\x1b[31m" not in out.getvalue()


def test_a_notebook_keeps_one_line_of_plain_text_up_to_date() -> None:
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    code = f"""
import chaintrace as ct
from chaintrace.case.budget import Progress
with ct.ProgressLine(ct.Case.open("ronin")) as line:
    line(Progress({{"{ETH}": (0, {STOLEN})}}, 0, 0, 1, 1, "<b>fetching</b>"))
    line(Progress({{"{ETH}": ({STOLEN}, {STOLEN})}}, 3, 3, 9, 1))
"""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    nbclient.NotebookClient(notebook, timeout=60).execute()
    (shown,) = [one for one in notebook.cells[0].outputs if one.output_type == "display_data"]
    told = "100.00 % of 173,600 ETH accounted for, 3 accounts fetched, 9 requests/s"
    assert shown.data == {"text/plain": told}


def test_a_verification_shows_what_differs_as_text() -> None:
    same = Verified(1, 2, 3, 4, (), "ab" * 32)
    assert render(verified_view(same)).startswith(
        "The same, byte for byte: 1 page of 2 responses, 3 rows and 4 figures"
    )
    differs = tuple(Differs("row", "rpc [red]node[/red]\x1b[2J", f"kept {n}", "") for n in range(25))
    told = render(verified_view(Verified(1, 2, 3, 4, differs, "ab" * 32)))
    assert "25 differ" in told
    assert "rpc [red]node[/red]\\u001b[2J" in told
    assert "… and 5 more: --json" in told


@pytest.mark.parametrize("share", ["1.1", "-0.1", "much", 2, "1/0"])
def test_a_share_is_between_nothing_and_all(share: str | int) -> None:
    with pytest.raises(MethodError, match="is no share"):
        Budget(share=share)


@pytest.mark.parametrize("name", ["requests", "accounts", "seconds"])
def test_a_limit_is_a_whole_number(name: str) -> None:
    for value in (-1, 1.5, True, "3"):
        with pytest.raises(MethodError, match="is no limit"):
            Budget(**{name: value})  # type: ignore[arg-type]
