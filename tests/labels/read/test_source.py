"""Strangers' files: what could harm is refused before it is parsed, what unfolds is cut off, nothing is half read."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaintrace.errors import ChaintraceError, InputError, ListError
from chaintrace.labels.read.formats import READERS, read_list
from chaintrace.labels.read.markup import DEEPEST, elements
from chaintrace.labels.read.source import MIB, Source
from tests.labels.lists import SPACES, advanced, eu, sdn, uk_list, uk_xml, un

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
DOCTYPES = {
    "laughs": f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>',
    "quadratic": f'<!DOCTYPE x [<!ENTITY a "{"a" * 50_000}">]>',
    "external": '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>',
    "parameter": '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/evil.dtd"> %p;]>',
    "empty": "<!DOCTYPE x>",
    "lower case": "<!doctype x>",
}
LISTS = {"advanced": advanced(), "sdn": sdn(), "un": un(), "eu": eu(), "uk": uk_xml(), "uk list": uk_list()}
FORMS = {"advanced": "ofac-advanced", "sdn": "ofac-sdn", "un": "un", "eu": "eu", "uk": "uk-xml", "uk list": "uk-list"}


def packed(*members: tuple[str, bytes]) -> bytes:
    told = io.BytesIO()
    with zipfile.ZipFile(told, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members:
            archive.writestr(name, body)
    return told.getvalue()


@pytest.mark.parametrize("name", DOCTYPES)
@pytest.mark.parametrize("kind", LISTS)
def test_a_doctype_is_refused_wherever_it_stands(kind: str, name: str) -> None:
    head, mark, rest = LISTS[kind].partition("?>")
    for text in (f"{head}{mark}{DOCTYPES[name]}{rest}", f"{head}{mark}{rest}<!-- {DOCTYPES[name]} -->"):
        with pytest.raises(ListError, match="DOCTYPE or entities"):
            read_list(text.encode(), FORMS[kind])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_doctype_cannot_hide_in_another_encoding(encoding: str) -> None:
    text = LISTS["un"].replace("?>", ' encoding="utf-16"?><!DOCTYPE x>')
    with pytest.raises(ListError):
        read_list(text.encode(encoding), "un")


def test_a_doctype_across_two_pieces_is_seen() -> None:
    body = un().encode()
    for gap in range(MIB - 12, MIB + 2):
        text = b"<!--" + b" " * (gap - 4) + b"<!DOCTYPE x>-->" + body
        with pytest.raises(ListError, match="DOCTYPE"):
            Source(text).check_markup()


def test_elements_may_not_lie_too_deep() -> None:
    text = un().replace("<ENTITIES>", "<a>" * DEEPEST + "</a>" * DEEPEST + "<ENTITIES>")
    with pytest.raises(ListError, match="deeper"):
        read_list(text.encode())


def test_a_large_list_takes_little_memory() -> None:
    """What is not wanted is forgotten as it goes by."""
    filler = "<Location ID='1'><Comment>" + "x" * 1000 + "</Comment></Location>"
    text = advanced().replace("<Locations>", f"<Locations>{filler * 20_000}").encode()
    assert len(text) > 19 * MIB
    source = Source(text)
    tracemalloc.start()
    try:
        found = sum(1 for _ in elements(source, (f"{{{SPACES['advanced']}}}Sanctions",), ("DistinctParty",)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found == 4
    assert peak < 8 * MIB


def test_a_zip_of_one_list_is_that_list() -> None:
    bare, inside = read_list(un().encode()), read_list(packed(("../../evil/..\x00name", un().encode())))
    assert (inside.actors, inside.labels) == (bare.actors, bare.labels)
    assert inside.edition.sha256 != bare.edition.sha256, "the hash is of what came"


def test_what_is_wrong_inside_a_zip_is_said_as_it_is() -> None:
    with pytest.raises(ListError, match="cannot read the list: it has a DOCTYPE"):
        read_list(packed(("x.xml", un().replace("?>", "?><!DOCTYPE x>").encode())), "un")


def test_a_zip_bomb_is_refused() -> None:
    with pytest.raises(ListError, match="unfolds too far"):
        read_list(packed(("x.xml", b" " * 50 * MIB)), "un")


def test_a_zip_that_lies_about_its_size_is_cut_off() -> None:
    body = packed(("x.xml", b"\0" * 4 * MIB))
    honest = (4 * MIB).to_bytes(4, "little")
    with pytest.raises(ListError):
        read_list(body.replace(honest, (1000).to_bytes(4, "little")), "un")


def test_a_zip_of_several_or_of_nothing_is_refused() -> None:
    for body in (packed(("a", b"1"), ("b", b"2")), packed()):
        with pytest.raises(ListError):
            read_list(body, "un")
    with pytest.raises(ListError, match="no ZIP"):
        read_list(packed(("x.xml", un().encode()))[:-30], "un")


def test_a_file_may_not_be_larger_than_allowed(tmp_path: Path) -> None:
    path = tmp_path / "list.xml"
    path.write_bytes(b"x" * 1001)
    with pytest.raises(ListError, match="more than 1,000 bytes"):
        Source(path, most=1000)


def test_a_file_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.xml", tmp_path):
        with pytest.raises(InputError):
            read_list(path)


@pytest.mark.parametrize("form", READERS)
@given(body=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))))
def test_rubbish_is_refused_in_every_form(form: str, body: bytes) -> None:
    """Or read as a list of nothing but unusable rows; never another error, never a label."""
    try:
        found = read_list(body, form, published="2026-01-01", name="rubbish")
    except ChaintraceError:
        return
    assert found.labels == ()


@given(st.integers(0, 10**6), st.integers(1, 255))
def test_a_damaged_zip_is_refused_or_read_whole(at: int, mask: int) -> None:
    body = bytearray(packed(("x.xml", un().encode())))
    body[at % len(body)] ^= mask
    try:
        found = read_list(bytes(body), "un")
    except ChaintraceError:
        return
    assert found.actors == read_list(un().encode()).actors


@pytest.mark.parametrize("form", ["csv", "timeline", "explorer", "ofac-csv", "uk-csv"])
def test_a_cell_without_end_is_refused(form: str) -> None:
    text = f"address,category,since\n{'x' * 200_000},b,c\n"
    with pytest.raises(ListError):
        read_list(text.encode(), form, published="2026-01-01", name="long")


@given(st.sampled_from(sorted(LISTS)), st.data())
def test_a_list_with_a_damaged_byte_is_refused_or_read_whole(kind: str, data: st.DataObject) -> None:
    """A flipped byte may change a name; it never loses an entry silently."""
    body = bytearray(LISTS[kind].encode())
    at = data.draw(st.integers(0, len(body) - 1))
    body[at] ^= 1 << data.draw(st.integers(0, 6))
    whole = read_list(LISTS[kind].encode())
    try:
        found = read_list(bytes(body), FORMS[kind])
    except ChaintraceError:
        return
    assert len(found.actors) <= len(whole.actors)
    assert len(found.labels) + len(found.unusable) <= len(whole.labels)
