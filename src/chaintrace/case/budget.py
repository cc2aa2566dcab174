"""Budget: how much a crawl may spend, and how far it has come."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from chaintrace.errors import MethodError

GOAL = "0.99"


@dataclass(frozen=True)
class Budget:
    """When a crawl ends.

    ``requests``  calls to all providers together, as they count them; None: no limit. Likewise ``accounts``, whose
    history is fetched, and ``seconds``.
    ``share``     of what was stolen, of each asset, that has to be accounted for: ``"0.99"``, ``0.99`` or a Fraction.
    A round that has begun is finished, so that a limit may be passed by one round.
    """

    requests: int | None = None
    accounts: int | None = None
    seconds: int | None = None
    share: str | float | Fraction = GOAL

    def __post_init__(self) -> None:
        for name in ("requests", "accounts", "seconds"):
            value = getattr(self, name)
            if value is not None and (type(value) is not int or value < 0):
                raise MethodError(f"{name}={value!r}", "is no limit", "use a whole number, or None for no limit")
        try:
            fits = 0 <= self.goal <= 1
        except (ValueError, ZeroDivisionError):
            fits = False
        if not fits:
            raise MethodError(f"share={self.share!r}", "is no share", 'use a number from 0 to 1, such as "0.99"')

    @property
    def goal(self) -> Fraction:
        return self.share if isinstance(self.share, Fraction) else Fraction(str(self.share))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a crawl is.

    ``accounted``  asset to (amount that is accounted for, amount that was seeded or linked in), in base units.
    ``accounts``   whose history is there, in all; ``fetched`` of them in this run.
    ``requests``   calls in this run; ``seconds`` that it takes so far. ``doing``: what comes next, in words.
    """

    accounted: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    accounts: int = 0
    fetched: int = 0
    requests: int = 0
    seconds: int = 0
    doing: str = ""

    @property
    def share(self) -> Fraction:
        """Of the asset of which the least is accounted for; 0 before anything is known."""
        shares = [Fraction(part, whole) for part, whole in self.accounted.values() if whole]
        return min(shares, default=Fraction(0))


@dataclass(frozen=True, slots=True, repr=False)
class Fetched:
    """How a crawl ended. ``ended``: goal, nothing left, requests, accounts or seconds. ``cut``: accounts whose history
    is longer than is taken, with the reason; they stay not fetched."""

    ended: str
    progress: Progress
    cut: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        made = f"{self.progress.accounts:,} accounts, {self.progress.requests:,} requests"
        return f"<Fetched: ended by {self.ended}; {made}>"


Watch = Callable[[Progress], None]


class Meter:
    """What this run has spent of a budget."""

    def __init__(self, budget: Budget, calls: Callable[[], int]) -> None:
        self.budget, self._calls = budget, calls
        self._before, self._start = calls(), time.monotonic()
        self.accounts = 0

    @property
    def requests(self) -> int:
        return self._calls() - self._before

    @property
    def seconds(self) -> int:
        return int(time.monotonic() - self._start)

    def spent(self) -> str | None:
        """The limit that is reached; None while there is something left of each."""
        for name in ("requests", "accounts", "seconds"):
            limit = getattr(self.budget, name)
            if limit is not None and getattr(self, name) >= limit:
                return name
        return None
