"""The user's folder: a new edition is kept whole, a refused one changes nothing, own labels lie on top."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaintrace.errors import CannotWrite, InputError, ListError
from chaintrace.labels import folder as folders
from chaintrace.labels.book import LabelBook
from chaintrace.labels.folder import keep_list, kept_lists, label_folder, open_book
from chaintrace.labels.kept import kept_text, read_kept
from chaintrace.labels.official import OFFICIAL, Official
from chaintrace.labels.read.check import Expected
from tests.labels.lists import BLENDER, LAZARUS, RONIN, Party, advanced, eu, read, sdn, uk_csv, uk_list, uk_xml, un

SMALL = Expected(actors=2, labels=1, actor="lazarus group", address=RONIN.lower())


@pytest.fixture(autouse=True)
def short_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """The official lists, of which a few entries are enough."""
    one = OFFICIAL["ofac"]
    monkeypatch.setitem(OFFICIAL, "ofac", Official(one.name, one.title, one.url, one.formats, SMALL))


def parties(count: int) -> list[Party]:
    return [LAZARUS, *(Party(f"P{n}", addresses=[("ETH", f"0x{n + 1:040x}")]) for n in range(count))]


def contents(path: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in path.rglob("*") if one.is_file()}


def test_an_edition_is_kept_and_answers(tmp_path: Path) -> None:
    done = keep_list("ofac", advanced(parties(9), "2026-11-01").encode(), tmp_path, origin="here")
    assert (done.changed, done.before, done.found.edition.origin) == (True, None, "here")
    book = LabelBook.open(tmp_path)
    assert [one.published for one in book.lists if one.name == "ofac"] == ["2026-08-20", "2026-11-01"]
    assert [one.source for one in book.look("0x" + "0" * 39 + "1", "2026-11-02").labels] == ["US OFAC SDN list"]
    assert book.look(RONIN, "2026-11-02").sanctioned is True


def test_what_the_new_edition_lacks_is_no_longer_sanctioned(tmp_path: Path) -> None:
    keep_list(
        "ofac", advanced([LAZARUS._replace(addresses=[("ETH", RONIN)]), Party("K")], "2026-11-01").encode(), tmp_path
    )
    book = open_book(tmp_path)
    assert [book.look(BLENDER, at).sanctioned for at in ("2026-08-20", "2026-09-15", "2026-11-01")] == [
        True,
        None,
        False,
    ]


def test_editions_gather(tmp_path: Path) -> None:
    first = keep_list("ofac", advanced(parties(9), "2026-11-01").encode(), tmp_path)
    again = keep_list("ofac", advanced(parties(9), "2026-11-01").encode(), tmp_path)
    assert (again.changed, again.path) == (False, first.path)
    later = keep_list("ofac", sdn(parties(10), "11/08/2026").encode(), tmp_path)
    assert later.before is not None
    assert [one.edition.published for one in kept_lists(tmp_path, "ofac")] == ["2026-11-01", "2026-11-08"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (advanced(parties(7), "2026-11-08"), "the edition before had"),
        (advanced(parties(9), "2026-10-31"), "is there already"),
        (advanced([], "2026-11-08"), "0 actors"),
        (advanced(parties(9), "2026-11-08")[:-40], "not whole"),
        (advanced(parties(9), "2026-11-08", space="urn:x"), "its root is"),
        (advanced(parties(9), "2026-11-08").replace("?>", "?><!DOCTYPE x>"), "DOCTYPE"),
        (advanced(parties(9), "2026-11-08").replace(RONIN, BLENDER), "is not on it"),
        (un(), "of the form un"),
        (uk_csv(), "of the form uk-csv"),
        ("<html>Access denied</html>", "no list of a known form"),
        ("", "no list of a known form"),
    ],
)
def test_a_refused_list_changes_nothing(tmp_path: Path, content: str, said: str) -> None:
    keep_list("ofac", advanced(parties(9), "2026-11-01").encode(), tmp_path)
    before = contents(tmp_path)
    with pytest.raises(ListError, match=said):
        keep_list("ofac", content.encode(), tmp_path)
    assert contents(tmp_path) == before
    assert open_book(tmp_path).look(RONIN, "2026-11-02").sanctioned is True


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ofac", advanced([])), ("ofac", sdn([])), ("un", un([])), ("eu", eu([])),
        ("uk", uk_csv([])), ("uk", uk_xml([])), ("uk", uk_list([])),
    ],
    ids=["advanced", "sdn", "un", "eu", "uk csv", "uk xml", "uk list"],
)  # fmt: skip
def test_an_emptied_list_is_refused_in_every_form(tmp_path: Path, name: str, content: str) -> None:
    with pytest.raises(ListError):
        keep_list(name, content.encode(), tmp_path)
    assert contents(tmp_path) == {}


@pytest.mark.parametrize("step", ["mkstemp", "fsync", "replace"])
def test_a_disk_that_fails_changes_nothing(tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_list("ofac", advanced(parties(9), "2026-11-01").encode(), tmp_path)
    before = contents(tmp_path)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    home = {"mkstemp": folders.tempfile, "fsync": folders.os, "replace": Path}[step]
    monkeypatch.setattr(home, step, full)
    with pytest.raises(CannotWrite, match="No space left"):
        keep_list("ofac", advanced(parties(10), "2026-11-08").encode(), tmp_path)
    monkeypatch.undo()
    assert contents(tmp_path) == before


@pytest.mark.parametrize("at", [0, 70, -3])
def test_a_damaged_edition_is_an_error_that_names_it(tmp_path: Path, at: int) -> None:
    path = keep_list("un", un([f"RECONNAISSANCE GENERAL BUREAU {n}" for n in range(700)]).encode(), tmp_path).path
    body = bytearray(path.read_bytes())
    body[at] ^= 1
    path.write_bytes(body)
    with pytest.raises(ListError, match=path.name) as caught:
        open_book(tmp_path)
    assert "labels update" in caught.value.hint


def test_another_version_is_refused() -> None:
    text = kept_text(read(un()))
    body = text.partition("\n")[2].replace('"version":1', '"version":2')
    from hashlib import sha256

    with pytest.raises(ListError, match="version 2"):
        read_kept(f"{sha256(body.removesuffix(chr(10)).encode()).hexdigest()}\n{body}", "x")


def test_own_labels_lie_on_top_and_may_take_back(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "b.csv").write_text(f"address,category\n{RONIN},user\n", encoding="utf-8")
    (own / "a.toml").write_text(
        f'[[withdraw]]\naddress = "{RONIN}"\ncategory = "illicit"\nreason = "a test"\n', encoding="utf-8"
    )
    (own / "notes.txt").write_text("not a list", encoding="utf-8")
    book = open_book(tmp_path)
    assert [one.name for one in book.lists][-2:] == ["a.toml", "b.csv"]
    answer = book.look(RONIN, "2026-08-20")
    assert answer.categories == ("sanctioned", "user")
    assert {one.reason for _, one in answer.withdrawn} == {"a test"}
    (own / "c.csv").write_text("address,category\n0x12,user\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"c\.csv, line 2"):
        open_book(tmp_path)


def test_a_folder_that_was_named_must_be_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a wrong name would be answered from the bundled lists alone."""
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for name, said in (("none", "there is no such folder"), ("file", "it is no folder")):
        with pytest.raises(InputError, match=said) as caught:
            LabelBook.open(tmp_path / name)
        assert "CHAINTRACE_LABELS" in caught.value.hint
        monkeypatch.setenv("CHAINTRACE_LABELS", str(tmp_path / name))
        with pytest.raises(InputError, match=said):
            open_book()
    monkeypatch.delenv("CHAINTRACE_LABELS")
    monkeypatch.setattr(folders, "label_folder", lambda: tmp_path / "none")
    assert len(open_book()) > 0, "the system's place need not be there yet"


def test_where_the_folder_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAINTRACE_LABELS", str(tmp_path))
    assert label_folder() == tmp_path
    monkeypatch.delenv("CHAINTRACE_LABELS")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert label_folder() == Path("/data/chaintrace/labels")
    monkeypatch.delenv("XDG_DATA_HOME")
    assert label_folder() == Path.home() / ".local/share/chaintrace/labels"
    monkeypatch.setattr("sys.platform", "darwin")
    assert label_folder() == Path.home() / "Library/Application Support/chaintrace/labels"
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", "/local")
    assert label_folder() == Path("/local/chaintrace/labels")


def test_a_real_list_is_kept(tmp_path: Path, data: Path) -> None:
    done = keep_list("un", data / "un" / "UN_consolidated.xml", tmp_path)
    assert (done.found.edition.published, len(done.found.actors)) == ("2026-02-27", 1003)
    assert open_book(tmp_path).find("reconnaissance general bureau")[-1].reference == "KPe.031"
