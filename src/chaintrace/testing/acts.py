"""Acts: the scenes of the laundering story, in the order in which they are played."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaintrace.testing.contracts import compiled
from chaintrace.testing.script import ETHER, Move, Script, Sent, child, paid

if TYPE_CHECKING:
    from chaintrace.testing.laundering import Cast

MILLION = 10**12  # of a token with six decimals
HOUR = 3_600


def token(script: Script, contract: str, sender: str, receiver: str, amount: int) -> Move:
    """A transfer of a token."""
    return Move("token", sender, receiver, amount, script.asset(contract))


def minted(script: Script, contract: str, receiver: str, amount: int) -> Move:
    """New units of a token."""
    return Move("mint", None, receiver, amount, script.asset(contract))


def burnt(script: Script, contract: str, sender: str, amount: int) -> Move:
    """Units of a token that are no more."""
    return Move("burn", sender, None, amount, script.asset(contract))


def before(script: Script, cast: Cast) -> None:
    """What the chain looked like: tokens made, ether wrapped, a pool that others use, mules with a past."""
    usdc, first = compiled("Token"), cast.strangers[0]
    for owner, amount in ((cast.bridge, 30 * MILLION), (cast.market, 5 * MILLION), (cast.mules[1], MILLION // 50)):
        made = [minted(script, cast.usdc, owner, amount)]
        script.call(first, usdc, cast.usdc, "mint", owner, amount, moves=made)
    script.block()
    owners = cast.strangers[1:9]
    dropped = [minted(script, cast.usdc, owner, MILLION // 4) for owner in owners]
    script.call(first, usdc, cast.usdc, "airdrop", owners, MILLION // 4, moves=dropped)
    script.block()
    for owner, wei in ((cast.strangers[2], 40 * ETHER), (cast.mules[5], 7 * ETHER)):
        _wrap(script, cast, owner, wei)
    for number, stranger in enumerate(cast.strangers[3:8]):
        _deposit(script, cast, stranger, 100 + number)
    script.block()
    script.send(cast.strangers[1], cast.mules[1], 2 * ETHER)
    script.send(cast.mules[1], cast.strangers[9], ETHER // 4, legacy=True)
    script.send(cast.strangers[4], cast.hot, 50 * ETHER)
    script.block()


def swap(script: Script, cast: Cast) -> None:
    """The stolen token goes through two helpers to a market, which pays ether; once as two equal transfers in one
    transaction."""
    usdc, vault = compiled("Token"), compiled("Vault")
    half = 12 * MILLION + MILLION * 3 // 4
    helpers = script.plays("helper", 2)
    for helper in helpers:
        script.send(cast.exploiter, helper, ETHER)
    script.block(937)
    twice = [token(script, cast.usdc, cast.exploiter, helpers[0], half // 2)] * 2
    script.call(cast.exploiter, usdc, cast.usdc, "twice", helpers[0], half // 2, moves=twice)
    once = [token(script, cast.usdc, cast.exploiter, helpers[1], half)]
    script.call(cast.exploiter, usdc, cast.usdc, "transfer", helpers[1], half, moves=once)
    script.block()
    for helper, wei in zip(helpers, (4_870 * ETHER, 3_694 * ETHER + 537_583_527), strict=True):
        script.call(helper, usdc, cast.usdc, "approve", cast.market, half)
        script.block()
        sold = [token(script, cast.usdc, helper, cast.market, half), paid(cast.market, helper, wei)]
        script.call(helper, vault, cast.market, "sell", cast.usdc, half, wei, moves=sold)
        script.block()
        script.send(helper, cast.exploiter, wei)
    script.block()


def disperse(script: Script, cast: Cast) -> None:
    """The exploiter pays the mules, several in one block, in more than one go, one of them through a third party."""
    shares = (6_250, 30_000, 28_000, 25_000, 22_000, 19_999, 15_000, 9_000)
    for mule, share in zip(cast.mules, shares, strict=True):
        script.send(cast.exploiter, mule, share * ETHER, legacy=share == 22_000)
    script.block(4 * 24 * HOUR)
    script.send(cast.exploiter, cast.mules[2], 3_333 * ETHER + 1)
    script.send(cast.exploiter, cast.second, 1_000 * ETHER, "0x", gas=60_000)
    script.block(HOUR)
    wei = 1_200 * ETHER
    out = [paid(cast.second, cast.mules[3], wei)]
    script.call(cast.strangers[10], compiled("Splitter"), cast.second, "pay", cast.mules[3], wei, moves=out)
    script.block()


def split(script: Script, cast: Cast) -> None:
    """A contract pays many at once; a second one beneath it; and a proxy, whose own call shows the value again."""
    code, source = compiled("Splitter"), cast.mules[1]
    peel = script.plays("peel", 5)
    amounts = [4_000 * ETHER, 3_000 * ETHER, 2_000 * ETHER, 1_000 * ETHER, 7 * ETHER]
    out = [paid(cast.splitter, one, wei) for one, wei in zip(peel, amounts, strict=True)]
    script.call(source, code, cast.splitter, "split", peel, amounts, value=sum(amounts), moves=out)
    script.block(2 * HOUR)
    deep = [paid(cast.splitter, cast.second, 500 * ETHER), paid(cast.second, peel[4], 500 * ETHER)]
    script.call(
        source, code, cast.splitter, "through", cast.second, peel[4], value=500 * ETHER, moves=deep,
    )  # fmt: skip
    script.block()
    proxy = script.play("proxy", child(cast.factory, 1))
    script.call(source, compiled("Factory"), cast.factory, "make", cast.splitter)
    script.block()
    even = [paid(proxy, one, 11 * ETHER) for one in peel[:3]]
    script.call(source, code, proxy, "equally", peel[:3], 11 * ETHER, value=34 * ETHER, moves=even)
    script.block()
    for one, end in zip(peel[:2], script.plays("end", 2), strict=True):
        script.send(one, end, 1_500 * ETHER)
    script.block(HOUR)


def wrap(script: Script, cast: Cast) -> None:
    """Ether becomes a token and ether again: by call, by plain payment, by a contract, in parts."""
    weth, giver = compiled("Weth"), cast.mules[5]
    (taker,) = script.roles["wrapper"]
    _wrap(script, cast, giver, 2_000 * ETHER)
    plain = [minted(script, cast.weth, cast.mules[2], 300 * ETHER)]
    script.send(cast.mules[2], cast.weth, 300 * ETHER, "0x", *plain)
    script.block(HOUR)
    moved = [token(script, cast.weth, giver, taker, 2_003 * ETHER)]
    script.call(giver, weth, cast.weth, "transfer", taker, 2_003 * ETHER, moves=moved)
    script.block()
    for wei in (1_500 * ETHER, 503 * ETHER - 1):
        back = [paid(cast.weth, taker, wei), burnt(script, cast.weth, taker, wei)]
        script.call(taker, weth, cast.weth, "withdraw", wei, moves=back)
    script.block()
    by_contract = [paid(cast.splitter, cast.weth, 5 * ETHER), minted(script, cast.weth, cast.splitter, 5 * ETHER)]
    script.call(
        cast.mules[2], compiled("Splitter"), cast.splitter, "split", [cast.weth], [5 * ETHER],
        value=5 * ETHER, moves=by_contract,
    )  # fmt: skip
    script.block()


def mix(script: Script, cast: Cast) -> None:
    """Deposits into the pool, by hand and by router; withdrawals to new accounts, most through a relayer."""
    note = 1
    for depositor, mule, number in zip(cast.depositors, cast.mules[1:7], (5, 4, 3, 3, 2, 1), strict=True):
        script.send(mule, depositor, number * 100 * ETHER + ETHER // 2)
        script.block(HOUR)
        for _ in range(number):
            _deposit(script, cast, depositor, note, by_router=note % 3 == 0)
            note += 1
        script.block()
    fee = 3 * ETHER // 10
    for number, fresh in enumerate(script.plays("fresh", 4)):
        _withdraw(script, cast, cast.relayer, fresh, number, fee, by_router=number % 2 == 1)
        script.block(5 * HOUR)
    (alone,) = script.roles["lone"]
    _withdraw(script, cast, alone, alone, 50, 0, by_router=False)
    script.block(HOUR)


def cash_out(script: Script, cast: Cast) -> None:
    """To an exchange: through a deposit account that is swept, directly, and after the mixer."""
    fresh = script.roles["fresh"]
    script.send(cast.mules[0], cast.deposit, 6_000 * ETHER)
    script.send(fresh[0], cast.deposit, 99 * ETHER)
    script.block(3 * HOUR)
    script.send(cast.deposit, cast.hot, 6_099 * ETHER)
    script.send(cast.mules[7], cast.hot, 8_000 * ETHER)
    script.block(HOUR)
    for customer in cast.strangers[6:10]:
        script.send(cast.hot, customer, 150 * ETHER, legacy=True)
    script.block()


def destroy(script: Script, cast: Cast) -> None:
    """Contracts made with ether inside and destroyed: for an heir, for nobody, within one transaction."""
    bomb, factory, mule = compiled("Bomb"), compiled("Factory"), cast.mules[4]
    heir = script.play("heir")
    made = script.send(mule, None, 40 * ETHER, bomb.creation())
    alone = script.send(mule, None, 3 * ETHER, bomb.creation())
    script.block(HOUR)
    first, second = (script.play("grave", sent.created or "") for sent in (made, alone))
    script.send(mule, first, 2 * ETHER, "0x", gas=60_000)
    script.block()
    script.call(mule, bomb, first, "explode", heir, moves=[paid(first, heir, 42 * ETHER)])
    early = script.node.fork in ("london", "paris", "shanghai")
    lost = [Move("burn", second, None, 3 * ETHER)] if early else []
    script.call(mule, bomb, second, "explode", second, moves=lost)
    script.block()
    for number, (to, wei) in enumerate(((heir, 9 * ETHER), ("0x" + "0" * 40, 2 * ETHER)), start=2):
        flash = script.play("flash", child(cast.factory, number))
        end = paid(flash, heir, wei) if to == heir else Move("burn", flash, None, wei)
        script.call(
            mule, factory, cast.factory, "flash", cast.bomb, to,
            value=wei, moves=[paid(cast.factory, flash, wei), end],
        )  # fmt: skip
    script.block()
    shell = script.play("shell", child(cast.factory, 4))
    inside = [paid(cast.factory, shell, 6 * ETHER)]
    script.call(mule, factory, cast.factory, "make", cast.bomb, value=6 * ETHER, moves=inside)
    script.block()
    script.call(mule, bomb, shell, "explode", heir, moves=[paid(shell, heir, 6 * ETHER)])
    script.block()


def fail(script: Script, cast: Cast) -> None:
    """What moves nothing: failed transactions with value, and inner payments that were undone."""
    mule, payee = cast.mules[6], script.play("unpaid")
    script.send(mule, cast.reverter, 5 * ETHER, "0x", gas=60_000, fails=True)
    script.call(
        mule, compiled("Reverter"), cast.reverter, "payThenFail", payee, ETHER, value=2 * ETHER, fails=True,
    )  # fmt: skip
    script.call(
        mule, compiled("Splitter"), cast.splitter, "equally", [payee] * 20, ETHER, value=20 * ETHER,
        gas=60_000, fails=True,
    )  # fmt: skip
    script.send(mule, None, ETHER, compiled("Reverter").creation(True), fails=True)
    script.call(mule, compiled("Token"), cast.usdc, "transfer", payee, MILLION, fails=True)
    script.block(HOUR)
    script.call(
        mule, compiled("Caller"), cast.caller, "attempt", cast.reverter, payee, 3 * ETHER, value=4 * ETHER,
    )  # fmt: skip
    script.block()


def noise(script: Script, cast: Cast) -> None:
    """Payments of nothing, to oneself, of dust, of lies; and people who have nothing to do with it."""
    usdc, exploiter, scammer = compiled("Token"), cast.exploiter, cast.strangers[11]
    script.liars.add(script.asset(cast.scam))
    script.send(exploiter, cast.mules[0], 0)
    script.send(cast.mules[1], cast.mules[1], 10 * ETHER)
    script.send(exploiter, exploiter, 0, "0xdeadbeef", gas=30_000)
    itself = [token(script, cast.usdc, cast.mules[1], cast.mules[1], 777)]
    script.call(cast.mules[1], usdc, cast.usdc, "transfer", cast.mules[1], 777, moves=itself)
    burn = [burnt(script, cast.usdc, cast.mules[1], 1_000)]
    script.call(cast.mules[1], usdc, cast.usdc, "burn", 1_000, moves=burn)
    script.block(HOUR)
    lookalike = script.play("lookalike", exploiter[:6] + "0" * 32 + exploiter[-4:])
    poison = [token(script, cast.usdc, exploiter, lookalike, 0)]
    script.call(scammer, usdc, cast.usdc, "transferFrom", exploiter, lookalike, 0, moves=poison)
    lie = [token(script, cast.scam, exploiter, lookalike, 25 * MILLION + MILLION // 2)]
    script.call(scammer, usdc, cast.scam, "lie", exploiter, lookalike, 25 * MILLION + MILLION // 2, moves=lie)
    script.call(scammer, compiled("Nft"), cast.nft, "hand", scammer, exploiter, 7)
    baits = [exploiter, *cast.mules, *cast.depositors]
    dust = [minted(script, cast.scam, bait, 1) for bait in baits]
    script.call(scammer, usdc, cast.scam, "airdrop", baits, 1, moves=dust, gas=2_000_000)
    for bait in baits[:4]:
        script.send(scammer, bait, 1)
    script.block()
    people = cast.strangers[:8]
    for number, (giver, taker) in enumerate(zip(people, people[1:] + people[:1], strict=True)):
        script.send(giver, taker, (number + 1) * ETHER // 3, legacy=number % 2 == 0)
        moved = [token(script, cast.usdc, cast.strangers[number + 1], taker, 5_000 + number)]
        script.call(cast.strangers[number + 1], usdc, cast.usdc, "transfer", taker, 5_000 + number, moves=moved)
        if number % 3 == 2:
            script.block()
    script.block()


def _wrap(script: Script, cast: Cast, owner: str, wei: int) -> Sent:
    moves = [minted(script, cast.weth, owner, wei)]
    return script.call(owner, compiled("Weth"), cast.weth, "deposit", value=wei, moves=moves)


def _deposit(script: Script, cast: Cast, owner: str, note: int, by_router: bool = False) -> Sent:
    commitment, wei = note.to_bytes(32), 100 * ETHER
    if not by_router:
        return script.call(owner, compiled("Pool"), cast.pool, "deposit", commitment, value=wei)
    inner = [paid(cast.router, cast.pool, wei)]
    return script.call(
        owner, compiled("Router"), cast.router, "deposit", cast.pool, commitment, b"note", value=wei, moves=inner,
    )  # fmt: skip


def _withdraw(script: Script, cast: Cast, sender: str, fresh: str, note: int, fee: int, by_router: bool) -> Sent:
    relayer = sender if fee else "0x" + "0" * 40
    moves = [paid(cast.pool, fresh, 100 * ETHER - fee)] + ([paid(cast.pool, relayer, fee)] if fee else [])
    words = (b"proof", b"\0" * 32, note.to_bytes(32), fresh, relayer, fee, 0)
    if by_router:
        return script.call(sender, compiled("Router"), cast.router, "withdraw", cast.pool, *words, moves=moves)
    return script.call(sender, compiled("Pool"), cast.pool, "withdraw", *words, moves=moves)
