"""Screened: what screening one address found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from chaintrace.case.policy import ERROR, Policy
from chaintrace.labels.answer import Answer
from chaintrace.labels.category import SANCTIONED, is_a
from chaintrace.labels.edition import Edition
from chaintrace.labels.label import Label
from chaintrace.model.token import NATIVES, Token
from chaintrace.taint.exposure import Exposure

FIRED, PERHAPS, PASSED, OPEN = "fired", "perhaps", "passed", "not evaluated"
LABELS, TRANSFERS = "labels", "labels and transfers"


class Result(NamedTuple):
    """How a rule came out. ``verdict`` is what it leads to: ``perhaps`` (the lists do not say for sure) to review, and
    ``passed`` and ``not evaluated`` to nothing of their own."""

    id: str
    outcome: str
    verdict: str
    reason: str = ""


class Listing(NamedTuple):
    """A sanctions list on which the address is, from ``since`` to ``until``. ``doubtful``: whether it was on it at the
    moment that is asked about is not known."""

    list: str
    entity: str
    programme: str
    since: str | None
    until: str | None
    doubtful: bool


@dataclass(frozen=True, slots=True)
class Screened:
    """The answer about ``address`` as of ``moment`` (ISO-8601, UTC).

    ``verdict``   clear, review or alert; ``error`` where ``error`` says why there is none.
    ``basis``     ``labels``, or ``labels and transfers`` where the exposure could be worked out.
    ``rules``     every rule of the policy, in its order.
    ``notes``     what the answer leans on.
    """

    address: str
    moment: str
    verdict: str
    policy: Policy
    rules: tuple[Result, ...] = ()
    answer: Answer | None = None
    exposure: Exposure | None = None
    notes: tuple[str, ...] = ()
    error: str = ""
    tokens: dict[str, Token] | None = None

    @property
    def basis(self) -> str:
        return TRANSFERS if self.exposure is not None and self.exposure.lines else LABELS

    @property
    def fired(self) -> tuple[Result, ...]:
        """The rules that fired, or perhaps do."""
        return tuple(one for one in self.rules if one.outcome in (FIRED, PERHAPS))

    @property
    def unevaluated(self) -> tuple[Result, ...]:
        """The rules that could not be evaluated: a clear verdict does not speak for them."""
        return tuple(one for one in self.rules if one.outcome == OPEN)

    @property
    def fails(self) -> bool:
        """Whether the policy is violated."""
        return self.verdict != ERROR and self.policy.fails(self.verdict)

    @property
    def sanctioned(self) -> tuple[Listing, ...]:
        """Sanctions lists on which the address is at the moment, or may be."""
        if self.answer is None:
            return ()
        both = ((self.answer.labels, False), (self.answer.doubtful, True))
        return tuple(_listing(one, doubtful) for labels, doubtful in both for one in labels if _sanctions(one))

    @property
    def lists(self) -> tuple[Edition, ...]:
        """Every list that was looked through."""
        return self.answer.lists if self.answer else ()

    @property
    def shown(self) -> dict[str, Token]:
        """How assets are shown; says nothing about identity."""
        return dict(NATIVES) if self.tokens is None else self.tokens

    def __repr__(self) -> str:
        told = f"<Screened {self.address} at {self.moment}: {self.verdict}, by {self.basis}"
        rules = ", ".join(one.id for one in self.fired)
        left = f"; {len(self.unevaluated)} rules not evaluated" if self.unevaluated else ""
        return f"{told}{rules and f'; {rules}'}{left}{self.error and f'; {self.error!r}'}>"

    def _repr_html_(self) -> str:
        from html import escape

        return f"<p>{escape(repr(self))}</p>"


def failed(address: str, moment: str, policy: Policy, error: str) -> Screened:
    """The answer about what is no address."""
    return Screened(address, moment, ERROR, policy, error=error)


def _sanctions(label: Label) -> bool:
    return is_a(label.category, SANCTIONED)


def _listing(label: Label, doubtful: bool) -> Listing:
    return Listing(label.source, label.name, label.programme, label.since, label.until, doubtful)
