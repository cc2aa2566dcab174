"""Replies: a response's bytes as the answer in it: JSON, or a word of plain text."""

from __future__ import annotations

from chaintrace.fetch.reply import Single, clean

ADVICE = "the server, or something between it and here, answers wrongly; ask another one"


class Reply(Single):
    """The answer of one response. What begins like an object or a list is JSON, Malformed where it is not; all else is
    text, of which the start is kept."""

    advice = ADVICE

    def __init__(self, provider: str, data: bytes) -> None:
        super().__init__(provider, data)
        self.told = clean(data[:400].decode("utf-8", "replace").strip())
        if data.lstrip()[:1] in (b"{", b"["):
            self.told = self.loaded(data)
