"""Rpc: an Ethereum-like node as a fetcher. It finds out what the node can do and asks no more than is needed."""

from __future__ import annotations

from collections.abc import Mapping

from chaintrace.errors import ChainError, Contradiction, InputError, MethodError
from chaintrace.fetch.call import Call
from chaintrace.fetch.fetcher import Head
from chaintrace.fetch.provider import Provider
from chaintrace.fetch.rpc import call, words
from chaintrace.fetch.rpc.asking import Asking
from chaintrace.fetch.rpc.blocks import Blocks
from chaintrace.fetch.rpc.decode import tell
from chaintrace.fetch.rpc.facts import Facts, read
from chaintrace.fetch.rpc.moves import frames
from chaintrace.fetch.rpc.node import Node
from chaintrace.fetch.rpc.reply import Reply
from chaintrace.fetch.rpc.ways import CALL_TRACER, LOGS, TRACE_FILTER, WAYS
from chaintrace.fetch.talk import Talk
from chaintrace.fetch.transport import Limits, Transport
from chaintrace.fetch.words import Bad
from chaintrace.model.chain import Chain, get_chain
from chaintrace.model.page import Archive, Page, Question

MOST = 250_000
WINDOW = 5_000
LOOK_BACK = 64


class Rpc(Provider[Blocks]):
    """A JSON-RPC node.

    ``url``        of the node; keys in it, or in ``headers``, are shown to nobody.
    ``chain``      what the node has to be of; None takes what it says.
    ``way``        how transfers inside transactions are found: ``trace_filter``, ``call_tracer`` (every block of the
                   range is read), ``logs`` (they are declared missing), or ``auto``, the first that the node can.
    ``limits``     of time, size and pace (``chaintrace.fetch.transport.Limits``).
    ``most``       the longest history of an account that is taken, in logs and traces; longer ones are TooLong.

    InputError for an address that is none; ProviderError, once asked, for a node that does not answer.
    """

    door = "rpc"

    def __init__(
        self,
        url: str,
        *,
        chain: str | Chain | None = None,
        way: str = "auto",
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        most: int = MOST,
    ) -> None:
        if way != "auto" and way not in WAYS:
            raise MethodError(f"way={way!r}", "is not known", f"use one of: auto, {', '.join(WAYS)}")
        self._desk = Node(Transport(url, kind=self.door, headers=headers, limits=limits or Limits()))
        self._blocks = Blocks(self._desk)
        self._asked_chain = None if chain is None else get_chain(chain)
        self._found: str | None = None
        self._way = None if way == "auto" else way
        self.most = most

    @property
    def desk(self) -> Node:
        """Where calls go: batches, patience, pace."""
        assert isinstance(self._desk, Node)
        return self._desk

    @property
    def window(self) -> int | None:
        return None if self.way() == TRACE_FILTER else WINDOW

    @property
    def chain(self) -> str:
        if self._found is None:
            number = self._blocks.read(Call.of("eth_chainId"), words.place)
            try:
                found = get_chain(f"eip155:{number}")
            except ChainError:
                raise Contradiction(self.name, f"it says that its chain has the number {number}") from None
            if self._asked_chain is not None and self._asked_chain.id != found.id:
                reason = f"it is a node of {found.name}, not of {self._asked_chain.name}"
                raise InputError(self.name, reason, "ask a node of that chain, or leave chain= out")
            self._found = found.id
        return self._found

    def head(self, young: bool = False) -> Head:
        latest, final = self._blocks.header("latest"), self._blocks.final()
        if young or final is None:
            number = latest.number if young else max(latest.number - LOOK_BACK, 0)
            last = latest if young else self._blocks.header(hex(number))
            return Head(last.number, last.hash, number if final is None and not young else final.number if final else 0)
        return Head(final.number, final.hash, final.number)

    def way(self, tx_hash: str | None = None) -> str:
        if self._way is None:
            self._way = self._find_way(tx_hash)
        return self._way

    def _find_way(self, tx_hash: str | None) -> str:
        last = hex(self._blocks.header("latest").number)
        probe = {"fromBlock": last, "toBlock": last, "fromAddress": ["0x" + "0" * 39 + "1"]}
        tx_hash = tx_hash or self._some_transaction()
        told = self._desk.results([Call.of("trace_filter", probe)])[0]
        if isinstance(told, list) and (
            tx_hash is None or isinstance(self._desk.results([call.trace_transaction(tx_hash, False)])[0], list)
        ):
            return TRACE_FILTER
        if tx_hash is None:
            return LOGS
        told = self._desk.results([call.call_tracer(tx_hash, False)])[0]
        try:
            frames(told)
        except Bad:
            return LOGS
        return CALL_TRACER

    def _some_transaction(self) -> str | None:
        latest = self._blocks.header("latest").number
        numbers = range(latest, max(latest - LOOK_BACK, -1), -1)
        for told in self._desk.results([call.block(number) for number in numbers]):
            listed = told.get("transactions") if isinstance(told, dict) else None
            if isinstance(listed, list) and listed and isinstance(listed[0], str):
                return listed[0]
        return None

    def ask(self, question: Question, archive: Archive) -> Page:
        talk = Talk(self._desk, archive, Facts(self.name), read, Reply)
        Asking(question, talk, self.most).run()
        self._stands(question)
        answer = tell(question, talk.facts)
        return Page(question, tuple(talk.asked), talk.bodies, answer)
