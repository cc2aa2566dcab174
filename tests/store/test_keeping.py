"""What was committed is what is read, once, however it was committed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaintrace.errors import StoreDamaged, StoreError
from chaintrace.model.page import Answer, Metadata, Page
from chaintrace.model.transfer import SCHEMA
from chaintrace.store.store import Store
from tests.store.worlds import ACCOUNTS, FEW, PAGES, everything, filled, histories, row, table

IDENTITY = ("chain", "tx_hash", "kind", "seq")


@FEW
@given(histories())
def test_what_was_committed_is_read_back(pages: list[Page]) -> None:
    with TemporaryDirectory() as folder:
        store = filled(Store.create(Path(folder)), pages)
        assert [(kept.question, kept.asked, kept.digest) for kept in store.pages()] == [
            (page.question, page.asked, page.answer.digest) for page in pages
        ]
        for page in pages:
            for digest, body in page.bodies.items():
                assert store.body(digest) == body.data
        for provider in store.providers():
            own = [page.answer for page in pages if page.question.provider == provider]
            rows = store.rows(provider)
            assert rows.schema.equals(SCHEMA)
            assert rows.to_pylist() == _expected(own)
            assert store.covered(provider) == [one for answer in own for one in answer.covered]
            assert store.balances(provider) == list(dict.fromkeys(one for answer in own for one in answer.balances))
            assert store.missing(provider) == list(dict.fromkeys(one for answer in own for one in answer.missing))
            assert store.metadata(provider) == list(own[0].metadata)
            assert store.notes(provider) == tuple(dict.fromkeys(note for answer in own for note in answer.notes))
            assert store.hashes(provider) == {n: name for answer in own for n, name in answer.hashes.items()}
            assert len(store.rejected(provider)) == len(own)
        assert everything(Store.open(Path(folder))) == everything(store)


@FEW
@given(histories(), st.data())
def test_the_grouping_into_commits_does_not_matter(pages: list[Page], data: st.DataObject) -> None:
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        singly, grouped = filled(Store.create(Path(one)), pages), Store.create(Path(other))
        rest = pages
        with grouped.writing():
            while rest:
                size = data.draw(st.integers(1, len(rest)))
                grouped.commit(rest[:size])
                rest = rest[size:]
        assert everything(singly) == everything(grouped)


@FEW
@given(histories())
def test_twice_the_same_is_once(pages: list[Page]) -> None:
    with TemporaryDirectory() as folder:
        store = filled(Store.create(Path(folder)), pages)
        once = everything(store)
        with store.writing():
            store.commit([*pages, *pages])
        assert everything(filled(store, pages)) == once


def test_a_store_is_there_once_it_was_made(tmp_path: Path) -> None:
    assert not Store.exists(tmp_path)
    with pytest.raises(StoreError, match="there is no store"):
        Store.open(tmp_path)
    filled(Store.create(tmp_path / "new" / "case"), PAGES)
    assert Store.exists(tmp_path / "new" / "case")
    assert len(Store.create(tmp_path / "new" / "case").pages()) == len(PAGES)


def test_nothing_is_written_without_being_the_writer(tmp_path: Path) -> None:
    store = Store.create(tmp_path)
    for write in (lambda: store.commit(PAGES), lambda: store.orphan("rpc one", 3), lambda: store.set("key", "value")):
        with pytest.raises(StoreError, match="nobody is writing"):
            write()
    assert store.pages() == []


def test_a_question_has_one_answer(tmp_path: Path) -> None:
    store = filled(Store.create(tmp_path), PAGES[:1])
    before = everything(store)
    same = PAGES[0].question
    other = replace(PAGES[1], question=same)
    with store.writing():
        for pages in ([other], [PAGES[1], other]):
            with pytest.raises(StoreError, match="the same question is kept with another answer"):
                store.commit(pages)
        with pytest.raises(StoreError, match="the same question is kept with another answer"):
            store.commit([PAGES[1], replace(PAGES[2], question=PAGES[1].question)])
    assert everything(store) == before


def test_every_answer_has_its_response(tmp_path: Path) -> None:
    store, page = Store.create(tmp_path), PAGES[0]
    body = next(iter(page.bodies.values()))
    with store.writing():
        with pytest.raises(StoreError, match="which did not come with it"):
            store.commit([replace(page, bodies={})])
        with pytest.raises(StoreError, match="which is not its SHA-256"):
            store.commit([replace(page, bodies={"0" * 64: body})])
    assert store.pages() == []
    assert store.asked_at(body.sha256) is None


def test_rows_of_another_schema_are_refused(tmp_path: Path) -> None:
    store, page = Store.create(tmp_path), PAGES[0]
    with store.writing(), pytest.raises(StoreError, match="not of the one schema"):
        store.commit([replace(page, answer=Answer(page.answer.rows.drop_columns(["evidence"])))])


def test_the_last_value_of_a_setting_counts(tmp_path: Path) -> None:
    store = Store.create(tmp_path)
    empty = store.digest()
    with store.writing():
        store.set("pinned", "1")
        store.set("pinned", "2")
        store.set("a", "\x00\u202e'; DROP TABLE pages")
    assert store.get("pinned") == "2"
    assert store.get("absent") is None
    assert Store.open(tmp_path).settings() == {"a": "\x00\u202e'; DROP TABLE pages", "pinned": "2"}
    assert store.digest() != empty


def test_text_that_is_no_unicode_is_refused(tmp_path: Path) -> None:
    store, page = Store.create(tmp_path), PAGES[0]
    broken = replace(page, answer=replace(page.answer, metadata=(Metadata("x", "\ud800", 1),)))
    with store.writing():
        with pytest.raises(StoreError, match="no Unicode"):
            store.commit([broken])
        with pytest.raises(StoreError, match="no Unicode"):
            store.set("key", "\ud800")
    assert store.pages() == []


def test_only_lasting_answers_are_found(tmp_path: Path) -> None:
    other = Store.create(tmp_path)
    assert other.find("rpc one", "eth_chainId") is None
    filled(Store.open(tmp_path), PAGES)
    assert other.find("rpc one", "eth_chainId") == PAGES[0].asked[0]
    assert other.find("rpc two", "eth_chainId") is None
    assert other.find("rpc one", PAGES[0].asked[1].call) is None


def test_a_response_that_was_never_kept_is_no_damage(tmp_path: Path) -> None:
    store = filled(Store.create(tmp_path), PAGES)
    for digest in ("0" * 64, "../../lock"):
        with pytest.raises(StoreError) as caught:
            store.body(digest)
        assert not isinstance(caught.value, StoreDamaged)


def test_opening_rows_come_first(tmp_path: Path) -> None:
    late = table([row(5, 0, None, ACCOUNTS[0], 9, "opening", "") | {"tx_index": None}])
    early = table([row(2, 0, ACCOUNTS[0], ACCOUNTS[1], 9, "native", "")])
    pages = [replace(page, answer=Answer(rows)) for page, rows in zip(PAGES, (early, late), strict=False)]
    store = filled(Store.create(tmp_path), pages)
    assert store.rows("rpc one").column("kind").to_pylist() == ["opening", "native"]


def test_an_empty_commit_and_an_empty_answer_are_nothing_special(tmp_path: Path) -> None:
    store, page = Store.create(tmp_path), replace(PAGES[0], asked=(), bodies={}, answer=Answer(table([])))
    filled(store, [page])
    with store.writing():
        store.commit([])
    assert store.rows("rpc one").schema.equals(SCHEMA)
    assert [kept.digest for kept in Store.open(tmp_path).pages()] == [page.answer.digest]


def _expected(answers: Sequence[Answer]) -> list[dict[str, Any]]:
    first: dict[object, dict[str, Any]] = {}
    for answer in answers:
        for one in answer.rows.to_pylist():
            first.setdefault(tuple(one[name] for name in IDENTITY), one)
    return sorted(
        first.values(),
        key=lambda one: (one["kind"] != "opening", one["block"], one["tx_index"], one["seq"], one["kind"]),
    )
