"""Measuring: how often a heuristic is right where the truth was planted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from chaintrace.heuristics.finding import Score
from chaintrace.heuristics.scorecard import wilson
from chaintrace.testing.asserting import Asked, Asking, named


class Measured(NamedTuple):
    """Flagged of those that should be, and flagged of those that should not be; each with its 95 % interval."""

    recall: Score
    false_alarms: Score


def measure(
    heuristic: Asked,
    positives: Iterable[Any],
    negatives: Iterable[Any],
    *,
    data: str = "planted scenarios",
    date: str | None = None,
    thresholds: Any = None,
    **options: Any,
) -> Measured:
    """Asks a heuristic about scenarios that it should flag and about others, which resemble them, that it should not.

    A positive or negative is a scenario, or a pair of one and the name of the account that is meant: findings of others
    do not count then. ``data`` and ``date`` (today) are quoted in the scores; the rest is as for ``assert_flags``.

    It measures the rule on what you thought of: choose no threshold on the scenarios that you score it on.
    """
    rule, day = named(heuristic), date or datetime.now(UTC).date().isoformat()
    scores = []
    for measure_, asked in (("recall", list(positives)), ("false alarms", list(negatives))):
        count = sum(_flagged(rule, one, thresholds, options) for one in asked)
        scores.append(Score(rule.name, measure_, data, count, len(asked), *wilson(count, len(asked)), day))
    return Measured(*scores)


def _flagged(rule: Asked, asked: Any, thresholds: Any, options: dict[str, Any]) -> bool:
    scenario, subject = asked if isinstance(asked, tuple) else (asked, None)
    return bool(Asking(rule, scenario, subject, None, thresholds, options).meant())
