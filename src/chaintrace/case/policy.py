"""A policy: rules that turn what is known about an address into clear, review or alert."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from chaintrace.errors import InputError, UserError
from chaintrace.labels.category import categories
from chaintrace.model.asset import parse_asset
from chaintrace.taint.exposure import DUST, KEPT
from chaintrace.taint.question import BUCKETS

CLEAR, REVIEW, ALERT, ERROR = "clear", "review", "alert", "error"
VERDICTS = (CLEAR, REVIEW, ALERT)
ABOUT = {
    "label": ("category", "when"),
    "exposure": ("category", "when", "direction", "through", "share", "amount"),
    "lists": ("days",),
    "no-list": (),
    "withdrawn": ("category",),
    "elsewhere": ("category",),
}
GUARDS = ("withdrawn", "elsewhere", "no-list", "lists")
"""What rules are about that watch what an answer rests on. A policy without them would call clear what nobody looked
at, so a file has the bundled policy's unless it says which of them it goes ``without``."""
CHOICES = {
    "verdict": (REVIEW, ALERT),
    "about": tuple(ABOUT),
    "when": ("any", "now", "then", "once"),
    "direction": ("any", "received", "sent"),
    "through": ("any", "direct", "indirect"),
}
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,18})?) ?%", re.ASCII)
_UNITS = re.compile(r"\d{1,78}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rule:
    """``about`` the address's own labels, those that were withdrawn, those of another chain than the one asked for
    (``elsewhere``), its exposure, the age of the lists, or that no sanctions list speaks of the moment (``no-list``).

    ``category`` with all below it, or for exposure a bucket's name. ``when``: in force ``now``, ``then`` (when a
    transfer took place; of a label: at an earlier time), or ``any`` of both; of exposure also ``once``: at neither, but
    at another time before, or taken back by a layer. ``share`` of the funds of one asset, and
    ``amount`` (asset to base units): it fires where either is reached; where an asset has neither, from the first unit.
    """

    id: str
    verdict: str
    about: str
    category: str = ""
    when: str = "any"
    direction: str = "any"
    through: str = "any"
    share: Fraction | None = None
    amount: Mapping[str, int] = field(default_factory=dict)
    days: int = 0


@dataclass(frozen=True, slots=True)
class Policy:
    """``fail_on``: the verdict from which on the command line's exit status is 1."""

    name: str
    rules: tuple[Rule, ...]
    fail_on: str = REVIEW

    def fails(self, verdict: str) -> bool:
        return VERDICTS.index(verdict) >= VERDICTS.index(self.fail_on)

    @property
    def without(self) -> tuple[str, ...]:
        """The guards that no rule is about."""
        return tuple(guard for guard in GUARDS if all(rule.about != guard for rule in self.rules))


@cache
def default_policy() -> Policy:
    """The bundled one."""
    return _policy("the default policy", files("chaintrace.case").joinpath("data", "policy.toml").read_text("utf-8"))


def read_policy(path: str | Path) -> Policy:
    """A policy of a TOML file, with the bundled rules for those of ``GUARDS`` that it has no rule about and does not
    name in ``without``. InputError names the file and the rule that is wrong."""
    try:
        return _policy(str(path), Path(path).read_text(encoding="utf-8-sig"), default_policy().rules)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(str(path), str(error), "give a policy in TOML; docs/how-to/screen.md shows one") from error


def _policy(place: str, text: str, bundled: tuple[Rule, ...] = ()) -> Policy:
    try:
        told = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(place, str(error), "give a policy in TOML; docs/how-to/screen.md shows one") from error
    _known(place, told, ("name", "fail_on", "rules", "without"))
    rules, name = told.get("rules"), told.get("name", place)
    if not isinstance(rules, list) or not rules or not all(isinstance(one, dict) for one in rules):
        raise InputError(place, "has no [[rules]]", "a policy without rules would call everything clear")
    if not isinstance(name, str):
        raise InputError(place, "name is not a text", "")
    fail_on = _choice(place, "fail_on", told.get("fail_on", REVIEW), (REVIEW, ALERT))
    made = tuple(_rule(f"{place}, rule {number}", rule) for number, rule in enumerate(rules, 1))
    made += _guards(place, made, told.get("without", []), bundled)
    twice = sorted({one.id for one in made if sum(other.id == one.id for other in made) > 1})
    if twice:
        raise InputError(place, f"two rules are called {twice[0]!r}", "give each rule an id of its own")
    return Policy(name, made, fail_on)


def _guards(place: str, made: tuple[Rule, ...], without: object, bundled: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """The bundled rules that are missing. Whoever writes a rule about a guard has said what it leads to."""
    if not isinstance(without, list):
        raise InputError(place, "without is not a list", f"write without = [{GUARDS[0]!r}]")
    named = {_choice(place, "without", one, GUARDS) for one in without} | {rule.about for rule in made}
    return tuple(rule for rule in bundled if rule.about in GUARDS and rule.about not in named)


def _rule(place: str, told: dict[str, Any]) -> Rule:
    place = f"{place} ({told['id']!r})" if isinstance(told.get("id"), str) else place
    for needed in ("id", "verdict", "about"):
        if not isinstance(told.get(needed), str) or not told[needed]:
            raise InputError(place, f"{needed} is missing or no text", "each rule has an id, a verdict and about")
    for name, choices in CHOICES.items():
        if name in told:
            _choice(place, name, told[name], choices)
    if told["about"] == "label" and told.get("when") == "once":
        raise InputError(place, "when is 'once', which is of exposure", "of a label, 'then' is at an earlier time")
    _known(place, told, ("id", "verdict", "about", *ABOUT[told["about"]]))
    made = dict(told)
    if told["about"] == "lists":
        if type(told.get("days")) is not int or not 0 < told["days"] < 10**6:
            raise InputError(place, "days is not a number of days", "write days = 30")
    elif "category" in ABOUT[told["about"]]:
        _category(place, told.get("category"), told["about"] == "exposure")
    if "share" in told:
        made["share"] = _share(place, told["share"])
    if "amount" in told:
        made["amount"] = _amounts(place, told["amount"])
    return Rule(**made)


def _category(place: str, name: object, of_exposure: bool) -> None:
    known = [*categories(), *((*BUCKETS, KEPT, DUST) if of_exposure else ())]
    if not isinstance(name, str) or name not in known:
        raise InputError(place, f"category {name!r} is not known", f"use one of: {', '.join(known)}")


def _share(place: str, text: object) -> Fraction:
    match = _PERCENT.fullmatch(text) if isinstance(text, str) else None
    share = Fraction(match[1]) / 100 if match else None
    if share is None or not 0 < share <= 1:
        raise InputError(place, f"share {text!r} is not a percentage up to 100", 'write share = "0.5 %"')
    return share


def _amounts(place: str, told: object) -> dict[str, int]:
    found = {}
    for asset, units in told.items() if isinstance(told, dict) else [("", None)]:
        if not isinstance(units, str) or not _UNITS.fullmatch(units) or not int(units):
            advice = 'write amount = {"eip155:1/slip44:60" = "1000000000000000000"}, in base units, as text'
            raise InputError(place, f"amount {units!r} is not a whole number above 0", advice)
        try:
            found[parse_asset(asset)] = int(units)
        except UserError as error:
            raise InputError(place, error.message, error.hint) from error
    return found


def _choice(place: str, name: str, value: object, choices: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise InputError(place, f"{name} is {value!r}", f"use one of: {', '.join(choices)}")
    return value


def _known(place: str, told: Mapping[str, object], names: tuple[str, ...]) -> None:
    unknown = sorted({*told} - {*names})
    if unknown:
        raise InputError(place, f"{unknown[0]} is not known here", f"use: {', '.join(names)}")
