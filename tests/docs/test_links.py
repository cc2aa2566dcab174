"""Links between pages resolve, paths that pages name are there, and no page is missing from the table of contents."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.blocks import DOCS, PAGES, README, ROOT
from tests.docs.test_blocks import name

TEXTS = [path for path in [README, *sorted(ROOT.glob("C*.md")), *PAGES] if path.is_file()]
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_PATH = re.compile(r"`((?:src|tests|docs|examples|bench)/[\w./*-]+)`")
_ENTRY = re.compile(r"[\w/.-]+\.md")


def prose(path: Path) -> str:
    return _FENCED.sub("", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_links_resolve(path: Path) -> None:
    targets = [link.partition("#")[0] for link in _LINK.findall(prose(path)) if "://" not in link]
    assert [target for target in targets if target and not (path.parent / target).exists()] == []


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_paths_that_are_named_are_there(path: Path) -> None:
    assert [named for named in _PATH.findall(prose(path)) if not any(ROOT.glob(named.rstrip("/")))] == []


def test_every_page_is_in_the_contents() -> None:
    contents = set(_ENTRY.findall((ROOT / "mkdocs.yml").read_text(encoding="utf-8")))
    assert contents == {page.relative_to(DOCS).as_posix() for page in PAGES}
