"""Checks: whether what was read of an official list can be the whole of it."""

from __future__ import annotations

from dataclasses import dataclass

from chaintrace.errors import ListError
from chaintrace.labels.labellist import LabelList
from chaintrace.labels.span import seconds

KEPT = 90
"""Percent of the edition before that a new one has to have: no list has ever shrunk by a tenth in one step."""

_ADVICE = "nothing was changed; the last good edition stays in use. Compare with the official page"


@dataclass(frozen=True, slots=True)
class Expected:
    """What a list has for certain: at least so many actors and addresses, somebody who is on it (``actor``, words of a
    name), a ``programme``, and an ``address``."""

    actors: int = 0
    labels: int = 0
    actor: str = ""
    programme: str = ""
    address: str = ""


def check(found: LabelList, expected: Expected, before: LabelList | None = None, today: str = "") -> None:
    """ListError where a list is too short, lacks what it is known to have, has lost more than a tenth since the edition
    ``before``, is older than that, or is of a day after tomorrow, which would keep all true editions out."""
    place = found.edition.origin or found.name
    age = found.edition.age(today) if today else None
    if age is not None and age < -1:
        raise ListError(place, f"it says that it is of {found.edition.published}, which is to come", _ADVICE)
    for what, count, least in (
        ("actors", len(found.actors), expected.actors),
        ("addresses", _addresses(found), expected.labels),
    ):
        if count < least:
            raise ListError(place, f"it has {count:,} {what}, at least {least:,} are on it", _ADVICE)
    _sentinels(found, expected, place)
    if before is None:
        return
    if before.edition.published and seconds(found.edition.published) < seconds(before.edition.published):
        told = f"it is of {found.edition.published}, and {before.edition.published} is there already"
        raise ListError(place, told, _ADVICE)
    for what, now, then in (
        ("actors", len(found.actors), len(before.actors)),
        ("addresses", _addresses(found), _addresses(before)),
    ):
        if now * 100 < then * KEPT:
            raise ListError(place, f"it has {now:,} {what}, the edition before had {then:,}", _ADVICE)


def _addresses(found: LabelList) -> int:
    return len(found.labels) + len(found.unusable)


def _sentinels(found: LabelList, expected: Expected, place: str) -> None:
    words = expected.actor.casefold().split()
    if words and not any(all(word in one.name.casefold() for word in words) for one in found.actors):
        raise ListError(place, f"{expected.actor} is not on it", _ADVICE)
    if expected.programme and not any(expected.programme in one.programme for one in found.actors):
        raise ListError(place, f"nobody is on it for {expected.programme}", _ADVICE)
    if expected.address and not any(one.address == expected.address for one in found.labels):
        raise ListError(place, f"{expected.address} is not on it", _ADVICE)
