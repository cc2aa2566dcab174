"""The fetcher protocol: whoever can answer *all transfers that touch these accounts between these blocks*."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from chaintrace.model.page import Archive, Page, Question


@dataclass(frozen=True, slots=True)
class Head:
    """The last block to ask for, and the last that cannot change any more: the same, unless young ones are wanted."""

    number: int
    hash: str
    final: int


class Fetcher(Protocol):
    """A place where transfers come from.

    ``door``    which decoder reads its evidence. ``name``: of the provider, without secrets.
    ``window``  the most blocks that one question should span; None where it does not matter.
    ``calls``   how much it was asked so far, as the provider counts.
    ``most``    the longest history that it takes, in its own measure; longer ones are TooLong.
    """

    door: str
    most: int

    @property
    def window(self) -> int | None: ...

    @property
    def name(self) -> str: ...

    @property
    def chain(self) -> str:
        """CAIP-2."""

    @property
    def calls(self) -> int: ...

    def head(self, young: bool = False) -> Head:
        """Where the chain ends now: at the last final block, or with ``young`` at the very last one."""

    def way(self, tx_hash: str | None = None) -> str:
        """How it finds transfers inside transactions; ``tx_hash`` is one to try it on."""

    def block_of(self, tx_hash: str) -> int:
        """The block that a transaction stands in. SeedError where there is none."""

    def block_at(self, time: int) -> int:
        """The first block at or after a moment, in unix seconds."""

    def hashes(self, blocks: Sequence[int]) -> dict[int, str]:
        """The hashes of blocks as they are now; blocks that are not there are left out."""

    def ask(self, question: Question, archive: Archive) -> Page:
        """The answer to a question, whole or not at all. ProviderError says what came instead."""
