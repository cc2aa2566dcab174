"""Robbery: a theft of bitcoin and the ways by which it is laundered, on a chain that Bitcoin Core's rules accept.

Everybody is invented. Every type of script stands on the money's road: the peel chain changes it at every step.
"""

from __future__ import annotations

from collections.abc import Sequence

from chaintrace.testing.bitcoin.chain import MATURITY, Regtest
from chaintrace.testing.bitcoin.coins import Coin, Tx
from chaintrace.testing.bitcoin.locks import KINDS, Lock, lock
from chaintrace.testing.bitcoin.told import PlantedCoins, told

STOLEN = 8_000_000_000
DUST = 546
DENOMINATION = 10_007_312
"""Of the larger CoinJoin, near Wasabi's 0.1 BTC."""
POOL = 50_000_000
"""Of the smaller one: Whirlpool's 0.5 BTC."""
PEELS = ("p2sh-p2wpkh", "p2sh", "p2wsh", "p2tr", "p2pkh", "p2pk", "multisig", "anyone", "future", "p2wpkh")
"""The scripts that what is left lies in after each peel."""

_TOGETHER = (2, 3, 4)
_PAYMENTS = 64
_A_BLOCK = 8

Story = dict[str, Tx]


def rob(chain: Regtest) -> PlantedCoins:
    """Plays the theft and the laundering on a fresh chain; the truth about it. 157 blocks in half a second.

    Transactions: ``theft dusting split peel-0`` to ``peel-9`` ``mix wasabi tx0 whirlpool sweep payout consolidation``.
    Roles: ``vault`` (robbed) ``thief peeler mule duster friend shop joiner joined coordinator deposit client hot
    customer launderer stash till shopper`` and more. Stops: the exchange's ``deposit`` and ``hot``.
    """
    story: Story = {}
    chain.mine(MATURITY + 20)
    _before(chain)
    _theft(chain, story)
    _peel(chain, story)
    _mix(chain, story)
    _join(chain, story)
    _whirl(chain, story)
    _cash_out(chain, story)
    _gather(chain, story)
    _sell(chain)
    chain.mine(6)
    victim = lock("p2wsh", "vault").account
    stops = {"deposit": "exchange", "hot": "exchange"}
    return told(chain, [story["theft"]], victims=[victim], stops=stops, named=story)


def _before(chain: Regtest) -> None:
    """Everybody has money of their own."""
    for value in (4_000_000_000, 3_000_000_000, 2_500_000_000):
        chain.fund(lock("p2wsh", "vault"), value)
    for number in range(8):
        chain.fund(lock("p2wpkh", f"joiner/{number}"), 12_000_000 + number * 3_456_789)
    for number in range(4):
        chain.fund(lock("p2tr", f"whirler/{number}"), POOL + 100 * number)
    for number in range(3):
        chain.fund(lock("p2pkh", f"client/{number}"), 250_000_000 + number)
    chain.fund(lock("p2sh", "hot"), 1_234_567_890)
    chain.fund(lock("p2pkh", "mule/1"), 200_000_000)
    chain.fund(lock("p2wpkh", "duster"), 1_000_000)
    chain.fund(lock("p2wpkh", "shopper"), 500_000_000)
    chain.mine()


def _theft(chain: Regtest, story: Story) -> None:
    vault, thief = lock("p2wsh", "vault"), lock("p2tr", "thief")
    story["theft"] = chain.pay(
        chain.coins("vault"), (vault, 1_499_990_000), (thief, 6_000_000_001), (thief, STOLEN - 6_000_000_001)
    )
    chain.mine()
    dusted = [thief, vault, lock("p2pkh", "mule/1"), lock("p2sh", "mule/2"), lock("p2wpkh", "till")]
    story["dusting"] = _pay(
        chain, chain.coins("duster"), [(one, DUST) for one in dusted], lock("p2wpkh", "duster"), 900
    )
    chain.mine()
    story["split"] = chain.pay(
        story["theft"].to("thief"),
        (lock("p2wpkh", "peeler/0"), 5_500_000_000),
        (lock("p2pkh", "mule/1"), 1_500_000_000),
        (lock("p2sh", "mule/2"), 999_990_000),
    )
    chain.mine()


def _peel(chain: Regtest, story: Story) -> None:
    """Ten peels, paid now in the first output and now in the second; three of them in one block."""
    (rest,) = story["split"].to("peeler/0")
    for number, kind in enumerate(PEELS):
        paid = lock("p2pkh" if number % 2 else "p2wpkh", f"deposit/{number}"), 300_000_000 + number * 7_654_321
        left = lock(kind, f"peeler/{number + 1}"), rest.value - paid[1] - 1_500 - number
        tx = chain.pay([rest], *((left, paid) if number % 3 == 1 else (paid, left)))
        (rest,) = tx.to(left[0].name)
        story[f"peel-{number}"] = tx
        if number not in _TOGETHER[:-1]:
            chain.mine()


