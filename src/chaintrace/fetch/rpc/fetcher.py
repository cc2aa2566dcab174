"""Rpc: an Ethereum-like node as a fetcher. It finds out what the node can do and asks no more than is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chaintrace.errors import ChainError, Contradiction, InputError, MethodError, SeedError
from chaintrace.fetch.fetcher import Head
from chaintrace.fetch.rpc import call, things, words
from chaintrace.fetch.rpc.asking import Asking
from chaintrace.fetch.rpc.call import Call
from chaintrace.fetch.rpc.decode import tell
from chaintrace.fetch.rpc.moves import frames
from chaintrace.fetch.rpc.node import Node
from chaintrace.fetch.rpc.reply import Fault
from chaintrace.fetch.rpc.talk import Talk
from chaintrace.fetch.rpc.ways import CALL_TRACER, LOGS, TRACE_FILTER, WAYS
from chaintrace.fetch.rpc.words import Bad
from chaintrace.fetch.transport import Limits, Transport
from chaintrace.model.chain import Chain, get_chain
from chaintrace.model.page import Archive, Page, Question

MOST = 250_000
WINDOW = 5_000
LOOK_BACK = 64


class Rpc:
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
        self._node = Node(Transport(url, kind=self.door, headers=headers, limits=limits or Limits()))
        self._asked_chain = None if chain is None else get_chain(chain)
        self._chain: str | None = None
        self._way = None if way == "auto" else way
        self.most = most

    def __repr__(self) -> str:
        return f"<Rpc {self.name}>"

    @property
    def name(self) -> str:
        return self._node.name

    @property
    def calls(self) -> int:
        return self._node.calls

    @property
    def window(self) -> int | None:
        return None if self.way() == TRACE_FILTER else WINDOW

    @property
    def chain(self) -> str:
        if self._chain is None:
            number = self._read(Call.of("eth_chainId"), words.place)
            try:
                found = get_chain(f"eip155:{number}")
            except ChainError:
                raise Contradiction(self.name, f"it says that its chain has the number {number}") from None
            if self._asked_chain is not None and self._asked_chain.id != found.id:
                reason = f"it is a node of {found.name}, not of {self._asked_chain.name}"
                raise InputError(self.name, reason, "ask a node of that chain, or leave chain= out")
            self._chain = found.id
        return self._chain

    def close(self) -> None:
        self._node.transport.close()

    def head(self, young: bool = False) -> Head:
        latest, final = self._header("latest"), self._final()
        if young or final is None:
            number = latest.number if young else max(latest.number - LOOK_BACK, 0)
            last = latest if young else self._header(hex(number))
            return Head(last.number, last.hash, number if final is None and not young else final.number if final else 0)
        return Head(final.number, final.hash, final.number)

    def _final(self) -> things.Header | None:
        """The last final block; None where the node knows no such tag."""
        told = self._raw([Call.of("eth_getBlockByNumber", "finalized", False)])[0]
        return None if isinstance(told, Fault) or told is None else self._parsed(told)

    def way(self, tx_hash: str | None = None) -> str:
        if self._way is None:
            self._way = self._find_way(tx_hash)
        return self._way

    def _find_way(self, tx_hash: str | None) -> str:
        last = hex(self._header("latest").number)
        probe = {"fromBlock": last, "toBlock": last, "fromAddress": ["0x" + "0" * 39 + "1"]}
        tx_hash = tx_hash or self._some_transaction()
        told = self._raw([Call.of("trace_filter", probe)])[0]
        if isinstance(told, list) and (
            tx_hash is None or isinstance(self._raw([call.trace_transaction(tx_hash, False)])[0], list)
        ):
            return TRACE_FILTER
        if tx_hash is None:
            return LOGS
        told = self._raw([call.call_tracer(tx_hash, False)])[0]
        try:
            frames(told)
        except Bad:
            return LOGS
        return CALL_TRACER

    def _some_transaction(self) -> str | None:
        latest = self._header("latest").number
        numbers = range(latest, max(latest - LOOK_BACK, -1), -1)
        for told in self._raw([call.block(number) for number in numbers]):
            listed = told.get("transactions") if isinstance(told, dict) else None
            if isinstance(listed, list) and listed and isinstance(listed[0], str):
                return listed[0]
        return None

    def block_of(self, tx_hash: str) -> int:
        told = self._raw([call.receipt(tx_hash, False)])[0]
        if told is None:
            raise SeedError(
                f"theft {tx_hash}", f"{self.name} knows no such transaction", "check the hash and the chain"
            )
        if isinstance(told, Fault):
            raise self._node.refused(call.receipt(tx_hash, False), told)
        receipt: things.Receipt = self._checked(lambda: things.receipt(told))
        if receipt.tx_hash != tx_hash:
            raise self._node.malformed(f"it tells of {receipt.tx_hash}, which was not asked for")
        return receipt.block

    def block_at(self, time: int) -> int:
        low, high = 0, self._header("latest").number + 1
        while low < high:
            middle = (low + high) // 2
            if self._header(hex(middle)).time < time:
                low = middle + 1
            else:
                high = middle
        return low

    def hashes(self, blocks: Sequence[int]) -> dict[int, str]:
        calls = [call.block(number) for number in blocks]
        found = {}
        for number, asked, one in zip(blocks, calls, self._raw(calls), strict=True):
            if isinstance(one, Fault):
                raise self._node.refused(asked, one)
            if one is not None:
                header = self._parsed(one)
                if header.number != number:
                    raise self._node.malformed(f"it tells of block {header.number} instead of {number}")
                found[number] = header.hash
        return found

    def ask(self, question: Question, archive: Archive) -> Page:
        talk = Talk(self._node, archive)
        Asking(question, talk, self.most).run()
        if question.last > question.final and self.hashes([question.last]) != {question.last: question.last_hash}:
            raise Contradiction(self.name, f"block {question.last} changed while it was asked for")
        answer = tell(question, talk.facts)
        return Page(question, tuple(talk.asked), talk.bodies, answer)

    # ---- small questions that leave no evidence ----

    def _raw(self, calls: Sequence[Call]) -> list[object]:
        return self._node.results(calls)

    def _read(self, one: Call, parse: Any) -> Any:
        told = self._raw([one])[0]
        if isinstance(told, Fault):
            raise self._node.refused(one, told)
        return self._checked(lambda: parse(told))

    def _header(self, name: str) -> things.Header:
        header: things.Header = self._read(Call.of("eth_getBlockByNumber", name, False), things.header)
        return header

    def _parsed(self, told: object) -> things.Header:
        header: things.Header = self._checked(lambda: things.header(told))
        return header

    def _checked(self, parse: Any) -> Any:
        try:
            return parse()
        except Bad as error:
            raise self._node.malformed(f"it answers something else: {error}") from None
