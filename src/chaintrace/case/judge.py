"""Judging: every rule of a policy held against what is known about an address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from fractions import Fraction

from chaintrace.case.policy import CLEAR, REVIEW, VERDICTS, Policy, Rule
from chaintrace.case.screened import FIRED, OPEN, PASSED, PERHAPS, Result
from chaintrace.labels.answer import Answer
from chaintrace.labels.category import SANCTIONED, is_a
from chaintrace.labels.edition import Edition
from chaintrace.labels.label import Label
from chaintrace.labels.span import seconds
from chaintrace.model.amount import share
from chaintrace.taint.exposure import DIRECTIONS, Exposure

NO_TRANSFERS = "no transfers were given, so it was answered from labels alone"
NO_HISTORY = "the address is in no transfer by then, so it was answered from labels alone"
NO_LIST = "no sanctions list was looked through"
UPDATE = "chaintrace labels update fetches new editions, or takes them from a FILE"
DUST_SHARE, DUST_PARTIES = 10, 10
"""Dust is no more than a tenth of the funds, and no more than ten parties may send. Both are our own."""
NOT_WHOLE = "not reached by the transfers in the data, but the history of the address is not whole"


def judge(policy: Policy, answer: Answer, exposure: Exposure | None, why: str = "") -> tuple[str, tuple[Result, ...]]:
    """The gravest verdict, and every rule's result in the order of the policy. ``why`` there is no exposure."""
    results = []
    for rule in policy.rules:
        if rule.about == "label":
            results.append(_by_label(rule, answer))
        elif rule.about == "lists":
            results.append(_by_lists(rule, answer.lists, answer.at))
        elif rule.about == "no-list":
            results.append(_by_no_list(rule, answer))
        elif rule.about == "withdrawn":
            told = [
                f"{_told(label)}, withdrawn by {by.by or 'nobody named'}"
                for label, by in answer.withdrawn
                if is_a(label.category, rule.category)
            ]
            results.append(_if_any(rule, told))
        elif rule.about == "elsewhere":
            begun = [one for one in answer.elsewhere if one.since_at_latest or _has_begun(one, answer.at)]
            results.append(_if_any(rule, [f"{_told(one)}, on {one.chain}" for one in _of(begun, rule.category)]))
        else:
            results.append(_by_exposure(rule, exposure, why or NO_TRANSFERS))
    leads = [VERDICTS.index(one.verdict) for one in results if one.outcome in (FIRED, PERHAPS)]
    return VERDICTS[max(leads, default=VERDICTS.index(CLEAR))], tuple(results)


def _by_label(rule: Rule, answer: Answer) -> Result:
    before = [one for one in answer.outside if _has_begun(one, answer.at)]
    sure = [*(answer.labels if rule.when != "then" else ()), *(before if rule.when != "now" else ())]
    found = _of(sure, rule.category)
    if found:
        return Result(rule.id, FIRED, rule.verdict, "; ".join(map(_told, found)))
    found = _of(answer.doubtful, rule.category)
    if found:
        told = "; ".join(map(_told, found))
        return Result(rule.id, PERHAPS, REVIEW, f"the lists do not say for sure: {told}")
    if answer.unusable and is_a(SANCTIONED, rule.category):
        told = "; ".join(f"{row.text} ({row.name or 'no name'})" for row in answer.unusable)
        return Result(rule.id, PERHAPS, REVIEW, f"rows that lost the case of their letters may be about it: {told}")
    if rule.when != "then" and is_a(SANCTIONED, rule.category) and answer.sanctioned is None:
        return Result(rule.id, PERHAPS, REVIEW, "the lists do not speak of that moment")
    return Result(rule.id, PASSED, CLEAR)


def _by_no_list(rule: Rule, answer: Answer) -> Result:
    return _if_any(rule, [] if has_list(answer.lists) else [NO_LIST])


def has_list(lists: Iterable[Edition]) -> bool:
    """Whether a sanctions list was looked through: a whole official one, not somebody's own labels."""
    return any(one.snapshot for one in lists)


