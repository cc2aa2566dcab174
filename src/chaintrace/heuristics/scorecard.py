"""Scorecards: how often each rule was right when it was measured, as findings quote it."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import fields
from functools import lru_cache
from importlib.resources import files
from io import StringIO

from chaintrace.heuristics.finding import Score

FOLDER = "scorecards"
"""One file a family."""
_Z = 1.959963984540054  # of the normal distribution, for 95 %
MILLION = 1_000_000


def scores_of(rule: str) -> tuple[Score, ...]:
    """What was measured of a rule; nothing where nothing was."""
    return _read().get(rule, ())


def wilson(count: int, n: int) -> tuple[int, int]:
    """The 95 % interval of a share, in millionths. Rule: Wilson 1927. Of nothing, everything is possible."""
    if n == 0:
        return 0, MILLION
    share, square = count / n, _Z * _Z
    middle = share + square / (2 * n)
    wide = _Z * ((share * (1 - share) + square / (4 * n)) / n) ** 0.5
    low, high = (middle - wide) / (1 + square / n), (middle + wide) / (1 + square / n)
    return (0 if count == 0 else round(low * MILLION)), (MILLION if count == n else round(high * MILLION))


def write_scores(scores: Sequence[Score]) -> str:
    """A file that ``scores_of`` reads, as text."""
    names = [field.name for field in fields(Score)]
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([getattr(score, name) for name in names] for score in scores)
    return text.getvalue()


@lru_cache(maxsize=1)
def _read() -> dict[str, tuple[Score, ...]]:
    folder = files("chaintrace.heuristics").joinpath(FOLDER)
    families = sorted((one for one in folder.iterdir() if one.name.endswith(".csv")), key=lambda one: one.name)
    found: dict[str, tuple[Score, ...]] = {}
    for line in (line for one in families for line in csv.DictReader(one.read_text(encoding="utf-8").splitlines())):
        numbers = {name: int(line[name]) for name in ("count", "n", "low", "high")}
        score = Score(line["rule"], line["measure"], line["data"], **numbers, date=line["date"])
        found[score.rule] = (*found.get(score.rule, ()), score)
    return found
