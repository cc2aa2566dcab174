"""Desk: where a server is asked, one call at a time, once it is known to be one of the right network."""

from __future__ import annotations

import time
from collections.abc import Callable

from chaintrace.errors import InputError, Refused
from chaintrace.fetch.call import Call
from chaintrace.fetch.desk import OneByOne
from chaintrace.fetch.esplora import call, words
from chaintrace.fetch.esplora.reply import ADVICE, Reply
from chaintrace.fetch.transport import Transport
from chaintrace.fetch.words import Bad
from chaintrace.model.bitcoin import NETWORKS
from chaintrace.model.chain import Chain

PREFIXES = ("", "api/")
"""Where the API may lie below the address that was given."""
_ELSEWHERE = (400, 404, 405, 410)
"""How a place answers by HTTP that is no API."""


class Server(OneByOne):
    """A server with Esplora's API behind a transport. What it says of the first block decides which network it is of:
    InputError where that is not ``chain``."""

    doubt = ADVICE
    refusal = "check the address and what the server allows, or ask another one"

    def __init__(self, transport: Transport, chain: Chain, sleep: Callable[[float], None] = time.sleep) -> None:
        super().__init__(transport, sleep)
        self.chain = chain
        self._prefix: str | None = None

    def sent(self, call: Call) -> bytes:
        if self._prefix is None:
            self._prefix = self._found()
        return self._get(self._prefix, call)

    def read(self, data: bytes) -> Reply:
        return Reply(self.name, data)

    def says_wait(self, message: str) -> bool:
        return False  # by HTTP's 429, of which the transport takes care

    def says_spent(self, message: str) -> bool:
        return False

    def _get(self, prefix: str, one: Call) -> bytes:
        path, query = call.request(one)
        return self.transport.get(prefix + path, query)

    def _found(self) -> str:
        """The prefix under which the first block is told."""
        for prefix in PREFIXES:
            self.calls += 1
            try:
                genesis = words.hash32(Reply(self.name, self._get(prefix, call.height(0))).told)
            except Bad:
                continue
            except Refused as error:
                if error.code not in _ELSEWHERE:
                    raise
                continue
            self._is_right(genesis)
            return prefix
        reason = "no server with Esplora's API answers there"
        raise InputError(self.name, reason, "give the address of the API, such as https://blockstream.info/api")

    def _is_right(self, genesis: str) -> None:
        if NETWORKS[self.chain.id].genesis != genesis:
            other = next((one.name for one in NETWORKS.values() if one.genesis == genesis), "another chain")
            reason = f"it is a server of {other}, not of {self.chain.name}"
            raise InputError(self.name, reason, "ask a server of that chain, or name another one with chain=")
