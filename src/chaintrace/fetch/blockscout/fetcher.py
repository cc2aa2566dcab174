"""Blockscout: an explorer with Blockscout's REST API v2 as a fetcher."""

from __future__ import annotations

from urllib.parse import urlsplit

from chaintrace.errors import MethodError
from chaintrace.fetch.blockscout.asking import Asking
from chaintrace.fetch.blockscout.call import WITHDRAWN, listed
from chaintrace.fetch.blockscout.desk import API, Desk
from chaintrace.fetch.blockscout.facts import Facts, read
from chaintrace.fetch.blockscout.history import kept
from chaintrace.fetch.blockscout.reply import Reply
from chaintrace.fetch.explorer.fetcher import Explorer, chain_of, hidden, signed
from chaintrace.fetch.explorer.tell import tell
from chaintrace.fetch.moves import ZERO_ADDRESS
from chaintrace.fetch.secret import Secret
from chaintrace.fetch.talk import Talk
from chaintrace.fetch.transport import Limits, Transport
from chaintrace.model.chain import Chain
from chaintrace.model.page import Answer, Archive, Question

HOST = "api.blockscout.com"
"""Blockscout's own service for all chains, which has another path to its node than the explorers of single chains."""
MOST = 10_000
RATE = 5.0
"""Blockscout's free plan, in calls a second."""
ALL = {"show-scam-tokens": "true"}
"""Without this header transfers of what Blockscout calls a scam are left out of its lists."""


class Blockscout(Explorer):
    """An explorer with Blockscout's REST API v2, as of v12.0.0.

    ``url``     of the API, which ends in ``/api/v2``; by default that of Blockscout's own service for the chain.
    ``key``     its key, sent as ``apikey`` and shown to nobody; None where none is needed.
    ``chain``   which chain the explorer is of.
    ``node``    a JSON-RPC node that tells blocks, receipts and balances instead of the explorer's own; any node of the
                chain does, an archive node is not needed.
    ``limits``  of time, size and pace; by default five calls a second. Calls are made one after another.
    ``most``    the longest history of accounts that is taken, in rows of lists; longer ones are TooLong.

    Tokens that Blockscout calls scams are in the rows like all others, and named in the notes of an answer.

    InputError for an address that is none, ChainError for a chain that is none or not of Ethereum's family;
    ProviderError, once asked, for an explorer that does not answer. What it says is in ``docs/how-to/blockscout.md``.
    """

    door = "blockscout"
    probe = listed(WITHDRAWN, ZERO_ADDRESS)

    def __init__(
        self,
        url: str | None = None,
        key: str | Secret | None = None,
        *,
        chain: str | Chain = "ethereum",
        node: str | None = None,
        limits: Limits | None = None,
        most: int = MOST,
    ) -> None:
        told, code = None if url is None else Secret(str(url)), None if key is None else hidden(key)
        beside = None if node is None else Secret(node)
        url, key, node = None, None, None  # no traceback shows what these were
        found = chain_of(chain)
        told = told or Secret(f"https://{HOST}/{found.id.partition(':')[2]}/{API}")
        place = Secret(signed(_root(told).reveal(), code))
        limits = limits or Limits(rate=RATE)
        transport = Transport(place.reveal(), kind=self.door, headers=ALL, limits=limits)
        other = None if beside is None else Transport(beside.reveal(), limits=limits)
        own = "json-rpc" if urlsplit(place.reveal()).hostname == HOST else "api/eth-rpc"
        super().__init__(Desk(transport, own, other), found)
        self.most = most

    def _answer(self, question: Question, archive: Archive) -> tuple[Talk[Facts], Answer]:
        talk = Talk(self._desk, archive, Facts(self.name), read, Reply)
        Asking(question, talk, self.most).run()
        return talk, tell(question, talk.facts, kept)


def _root(url: Secret) -> Secret:
    """The address without the API's own path; its query stays."""
    place, mark, query = url.reveal().partition("?")
    base = place.rstrip("/")
    if not base.endswith(f"/{API}"):
        place = query = base = ""
        advice = f"give the address of the API, such as https://eth.blockscout.com/{API}"
        raise MethodError("url", f"does not end in /{API}", advice)
    return Secret(base.removesuffix(f"/{API}") + mark + query)
