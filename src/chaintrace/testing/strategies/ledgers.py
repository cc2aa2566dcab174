"""Ledgers: scenarios at random in which nobody pays what they do not have."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

from chaintrace.testing.amounts import Amount, eth, token, usdc
from chaintrace.testing.scenario import Scenario
from chaintrace.testing.strategies.parts import amounts
from chaintrace.testing.utxo import UtxoScenario

PEOPLE = ("ann", "bob", "cem", "dee", "eva", "flo")
SHOP, DEX = "shop", "dex"
NOTES = (eth("0.1"), eth(1), eth(10))
GAPS = ("0s", "12s", "12s", "5m", "3h", "2d")

_size = st.tuples(st.sampled_from(("small", "all", "half", "any")), amounts(most=2**128))
_step = st.tuples(st.integers(0, 13), st.sampled_from(PEOPLE), st.sampled_from(PEOPLE), _size, st.sampled_from(GAPS))
_Size = tuple[str, int]


@st.composite
def ledgers(draw: st.DrawFn, max_steps: int = 20) -> Scenario:
    """A ``Scenario`` on Ethereum of six people, an exchange, Tornado Cash and a market: payments of ether and of a
    token, several in one transaction, deposits, withdrawals, swaps, wraps, mints, burns, fees and failures."""
    made = Scenario().labelled(SHOP, "exchange").opens(DEX, eth(1_000), usdc(1_000_000)).opens(SHOP, eth(100))
    for name in PEOPLE:
        made = made.opens(name, draw(amounts(most=200 * 10**18)))
    for number, who, whom, size, gap in draw(st.lists(_step, max_size=max_steps)):
        made = _STEPS[number % len(_STEPS)](made.waits(gap), who, whom, size)
    return made


def _ether(made: Scenario, who: str, size: _Size) -> int:
    return _part(made.balance(who), size)


def _pay(made: Scenario, who: str, whom: str, size: _Size) -> Scenario:
    return made.pays(who, whom, _ether(made, who, size))


def _pay_token(made: Scenario, who: str, whom: str, size: _Size) -> Scenario:
    return made.pays(who, whom, Amount(_part(made.balance(who, "USDC"), size), "USDC", 6))


def _with_fee(made: Scenario, who: str, whom: str, size: _Size) -> Scenario:
    made = made.pays(who, whom, _ether(made, who, size))
    return made.fee(min(size[1] % 10**16, made.balance(who)))


def _two_at_once(made: Scenario, who: str, whom: str, size: _Size) -> Scenario:
    made = made.pays(who, whom, _ether(made, who, size))
    return made.also(whom, DEX, _ether(made, whom, size))


def _fail(made: Scenario, who: str, whom: str, size: _Size) -> Scenario:
    return made.fails(who, whom, min(size[1] % 10**16, made.balance(who)))


def _swap(made: Scenario, who: str, whom: str, size: _Size) -> Scenario:
    gets = Amount(_part(made.balance(DEX, "USDC"), ("any", size[1] % 10**9)), "USDC", 6)
    return made.swaps(who, _ether(made, who, size), gets, at=DEX)


def _swap_back(made: Scenario, who: str, whom: str, size: _Size) -> Scenario:
    gives = Amount(_part(made.balance(who, "USDC"), size), "USDC", 6)
    return made.swaps(who, gives, _part(made.balance(DEX), ("any", size[1] % 10**18)), at=DEX)


def _mix(made: Scenario, who: str, whom: str, size: _Size) -> Scenario:
    note = NOTES[size[1] % len(NOTES)]
    if made.balance(who) >= note:
        return made.deposits(who, "tornado", note, router=size[0] == "half")
    return _unmix(made, who, whom, size)


def _unmix(made: Scenario, who: str, whom: str, size: _Size) -> Scenario:
    note = NOTES[size[1] % len(NOTES)]
    if made.balance(f"tornado {note.written}") < note:
        return made
    relayed = size[0] != "all"
    return made.withdraws("tornado", whom, note, relayer=who if relayed else None, fee=note // 20 if relayed else 0)


def _deposit(made: Scenario, who: str, whom: str, size: _Size) -> Scenario:
    return made.deposits(who, SHOP, _ether(made, who, size))


def _withdraw(made: Scenario, who: str, whom: str, size: _Size) -> Scenario:
    return made.withdraws(SHOP, who, _ether(made, SHOP, size))


def _wrap(made: Scenario, who: str, whom: str, size: _Size) -> Scenario:
    return made.wraps(who, _ether(made, who, size))


def _unwrap(made: Scenario, who: str, whom: str, size: _Size) -> Scenario:
    return made.unwraps(who, _part(made.balance(who, "WETH"), size))


def _mint_or_burn(made: Scenario, who: str, whom: str, size: _Size) -> Scenario:
    if size[0] == "small":
        return made.mints(who, token("USDC", size[1] % 1_000, 6))
    return made.burns(who, _ether(made, who, size))


_STEPS: tuple[Callable[[Scenario, str, str, _Size], Scenario], ...] = (
    _pay, _pay_token, _with_fee, _two_at_once, _fail, _swap, _swap_back, _mix, _unmix, _deposit, _withdraw, _wrap,
    _unwrap, _mint_or_burn,
)  # fmt: skip

_coin_step = st.tuples(st.integers(0, 4), st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=6), _size)


@st.composite
def utxo_ledgers(draw: st.DrawFn, max_steps: int = 12) -> UtxoScenario:
    """A ``UtxoScenario`` on Bitcoin: payments with change and fees, coins spent together, CoinJoins, coinbases."""
    made = UtxoScenario()
    for name in PEOPLE:
        made = made.opens(name, *draw(st.lists(amounts(1, 10**10), max_size=3)))
    for number, people, size in draw(st.lists(_coin_step, max_size=max_steps)):
        made = _coins_move(made, number, people, size)
    return made


def _coins_move(made: UtxoScenario, number: int, people: list[str], size: _Size) -> UtxoScenario:
    who, whom = people[0], people[-1]
    has = made.balance(who)
    if number == 0 or not has:
        return made.mines(who, 1 + size[1] % 10**10)
    if number in (1, 2):
        value = _part(has, size)
        return made.pays(who, whom, value, fee=min(size[1] % 1_000, has - value))
    able = [name for name in dict.fromkeys(people) if made.balance(name)]
    if number == 3:
        total = sum(map(made.balance, able))
        part = _part(total, size)
        return made.spends(able, [(whom, part), (None, 0), (who, (total - part) // 2)])
    least = min(max(made.coins(name)) for name in able)
    return made.mixes(able, max(1, least // 2), change=least > 100, fee=len(able) if least > 100 else 0)


def _part(balance: int, size: _Size) -> int:
    rule, number = size
    return {"all": balance, "half": balance // 2, "small": min(number % 13, balance)}.get(rule, min(number, balance))
