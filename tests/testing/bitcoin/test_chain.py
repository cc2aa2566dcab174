"""Bitcoin Core's engine takes what follows the rules and nothing else, and remembers what the chain means."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings

from chaintrace.errors import MachineError
from chaintrace.testing.bitcoin.blocks import Block, subsidy
from chaintrace.testing.bitcoin.chain import MINER, Refused, Regtest
from chaintrace.testing.bitcoin.coins import Coin, Tx, sign
from chaintrace.testing.bitcoin.kernel import Kernel, KernelMissing
from chaintrace.testing.bitcoin.locks import FOREVER, KINDS, lock
from chaintrace.testing.bitcoin.told import PlantedCoins, told
from chaintrace.testing.truth import Row

from .stories import STORIES, Story, play

COIN = 10**8
SPENDABLE = [kind for kind in KINDS if kind not in FOREVER]
WITHOUT_KEYS = ("anyone", "future")


def undone(chain: Regtest, block: Block) -> list[list[tuple[int, bytes]]]:
    return [[(coin.value, coin.script) for coin in one] for one in chain.kernel.undo(block.hash)]


def meant(block: Block) -> list[list[tuple[int, bytes]]]:
    return [[(coin.value, coin.lock.script) for coin in tx.spent] for tx in block.sent[1:]]


@pytest.fixture(scope="module")
def busy(kernel_of_bitcoin: None) -> Iterator[Regtest]:
    """One chain for tests that only add to it, under names of their own."""
    with Regtest() as chain:
        chain.mine(120)
        yield chain


@pytest.mark.parametrize("kind", KINDS)
def test_a_script_of_every_type_is_paid(busy: Regtest, kind: str) -> None:
    coin = busy.fund(lock(kind, f"paid {kind}"), COIN)
    busy.mine()
    assert coin.outpoint in {one.outpoint for tx in busy.blocks[-1].sent for one in tx.made}
    assert busy.coins(f"paid {kind}") == (() if kind in FOREVER else (coin,))


@pytest.mark.parametrize("kind", SPENDABLE)
def test_a_script_of_every_type_is_spent_alone_and_beside_all_others(busy: Regtest, kind: str) -> None:
    alone = busy.fund(lock(kind, "alone"), COIN)
    together = [busy.fund(lock(one, "together"), COIN + n) for n, one in enumerate([kind, *SPENDABLE])]
    busy.mine()
    busy.pay([alone], (lock("p2tr", "payee"), COIN - 500))
    busy.pay(together, (lock(kind, "payee"), COIN))
    block = busy.mine()
    assert len(block.sent) == 3
    assert undone(busy, block) == meant(block)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in WITHOUT_KEYS])
def test_nobody_spends_with_anothers_keys(busy: Regtest, kind: str) -> None:
    coin = busy.fund(lock(kind, "owner"), COIN)
    busy.mine()
    thief = replace(lock(kind, "thief"), script=coin.lock.script)
    stolen = sign([coin._replace(lock=thief)], [(lock("p2tr", "thief"), COIN - 500)])
    with pytest.raises(Refused, match=r"mandatory-script-verify|block-script-verify|inputs-missingorspent"):
        busy.submit(busy.assembled([stolen]))


def spent_twice(chain: Regtest) -> Block:
    coin = chain.fund(lock("p2tr", "payer"), COIN)
    chain.mine()
    chain.pay([coin], (lock("p2tr", "payee"), COIN))
    chain.mine()
    return chain.assembled([sign([coin], [(lock("p2tr", "other"), COIN)])])


def from_nothing(chain: Regtest) -> Block:
    return chain.assembled([sign([Coin("11" * 32, 0, COIN, lock("anyone", "x"))], [(lock("p2tr", "x"), COIN)])])


def unripe(chain: Regtest) -> Block:
    reward = chain.blocks[-5].sent[0].made[0]
    return chain.assembled([sign([reward], [(lock("p2tr", "x"), reward.value)])])


def too_much(chain: Regtest) -> Block:
    coin = chain.fund(lock("p2tr", "payer"), COIN)
    chain.mine()
    return chain.assembled([sign([coin], [(lock("p2tr", "x"), COIN + 1)])], reward=0)


def child_first(chain: Regtest) -> Block:
    coin = chain.fund(lock("p2tr", "payer"), COIN)
    chain.mine()
    parent = sign([coin], [(lock("p2pkh", "payee"), COIN - 500)])
    child = sign(parent.made, [(lock("p2pkh", "payee"), COIN - 1_000)])
    return chain.assembled([child, parent])


def never(chain: Regtest) -> Block:
    coin = chain.fund(lock("return", "payer"), COIN)
    chain.mine()
    return chain.assembled([sign([coin], [(lock("p2tr", "x"), COIN)])])


def early(chain: Regtest) -> Block:
    coin = chain.fund(lock("p2tr", "payer"), COIN)
    chain.mine()
    return chain.assembled([sign([coin], [(lock("p2tr", "x"), COIN)], locktime=1_000)])


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (spent_twice, "bad-txns-inputs-missingorspent"),
        (from_nothing, "bad-txns-inputs-missingorspent"),
        (child_first, "bad-txns-inputs-missingorspent"),
        (never, "bad-txns-inputs-missingorspent"),
        (unripe, "bad-txns-premature-spend-of-coinbase"),
        (too_much, "bad-txns-in-belowout"),
        (early, "bad-txns-nonfinal"),
        (lambda chain: chain.assembled(reward=50 * COIN + 1), "bad-cb-amount"),
        (lambda chain: chain.assembled(time=chain.blocks[-12].time), "time-too-old"),
        (lambda chain: replace(chain.assembled(), raw=chain.assembled().raw[:-1] + b"\1"), "bad-txnmrklroot"),
        (lambda chain: chain.assembled(on=chain.blocks[-3]), "does not stand upon the last block"),
    ],
)
def test_what_breaks_the_rules_is_refused_in_the_engines_words_and_changes_nothing(
    regtest: Regtest, bad: Callable[[Regtest], Block], why: str
) -> None:
    block = bad(regtest)
    before = regtest.height, regtest.tip, regtest.coins(MINER)
    with pytest.raises(Refused, match=why):
        regtest.submit(block)
    assert (regtest.height, regtest.tip, regtest.coins(MINER)) == before
    assert regtest.kernel.tip == regtest.tip
    regtest.mine()
    assert regtest.kernel.hashes[1:] == [one.hash for one in regtest.blocks]


def test_rewards_halve_and_take_the_fees(regtest: Regtest) -> None:
    regtest.mine(50)
    coin = regtest.fund(lock("p2tr", "payer"), COIN, fee=700)
    regtest.mine()
    regtest.pay([coin], (lock("p2tr", "payee"), COIN - 4_000))
    regtest.mine()
    rewards = [block.sent[0].made[0].value for block in regtest.blocks]
    assert rewards[148:150] == [50 * COIN, 25 * COIN]
    assert rewards[-2:] == [25 * COIN + 700, 25 * COIN + 4_000]
    assert [subsidy(height) for height in (1, 149, 150, 299, 300)] == [
        value * COIN // 10 for value in (500, 500, 250, 250, 125)
    ]


def test_clocks_run_backwards_now_and_then(regtest: Regtest) -> None:
    times = [block.time for block in regtest.blocks]
    assert times != sorted(times)


def test_a_coin_can_be_spent_in_the_block_that_made_it(regtest: Regtest) -> None:
    coin = regtest.fund(lock("p2wpkh", "a"), COIN)
    for number in range(20):
        (coin,) = regtest.pay([coin], (lock(SPENDABLE[number % len(SPENDABLE)], "a"), coin.value - 200)).made
    block = regtest.mine()
    assert len(block.sent) == 22
    assert undone(regtest, block) == meant(block)


def test_what_is_not_there_or_spent_already_does_not_wait(regtest: Regtest) -> None:
    coin = regtest.fund(lock("p2tr", "payer"), COIN)
    regtest.pay([coin], (lock("p2tr", "payee"), COIN))
    with pytest.raises(ValueError, match=f"what is not there: {coin.outpoint}"):
        regtest.pay([coin], (lock("p2tr", "other"), COIN))
    assert len(regtest.waiting) == 2
    assert regtest.coins("payer") == ()
    regtest.mine(only=[])
    assert len(regtest.waiting) == 2
    regtest.mine(2)
    assert not regtest.waiting
    assert [len(block.sent) for block in regtest.blocks[-3:]] == [1, 3, 1]


def test_a_longer_fork_replaces_the_tip_and_its_transactions_wait_again(regtest: Regtest) -> None:
    first = regtest.fund(lock("p2tr", "payer"), COIN)
    second = regtest.fund(lock("p2tr", "payer"), 2 * COIN)
    regtest.mine()
    kept = regtest.pay([first], (lock("p2tr", "payee"), COIN - 500))
    regtest.mine()
    lost = regtest.pay([second], (lock("p2tr", "payee"), 2 * COIN - 500))
    after = regtest.pay(lost.made, (lock("p2tr", "payee"), 2 * COIN - 900))
    tip = regtest.mine()
    other = sign([second], [(lock("p2tr", "payer"), 2 * COIN - 800)])
    gone = regtest.reorg(2, sent=[other])
    assert [block.height for block in gone] == [112, 113]
    assert gone[-1] == tip
    assert (regtest.height, regtest.kernel.tip) == (114, regtest.tip)
    assert list(regtest.waiting) == [kept.txid]
    assert not {lost.txid, after.txid} & {tx.txid for block in regtest.blocks for tx in block.sent}
    assert regtest.coins("payer") == other.made
    block = regtest.mine()
    assert [tx.txid for tx in block.sent[1:]] == [kept.txid]
    assert undone(regtest, block) == meant(block)


def test_a_fork_with_no_more_work_replaces_nothing(regtest: Regtest) -> None:
    tip = regtest.tip
    with pytest.raises(Refused, match="no more work"):
        regtest.reorg(3, count=3)
    assert (regtest.tip, regtest.kernel.tip, regtest.height) == (tip, tip, 110)
    with pytest.raises(Refused, match="bad-txns-premature"):
        regtest.reorg(2, sent=[sign(regtest.blocks[-4].sent[0].made, [(lock("p2tr", "x"), 1)])])
    assert (regtest.tip, regtest.kernel.tip, regtest.height) == (tip, tip, 110)
    regtest.reorg(3)
    assert (regtest.height, regtest.kernel.tip) == (111, regtest.tip)


def rows_by_undo(chain: Regtest) -> list[tuple[int, int]]:
    """Block and satoshi of everything that was spent, by the engine's own memory."""
    return [
        (block.height, coin.value) for block in chain.blocks for one in chain.kernel.undo(block.hash) for coin in one
    ]


