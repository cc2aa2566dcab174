"""The registry: heuristics by name, ours and those that others bring."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass, replace
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from chaintrace.errors import ChaintraceError, MethodError
from chaintrace.heuristics.finding import LONGEST, Finding, RowId
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.scorecard import scores_of

GROUP = "chaintrace.heuristics"
OUR_PACKAGE = "chaintrace."
OURS = (
    "chips",
    "coinjoin",
    "custodial",
    "spending",
    "deposits",
    "funding",
    "fans",
    "amounts",
    "passing",
    "dusting",
    "poisoning",
    "counterfeit",
    "tornado.rules",
    "bridge",
    "bridge_guess",
    "swap",
)
"""Modules that hold ours, one family each."""

Rule = Callable[[Rows, Known, Any], Iterable[Finding]]


@dataclass(frozen=True)
class Heuristic:
    """A pure function from rows, labels and thresholds to findings. ``doubt``: what it cannot know, in a sentence."""

    name: str
    rule: Rule
    thresholds: Any
    doubt: str

    def __call__(self, rows: Rows, labels: Known, thresholds: Any = None) -> list[Finding]:
        """Its findings, complete. MethodError where the thresholds are not of its kind, and where the rule fails or
        gives what is no finding of these rows."""
        at = self.thresholds if thresholds is None else thresholds
        if type(at) is not type(self.thresholds):
            wanted = type(self.thresholds).__name__
            raise MethodError(f"thresholds of {self.name!r}", f"are {type(at).__name__}", f"give it {wanted}(…)")
        told, scores = _told(at), scores_of(self.name)
        return [
            replace(
                found,
                rule=self.name,
                thresholds=told,
                doubt=f"{self.doubt} {found.doubt}".strip(),
                scores=scores if at == self.thresholds else (),
            )
            for found in self._found(rows, labels, at)
        ]

    def _found(self, rows: Rows, labels: Known, at: Any) -> list[Finding]:
        try:
            found = list(self.rule(rows, labels, at))
        except MethodError as error:
            raise self._broken(error.message) from error
        except (ChaintraceError, MemoryError):
            raise
        except Exception as error:  # anything may go wrong in somebody else's rule
            raise self._broken(f"it fails: {type(error).__name__}: {str(error)[:LONGEST]}") from error
        for one in found:
            if not isinstance(one, Finding):
                raise self._broken(f"it gives {type(one).__name__}, which is no Finding")
        if not self.rule.__module__.startswith(OUR_PACKAGE) and (lost := _absent(found, rows)):
            raise self._broken(f"it names a row that is not here: {str(lost)[:LONGEST]}")
        return found

    def _broken(self, reason: str) -> MethodError:
        advice = "the mistake is the rule's or its thresholds', not your rows': mend it, or name the others in only=…"
        return MethodError(f"heuristic {self.name!r}, of {self.rule.__module__}", reason, advice)


_KNOWN: dict[str, Heuristic] = {}


def heuristic(name: str, thresholds: Any, *, doubt: str) -> Callable[[Rule], Rule]:
    """Registers a rule by name. ``thresholds``: a frozen dataclass of what it is asked with by default.

    MethodError where the name is taken by another rule.
    """
    if not is_dataclass(thresholds) or isinstance(thresholds, type):
        raise MethodError(f"thresholds of {name!r}", "are no dataclass", "give an instance of a frozen dataclass")

    def register(rule: Rule) -> Rule:
        before = _KNOWN.get(name)
        if before is not None and (before.rule.__module__, before.rule.__qualname__) != (
            rule.__module__,
            rule.__qualname__,
        ):
            raise MethodError(
                f"heuristic {name!r}", f"is there already, in {before.rule.__module__}", "name it otherwise"
            )
        _KNOWN[name] = Heuristic(name, rule, thresholds, doubt)
        return rule

    return register


def known_heuristics() -> Mapping[str, Heuristic]:
    """Every heuristic by name: ours, those of installed packages (entry points of the group
    ``chaintrace.heuristics``), and those that were registered in this program. MethodError names a package whose
    heuristics cannot be loaded."""
    _load()
    return dict(sorted(_KNOWN.items()))


@lru_cache(maxsize=1)
def _load() -> None:
    for module in OURS:
        import_module(f"chaintrace.heuristics.{module}")
    for entry in entry_points(group=GROUP):
        try:
            entry.load()
        except Exception as error:  # anything may go wrong in somebody else's module
            what = f"the heuristics {entry.name!r} of {entry.value}"
            raise MethodError(
                what, f"cannot be loaded: {error!r}", "mend or remove the package that brings them"
            ) from error


def chosen(only: Sequence[str] | str | None, thresholds: Mapping[str, Any]) -> Iterator[tuple[Heuristic, Any]]:
    """The heuristics to ask, each with its thresholds. MethodError for a name that is none."""
    known = known_heuristics()
    names = list(known) if only is None else [only] if isinstance(only, str) else list(only)
    for name in (*names, *thresholds):
        if name not in known:
            raise MethodError(f"heuristic {name!r}", "is not known", f"use some of: {', '.join(known)}")
    return ((known[name], thresholds.get(name)) for name in dict.fromkeys(names))


def _absent(found: Iterable[Finding], rows: Rows) -> RowId | None:
    """A row that a finding names and that is not among these."""
    named = dict.fromkeys(row for one in found for row in one.rows)
    of = rows.table.filter(pc.is_in(rows.table["tx_hash"], pa.array({row[0] for row in named}, pa.string())))
    there = set(zip(*(of[name].to_pylist() for name in ("tx_hash", "kind", "seq")), strict=True))
    return next((row for row in named if row not in there), None)


def _told(thresholds: Any) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(thresholds).items()}
