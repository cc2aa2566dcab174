"""Evidence: responses as they came, each a zstd file named by the SHA-256 of what is in it.

A file that nothing refers to, left by a run that was killed, is harmless and is adopted when its content comes again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path

import pyarrow as pa

from chaintrace.errors import StoreDamaged, StoreError
from chaintrace.store import faults, files

_LEVEL = 3
_PIECE = 1 << 20


class Evidence:
    """The folder of responses."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file(self, digest: str) -> Path:
        """Where the response with this SHA-256 is. ``StoreError`` when that is none."""
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise StoreError(str(self.folder), f"{digest!r} is no SHA-256 in hexadecimal")
        return self.folder / digest[:2] / f"{digest}.zst"

    def add(self, bodies: Mapping[str, bytes]) -> None:
        """Keep these, by SHA-256; on return they are on the disk. ``CannotWrite`` with the bytes that are needed."""
        packed = {self.file(digest): _packed(data) for digest, data in bodies.items() if not self._has(digest)}
        wanted = sum(map(len, packed.values()))
        try:
            for file, data in packed.items():
                file.parent.mkdir(parents=True, exist_ok=True)
                files.prepare(file, data)
            for file in packed:
                files.adopt(file)
            if bodies:
                files.force(self._folders(bodies))
        except OSError as error:
            raise faults.of_writing(error, self.folder, wanted) from error

    def read(self, digest: str, advice: str = faults.COPY) -> bytes:
        """The response. ``StoreDamaged`` when it is missing or another by now."""
        file = self.file(digest)
        data = b"".join(_pieces(file, advice))
        if sha256(data).hexdigest() != digest:
            raise _another(file, advice)
        return data

    def check(self, digest: str, size: int, advice: str = faults.COPY) -> None:
        """``StoreDamaged`` when the response of this many bytes is missing or another by now."""
        file = self.file(digest)
        state, seen = sha256(), 0
        for piece in _pieces(file, advice):
            state.update(piece)
            seen += len(piece)
            if seen > size:
                break
        if seen != size or state.hexdigest() != digest:
            raise _another(file, advice)

    def _has(self, digest: str) -> bool:
        try:
            self.read(digest)
        except StoreError:
            return False
        return True

    def _folders(self, bodies: Iterable[str]) -> list[Path]:
        return [*sorted({self.file(digest).parent for digest in bodies}), self.folder]


def _packed(data: bytes) -> bytes:
    packed: bytes = pa.Codec("zstd", compression_level=_LEVEL).compress(data, asbytes=True)
    return packed


def _pieces(file: Path, advice: str) -> Iterator[bytes]:
    try:
        with pa.input_stream(str(file), compression="zstd") as stream:
            while piece := stream.read(_PIECE):
                yield piece
    except OSError as error:
        raise faults.of_reading(error, file, advice) from error
    except pa.ArrowException as error:
        raise _another(file, advice) from error


def _another(file: Path, advice: str) -> StoreDamaged:
    return StoreDamaged(str(file), "its content is not what was kept", advice)
