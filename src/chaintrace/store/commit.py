"""Commit: which of some pages are new, and whether they may be kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chaintrace.errors import StoreError
from chaintrace.model.page import Page
from chaintrace.store import told
from chaintrace.store.base import Con
from chaintrace.store.fresh import Fresh, bodies_of, checked
from chaintrace.store.kept import again


def fresh(con: Con, pages: Iterable[Page], file: str) -> Fresh:
    """Those pages that are not kept yet, each once, with the numbers that they get.

    ``StoreError`` when a question is kept with another answer, or a response that is referred to is nowhere.
    """
    wanted: dict[str, Page] = {}
    for page in map(checked, pages):
        first = wanted.setdefault(page.question.id, page)
        if first is not page and _said(first) != _said(page):
            raise _another(page, file)
    kept = _kept(con, wanted)
    for name in kept.keys() & wanted.keys():
        if kept[name] != _said(wanted[name]):
            raise _another(wanted[name], file)
    new = [page for name, page in wanted.items() if name not in kept]
    return Fresh(new, _next(con), _new_bodies(con, new, file))


def _said(page: Page) -> tuple[object, ...]:
    return page.answer.digest, tuple(page.asked)


def _kept(con: Con, wanted: Iterable[str]) -> dict[str, tuple[object, ...]]:
    """What is kept of these questions; a page that a reorg has cut may be asked again and is no longer in the way."""
    found = con.execute(
        f"WITH {told.CUT} SELECT id, page, digest FROM pages JOIN cut USING (page) "
        "WHERE id IN (SELECT unnest($ids::VARCHAR[])) AND (until IS NULL OR until >= last) ORDER BY page",
        {"ids": list(wanted)},
    ).fetchall()
    columns = "n, call, body, place, lasting"
    asked = {page: told.by_page(con, "asked", columns, told.as_asked, (page, page))[page] for _, page, _ in found}
    return {name: (digest, asked[page]) for name, page, digest in found}


def _next(con: Con) -> int:
    found = con.execute("SELECT coalesce(max(page), 0) + 1 FROM pages").fetchall()
    return int(found[0][0])


def _new_bodies(con: Con, pages: Sequence[Page], file: str) -> dict[str, int]:
    """The responses that are not kept yet, with the number of the page that brings them."""
    first = _next(con)
    named = {one.body for page in pages for one in page.asked} | bodies_of(pages).keys()
    found = con.execute(
        "SELECT sha256 FROM bodies WHERE sha256 IN (SELECT unnest(?::VARCHAR[]))", [list(named)]
    ).fetchall()
    kept = {digest for (digest,) in found}
    brought: dict[str, int] = {}
    for number, page in enumerate(pages, first):
        for digest in page.bodies:
            if digest not in kept:
                brought.setdefault(digest, number)
    nowhere = named - kept - brought.keys()
    if nowhere:
        raise StoreError(file, f"a page refers to the response {min(nowhere)}, which did not come with it")
    return brought


def _another(page: Page, file: str) -> StoreError:
    return StoreError(file, "the same question is kept with another answer", again(page.question))
