"""What thieves do in the town, and what pesters it: each habit many times, of sizes that are drawn at random."""

from __future__ import annotations

from unicodedata import name

from chaintrace.model.token import Token
from scores._town import CHAIN, DAY, DAYS, ETHER, HOUR, MINUTE, STABLE, USDT, Town

EACH = 60
HEX = "0123456789abcdef"
CONFUSED = {
    "U": ("U", "\N{FULLWIDTH LATIN CAPITAL LETTER U}", "\N{ARMENIAN CAPITAL LETTER SEH}", "u"),
    "S": ("S", "5", "$", "\N{CYRILLIC CAPITAL LETTER DZE}", "s"),
    "D": ("D", "\N{CHEROKEE LETTER A}", "\N{FULLWIDTH LATIN CAPITAL LETTER D}", "d"),
    "T": ("T", "\N{CYRILLIC CAPITAL LETTER TE}", "\N{TUGRIK SIGN}", "\N{CHEROKEE LETTER I}", "t"),
}
"""What Unicode's table of confusables has beside some letters; the rule knows a part of it."""
HONEST_SYMBOLS = ("UST", "USDD", "TUSD", "SUSD", "USDX", "DUST", "USDT.e", "aUSDT", "cUSDT", "TST")


class Thieves:
    """Adds to a town what its rules should find."""

    def __init__(self, town: Town) -> None:
        self.town, self.random = town, town.random
        for n in range(EACH):
            for habit in (self._fan_out, self._fan_in, self._cut, self._pass, self._sleep, self._choose, self._probe):
                habit(n)
            for habit in (self._dust, self._poison, self._loop):
                habit(n)
            self._forge(n)
        for n, symbol in enumerate(HONEST_SYMBOLS * 6):
            self._issue(f"honest token {n}", symbol)

    def _thief(self, what: str, n: int) -> str:
        return self.town.account(f"{what} thief {n}")

    def _when(self) -> float:
        return self.random.uniform(0.2, 0.9) * DAYS * DAY

    def _found(self, rule: str, *subjects: str, within: bool) -> None:
        """``within``: whether what was drawn keeps to the rule's thresholds, as its page tells them."""
        self.town.planted[rule].append(frozenset(subjects))
        if within:
            self.town.within[rule].append(frozenset(subjects))

    def _fan_out(self, n: int) -> None:
        thief, at, many = self._thief("fan-out", n), self._when(), self.random.randint(6, 40)
        last = self.random.uniform(HOUR, 36 * HOUR)
        for k in range(many):
            there = self.town.account(f"fan-out {n} to {k}")
            self.town.pay(at + self.random.uniform(0, last), thief, there, self.town.sum())
        self._found("fan-out", thief, within=many >= 10 and last <= DAY)

    def _fan_in(self, n: int) -> None:
        thief, at, many = self._thief("fan-in", n), self._when(), self.random.randint(6, 40)
        last = self.random.uniform(HOUR, 36 * HOUR)
        for k in range(many):
            there = self.town.account(f"fan-in {n} from {k}")
            self.town.pay(at + self.random.uniform(0, last), there, thief, self.town.sum())
        self._found("fan-in", thief, within=many >= 10 and last <= DAY)

    def _cut(self, n: int) -> None:
        thief, at = self._thief("structuring", n), self._when()
        many, last = self.random.randint(4, 20), self.random.uniform(HOUR, 48 * HOUR)
        equal = self.town.sum(USDT * 100) if self.random.random() < 0.5 else 0
        fits = 0
        for k in range(many):
            amount = equal or 10_000 * USDT - self.random.randrange(1, 800 * USDT)
            fits += amount == equal or amount >= 9_500 * USDT
            to = self.town.account(f"structuring {n} to {k % 3}")
            self.town.pay(at + self.random.uniform(0, last), thief, to, amount, STABLE)
        self._found("structuring", thief, within=fits >= 5 and last <= DAY)

    def _pass(self, n: int) -> None:
        at, amount, here = self._when(), self.town.sum() + ETHER, self._thief("pass-through", n)
        for k in range(self.random.randint(3, 6)):
            there, wait, kept = self.town.account(f"pass-through {n} by {k}"), *self._hop()
            self.town.pay(at, here, there, amount)
            self._found("pass-through", there, within=wait < HOUR and kept <= 50)
            here, at, amount = there, at + wait, amount - amount * kept // 1000
        self.town.pay(at, here, self.town.account(f"pass-through {n} to"), amount)

    def _hop(self) -> tuple[float, int]:
        """How long money stays, and how many permille of it."""
        return self.random.uniform(MINUTE, 2 * HOUR), self.random.randint(0, 80)

    def _sleep(self, n: int) -> None:
        thief, at, amount = self._thief("dormancy", n), self.random.uniform(0, 20) * DAY, self.town.sum() + ETHER
        self.town.pay(at, self.town.account(f"dormancy {n} from"), thief, amount)
        pause, share, parts = self.random.uniform(60, 200), self.random.randint(30, 100), self.random.randint(1, 4)
        gap = self.random.uniform(MINUTE, 12 * HOUR)
        for k in range(parts):
            to = self.town.account(f"dormancy {n} to {k}")
            self.town.pay(at + pause * DAY + k * gap, thief, to, amount * share // 100 // parts)
        self._found("dormancy", thief, within=pause > 90 and share > 50 and gap * (parts - 1) < DAY)

    def _choose(self, n: int) -> None:
        thief, at, share = self._thief("round-amount", n), self._when(), self.random.uniform(0.7, 1)
        many, chosen = self.random.randint(4, 15), 0
        for k in range(many):
            is_round = self.random.random() < share
            chosen += is_round
            amount = self.town.sum(round_share=1.0 if is_round else 0.0)
            to = self.town.account(f"round-amount {n} to {k}")
            self.town.pay(at + k * self.random.uniform(HOUR, DAY), thief, to, amount)
        self._found("round-amount", thief, within=many >= 5 and 5 * chosen >= 4 * many)

    def _probe(self, n: int) -> None:
        thief, at, amount = self._thief("probing", n), self._when(), ETHER // 100 + self.random.randrange(ETHER // 100)
        many, growth, longest = self.random.randint(4, 9), self.random.uniform(5, 60), 0.0
        for k in range(many):
            thousandths = int(1000 * growth ** (k / (many - 1)))
            pause = self.random.uniform(MINUTE, 30 * HOUR) if k else 0.0
            at, longest = at + pause, max(longest, pause)
            self.town.pay(at, thief, self.town.account(f"probing {n} to"), amount * thousandths // 1000)
        self._found("probing", thief, within=many >= 5 and growth > 8.1 and longest < DAY)

    def _dust(self, n: int) -> None:
        thief, at, many = self._thief("dust", n), self._when(), self.random.randint(6, 120)
        asset, limit = self.random.choice(((CHAIN.native, ETHER // 60_000), (STABLE, USDT // 70)))
        amount = self.random.randrange(1, limit)
        tiny = amount <= (ETHER // 100_000 if asset == CHAIN.native else USDT // 100)
        for k, one in enumerate(self.random.sample(self.town.people, many)):
            self.town.pay(at + k * 12, thief, one, amount, asset)
        self._found("dust", thief, within=many >= 10 and tiny)

    def _poison(self, n: int) -> None:
        """Bait for one to five who have paid somebody, with look-alikes of three to six letters at each end."""
        random, town = self.random, self.town
        paid = [row for row in town.rows if row[4] > 10 * USDT and row[3] == STABLE and row[1] in town.honest]
        for _ in range(random.randint(1, 5)):
            at, victim, like, asset, amount = random.choice(paid)
            head, tail = random.randint(2, 5), random.randint(3, 6)
            middle = "".join(random.choice(HEX) for _ in range(40 - head - tail))
            alike = like[: 2 + head] + middle + like[-tail:]
            town.owner[alike] = f"poisoner {n}"
            later, kind, tiny = at + random.uniform(MINUTE, DAY), random.random(), random.randrange(1, USDT // 70)
            if kind < 0.5:
                town.pay(later, victim, alike, 0, asset)
            elif kind < 0.75:
                town.pay(later, alike, victim, tiny, asset)
            else:
                town.pay(later, victim, alike, amount, f"{CHAIN.id}/erc20:{town.account(f'fake {n}')}")
            fits = head >= 3 and tail >= 4 and not (0.5 <= kind < 0.75 and tiny > USDT // 100)
            self._found("address-poisoning", alike, within=fits)

    def _loop(self, n: int) -> None:
        at, amount, many, fits = self._when(), self.town.sum() + ETHER, self.random.randint(2, 6), True
        ring = [self.town.account(f"loop {n} of {k}") for k in range(many)]
        self.town.pay(at - DAY, self.random.choice(self.town.exchanges), ring[0], amount)
        begun = at
        for k in range(many):
            wait, kept = (self.random.uniform(5 * MINUTE, 16 * HOUR), self.random.randint(0, 60)) if k else (0.0, 0)
            at, amount = at + wait, amount - amount * kept // 1000
            fits &= wait < 12 * HOUR and kept <= 50
            self.town.pay(at, ring[k], ring[(k + 1) % many], amount)
        self._found("wash-loop", *ring, within=fits and 3 <= many <= 5 and at - begun < DAY)

    def _forge(self, n: int) -> None:
        symbol = "".join(self.random.choice(CONFUSED[letter]) for letter in "USDT")
        known = not any(name(letter).startswith(("ARMENIAN", "CHEROKEE")) for letter in symbol)
        self._found("counterfeit-token", self._issue(f"counterfeit {n}", symbol), within=known)

    def _issue(self, title: str, symbol: str) -> str:
        contract = self.town.account(title)
        asset = f"{CHAIN.id}/erc20:{contract}"
        self.town.tokens[asset] = Token(symbol, 6)
        if title.startswith("honest"):
            self.town.honest.add(contract)
        for one in self.random.sample(self.town.people, 5):
            self.town.pay(self._when(), self.town.account(f"issuer of {title}"), one, self.town.sum(USDT * 100), asset)
        return contract