@settings(max_examples=max(settings().max_examples // 5, 20))
@given(choices=STORIES)
def test_whatever_is_played_the_engine_takes_it_and_the_truth_conserves(
    kernel_of_bitcoin: None, choices: Story
) -> None:
    with Regtest() as chain:
        chain.mine(105)
        play(chain, choices)
        truth = told(chain)
        for block in chain.blocks[100:]:
            assert undone(chain, block) == meant(block)
        assert [(row.block, row.amount) for row in truth.rows if row.kind == "input"] == rows_by_undo(chain)
    check(truth)


def check(truth: PlantedCoins) -> None:
    """What goes into a transaction comes out of it, a coin is spent as it was made and once, and nothing is lost."""
    sums: dict[str, int] = {}
    made: dict[str, tuple[str | None, int]] = {}
    for row in truth.rows:
        for party, sign_of in ((row.receiver, 1), (row.sender, -1)):
            if party and party.startswith("tx:"):
                sums[party] = sums.get(party, 0) + sign_of * row.amount
        if row.kind in ("output", "burn"):
            assert row.outpoint is not None
            made[row.outpoint] = row.receiver, row.amount
        if row.kind == "input":
            assert row.outpoint is not None
            assert made.pop(row.outpoint) == (row.sender, row.amount)
    assert set(sums.values()) == {0}
    held: dict[str | None, int] = {}
    for account, amount in made.values():
        held[account] = held.get(account, 0) + amount
    assert {pot.account: amount for pot, amount in truth.balances.items()} == {
        account: amount for account, amount in held.items() if account and amount
    }
    minted = sum(subsidy(block.height) for block in truth.blocks)
    assert sum(truth.balances.values()) + held.get(None, 0) == minted


def test_what_cannot_be_done_is_said(regtest: Regtest) -> None:
    with pytest.raises(ValueError, match=r"no miner has a coin of 5000000001 satoshi"):
        regtest.fund(lock("p2tr", "x"), 50 * COIN - 999)
    for depth in (0, 110, -1):
        with pytest.raises(ValueError, match="cannot be replaced"):
            regtest.reorg(depth)
    assert regtest.height == 110


def test_two_runs_give_the_same_hashes(kernel_of_bitcoin: None) -> None:
    tips = []
    for _ in range(2):
        with Regtest() as chain:
            chain.mine(101)
            play(chain, [(1, 1, [(kind, 9) for kind in KINDS]), (4, 0, [("p2tr", 50)])])
            tips.append(chain.tip)
    assert tips[0] == tips[1]


def test_rows_are_in_the_order_of_the_chain_and_name_their_coins(regtest: Regtest) -> None:
    coin = regtest.fund(lock("p2wpkh", "payer"), COIN)
    regtest.mine()
    tx = regtest.pay([coin], (lock("p2pk", "payee"), 6 * COIN // 10), (lock("return", "mark"), 0))
    regtest.mine()
    truth = told(regtest, named={"payment": tx})
    asset, account = truth.rows[0].asset, f"tx:{tx.txid}"
    payee = lock("p2pk", "payee").account
    assert truth.of([truth.named["payment"]]) == (
        Row(tx.txid, 112, "input", coin.lock.address, account, asset, COIN, coin.outpoint),
        Row(tx.txid, 112, "output", account, payee, asset, 60_000_000, f"{tx.txid}:0"),
        Row(tx.txid, 112, "burn", account, None, asset, 0, f"{tx.txid}:1"),
        Row(tx.txid, 112, "fee", account, None, asset, 40_000_000),
    )
    reward = regtest.blocks[-1].sent[0]
    assert truth.of([reward.txid])[0] == Row(
        reward.txid, 112, "reward", None, f"tx:{reward.txid}", asset, 50 * COIN + 40_000_000
    )
    table = truth.table()
    mine = [row for row in table.to_pylist() if row["tx_hash"] == tx.txid]
    assert [(row["tx_index"], row["seq"], row["kind"]) for row in mine] == [
        (1, 0, "input"),
        (1, 1, "output"),
        (1, 2, "burn"),
        (1, 3, "fee"),
    ]
    assert {row["block_hash"] for row in mine} == {regtest.tip}


def test_a_stopped_chain_leaves_no_files(kernel_of_bitcoin: None) -> None:
    from pathlib import Path

    kernel = Kernel()
    folder = Path(kernel._folder.name)
    assert folder.is_dir()
    kernel.close()
    assert not folder.exists()


def test_without_the_engine_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pbk", None)
    with pytest.raises(KernelMissing, match=r"chaintrace\[testing\]") as caught:
        Kernel()
    assert isinstance(caught.value, MachineError)


def test_a_coinbase_pays_no_fee(regtest: Regtest) -> None:
    assert {tx.fee for block in regtest.blocks for tx in block.sent} == {0}
    assert isinstance(regtest.blocks[0].sent[0], Tx)
