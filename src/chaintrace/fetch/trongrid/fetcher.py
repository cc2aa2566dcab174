"""TronGrid: Tron's public API as a fetcher: TRX, TRC-20, inner transfers and fees."""

from __future__ import annotations

from typing import TypeVar

from chaintrace.errors import ChainError, MethodError
from chaintrace.fetch.fetcher import Head
from chaintrace.fetch.provider import Provider
from chaintrace.fetch.secret import Secret
from chaintrace.fetch.talk import Talk
from chaintrace.fetch.transport import Limits, Transport
from chaintrace.fetch.trongrid import call, things
from chaintrace.fetch.trongrid.asking import Asking
from chaintrace.fetch.trongrid.blocks import Blocks
from chaintrace.fetch.trongrid.decode import inside, tell
from chaintrace.fetch.trongrid.desk import Grid
from chaintrace.fetch.trongrid.facts import Facts, read
from chaintrace.fetch.trongrid.reply import Reply
from chaintrace.fetch.trongrid.ways import LISTS
from chaintrace.model.chain import Chain, get_chain
from chaintrace.model.page import Archive, Page, Question

URL = "https://api.trongrid.io"
HEADER = "TRON-PRO-API-KEY"
PAGE = LARGEST = 200
MOST = 10_000
RATE = 10.0
"""Requests a second: TronGrid's own pages name 15 with a key, and ask not to rely on it."""

T = TypeVar("T")


class TronGrid(Provider[Blocks]):
    """TronGrid, or whoever shows Tron by the same API.

    ``url``     below which ``/v1``, ``/wallet`` and ``/walletsolidity`` are.
    ``key``     its key, sent as the header TRON-PRO-API-KEY and shown to nobody; None where none is needed.
    ``chain``   has to be Tron.
    ``limits``  of time, size and pace; by default ten requests a second. Requests are made one after another.
    ``page``    how many rows of a list are asked for at once, 1 to 200. A provider that gives fewer is found out.
    ``most``    the longest history of accounts that is taken, in rows of lists, from the beginning of the chain; longer
                ones are TooLong.

    InputError for an address that is none; ProviderError, once asked, for a provider that does not answer; ChainError
    where it shows another chain. What it says is in ``docs/how-to/trongrid.md``.
    """

    door = "trongrid"

    def __init__(
        self,
        url: str = URL,
        key: str | Secret | None = None,
        *,
        chain: str | Chain = "tron",
        limits: Limits | None = None,
        page: int = PAGE,
        most: int = MOST,
    ) -> None:
        hidden = None if key is None else Secret(key.reveal() if isinstance(key, Secret) else str(key).strip())
        key = None  # no traceback shows what it was
        if hidden is not None and not hidden.reveal():
            raise MethodError("key", "is an empty one", "give the key of TronGrid, or None where it has none")
        if type(page) is not int or not 1 <= page <= LARGEST:
            raise MethodError(f"page={page!r}", "is no size of a page", f"give 1 to {LARGEST} rows")
        self._chain = get_chain(chain)
        if self._chain.family != "tron":
            raise MethodError(f"chain={self._chain.name!r}", "is not what TronGrid shows", "leave chain= out")
        limits = limits or Limits(rate=RATE)
        self._desk = Grid(Transport(url, kind=self.door, headers=_headers(hidden), limits=limits))
        self._blocks = Blocks(self._desk)
        self._is_tron = False
        self._page, self.most = page, most

    def head(self, young: bool = False) -> Head:
        """The last solid block, which cannot change any more, as ``/walletsolidity`` says it."""
        self._check()
        final = self._blocks.read(call.now(call.SOLID), things.header)
        if not young:
            return Head(final.number, final.id, final.number)
        latest = self._blocks.read(call.now(call.YOUNG), things.header)
        return Head(latest.number, latest.id, min(final.number, latest.number))

    def _check(self) -> None:
        """CAIP-2: a chain of Tron is named by the last four bytes of the id of its block 0."""
        if not self._is_tron:
            found = self._blocks.read(call.header(0), things.header)
            reference = self._chain.id.rpartition("0x")[2]
            if not found.id.endswith(reference):
                raise ChainError(f"tron:0x{found.id[-8:]}", (self._chain.name,))
            self._is_tron = True

    def way(self, tx_hash: str | None = None) -> str:
        return LISTS

    def ask(self, question: Question, archive: Archive) -> Page:
        talk = Talk(self._desk, archive, Facts(self.name), read, Reply)
        Asking(inside(question), talk, self._page, self.most).run()
        self._stands(question)
        answer = tell(question, talk.facts)
        return Page(question, tuple(talk.asked), talk.bodies, answer)


def _headers(key: Secret | None) -> dict[str, str]:
    return {} if key is None else {HEADER: key.reveal()}
