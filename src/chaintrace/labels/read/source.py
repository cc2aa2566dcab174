"""Source: the bytes of a list, within limits: from a file or from memory, bare or as the only member of a ZIP."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from chaintrace.errors import ChaintraceError, InputError, ListError

MIB = 1 << 20
MOST = 512 * MIB
"""SDN_ADVANCED.XML, the largest list, has some 120 MB."""
RATIO = 100
"""XML packs 30 to one; a bomb packs 1,000 to one."""
LINE = 1 << 17
PIECE = MIB
FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY")

_UNSAFE = "do not open it; fetch the list again from its official address"


class Source:
    """A list to be read. ``name`` is shown in errors, ``sha256`` is of the bytes as they came, packed or not."""

    def __init__(self, content: str | Path | bytes, name: str = "", most: int = MOST) -> None:
        self._content = content if isinstance(content, bytes) else Path(content)
        self.name = name or (str(content) if not isinstance(content, bytes) else "the list")
        self.most = most
        self.sha256 = self._digest()

    @contextmanager
    def stream(self) -> Iterator[BinaryIO]:
        """The unpacked bytes, from their beginning. ListError once they are more than ``most``, or a bomb."""
        packed = False
        try:
            with self._open() as raw:
                packed = raw.read(4) == b"PK\x03\x04"
                raw.seek(0)
                if not packed:
                    yield _Limited(raw, self.name, self.most)
                    return
                with zipfile.ZipFile(raw) as archive, archive.open(self._member(archive)) as member:
                    yield _Limited(member, self.name, self.most)
        except ChaintraceError:
            raise
        except OSError as error:
            raise InputError(self.name, error.strerror or str(error), "check the path") from error
        except (zipfile.BadZipFile, RuntimeError, EOFError, ValueError, zlib.error) as error:
            if not packed:
                raise
            raise ListError(self.name, f"it is no ZIP that can be unpacked: {error}", _UNSAFE) from error

    def text(self, encodings: tuple[str, ...] = ("utf-8-sig",)) -> str:
        """The whole list as text, in the first encoding that it is in. For lists that are small."""
        with self.stream() as stream:
            data = stream.read()
        for encoding in encodings:
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                continue
        raise ListError(self.name, f"it is not in {' or '.join(encodings)}", "fetch it again; it may be packed")

    def lines(self, encodings: tuple[str, ...] = ("utf-8-sig",)) -> io.StringIO:
        """The text for the csv module, which alone knows where a line of a table ends. ListError for a line without
        end: the module's own limit may have been raised by others."""
        text = self.text(encodings)
        if max(map(len, text.split("\n")), default=0) > LINE:
            raise ListError(self.name, f"a line has more than {LINE:,} characters", "fetch it again")
        return io.StringIO(text, newline="")

    def check_markup(self) -> None:
        """Before parsing: ListError where a DOCTYPE, an entity, or an encoding that could hide one is in it."""
        kept, first = b"", True
        with self.stream() as stream:
            while piece := stream.read(PIECE):
                if first and (piece[:2] in (b"\xfe\xff", b"\xff\xfe") or b"\0" in piece[:4]):
                    raise ListError(self.name, "it is not in UTF-8", _UNSAFE)
                window, first = (kept + piece).upper(), False
                if b"\0" in window or any(word in window for word in FORBIDDEN):
                    raise ListError(self.name, "it has a DOCTYPE or entities, which no official list has", _UNSAFE)
                kept = piece[-16:]

    def _member(self, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
        # Its name is not used, so it cannot lead anywhere.
        members = [one for one in archive.infolist() if not one.is_dir()]
        if len(members) != 1:
            raise ListError(self.name, f"it is a ZIP of {len(members)} files, a list is one", "unpack it first")
        (member,) = members
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ListError(self.name, "it is packed in an unusual way", "unpack it first")
        if member.file_size > self.most or member.file_size > RATIO * max(member.compress_size, 1):
            told = f"{member.file_size:,} bytes out of {member.compress_size:,}"
            raise ListError(self.name, f"it unfolds too far ({told})", _UNSAFE)
        return member

    @contextmanager
    def _open(self) -> Iterator[BinaryIO]:
        if isinstance(self._content, bytes):
            yield io.BytesIO(self._content)
        else:
            with self._content.open("rb") as file:
                yield file

    def _digest(self) -> str:
        found, size = sha256(), 0
        try:
            with self._open() as raw:
                while piece := raw.read(PIECE):
                    found.update(piece)
                    size += len(piece)
                    if size > self.most:
                        raise ListError(self.name, f"it has more than {self.most:,} bytes", "is it the right file?")
        except OSError as error:
            raise InputError(self.name, error.strerror or str(error), "check the path") from error
        return found.hexdigest()


class _Limited(io.RawIOBase, BinaryIO):
    """Reads no further than allowed: what a ZIP says about sizes is not believed."""

    def __init__(self, inner: object, name: str, most: int) -> None:
        self._inner, self._name, self._left = inner, name, most

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._inner.read(min(size, self._left + 1) if size >= 0 else self._left + 1)  # type: ignore[attr-defined]
        self._left -= len(data)
        if self._left < 0:
            raise ListError(self._name, "it unfolds too far", _UNSAFE)
        return data
