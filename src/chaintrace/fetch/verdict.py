"""Verdict: what the outcome of one request means for the question: an answer, a later try, or an error."""

from __future__ import annotations

import math
from dataclasses import dataclass

from chaintrace.errors import Malformed, ProviderError, RateLimited, Refused, Unreachable
from chaintrace.fetch.answer import Answer, Broken, Garbled, is_rpc_error
from chaintrace.fetch.endpoint import Endpoint
from chaintrace.fetch.retry import AGAIN, PRICE, TOO_MANY
from chaintrace.fetch.secret import Secret

# RFC 9110, 15.4: these two keep method and body; after 301, 302 and 303 a POST may become a GET.
KEEPS_POST = frozenset({307, 308})
REDIRECT = frozenset({301, 302, 303}) | KEEPS_POST

PAY = 402

CHECK_NETWORK = "check the network and the address, or ask another provider; what was kept so far is safe"
CHECK_KEY = "check the key and what it may ask for, or ask another provider"
CHECK_ADDRESS = "check the address and what was asked, or ask another provider"
ASK_SLOWER = "lower the rate or the number of workers, ask again later, or ask another provider"
ASK_TOMORROW = "ask again tomorrow, or with a key that may ask for more; what was kept so far is safe"
ASK_LESS = "ask for fewer blocks or accounts at a time, or allow a larger size"


@dataclass(frozen=True)
class Failure:
    """``error`` is to be raised, unless another try is left and ``again``: it may then end better.

    ``after``: the seconds that the provider asks to wait before it.
    """

    error: ProviderError
    again: bool = False
    after: float = 0.0


def judge(
    endpoint: Endpoint, method: str, outcome: Answer | Broken | Garbled, *, tries: int, patience: float
) -> bytes | Failure:
    """The body, or how the request failed. ``tries``: how often it was sent; ``patience``: seconds it may wait."""
    if isinstance(outcome, Broken):
        return Failure(Unreachable(endpoint.name, outcome.reason, CHECK_NETWORK, tries), again=not outcome.final)
    if isinstance(outcome, Garbled):
        return Failure(Malformed(endpoint.name, outcome.reason, ASK_LESS))
    status = outcome.status
    if 200 <= status < 300:
        return outcome.body
    if method == "POST" and 400 <= status < 600 and status != TOO_MANY and is_rpc_error(outcome.body):
        return outcome.body
    reason = _reason(endpoint, outcome)
    if status in (TOO_MANY, PAY) and outcome.credits is not None and outcome.credits < PRICE:
        return Failure(RateLimited(endpoint.name, f"its credits are used up: {reason}", ASK_TOMORROW))
    if status not in AGAIN:
        advice = CHECK_KEY if status in (401, 402, 403) else CHECK_ADDRESS
        return Failure(Refused(endpoint.name, reason, advice, code=status))
    after = outcome.after or 0.0
    if status == TOO_MANY or after > patience:
        seconds = None if outcome.after is None else math.ceil(outcome.after)
        error = RateLimited(endpoint.name, reason, ASK_SLOWER, wait=seconds)
        return Failure(error, again=after <= patience, after=after)
    return Failure(Unreachable(endpoint.name, reason, CHECK_NETWORK, tries), again=True, after=after)


def follow(endpoint: Endpoint, method: str, url: Secret, answer: Answer) -> Secret | Refused:
    """Where a redirect leads, if it stays at the same scheme, host and port and keeps the question as it is."""

    def refused(reason: str) -> Refused:
        return Refused(endpoint.name, reason, CHECK_ADDRESS, code=answer.status)

    if answer.location is None:
        return refused("it redirects to nowhere")
    target = endpoint.redirected(url, answer.location)
    if target is None:
        return refused(f"it redirects to another place: {endpoint.host_of(url, answer.location)}")
    if method == "POST" and answer.status not in KEEPS_POST:
        return refused("it redirects a POST in a way that may lose what is asked")
    return target


def _reason(endpoint: Endpoint, answer: Answer) -> str:
    said = endpoint.shown(answer.body.decode("utf-8", "replace"))
    return f"HTTP {answer.status}" + (f", {said}" if said else "")
