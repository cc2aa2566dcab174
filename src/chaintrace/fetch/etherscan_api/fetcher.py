"""Etherscan: an explorer with Etherscan's API, version 2, as a fetcher, for those who have no archive node."""

from __future__ import annotations

from chaintrace.errors import MethodError
from chaintrace.fetch.etherscan_api.asking import Asking
from chaintrace.fetch.etherscan_api.call import WITHDRAWN, listed
from chaintrace.fetch.etherscan_api.desk import Desk
from chaintrace.fetch.etherscan_api.facts import Facts, read
from chaintrace.fetch.etherscan_api.faults import says_unable
from chaintrace.fetch.etherscan_api.history import kept
from chaintrace.fetch.etherscan_api.reply import Reply
from chaintrace.fetch.explorer.fetcher import Explorer, chain_of, signed
from chaintrace.fetch.explorer.tell import tell
from chaintrace.fetch.moves import ZERO_ADDRESS
from chaintrace.fetch.secret import Secret
from chaintrace.fetch.talk import Talk
from chaintrace.fetch.transport import Limits, Transport
from chaintrace.model.chain import Chain
from chaintrace.model.page import Answer, Archive, Question

URL = "https://api.etherscan.io/v2/api"
PAGE, LARGEST = 1_000, 10_000
MOST = 10_000
RATE = 3.0
"""Etherscan's free plan, in calls a second."""


class Etherscan(Explorer):
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
    probe = listed(WITHDRAWN, ZERO_ADDRESS, 0, 0, 1, 1)

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
        place = Secret(signed(url, key))
        beside = None if node is None else Secret(node)
        url, key, node = "", None, None  # no traceback shows what these were
        limits = limits or Limits(rate=RATE)
        transport = Transport(place.reveal(), kind=self.door, limits=limits)
        other = None if beside is None else Transport(beside.reveal(), limits=limits)
        if type(page) is not int or not 1 <= page <= LARGEST:
            raise MethodError(f"page={page!r}", "is no size of a page", f"give 1 to {LARGEST:,} rows")
        found = chain_of(chain)
        super().__init__(Desk(transport, int(found.id.partition(":")[2]), other), found)
        self._page, self.most = page, most

    def _says_unable(self, message: str) -> bool:
        return says_unable(message)

    def _answer(self, question: Question, archive: Archive) -> tuple[Talk[Facts], Answer]:
        talk = Talk(self._desk, archive, Facts(self.name), read, Reply)
        Asking(question, talk, self._page, self.most).run()
        return talk, tell(question, talk.facts, kept)