def _mix(chain: Regtest, story: Story) -> None:
    """The mule's own money goes first, then the dust, then what was stolen."""
    own, dust, stolen = chain.coins("mule/1")
    story["mix"] = chain.pay(
        [own, dust, stolen],
        (lock("p2wpkh", "friend"), 100_000_000),
        (lock("p2sh-p2wpkh", "shop"), 900_000_000),
        (lock("p2tr", "mule/3"), 699_995_546),
    )
    chain.mine()


def _join(chain: Regtest, story: Story) -> None:
    """A CoinJoin of Wasabi's shape: ten parties and equal outputs, what is left to each, and the coordinator's part."""
    clean = [chain.coins(f"joiner/{number}")[0] for number in range(8)]
    (rest,), (mule, _) = chain.coins("peeler/10"), sorted(chain.coins("mule/2"), key=lambda coin: -coin.value)
    spent = [*clean[:3], rest, *clean[3:6], mule, *clean[6:]]
    outputs = [(lock("p2wpkh", f"joined/{number}"), DENOMINATION) for number in range(10)]
    for coin in reversed(spent):
        left = coin.value - DENOMINATION - 20_000 - 1_000
        outputs.insert(len(outputs) // 2, (lock("p2wpkh", f"left/{coin.lock.name}"), left))
    outputs.append((lock("p2wpkh", "coordinator"), 200_000))
    story["wasabi"] = chain.pay(spent, *outputs)
    chain.mine()


def _whirl(chain: Regtest, story: Story) -> None:
    """Whirlpool: coins are cut to size, with a fee and a mark; then five go in, and five equal ones come out."""
    premix = [(lock("p2wpkh", f"premix/{number}"), POOL + 10_000) for number in range(3)]
    fixed = [(lock("return", "whirlpool"), 0), (lock("p2wpkh", "coordinator"), 1_750_000), *premix]
    story["tx0"] = _pay(chain, chain.coins("mule/3"), fixed, lock("p2wpkh", "mule/4"), 3_000)
    chain.mine()
    clean = [chain.coins(f"whirler/{number}")[0] for number in range(4)]
    (first,) = story["tx0"].to("premix/0")
    spent = [clean[0], clean[1], first, clean[2], clean[3]]
    story["whirlpool"] = chain.pay(spent, *((lock("p2wpkh", f"postmix/{number}"), POOL) for number in range(5)))
    chain.mine(3)


def _cash_out(chain: Regtest, story: Story) -> None:
    """The exchange gathers what was deposited, by thieves and others, and pays many at once."""
    deposits = [chain.coins(f"deposit/{number}")[0] for number in range(5)]
    clients = [chain.coins(f"client/{number}")[0] for number in range(3)]
    hot = lock("p2sh", "hot")
    spent = [clients[0], *deposits[:2], clients[1], *deposits[2:], clients[2]]
    story["sweep"] = _pay(chain, spent, [], hot, 7_000)
    chain.mine(2)
    paid = [(lock(kind, f"customer/{kind}"), 40_000_000 + n * 1_111_111) for n, kind in enumerate(KINDS[:10])]
    twice = (lock("p2wpkh", "customer/twice"), 33_333_333)
    nothing = (lock("anyone", "customer/nothing"), 0)
    mark = (lock("return", "batch 17"), 0)
    outputs = [*paid[:4], twice, (lock("p2tr", "launderer"), 300_000_000), nothing, *paid[4:], twice, mark]
    story["payout"] = _pay(chain, [*story["sweep"].made, chain.coins("hot")[0]], outputs, hot, 21_000)
    chain.mine()


def _gather(chain: Regtest, story: Story) -> None:
    """What was joined and whirled, what the exchange paid and what the mule had left come together and lie still."""
    coins = [
        *story["wasabi"].to("joined/3"),
        *story["wasabi"].to("joined/8"),
        *story["whirlpool"].to("postmix/2"),
        *story["payout"].to("launderer"),
        *story["tx0"].to("mule/4"),
    ]
    burnt = (lock("broken", "lost"), 777)
    story["consolidation"] = _pay(chain, coins, [burnt], lock("p2tr", "stash"), 4_000)
    chain.mine()


def _sell(chain: Regtest) -> None:
    """A shop with many customers that nothing stolen reaches: many transactions of one address in few blocks."""
    till, shopper = lock("p2wpkh", "till"), lock("p2wpkh", "shopper")
    for number in range(_PAYMENTS):
        _pay(chain, chain.coins("shopper"), [(till, 10_000 + number)], shopper, 200)
        if number % _A_BLOCK == _A_BLOCK - 1:
            chain.mine()
    _pay(chain, chain.coins("till")[:40], [], lock("p2wsh", "bank"), 2_500)
    chain.mine()


def _pay(chain: Regtest, spent: Sequence[Coin], outputs: Sequence[tuple[Lock, int]], change: Lock, fee: int) -> Tx:
    """A payment whose last output gets what is left."""
    left = sum(coin.value for coin in spent) - sum(value for _, value in outputs) - fee
    return chain.pay(spent, *outputs, (change, left))