def _if_any(rule: Rule, told: Sequence[str]) -> Result:
    return Result(rule.id, FIRED, rule.verdict, "; ".join(told)) if told else Result(rule.id, PASSED, CLEAR)


def _has_begun(label: Label, at: int) -> bool:
    return label.since is None or seconds(label.since) <= at


def _by_lists(rule: Rule, lists: Iterable[Edition], at: int) -> Result:
    newest = {one.name: one for one in sorted(lists, key=lambda one: one.published) if one.snapshot}
    today = datetime.fromtimestamp(at, UTC).date()
    old = [one for one in newest.values() if one.stale(today, rule.days)]
    if not newest:
        return Result(rule.id, OPEN, CLEAR, "no dated list was looked through")
    if not old:
        return Result(rule.id, PASSED, CLEAR)
    told = ", ".join(f"{one.name} of {one.published or 'no date'}" for one in old)
    told = f"older than {rule.days} days: {told}; {UPDATE}"
    return Result(rule.id, FIRED, rule.verdict, told)


def _by_exposure(rule: Rule, exposure: Exposure | None, why: str) -> Result:
    if exposure is None or not exposure.lines:
        return Result(rule.id, OPEN, CLEAR, why)
    reached = _reached(rule, exposure, False)
    doubtful = "" if reached or not exposure.doubtful else _reached(rule, exposure, True)
    if reached:
        return Result(rule.id, FIRED, rule.verdict, reached)
    if doubtful:
        return Result(rule.id, PERHAPS, REVIEW, f"the lists do not say for sure: {doubtful}")
    dust = _reached(rule, exposure, True, dust=True)
    if dust:
        return Result(rule.id, PERHAPS, REVIEW, f"dust, but too much of it to pass over: {dust}")
    if exposure.whole is False:
        return Result(rule.id, OPEN, CLEAR, NOT_WHOLE)
    return Result(rule.id, PASSED, CLEAR)


def _reached(rule: Rule, exposure: Exposure, doubtful: bool, dust: bool = False) -> str:
    """What reaches the rule's thresholds, and by which methods; empty where nothing does. With ``dust``: what does so
    by dust that is all together more than dust."""
    told = []
    for direction in DIRECTIONS if rule.direction == "any" else (rule.direction,):
        for asset in exposure.assets:
            found = exposure.by_method(
                rule.category, direction, asset,
                direct=rule.through != "indirect", indirect=rule.through != "direct", when=rule.when, doubtful=doubtful,
                dust=dust,
            )  # fmt: skip
            funds = {method: exposure.funds(direction, asset, method) for method in found}
            over = [method for method, units in found.items() if units and _over(rule, asset, units, funds[method])]
            if dust:
                over = [
                    method for method in over if _is_much(found[method], funds[method], exposure.dust.get(asset, 0))
                ]
            if over:
                most = max(over, key=lambda method: Fraction(found[method], funds[method]))
                through = "" if rule.through == "any" else f" {rule.through}ly"
                part = f"{share(found[most], funds[most])} ({found[most]} of {funds[most]} base units of {asset})"
                told.append(f"{direction}{through} {part}, by {' and '.join(over)}")
    return "; ".join(told)


def _is_much(units: int, funds: int, limit: int) -> bool:
    return units * DUST_SHARE > funds or units > limit * DUST_PARTIES


def _over(rule: Rule, asset: str, units: int, funds: int) -> bool:
    limits = [rule.amount[asset]] if asset in rule.amount else []
    by_share = rule.share is not None and Fraction(units, funds) >= rule.share
    return by_share or any(units >= limit for limit in limits) or (rule.share is None and not limits)


def _of(labels: Sequence[Label], category: str) -> list[Label]:
    return [one for one in labels if is_a(one.category, category)]


def _told(label: Label) -> str:
    """``sanctioned: LAZARUS GROUP, by US OFAC SDN list, from 2022-04-14``"""
    name = f": {label.name}" if label.name else ""
    source = f", by {label.source}" if label.source else ""
    since = f", from {label.since}" if label.since else ""
    return f"{label.category}{name}{source}{since}{f' to {label.until}' if label.until else ''}"
