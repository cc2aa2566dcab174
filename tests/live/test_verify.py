"""Everything is derived again from what was kept, and whatever was changed is named."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import duckdb
import pytest

import chaintrace as ct
from chaintrace.errors import CaseError, StoreDamaged, StoreError


@pytest.fixture
def copy(fetched: ct.Case, tmp_path: Path) -> Path:
    """A copy of the fetched case, to be spoilt."""
    return Path(shutil.copytree(fetched.folder.path, tmp_path / "copy"))


def test_a_fetched_case_verifies(fetched: ct.Case) -> None:
    found = fetched.verify()
    assert found.same
    assert found.pages > 3
    assert found.rows == fetched.graph.table.num_rows
    assert found.figures > 100


def test_nothing_is_asked_of_anybody_to_verify(fetched: ct.Case, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refuse(*_: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert ct.Case.open(fetched.folder.path).verify().same


@pytest.mark.parametrize("kernel", ct.kernels())
def test_either_kernel_verifies_what_the_other_found(
    fetched: ct.Case, kernel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAINTRACE_KERNEL", kernel)
    assert ct.Case.open(fetched.folder.path).verify().same


def test_a_question_that_was_changed_is_named_with_the_figures_that_move(copy: Path) -> None:
    labels = copy / "labels.csv"
    lines = labels.read_text().splitlines()
    labels.write_text("\n".join(line for line in lines if ",mixer," not in line) + "\n")
    found = ct.Case.open(copy).verify()
    assert not found.same
    assert {one.what for one in found.differences} == {"question", "figure"}
    assert [one.where for one in found.differences if one.what == "question"] == ["labels.csv"]


def test_a_row_that_was_changed_is_found_on_opening(copy: Path) -> None:
    with duckdb.connect(copy / "store" / "case.duckdb") as con:
        con.execute("UPDATE rows SET amount = ? WHERE kind = 'native' AND page = 2", [bytes(32)])
    with pytest.raises(StoreDamaged):
        ct.Case.open(copy)


def test_a_response_that_was_changed_is_found_on_opening(copy: Path) -> None:
    file = next((copy / "store" / "evidence").rglob("*.zst"))
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(StoreDamaged) as caught:
        ct.Case.open(copy)
    assert file.name[:8] in str(caught.value)


def test_a_case_without_evidence_cannot_be_verified() -> None:
    with pytest.raises(CaseError, match="no evidence"):
        ct.Case.open("ronin").verify()


# ---- bundles


def test_a_bundle_opens_as_the_same_case(fetched: ct.Case, tmp_path: Path) -> None:
    path = fetched.export(tmp_path / "story.chaintrace")
    opened = ct.Case.open(path)
    assert opened.trace().ledger.equals(fetched.trace().ledger)
    assert opened.verify().same
    assert opened.store is not None
    assert fetched.store is not None
    assert opened.store.digest() == fetched.store.digest()
    assert opened.reconcile().equals(fetched.reconcile())


def test_a_bundle_of_a_bundle_is_the_same_file(fetched: ct.Case, tmp_path: Path) -> None:
    one = fetched.export(tmp_path / "one")
    other = ct.Case.open(one).export(tmp_path / "two")
    assert one.read_bytes() == other.read_bytes()


def test_the_rows_of_a_bundle_can_be_read_without_chaintrace(fetched: ct.Case, tmp_path: Path) -> None:
    import json

    with zipfile.ZipFile(fetched.export(tmp_path / "story")) as bundle:
        rows = [json.loads(line) for line in bundle.read("rows/0.jsonl").splitlines()]
        evidence = {name for name in bundle.namelist() if name.startswith("evidence/")}
    assert len(rows) == fetched.graph.table.num_rows
    assert {f"evidence/{row[-1].partition('#')[0]}" for row in rows} <= evidence


@pytest.mark.parametrize("victim", ["manifest.json", "times.json", "question/case.toml", "evidence/", "rows/0.jsonl"])
def test_a_bundle_that_was_changed_is_refused(fetched: ct.Case, tmp_path: Path, victim: str) -> None:
    """Every entry is compared with its hash; the manifest, which holds these, with what is derived."""
    path = fetched.export(tmp_path / "story")
    with zipfile.ZipFile(path) as bundle:
        entries = {name: bundle.read(name) for name in bundle.namelist()}
    name = next(name for name in sorted(entries) if name.startswith(victim))
    spoilt = entries[name].replace(b"0", b"1", 1)
    assert spoilt != entries[name]
    with zipfile.ZipFile(tmp_path / "spoilt", "w") as bundle:
        for one, data in entries.items():
            bundle.writestr(one, spoilt if one == name else data)
    with pytest.raises(StoreError):
        ct.Case.open(tmp_path / "spoilt")


@pytest.mark.parametrize("name", ["question/../../evil", "/etc/evil", "question/a/b", "evidence/../x"])
def test_a_bundle_writes_nowhere_but_into_its_folder(fetched: ct.Case, tmp_path: Path, name: str) -> None:
    import json

    path = fetched.export(tmp_path / "story")
    with zipfile.ZipFile(path, "a") as bundle:
        bundle.writestr(name, b"evil")
    with zipfile.ZipFile(path) as bundle:
        entries = {one: bundle.read(one) for one in bundle.namelist()}
    manifest = json.loads(entries["manifest.json"])
    manifest["files"][name] = "0" * 64
    entries["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(tmp_path / "evil", "w") as bundle:
        for one, data in entries.items():
            bundle.writestr(one, data)
    with pytest.raises(StoreDamaged, match="no entry of a case"):
        ct.Case.open(tmp_path / "evil")


def test_a_zip_that_is_no_case_says_so(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "any.zip", "w") as bundle:
        bundle.writestr("hello", "world")
    with pytest.raises(CaseError, match=r"manifest\.json"):
        ct.Case.open(tmp_path / "any.zip")
