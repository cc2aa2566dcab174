"""Unpacker: a compressed body, taken apart in small pieces so that a bomb never unfolds in memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from chaintrace.fetch.answer import GarbledError

PIECE = 1 << 16


class Unpacker:
    """Undoes one Content-Encoding (RFC 9110, 8.4.1): none, gzip with any number of members, or deflate.

    GarbledError for another encoding, and for bytes that are not in the one named.
    """

    def __init__(self, encoding: str) -> None:
        name = encoding.strip().lower()
        if name not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise GarbledError("the body is packed in a way that was not asked for")
        self._name = "gzip" if name == "x-gzip" else name
        self._work = self._new()
        self._fed, self._kept = False, b""

    @property
    def whole(self) -> bool:
        """Whether the body may end here: nothing was packed, or the packing came to its end."""
        return self._work is None or self._work.eof or not (self._fed or self._kept)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The bytes that ``data`` unfolds to, at most 64 KiB a piece."""
        if self._work is None:
            yield data
            return
        data = self._first_two(data)
        while data:
            if self._work.eof:
                data = self._next_member(data)
                continue
            yield self._piece(data)
            data = self._work.unconsumed_tail or self._work.unused_data

    def _first_two(self, data: bytes) -> bytes:
        """Nothing until two bytes are there: only they tell zlib's format from the bare stream."""
        if self._fed or not data:
            return data
        self._kept += data
        return self._kept if len(self._kept) > 1 else b""

    def _piece(self, data: bytes) -> bytes:
        assert self._work is not None
        first, self._fed = not self._fed, True
        try:
            return self._work.decompress(data, PIECE)
        except zlib.error:
            # "deflate" means zlib's format, but some send the bare stream (RFC 9110, 8.4.1.2).
            bare = first and self._name == "deflate"
        if not bare:
            raise GarbledError("the packed body cannot be unpacked")
        self._work = zlib.decompressobj(-zlib.MAX_WBITS)
        return self._piece(data)

    def _next_member(self, data: bytes) -> bytes:
        data = data.lstrip(b"\0")
        if data and self._name != "gzip":
            raise GarbledError("the packed body goes on after its end")
        if data:
            self._work = self._new()
        return data

    def _new(self) -> zlib._Decompress | None:
        if self._name == "gzip":
            return zlib.decompressobj(16 + zlib.MAX_WBITS)
        return zlib.decompressobj() if self._name == "deflate" else None
