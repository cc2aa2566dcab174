"""Writes what blocks really print into the text blocks after them: ``python -m tests.docs.refresh docs/tutorial.md``.

Read the difference before you commit it: a figure that changed is a finding, not a formality.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.docs.blocks import run


def refresh(path: Path) -> bool:
    """True if the page was changed."""
    with TemporaryDirectory() as folder:
        printed = list(run(path, Path(folder)))
    before = page = path.read_text(encoding="utf-8")
    for block in reversed(printed):
        if block.expected is not None:
            page = page[: block.expected.start] + block.output + page[block.expected.stop :]
    path.write_text(page, encoding="utf-8")
    return page != before


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        print(argument, "changed" if refresh(Path(argument)) else "unchanged")
