"""A finding: what a heuristic claims, on what it rests, and how far it can be believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from numbers import Integral
from typing import Any

from chaintrace.errors import MethodError
from chaintrace.graph.link import Link

RowId = tuple[str, str, int]
LONGEST = 100
"""Letters of a wrong value that its error repeats."""
EXACT = 1 << 53
"""Integers from here on are not exact in JSON for every reader. Rule: RFC 8259, section 6."""


@dataclass(frozen=True, slots=True)
class Score:
    """How a rule did where somebody else had told the truth: ``count`` of ``n`` ``data``.

    ``measure``     ``recall``: flagged of those that should be. ``false alarms``: flagged of those that should not be.
                    ``precision``: right of those that were flagged. ``chance``: flagged of decoys, made by dealing the
                    outputs of all transactions out again at random, or moved to a time when nothing was there.
                    ``flagged``: of the real ones, to hold against chance. ``settled``: what comes out even, where
                    nobody has told the truth.
    ``low``, ``high``  the 95 % interval (Wilson) of count / n, in millionths.
    ``date``        when it was measured. Nothing of the rule was chosen on the data it was measured on.
    """

    rule: str
    measure: str
    data: str
    count: int
    n: int
    low: int
    high: int
    date: str

    def __str__(self) -> str:
        between = f"95 %: {self.low / 10_000:.1f} to {self.high / 10_000:.1f} %"
        return f"{self.measure} {self.count:,} of {self.n:,} {self.data} ({between}; {self.date})"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a heuristic claims of ``subject``, an account.

    A heuristic states the first six; the registry adds the rest.

    ``claim``       one sentence.
    ``tx_hashes``   the transactions that it rests on; ``rows`` the rows, as (tx_hash, kind, seq). Lists are kept as
                    tuples.
    ``confidence``  0 to 100, the rule's own word and no probability: ``scores`` say how often it was right.
    ``evidence``    what was measured, by name. Text of strangers among it is text and nothing else.
    ``links``       where value went on, if it is right; nothing follows them unless it is told to.
    ``rule``, ``thresholds``, ``doubt``, ``scores``  the rule's name, what it was asked with, what it cannot know, and
                    how it did when it was measured; no ``scores``: it was not.

    MethodError for what is none of this.
    """

    subject: str
    claim: str
    tx_hashes: tuple[str, ...]
    confidence: int
    evidence: Mapping[str, Any] = field(default_factory=dict)
    rows: tuple[RowId, ...] = ()
    links: tuple[Link, ...] = ()
    rule: str = ""
    thresholds: Mapping[str, Any] = field(default_factory=dict)
    doubt: str = ""
    scores: tuple[Score, ...] = ()

    def __post_init__(self) -> None:
        if type(self.confidence) is not int or not 0 <= self.confidence <= 100:
            raise MethodError(
                f"confidence {self.confidence!r}", "is no whole number from 0 to 100", "state one that is"
            )
        for name in ("subject", "claim", "doubt"):
            self._must(name, isinstance(getattr(self, name), str), "is no text", "give a str")
        for name in ("tx_hashes", "rows", "links"):
            self._must(name, isinstance(getattr(self, name), (tuple, list)), "is no tuple", "give one, if only of one")
            object.__setattr__(self, name, tuple(getattr(self, name)))
        hashes = all(isinstance(one, str) for one in self.tx_hashes)
        self._must("tx_hashes", hashes, "holds what is no hash", "give texts")
        self._must("rows", all(map(_is_row, self.rows)), "holds what is no row", "name rows as (tx_hash, kind, seq)")
        object.__setattr__(self, "rows", tuple((tx, kind, int(seq)) for tx, kind, seq in self.rows))
        links = all(isinstance(one, Link) for one in self.links)
        self._must("links", links, "holds what is no Link", "give ct.Link(…)")
        self._must("evidence", isinstance(self.evidence, Mapping), "is no mapping", "name what was measured")

    def _must(self, name: str, holds: bool, reason: str, advice: str) -> None:
        if not holds:
            raise MethodError(f"{name} {str(getattr(self, name))[:LONGEST]!r} of a finding", reason, advice)

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold; amounts in ``evidence`` are base units. Integers that not every reader of
        JSON keeps exact, of 2^53 and above, are text."""
        return {
            "rule": self.rule,
            "subject": self.subject,
            "claim": self.claim,
            "tx_hashes": list(self.tx_hashes),
            "rows": [list(row) for row in self.rows],
            "confidence": self.confidence,
            "evidence": _plain(self.evidence),
            "thresholds": _plain(self.thresholds),
            "doubt": self.doubt,
            "scores": [asdict(score) for score in self.scores],
        }


def _is_row(row: Any) -> bool:
    if not isinstance(row, (tuple, list)) or len(row) != 3:
        return False
    tx, kind, seq = row
    return isinstance(tx, str) and isinstance(kind, str) and isinstance(seq, Integral) and not isinstance(seq, bool)


def _plain(value: Any) -> Any:
    """What JSON can hold: numbers of NumPy as Python's, everything unknown as its text."""
    if isinstance(value, int) and abs(value) >= EXACT:
        return str(value)
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(one) for one in (sorted(value) if isinstance(value, (set, frozenset)) else value)]
    return value.item() if hasattr(value, "item") else str(value)
