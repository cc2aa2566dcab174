"""Hubs: a theft whose money runs down a few branches, among dust that leads to accounts with endless histories.

What a crawl is for: most of the money can be accounted for with a few dozen accounts, if it asks for the right ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from chaintrace.testing.anvil import Anvil
from chaintrace.testing.contracts import compiled
from chaintrace.testing.script import ETHER, Script, Sent, account, paid
from chaintrace.testing.truth import Planted

STOLEN = 50_000 * ETHER
BEGIN = 1_690_000_000  # 2023-07-22T04:26:40Z
TREE = 40
HUBS = 4
TRAFFIC = 300  # transactions of a hub, at scale 1
DUST = 30  # accounts a dust payment goes to, at scale 1
KEPT = ETHER // 20  # what an account keeps for its fees, at scale 1
SMALL = 2 * ETHER  # too little to be split further, or, at scale 1, to leave dust
IN_A_BLOCK = 100


@dataclass
class _Play:
    script: Script
    random: Random
    scale: int
    exchange: str
    splitter: str
    hubs: list[str]
    strangers: list[str]


def hubs(node: Anvil, *, scale: int = 1, seed: int = 0) -> Planted:
    """Plays it; the truth about it. At scale 1 some 1,350 transactions and 4,000 rows, in two seconds; ``scale``
    multiplies the dust and the traffic of the hubs, not the tree. Another ``seed`` gives other branches.

    Roles: ``victim thief tree holder dust hub stranger splitter exchange``; the exchange is the stop. The node has to
    be fresh.
    """
    script, random = Script(node, BEGIN), Random(seed)
    victim = script.place("Vault", "victim", wei=STOLEN + 123 * ETHER)
    thief = script.play("thief", wei=ETHER)
    play = _Play(
        script,
        random,
        scale,
        exchange=script.play("exchange", wei=400_000 * ETHER),
        splitter=script.place("Splitter", "splitter"),
        hubs=script.plays("hub", HUBS, 20_000 * ETHER),
        strangers=script.plays("stranger", 60 * scale, 200 * ETHER),
    )
    _traffic(play, TRAFFIC // 3)
    theft = script.call(
        thief, compiled("Vault"), victim, "pay", thief, STOLEN, moves=[paid(victim, thief, STOLEN)],
    )  # fmt: skip
    script.block()
    _tree(play, thief)
    _traffic(play, TRAFFIC - TRAFFIC // 3)
    return script.planted([theft], [victim], {play.exchange: "exchange"})


def _tree(play: _Play, thief: str) -> None:
    """Breadth first: whoever has enough splits it, until the tree has its size; then it goes to the exchange or
    stays."""
    waiting = [(thief, STOLEN)]
    grown = 1
    while waiting:
        giver, wei = waiting.pop(0)
        if wei >= SMALL * play.scale:
            _dust(play, giver, wei)
        wei -= wei // 1_000 + KEPT * play.scale
        if wei < SMALL or (grown >= TREE and play.random.random() < 0.4):
            play.script.roles["holder"].append(giver)
        elif grown >= TREE:
            play.script.send(giver, play.exchange, wei)
        else:
            takers = [play.script.play("tree") for _ in range(play.random.choice((1, 2, 3)))]
            grown += len(takers)
            shares = _heavy(play.random, wei, len(takers))
            for taker, share in zip(takers, shares, strict=True):
                play.script.send(giver, taker, share)
            waiting += zip(takers, shares, strict=True)
        play.script.block(play.random.randrange(60, 7_200))


def _heavy(random: Random, wei: int, parts: int) -> list[int]:
    """``wei`` in parts of which the first has nearly all."""
    shares = []
    for _ in range(parts - 1):
        shares.append(wei * random.randrange(1, 60) // 1_000)
        wei -= shares[-1]
    return [wei, *shares]


def _dust(play: _Play, giver: str, wei: int) -> None:
    """A thousandth, at most, to many, some of whom pass it on to a hub in the next block."""
    number = DUST * play.scale
    each = wei // 1_000 // number
    takers = [account(f"dust/{giver}/{i}") for i in range(number)]
    play.script.roles["dust"] += takers
    for start in range(0, number, DUST):
        _pay_all(play, giver, takers[start : start + DUST], each)
    play.script.block()
    hub = play.random.choice(play.hubs)
    for taker in takers[:: 10 * play.scale]:
        if each > KEPT // 5:
            play.script.send(taker, hub, each - KEPT // 10)


def _pay_all(play: _Play, giver: str, takers: list[str], each: int) -> Sent:
    moves = [paid(play.splitter, taker, each) for taker in takers]
    gas = 200_000 + 60_000 * len(takers)
    return play.script.call(
        giver, compiled("Splitter"), play.splitter, "equally", takers, each,
        value=each * len(takers), moves=moves, gas=gas,
    )  # fmt: skip


def _traffic(play: _Play, transactions: int) -> None:
    """Strangers pay the hubs, the hubs pay strangers, one by one and many at once."""
    script, random = play.script, play.random
    for hub in play.hubs:
        for number in range(transactions * play.scale):
            stranger, wei = random.choice(play.strangers), random.randrange(1, ETHER)
            giver, taker = random.choice(((hub, stranger), (stranger, hub)))
            script.send(giver, taker, wei)
            if number % IN_A_BLOCK == IN_A_BLOCK - 1:
                script.block()
        _pay_all(play, hub, random.sample(play.strangers, DUST), random.randrange(1, ETHER // 10))
        script.block(600)
