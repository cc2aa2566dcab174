"""Explorer: what fetchers that ask an explorer of an Ethereum-like chain have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar
from urllib.parse import quote

from chaintrace.errors import MethodError, Refused
from chaintrace.fetch.call import Call
from chaintrace.fetch.desk import Desk
from chaintrace.fetch.explorer.ways import LISTS, PLAIN
from chaintrace.fetch.fetcher import Head
from chaintrace.fetch.provider import Provider
from chaintrace.fetch.reply import Fault
from chaintrace.fetch.rpc.blocks import Blocks
from chaintrace.fetch.secret import Secret
from chaintrace.fetch.talk import Talk
from chaintrace.model.chain import Chain, get_chain
from chaintrace.model.page import Answer, Archive, Page, Question

MARGIN = 64
"""Blocks before the last one that count as final where the explorer does not say which is."""
UNABLE = (400, 404, 405, 422, 501)
"""What explorers answer with by HTTP to a list that they do not know."""


class Explorer(Provider[Blocks], ABC):
    """See ``Fetcher``. A door says how a question is put to its explorer, and which call tries whether that lists what
    validators withdraw."""

    door: str
    probe: ClassVar[Call]

    def __init__(self, desk: Desk, chain: Chain) -> None:
        self._desk, self._chain = desk, chain
        self._blocks = Blocks(desk)
        self._way: str | None = None

    def head(self, young: bool = False) -> Head:
        """As the explorer's node says it; where that knows no final block, 64 blocks before its last one."""
        final = self._blocks.final()
        if final is not None and not young:
            return Head(final.number, final.hash, final.number)
        latest = self._blocks.header("latest")
        number = max(latest.number - MARGIN, 0) if final is None else final.number
        if young:
            return Head(latest.number, latest.hash, number)
        last = self._blocks.header(hex(number))
        return Head(last.number, last.hash, last.number)

    def way(self, tx_hash: str | None = None) -> str:
        """Whether it lists what validators withdraw: found out by asking for such a list."""
        if self._way is None:
            self._way = LISTS if self._has(self.probe) else PLAIN
        return self._way

    def _has(self, one: Call) -> bool:
        try:
            told = self._desk.results([one])[0]
        except Refused as error:
            if error.code not in UNABLE:
                raise
            return False
        if isinstance(told, Fault) and not self._says_unable(told.message):
            raise self._desk.refused(one, told)
        return not isinstance(told, Fault)

    def ask(self, question: Question, archive: Archive) -> Page:
        talk, answer = self._answer(question, archive)
        self._stands(question)
        return Page(question, tuple(talk.asked), talk.bodies, answer)

    @abstractmethod
    def _answer(self, question: Question, archive: Archive) -> tuple[Talk[Any], Answer]:
        """What was asked, and what the answers say."""

    def _says_unable(self, message: str) -> bool:
        """Whether a fault means that there is no such list."""
        return False


def chain_of(chain: str | Chain) -> Chain:
    """A chain that such explorers are of. ChainError, MethodError."""
    found = get_chain(chain)
    if found.family != "evm":
        raise MethodError(f"chain={found.name!r}", "has no such explorer", "name a chain like Ethereum")
    return found


def signed(url: str, key: str | Secret | None) -> str:
    """The address with the key in its query; the transport sends it along and hides it."""
    if key is None or not isinstance(url, str):
        return url
    told = hidden(key)
    if not told.reveal():
        url, key = "", None
        raise MethodError(
            "key", "is no text, or an empty one", "give the explorer's API key, or None where it has none"
        )
    place = url.partition("#")[0]
    return f"{place}{'&' if '?' in place else '?'}apikey={quote(told.reveal(), safe='')}"


def hidden(key: object) -> Secret:
    """A key as a secret; what is no text is an empty one."""
    text = key.reveal() if isinstance(key, Secret) else key
    return Secret(text.strip() if isinstance(text, str) else "")
