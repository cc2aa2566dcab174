"""Laundering: the Ronin theft and what might have followed, played on a local node with its truth written down.

The bridge, the exploiter, the token, the wrapper, the pool and its router stand at their real addresses; everybody
else is invented. The story is not what happened in 2022: it is every way of moving money that a fetcher has to see.
"""

from __future__ import annotations

from dataclasses import dataclass

from chaintrace.testing import acts
from chaintrace.testing.anvil import Anvil
from chaintrace.testing.contracts import compiled
from chaintrace.testing.script import ETHER, Script, Sent, paid
from chaintrace.testing.truth import Planted

BRIDGE = "0x1a2a1c938ce3ec39b6d47113c7955baa9dd454f2"
EXPLOITER = "0x098b716b8aaf21512996dc57eb0615e2383e2f96"
USDC = "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
WETH = "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"
POOL = "0xa160cdab225685da1d56aa342ad8841c3b53f291"
ROUTER = "0xd90e2f925da726b50c4ed8d0fb90ad053324f31b"

STOLEN = 173_600 * ETHER
STOLEN_USDC = 25_500_000 * 10**6
DENOMINATION = 100 * ETHER
BEGIN = 1_648_036_800  # 2022-03-23T12:00:00Z


@dataclass
class Cast:
    """Who plays: accounts and contracts by role."""

    bridge: str
    exploiter: str
    usdc: str
    weth: str
    pool: str
    router: str
    market: str
    splitter: str
    second: str
    bomb: str
    factory: str
    reverter: str
    caller: str
    scam: str
    nft: str
    mules: list[str]
    depositors: list[str]
    relayer: str
    deposit: str
    hot: str
    strangers: list[str]


def launder(node: Anvil) -> Planted:
    """Plays the theft and the laundering; the truth about it. 130 transactions in 54 blocks, in two seconds.

    The node has to be fresh: two runs then give the same hashes.
    Roles: ``bridge exploiter usdc weth pool router market splitter second bomb factory reverter caller scam nft mule
    depositor relayer deposit hot stranger helper fresh`` and more. Stops: the pool and its router (mixer), the
    exchange's deposit and hot accounts (exchange).
    """
    script = Script(node, BEGIN)
    cast = _cast(script)
    script.play("wrapper", wei=ETHER // 10)
    script.play("lone", wei=ETHER // 20)
    acts.before(script, cast)
    thefts = _theft(script, cast)
    acts.swap(script, cast)
    acts.disperse(script, cast)
    acts.split(script, cast)
    acts.wrap(script, cast)
    acts.mix(script, cast)
    acts.cash_out(script, cast)
    acts.destroy(script, cast)
    acts.fail(script, cast)
    acts.noise(script, cast)
    stops = {cast.pool: "mixer", cast.router: "mixer", cast.deposit: "exchange", cast.hot: "exchange"}
    return script.planted(thefts, [cast.bridge], stops)


def _cast(script: Script) -> Cast:
    return Cast(
        bridge=script.place("Vault", "bridge", address=BRIDGE, wei=STOLEN + 4_321 * ETHER),
        exploiter=script.play("exploiter", EXPLOITER, ETHER),
        usdc=script.place("Token", "usdc", "USDC", 6, address=USDC),
        weth=script.place("Weth", "weth", address=WETH),
        pool=script.place("Pool", "pool", DENOMINATION, address=POOL),
        router=script.place("Router", "router", address=ROUTER),
        market=script.place("Vault", "market", wei=60_000 * ETHER),
        splitter=script.place("Splitter", "splitter"),
        second=script.place("Splitter", "second", wei=777 * ETHER),
        bomb=script.place("Bomb", "bomb"),
        factory=script.place("Factory", "factory"),
        reverter=script.place("Reverter", "reverter", False),
        caller=script.place("Caller", "caller"),
        scam=script.place("Token", "scam", "USD\u0421", 6),
        nft=script.place("Nft", "nft"),
        mules=[script.play("mule", wei=wei * ETHER // 10) for wei in (0, 120, 3, 0, 0, 5000, 0, 1)],
        depositors=script.plays("depositor", 6, ETHER // 5),
        relayer=script.play("relayer", wei=30 * ETHER),
        deposit=script.play("deposit", wei=ETHER // 2),
        hot=script.play("hot", wei=90_000 * ETHER),
        strangers=script.plays("stranger", 12, 1_500 * ETHER),
    )


def _theft(script: Script, cast: Cast) -> list[Sent]:
    vault = compiled("Vault")
    ether = script.call(
        cast.exploiter, vault, cast.bridge, "pay", cast.exploiter, STOLEN,
        moves=[paid(cast.bridge, cast.exploiter, STOLEN)],
    )  # fmt: skip
    script.block(5_349)
    usdc = script.call(
        cast.exploiter, vault, cast.bridge, "payToken", cast.usdc, cast.exploiter, STOLEN_USDC,
        moves=[acts.token(script, cast.usdc, cast.bridge, cast.exploiter, STOLEN_USDC)],
    )  # fmt: skip
    script.block(115)
    return [ether, usdc]
