"""Etherscan: an explorer with Etherscan's API, version 2, as a fetcher, for those who have no archive node."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from chaintrace.errors import Contradiction, MethodError, Refused
from chaintrace.fetch.call import Call
from chaintrace.fetch.etherscan_api.asking import Asking
from chaintrace.fetch.etherscan_api.call import WITHDRAWN, listed
from chaintrace.fetch.etherscan_api.decode import tell
from chaintrace.fetch.etherscan_api.desk import Explorer
from chaintrace.fetch.etherscan_api.facts import Facts, read
from chaintrace.fetch.etherscan_api.faults import says_unable
from chaintrace.fetch.etherscan_api.reply import Reply
from chaintrace.fetch.etherscan_api.ways import LISTS, PLAIN
from chaintrace.fetch.fetcher import Head
from chaintrace.fetch.moves import ZERO_ADDRESS
from chaintrace.fetch.reply import Fault
from chaintrace.fetch.rpc.blocks import Blocks
from chaintrace.fetch.secret import Secret
from chaintrace.fetch.talk import Talk
from chaintrace.fetch.transport import Limits, Transport
from chaintrace.model.chain import Chain, get_chain
from chaintrace.model.page import Archive, Page, Question

URL = "https://api.etherscan.io/v2/api"
PAGE, LARGEST = 1_000, 10_000
MOST = 10_000
MARGIN = 64
"""Blocks before the last one that count as final where the explorer does not say which is."""
RATE = 3.0
"""Etherscan's free plan, in calls a second."""
UNABLE = (400, 404, 405, 422, 501)
"""What look-alikes answer with by HTTP to an action that they do not know."""


class Etherscan:
    """An explorer with Etherscan's API V2: Etherscan's own, or Blockscout's and Routescan's look-alikes.

    ``url``     of the API.
    ``key``     its key, sent as ``apikey`` and shown to nobody; None where none is needed.
    ``node``    a JSON-RPC node that tells blocks, receipts and balances instead of the explorer's module ``proxy``; any
                node of the chain does, an archive node is not needed. Blockscout's own has the path ``/api/eth-rpc``.
    ``chain``   which chain is asked for, by ``chainid``; those who show one chain only ignore it.
    ``limits``  of time, size and pace; by default three calls a second. Calls are made one after another.
    ``page``    how many rows of a list are asked for at once, 1 to 10,000. An explorer that gives fewer is found out.
    ``most``    the longest history of accounts that is taken, in rows of lists; longer ones are TooLong.

    InputError for an address that is none, ChainError for a chain that is none or not of Ethereum's family;
    ProviderError, once asked, for an explorer that does not answer. What it says is in ``docs/how-to/explorers.md``.
    """

    door = "etherscan"

    def __init__(
        self,
        url: str = URL,
        key: str | Secret | None = None,
        *,
        node: str | None = None,
        chain: str | Chain = "ethereum",
        limits: Limits | None = None,
        page: int = PAGE,
        most: int = MOST,
    ) -> None:
        place = Secret(_signed(url, key))
        beside = None if node is None else Secret(node)
        url, key, node = "", None, None  # no traceback shows what these were
        limits = limits or Limits(rate=RATE)
        transport = Transport(place.reveal(), kind=self.door, limits=limits)
        other = None if beside is None else Transport(beside.reveal(), limits=limits)
        if type(page) is not int or not 1 <= page <= LARGEST:
            raise MethodError(f"page={page!r}", "is no size of a page", f"give 1 to {LARGEST:,} rows")
        self._chain = get_chain(chain)
        if self._chain.family != "evm":
            raise MethodError(f"chain={self._chain.name!r}", "has no such explorer", "name a chain like Ethereum")
        self._desk = Explorer(transport, int(self._chain.id.partition(":")[2]), other)
        self._blocks = Blocks(self._desk)
        self._way: str | None = None
        self._page, self._most = page, most

    def __repr__(self) -> str:
        return f"<Etherscan {self.name if hasattr(self, '_desk') else 'unmade'}>"

    @property
    def name(self) -> str:
        return self._desk.name

    @property
    def calls(self) -> int:
        return self._desk.calls

    @property
    def window(self) -> int | None:
        return None

    @property
    def chain(self) -> str:
        return self._chain.id

    def close(self) -> None:
        self._desk.close()

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
        """Whether it lists what validators withdraw: found out by asking for a list that is empty."""
        if self._way is None:
            self._way = LISTS if self._has(listed(WITHDRAWN, ZERO_ADDRESS, 0, 0, 1, 1)) else PLAIN
        return self._way

    def _has(self, one: Call) -> bool:
        try:
            told = self._desk.results([one])[0]
        except Refused as error:
            if error.code not in UNABLE:
                raise
            return False
        if isinstance(told, Fault) and not says_unable(told.message):
            raise self._desk.refused(one, told)
        return not isinstance(told, Fault)

    def block_of(self, tx_hash: str) -> int:
        return self._blocks.block_of(tx_hash)

    def block_at(self, time: int) -> int:
        return self._blocks.block_at(time)

    def hashes(self, blocks: Sequence[int]) -> dict[int, str]:
        return self._blocks.hashes(blocks)

    def ask(self, question: Question, archive: Archive) -> Page:
        talk = Talk(self._desk, archive, Facts(self.name), read, Reply)
        Asking(question, talk, self._page, self._most).run()
        if question.last > question.final and self.hashes([question.last]) != {question.last: question.last_hash}:
            raise Contradiction(self.name, f"block {question.last} changed while it was asked for")
        answer = tell(question, talk.facts)
        return Page(question, tuple(talk.asked), talk.bodies, answer)


def _signed(url: str, key: str | Secret | None) -> str:
    """The address with the key in its query; the transport sends it along and hides it."""
    if key is None or not isinstance(url, str):
        return url
    hidden = _hidden(key)
    if not hidden.reveal():
        url, key = "", None
        raise MethodError(
            "key", "is no text, or an empty one", "give the explorer's API key, or None where it has none"
        )
    place = url.partition("#")[0]
    return f"{place}{'&' if '?' in place else '?'}apikey={quote(hidden.reveal(), safe='')}"


def _hidden(key: object) -> Secret:
    """What is no text is an empty one."""
    text = key.reveal() if isinstance(key, Secret) else key
    return Secret(text.strip() if isinstance(text, str) else "")
