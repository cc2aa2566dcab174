"""Blocks of a page: what they run, what they print, and the files that they need.

A block of ``python`` is executed; all of a page share one namespace, from top to bottom. A block of ``text`` that
follows it directly is what it prints. A block after ``<!-- file: name -->`` is written to the folder in which the page
runs. Every other block is for reading, and so is one with an address or hash left out (``0x…``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import chdir, redirect_stdout
from io import StringIO
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
README = ROOT / "README.md"

SKETCH = "0x…"

_BLOCK = re.compile(
    r"^(?:<!-- file: (?P<file>\S+) -->\n)?```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


class Block(NamedTuple):
    """``start``, ``stop``: where its text stands in the page. ``follows``: nothing but space since the block before."""

    language: str
    file: str | None
    text: str
    start: int
    stop: int
    line: int
    follows: bool


class Printed(NamedTuple):
    """What a block printed, and the block that says so, if there is one."""

    block: Block
    output: str
    expected: Block | None


def blocks(page: str) -> list[Block]:
    found: list[Block] = []
    end = 0
    for match in _BLOCK.finditer(page):
        start, stop = match.span("text")
        line = page.count("\n", 0, start) + 1
        follows = bool(found) and not page[end : match.start()].strip()
        found.append(Block(match["language"], match["file"], match["text"], start, stop, line, follows))
        end = match.end()
    return found


def run(path: Path, folder: Path) -> Iterator[Printed]:
    """Runs the page in ``folder``, which must be empty."""
    found = blocks(path.read_text(encoding="utf-8"))
    for block in found:
        if block.file:
            target = folder / block.file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
    names: dict[str, object] = {"__name__": "page"}
    for block, after in zip_longest(found, found[1:]):
        if block.language != "python" or block.file or SKETCH in block.text:
            continue
        code = compile("\n" * (block.line - 1) + block.text, str(path), "exec", dont_inherit=True)
        with chdir(folder), redirect_stdout(StringIO()) as printed:
            exec(code, names)
        expected = after if after and after.language == "text" and after.follows else None
        yield Printed(block, tidy(printed.getvalue()), expected)


def tidy(text: str) -> str:
    """No spaces at the ends of lines, one newline at the end."""
    return "".join(line.rstrip() + "\n" for line in text.rstrip().splitlines())
