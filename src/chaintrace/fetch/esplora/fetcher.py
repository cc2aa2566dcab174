"""Esplora: a server with Esplora's REST API as a fetcher of Bitcoin's transactions."""

from __future__ import annotations

from collections.abc import Mapping

from chaintrace.errors import Contradiction, MethodError, Refused
from chaintrace.fetch.esplora import call
from chaintrace.fetch.esplora.asking import Asking
from chaintrace.fetch.esplora.blocks import GONE, Blocks
from chaintrace.fetch.esplora.decode import tell
from chaintrace.fetch.esplora.desk import Server
from chaintrace.fetch.esplora.facts import Facts, read
from chaintrace.fetch.esplora.reply import Reply
from chaintrace.fetch.esplora.ways import AFTER, CHAIN, WAYS
from chaintrace.fetch.fetcher import Head
from chaintrace.fetch.provider import Provider
from chaintrace.fetch.talk import Talk
from chaintrace.fetch.transport import Limits, Transport
from chaintrace.model.bitcoin import NETWORKS
from chaintrace.model.chain import Chain, get_chain
from chaintrace.model.page import Archive, Page, Question

URL = "https://blockstream.info/api"
MOST = 10_000
DEPTH = 6
RATE = 2.0
"""Requests a second; public servers say no number, and 429 where it was too many."""
_NOBODY = f"{call.SCRIPT}{'0' * 64}"


class Esplora(Provider[Blocks]):
    """A server with Esplora's API: Blockstream's, mempool.space's, or one's own.

    ``url``      of the API, with or without its ``/api``; keys in it, or in ``headers``, are shown to nobody.
    ``chain``    which of Bitcoin's networks it has to be of.
    ``limits``   of time, size and pace; by default two requests a second. They are made one after another.
    ``most``     the longest history that is taken, in transactions; longer ones are TooLong.
    ``depth``    how many blocks on top of one make it final.
    ``way``      how a history is paged: ``chain`` (by a path), ``after`` (by ``after_txid``), or ``auto``.

    InputError for an address that is none, or a server of another network; ChainError, MethodError for a chain that is
    not Bitcoin's; ProviderError, once asked, for a server that does not answer.
    """

    door = "esplora"

    def __init__(
        self,
        url: str = URL,
        *,
        chain: str | Chain = "bitcoin",
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        most: int = MOST,
        depth: int = DEPTH,
        way: str = "auto",
    ) -> None:
        self._chain = get_chain(chain)
        if self._chain.id not in NETWORKS:
            raise MethodError(f"chain={self._chain.name!r}", "is told by no such server", "name one of Bitcoin's")
        if type(depth) is not int or depth < 0:
            raise MethodError(f"depth={depth!r}", "is no number of blocks", "give a whole number, 0 or more")
        if way != "auto" and way not in WAYS:
            raise MethodError(f"way={way!r}", "is not known", f"use one of: auto, {', '.join(WAYS)}")
        transport = Transport(url, kind=self.door, headers=headers, limits=limits or Limits(rate=RATE))
        self._desk = Server(transport, self._chain)
        self._blocks = Blocks(self._desk, self._chain.id)
        self._way = None if way == "auto" else way
        self._depth, self.most = depth, most

    def head(self, young: bool = False) -> Head:
        """The last block that has ``depth`` blocks on top of it, or with ``young`` the tip."""
        tip = self._blocks.tip()
        final = max(tip - self._depth, 0)
        last = self._blocks.header(tip if young else final)
        return Head(last.number, last.hash, final)

    def way(self, tx_hash: str | None = None) -> str:
        """How it pages through a history: found out by asking for one that is empty."""
        if self._way is None:
            self._way = CHAIN if self._knows(CHAIN) else AFTER
        return self._way

    def _knows(self, way: str) -> bool:
        try:
            return isinstance(self._desk.results([call.page(way, _NOBODY, "")])[0], list)
        except Refused as error:
            if error.code != GONE:
                raise
            return False

    def ask(self, question: Question, archive: Archive) -> Page:
        talk = Talk(self._desk, archive, Facts(self.name, self.chain), read, Reply)
        try:
            Asking(question, talk, self.most).run()
        except Refused as error:
            if error.code != GONE:
                raise
            reason = f"it does not know what it is asked about ({error.reason}): it lags behind, or was reorganised"
            raise Contradiction(self.name, reason) from None
        self._stands(question)
        answer = tell(question, talk.facts)
        return Page(question, tuple(talk.asked), talk.bodies, answer)
