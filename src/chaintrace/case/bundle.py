"""Bundle: a fetched case as one file, and back.

A zip of the question's files, ``manifest.json`` (every page, its calls, its digest; every file and its SHA-256), the
responses as they came, ``times.json`` (when they came, the one thing in it that depends on the clock), and the rows as
text for readers without chaintrace. Opening one decodes the responses again.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from chaintrace.errors import CannotWrite, CaseError, ProviderError, StoreDamaged
from chaintrace.fetch.doors import decode
from chaintrace.fetch.exact import load
from chaintrace.model.page import Asked, Body, Page, Question, row_lines
from chaintrace.store.store import Store

if TYPE_CHECKING:
    from chaintrace.case.case import Case

MANIFEST, TIMES = "manifest.json", "times.json"
VERSION = 1
_ROWS = re.compile(r"rows/.*")
MOST_BYTES = 16 * 2**30
EPOCH = (1980, 1, 1, 0, 0, 0)
_QUESTION = re.compile(r"question/[A-Za-z0-9][A-Za-z0-9._-]{0,100}")
_ENTRY = re.compile(rf"{_QUESTION.pattern}|evidence/[0-9a-f]{{64}}|rows/[0-9]{{1,4}}\.jsonl|{re.escape(TIMES)}")


def export(case: Case, path: Path) -> Path:
    """See ``Case.export``."""
    store = case.store
    if store is None:
        raise CaseError(case.name, "was not fetched, so that there is no evidence to hand on", "send its folder")
    if path.exists() and not is_bundle(path):
        raise CaseError(case.name, f"{path} is there and is no exported case", "choose another name")
    part = path.with_name(path.name + ".part")
    try:
        _fill(part, case, store)
        part.replace(path)
    except BaseException as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        raise CannotWrite(
            str(path), f"it cannot be written: {error.strerror}", "check the disk and the folder"
        ) from None
    return path


def _fill(path: Path, case: Case, store: Store) -> None:
    files = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as bundle:
        for name, data in _contents(case, store):
            files[name] = sha256(data).hexdigest()
            _write(bundle, name, data)
        _write(bundle, MANIFEST, _canonical(_manifest(store) | {"files": files}))


def _write(bundle: zipfile.ZipFile, name: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    bundle.writestr(entry, data)


def _contents(case: Case, store: Store) -> Iterator[tuple[str, bytes]]:
    for file in case.folder.files:
        name = f"question/{file.name}"
        if file.parent != case.folder.path or not _QUESTION.fullmatch(name):
            raise CaseError(case.name, f"{file} cannot be handed on", "keep tables beside case.toml, by plain names")
        yield name, file.read_bytes()
    digests = sorted({one.body for kept in store.pages() for one in kept.asked})
    yield TIMES, _canonical({digest: store.asked_at(digest) for digest in digests})
    for digest in digests:
        yield f"evidence/{digest}", store.body(digest)
    yield from _rows(store)


def _rows(store: Store) -> Iterator[tuple[str, bytes]]:
    for n, provider in enumerate(store.providers()):
        yield f"rows/{n}.jsonl", "".join(f"{line}\n" for line in row_lines(store.rows(provider))).encode()


def _manifest(store: Store) -> dict[str, Any]:
    pages = store.pages()
    return {
        "version": VERSION,
        "digest": store.digest(),
        "settings": store.settings(),
        "pages": [
            {
                "question": kept.question.to_json(),
                "asked": [[one.call, one.body, one.place, one.lasting] for one in kept.asked],
                "digest": kept.digest,
            }
            for kept in pages
        ],
        "orphans": [asdict(one) for one in store.orphans()],
    }


def _canonical(told: Any) -> bytes:
    return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True).encode()


# ---- back --------------------------------------------------------------------------------------------------------


def is_file(case: str | Path) -> bool:
    """Whether this names a file; what can be no name of one does not."""
    try:
        return Path(case).is_file()
    except (OSError, ValueError):  # a name that is too long, a NUL in it
        return False


def is_bundle(case: str | Path) -> bool:
    """Whether this is a file that could be one."""
    return is_file(case) and zipfile.is_zipfile(case)


def is_packed(path: str | Path) -> bool:
    """Whether this is a zip of one file and no more, as tornado-cli writes them: a bundle, even a damaged one, holds
    several."""
    try:
        with zipfile.ZipFile(path) as archive:
            return len(names := archive.namelist()) == 1 and names != [MANIFEST]
    except (OSError, zipfile.BadZipFile):
        return False


def unpack(path: Path) -> Path:
    """The case in a new temporary folder, which the caller removes. StoreDamaged names what is not as it was written;
    CaseError for a zip that is no bundle."""
    folder = Path(mkdtemp(prefix="chaintrace-"))
    try:
        with zipfile.ZipFile(path) as bundle:
            _unpack(_Bundle(path, bundle), folder)
    except BaseException as error:
        rmtree(folder, ignore_errors=True)
        if isinstance(error, (zipfile.BadZipFile, EOFError, RuntimeError)):
            raise StoreDamaged(str(path), f"it cannot be read: {error}", "ask for the file again") from None
        raise
    return folder


class _Bundle:
    """The entries of a zip, each checked before it is used."""

    def __init__(self, path: Path, bundle: zipfile.ZipFile) -> None:
        self.path, self.bundle = path, bundle
        names = bundle.namelist()
        if MANIFEST not in names:
            raise CaseError(path.name, f"is a zip without {MANIFEST}, so it is no case", "chaintrace export writes one")
        if len(set(names)) != len(names):
            raise self.damaged("an entry stands in it twice")
        if sum(entry.file_size for entry in bundle.infolist()) > MOST_BYTES:
            raise self.damaged(f"it would unpack to more than {MOST_BYTES:,} bytes")
        self.told = self._manifest()
        if set(names) - {MANIFEST} != set(self.told["files"]):
            raise self.damaged("what it holds is not what its manifest names")
        for name in names:
            if name != MANIFEST and not _ENTRY.fullmatch(name):
                raise self.damaged(f"{name[:100]!r} is no entry of a case")
        self.times = self._times()

    def _times(self) -> dict[str, Any]:
        try:
            return dict(load(self.read(TIMES)))
        except (ValueError, TypeError):
            raise self.damaged(f"{TIMES} cannot be read") from None

    def _manifest(self) -> dict[str, Any]:
        try:
            told = load(self.bundle.read(MANIFEST))
            if told["version"] > VERSION:
                raise CaseError(self.path.name, "was written by a newer chaintrace", "open it with that one")
            return {name: told[name] for name in ("digest", "settings", "pages", "orphans", "files")}
        except (ValueError, KeyError, TypeError) as error:
            raise self.damaged(f"its manifest cannot be read ({type(error).__name__})") from None

    def read(self, name: str) -> bytes:
        try:
            data = self.bundle.read(name)
        except KeyError:
            raise self.damaged(f"{name} is missing") from None
        if sha256(data).hexdigest() != self.told["files"].get(name):
            raise self.damaged(f"{name} is not what was written")
        return data

    def names(self, pattern: re.Pattern[str]) -> list[str]:
        return sorted(name for name in self.told["files"] if pattern.fullmatch(name))

    def damaged(self, reason: str) -> StoreDamaged:
        return StoreDamaged(str(self.path), reason, "ask for the file again, and compare its SHA-256 with the sender's")


def _unpack(bundle: _Bundle, folder: Path) -> None:
    for name in bundle.names(_QUESTION):
        (folder / name.removeprefix("question/")).write_bytes(bundle.read(name))
    store = Store.create(folder)
    orphans = list(bundle.told["orphans"])
    with store.writing():
        for n, told in enumerate(bundle.told["pages"], start=1):
            _cut(store, orphans, n)
            store.commit([_page(bundle, told)])
        _cut(store, orphans, None)
        for key, value in sorted(bundle.told["settings"].items()):
            store.set(key, value)
    if store.digest() != bundle.told["digest"]:
        raise bundle.damaged("what its responses say is not what it says of them")
    for name, data in _rows(store):
        if bundle.read(name) != data:
            raise bundle.damaged(f"{name} is not what its responses say")
    if len(bundle.names(_ROWS)) != len(store.providers()):
        raise bundle.damaged("it holds rows of nobody")


def _cut(store: Store, orphans: list[dict[str, Any]], page: int | None) -> None:
    """Reorgs in their turn: those found before ``page`` was kept; None: all that are left."""
    while orphans and (page is None or orphans[0]["page"] <= page):
        one = orphans.pop(0)
        store.orphan(one["provider"], one["block"])


def _page(bundle: _Bundle, told: dict[str, Any]) -> Page:
    try:
        load(told["question"].encode())
        question = Question.from_json(told["question"])
        asked = tuple(Asked(call, body, place, lasting) for call, body, place, lasting in told["asked"])
        bodies = {one.body: Body(bundle.read(f"evidence/{one.body}"), int(bundle.times[one.body])) for one in asked}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise bundle.damaged(f"a page of its manifest cannot be read ({type(error).__name__})") from None
    if any(body.sha256 != digest for digest, body in bodies.items()):
        raise bundle.damaged("a response is not the one whose hash it carries")
    try:
        answer = decode(question, asked, lambda digest: bodies[digest].data)
    except ProviderError as error:
        raise bundle.damaged(f"a response does not say what it should: {error.message}") from None
    except pa.ArrowException as error:
        raise bundle.damaged(str(error)[:200]) from None
    if answer.digest != told.get("digest"):
        raise bundle.damaged("a page says something else than it did")
    return Page(question, asked, bodies, answer)
