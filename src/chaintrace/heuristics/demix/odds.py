"""Odds: how much likelier it is of each recipient to be of the campaign than not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chaintrace.heuristics.demix.form import FORMS, Floats, form, likeness
from chaintrace.heuristics.demix.recipient import Recipient
from chaintrace.heuristics.demix.usual import Usual

TOGETHER = 5 * 3600
"""Seconds after which a recipient of the like form says e times less about another. Our own."""
REACH = 10
"""Times ``TOGETHER`` after which it says nothing."""
UNSEEN = 0.25
"""Recipients that are taken for seen of every form beside those that were. Our own."""
MOST, LEAST = 0.98, 0.05
"""A share of strangers is never taken for less than 1 - MOST, nor for more than 1 - LEAST. Our own."""
ROUNDS = 300
DAY = 86400


@dataclass(frozen=True, slots=True)
class Odds:
    """Of recipients, in their order: thousandths of natural logarithms of odds.

    ``by_form``  from how many of its form there are in the window, beside how many are usual.
    ``by_time``  from how many of the like form began about when it did, beside how many are usual in that time.
    ``strangers`` how many of a thousand recipients of its form, at its time, would be there without the campaign.
    """

    by_form: NDArray[np.int64]
    by_time: NDArray[np.int64]
    strangers: NDArray[np.int64]

    @property
    def total(self) -> NDArray[np.int64]:
        return self.by_form + self.by_time


def odds(found: Sequence[Recipient], known: Usual, busy: float, seconds: int, notes: int) -> Odds:
    """The odds of recipients that began within a window.

    ``known``    what is usual in the pool.
    ``busy``     how much there is in the window, without the campaign, of what was there when that was counted;
                 above zero.
    ``seconds``  how long the window is; ``notes`` how many the campaign paid in. Of what is there more than usual, no
                 more than so many notes are its own: others have campaigns too.
    """
    which = np.array([FORMS.index(form(one)) for one in found], np.int64)
    seen = likeness() @ np.bincount(which, minlength=len(FORMS)).astype(np.float64)
    counts = np.array([known.counts.get(at, 0) + UNSEEN for at in FORMS])
    expected = likeness() @ counts * busy
    more = np.maximum(1 - expected / np.maximum(seen, 1e-9), 0)[which]
    beyond = float(more @ np.array([len(one) for one in found], np.float64))
    by_form = np.clip(more * min(1.0, notes / beyond if beyond else 1.0), LEAST, MOST)
    a_day = expected[which] / (seconds / DAY)
    by_time = np.clip(_together(which, _days(found), a_day, by_form), 1 - MOST, MOST)
    both = _logit(by_form) + _logit(by_time)
    return Odds(_milli(_logit(by_form)), _milli(_logit(by_time)), _milli(1 / (1 + np.exp(both))))


def _together(which: NDArray[np.int64], days: Floats, a_day: Floats, start: Floats) -> Floats:
    """Of each the share that the campaign has in what is seen of the like form about its time: others of the campaign,
    themselves weighed so, beside those that are usual. Rule: expectation and maximisation over a thinned process."""
    one, other = _near(days)
    near = np.exp(-np.abs(days[one] - days[other]) * DAY / TOGETHER) * DAY / (2 * TOGETHER)
    alike = likeness()[which[one], which[other]] * near
    share = start
    for _ in range(ROUNDS):
        brought = np.bincount(one, alike * share[other], len(days))
        then = brought / (brought + a_day)
        if np.abs(then - share).max(initial=0) < 1e-6:
            break
        share = then
    return share


def _near(days: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every two, of rising ``days``, that are near enough for one to say something about the other."""
    low = np.searchsorted(days, days - REACH * TOGETHER / DAY)
    high = np.searchsorted(days, days + REACH * TOGETHER / DAY, "right")
    many = high - low
    one = np.repeat(np.arange(len(days)), many)
    other = np.arange(len(one)) - np.repeat(np.cumsum(many) - many, many) + np.repeat(low, many)
    apart = one != other
    return one[apart], other[apart]


def _days(found: Sequence[Recipient]) -> Floats:
    return np.array([one.first for one in found], np.float64) / DAY


def _logit(share: Floats) -> Floats:
    return np.asarray(np.log(share / (1 - share)), np.float64)


def _milli(values: Floats) -> NDArray[np.int64]:
    return np.rint(values * 1000).astype(np.int64)
