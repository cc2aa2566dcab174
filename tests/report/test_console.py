"""Where text goes: results to stdout, and a word on stderr once something takes longer than a second."""

from __future__ import annotations

import time

import pytest
from rich.table import Table
from rich.text import Text

from chaintrace.report import console


def test_text_has_no_colours_and_no_trailing_spaces_where_there_is_no_terminal() -> None:
    table = Table("a", "b")
    table.add_row("1", Text("2", style="bold red"))
    text = console.render(table)
    assert "\x1b" not in text
    assert all(line == line.rstrip() for line in text.splitlines())
    assert max(map(len, text.splitlines())) <= console.PLAIN_WIDTH


def test_quick_work_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with console.progress("reading"):
        pass
    assert capsys.readouterr() == ("", "")


def test_slow_work_says_what_it_does_on_stderr(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "PATIENCE_SECONDS", 0.01)
    with console.progress("following the money"):
        time.sleep(0.2)
    out, err = capsys.readouterr()
    assert (out, err) == ("", "following the money …\n")


def test_an_error_passes_through_and_leaves_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    before = threading.active_count()
    with pytest.raises(ZeroDivisionError), console.progress("dividing"):
        _ = 1 // 0
    assert threading.active_count() == before
