"""Impossible: what cannot have happened in a scenario."""

from __future__ import annotations

from dataclasses import dataclass

from chaintrace.errors import UserError


@dataclass(eq=False)
class ScenarioError(UserError):
    """A word of a scenario that cannot have happened. ``what``: the word; ``reason``: why not."""

    what: str
    reason: str
    advice: str = ""

    @property
    def message(self) -> str:
        return f"{self.what}: {self.reason}"


@dataclass(eq=False)
class LackError(ScenarioError):
    """Somebody pays what they do not have: ``who`` lacks so many base units of ``asset``."""

    who: str = ""
    lacks: int = 0
    asset: str = ""
