"""Stories: any transactions of coins into any scripts, mined at any time."""

from __future__ import annotations

from hypothesis import strategies as st

from chaintrace.testing.bitcoin.chain import Regtest
from chaintrace.testing.bitcoin.coins import sign
from chaintrace.testing.bitcoin.locks import KINDS, lock

COIN = 10**8

Story = list[tuple[int, int, list[tuple[str, int]]]]
"""For each transaction: how many coins it spends at most, how many blocks are mined after it, and its outputs: the kind
of their lock, and how many hundredths of what is left they get."""


def play(chain: Regtest, choices: Story) -> None:
    """Transactions of any number of coins into any scripts, mined at any time."""
    for number, (inputs, mined, outputs) in enumerate(choices):
        coins = (chain.coins("crowd") or (chain.fund(lock("p2tr", "crowd"), 20 * COIN),))[-inputs:]
        left = sum(coin.value for coin in coins)
        paid = []
        for kind, share in outputs:
            paid.append((lock(kind, "crowd"), left * share // 100))
            left -= paid[-1][1]
        chain.send(sign(coins, paid, locktime=number % 3))
        if mined:
            chain.mine(mined)
    chain.mine()


STORIES = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.integers(0, 2),
        st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 100)), min_size=1, max_size=5),
    ),
    min_size=1,
    max_size=12,
)
