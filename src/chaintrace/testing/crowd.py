"""Crowd: one account and a token with very many transfers, for measuring."""

from __future__ import annotations

from chaintrace.testing.acts import minted, token
from chaintrace.testing.anvil import Anvil
from chaintrace.testing.contracts import compiled
from chaintrace.testing.script import ETHER, Move, Script
from chaintrace.testing.truth import Planted

BEGIN = 1_700_000_000  # 2023-11-14T22:13:20Z
IN_A_TRANSACTION = 400
PEOPLE = 2_000
GAS = 100_000 + 40_000 * IN_A_TRANSACTION


def crowd(node: Anvil, transfers: int = 100_000) -> Planted:
    """Plays at least that many transfers of a token between one account (role ``center``) and 2,000 others
    (``crowd``), in and out by turns, 400 in a transaction and one transaction in a block; the truth about it.

    100,000 take some three seconds. There is no theft: ``first`` is the block of the first transaction. The node has to
    be fresh.
    """
    script, code = Script(node, BEGIN), compiled("Token")
    center = script.play("center", wei=1_000 * ETHER)
    contract = script.place("Token", "token", "CROWD", 6)
    people = script.plays("crowd", PEOPLE)
    supply = 10**18
    script.call(center, code, contract, "mint", center, supply, moves=[minted(script, contract, center, supply)])
    script.block()
    groups = [people[start : start + IN_A_TRANSACTION] for start in range(0, PEOPLE, IN_A_TRANSACTION)]
    for number in range(-(-transfers // IN_A_TRANSACTION)):
        group = groups[number // 2 % len(groups)]
        back = number % 2 == 1
        amount = 1_000_000 + number // 2 - back
        moves: list[Move] = [
            token(script, contract, one, center, amount) if back else token(script, contract, center, one, amount)
            for one in group
        ]
        words = ("collect" if back else "spread", group, amount)
        script.call(center, code, contract, *words, moves=moves, gas=GAS)
        script.block()
    return script.planted()
