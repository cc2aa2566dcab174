"""Every Python block of the documentation runs, and prints what the page says it prints."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from chaintrace.testing.anvil import NodeMissing, find
from tests.docs.blocks import PAGES, README, ROOT, blocks, run, tidy
from tests.testing.conftest import need_node

CHECKED = [path for path in [README, *PAGES] if path.is_file()]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def local_node(path: Path) -> None:
    """A page that begins with ``<!-- needs: node -->`` or ``bitcoin`` is skipped where there is none."""
    page = path.read_text(encoding="utf-8")
    if page.startswith("<!-- needs: bitcoin -->"):
        pytest.importorskip("pbk", reason="py-bitcoinkernel is not installed: pip install 'chaintrace[testing]'")
    if not page.startswith("<!-- needs: node -->"):
        return
    pytest.importorskip("vyper", reason="vyper is not installed: pip install 'chaintrace[testing]'")
    need_node(ROOT)


@pytest.mark.parametrize("path", CHECKED, ids=name)
def test_page(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    local_node(path)
    with suppress(NodeMissing):
        monkeypatch.setenv("CHAINTRACE_ANVIL", str(find(ROOT)))
    for printed in run(path, tmp_path):
        if printed.expected is not None:
            where = f"{name(path)}, line {printed.expected.line}"
            assert printed.output == tidy(printed.expected.text), where
        else:
            where = f"{name(path)}, line {printed.block.line}"
            assert printed.output == "", f"{where}: it prints, and no text block says what"


def test_blocks_are_read_as_meant() -> None:
    page = "<!-- file: a.csv -->\n```csv\nx\n```\n\n```python\nprint(1)\n```\n\n```text\n1\n```\nword\n```text\n```\n"
    found = blocks(page)
    assert [(block.language, block.file, block.follows) for block in found] == [
        ("csv", "a.csv", False),
        ("python", None, True),
        ("text", None, True),
        ("text", None, False),
    ]
    assert page.splitlines()[found[1].line - 1] == "print(1)"


@pytest.mark.parametrize("path", CHECKED, ids=name)
def test_every_fence_is_a_block(path: Path) -> None:
    """A fence that is indented or not closed would be left out of the test in silence."""
    page = path.read_text(encoding="utf-8")
    assert page.count("```") == 2 * len(blocks(page))
