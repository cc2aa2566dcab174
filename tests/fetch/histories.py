"""Random histories: what five people and four contracts might do, played on a node with the truth written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from chaintrace.testing import acts
from chaintrace.testing.anvil import Anvil
from chaintrace.testing.contracts import compiled
from chaintrace.testing.laundering import BEGIN, WETH
from chaintrace.testing.script import ETHER, Script, paid
from tests.fetch.rpc.asking import Stage

PEOPLE = 5
ACTS = ("pay", "token", "twice", "mint", "burn", "wrap", "unwrap", "split", "attempt", "fail", "block", "block")


@dataclass(frozen=True)
class Act:
    """What somebody does. ``who`` and ``whom`` count the people; ``amount`` is small, and equal amounts are common."""

    what: str
    who: int
    whom: int
    amount: int


def histories(longest: int = 24) -> st.SearchStrategy[list[Act]]:
    people, amounts = st.integers(0, PEOPLE - 1), st.sampled_from([0, 1, 1, 2, 1_000])
    return st.lists(st.builds(Act, st.sampled_from(ACTS), people, people, amounts), min_size=1, max_size=longest)


class Player:
    """A node on which one history after the other is played, each from the beginning."""

    def __init__(self, node: Anvil) -> None:
        self.node = node
        self._fresh = node.rpc("evm_snapshot")

    def play(self, history: Sequence[Act]) -> Stage:
        self.node.rpc("evm_revert", self._fresh)
        self._fresh = self.node.rpc("evm_snapshot")
        planted = _Story(Script(self.node, BEGIN)).played(history)
        head = self.node.rpc("eth_getBlockByNumber", hex(planted.last), False)["hash"]
        return Stage(self.node, planted, head)


class _Story:
    def __init__(self, script: Script) -> None:
        self.script = script
        self.people = script.plays("person", PEOPLE, 100 * ETHER)
        self.token = script.place("Token", "token", "TKN", 6)
        self.weth = script.place("Weth", "weth", address=WETH)
        self.splitter = script.place("Splitter", "splitter")
        self.caller = script.place("Caller", "caller")
        self.reverter = script.place("Reverter", "reverter", False)
        self.wrapped = dict.fromkeys(self.people, 0)

    def played(self, history: Sequence[Act]) -> Any:
        given = [acts.minted(self.script, self.token, one, 10**6) for one in self.people]
        self.script.call(self.people[0], compiled("Token"), self.token, "airdrop", self.people, 10**6, moves=given)
        self.script.block()
        for act in history:
            getattr(self, f"_{act.what}")(self.people[act.who], self.people[act.whom], act.amount)
        self.script.block()
        return self.script.planted()

    def _block(self, who: str, whom: str, amount: int) -> None:
        self.script.block()

    def _pay(self, who: str, whom: str, amount: int) -> None:
        self.script.send(who, whom, amount)

    def _token(self, who: str, whom: str, amount: int) -> None:
        moves = [acts.token(self.script, self.token, who, whom, amount)]
        self.script.call(who, compiled("Token"), self.token, "transfer", whom, amount, moves=moves)

    def _twice(self, who: str, whom: str, amount: int) -> None:
        moves = [acts.token(self.script, self.token, who, whom, amount)] * 2
        self.script.call(who, compiled("Token"), self.token, "twice", whom, amount, moves=moves)

    def _mint(self, who: str, whom: str, amount: int) -> None:
        moves = [acts.minted(self.script, self.token, whom, amount)]
        self.script.call(who, compiled("Token"), self.token, "mint", whom, amount, moves=moves)

    def _burn(self, who: str, whom: str, amount: int) -> None:
        moves = [acts.burnt(self.script, self.token, who, amount)]
        self.script.call(who, compiled("Token"), self.token, "burn", amount, moves=moves)

    def _wrap(self, who: str, whom: str, amount: int) -> None:
        self.wrapped[who] += amount
        moves = [acts.minted(self.script, self.weth, who, amount)]
        self.script.call(who, compiled("Weth"), self.weth, "deposit", value=amount, moves=moves)

    def _unwrap(self, who: str, whom: str, amount: int) -> None:
        amount = min(amount, self.wrapped[who])
        self.wrapped[who] -= amount
        moves = [paid(self.weth, who, amount), acts.burnt(self.script, self.weth, who, amount)]
        self.script.call(who, compiled("Weth"), self.weth, "withdraw", amount, moves=moves)

    def _split(self, who: str, whom: str, amount: int) -> None:
        """The same to one of them twice: equal transfers in one transaction."""
        receivers = [whom, who, whom]
        moves = [paid(self.splitter, one, amount) for one in receivers]
        self.script.call(
            who, compiled("Splitter"), self.splitter, "equally", receivers, amount, value=3 * amount, moves=moves
        )

    def _attempt(self, who: str, whom: str, amount: int) -> None:
        """A payment inside that is undone, in a transaction that goes well."""
        self.script.call(who, compiled("Caller"), self.caller, "attempt", self.reverter, whom, amount, value=amount + 1)

    def _fail(self, who: str, whom: str, amount: int) -> None:
        self.script.send(who, self.reverter, amount, "0x", gas=60_000, fails=True)
