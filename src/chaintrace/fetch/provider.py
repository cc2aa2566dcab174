"""Provider: what fetchers have in common that ask somebody about one chain, from behind a desk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

from chaintrace.errors import Contradiction
from chaintrace.fetch.desk import Desk
from chaintrace.model.chain import Chain
from chaintrace.model.page import Question


class Blocks(Protocol):
    """Small questions about blocks that leave no evidence; see ``Fetcher``."""

    def block_of(self, tx_hash: str, /) -> int: ...

    def block_at(self, time: int) -> int: ...

    def hashes(self, blocks: Sequence[int]) -> dict[int, str]: ...


B = TypeVar("B", bound=Blocks)


class Provider(Generic[B]):
    """See ``Fetcher``. A door says at which desk, about which chain, and who tells of blocks; one that finds out its
    chain has a ``chain`` of its own."""

    most: int
    _desk: Desk
    _chain: Chain
    _blocks: B

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name if hasattr(self, '_desk') else 'unmade'}>"

    @property
    def name(self) -> str:
        return self._desk.name

    @property
    def calls(self) -> int:
        return self._desk.calls

    @property
    def window(self) -> int | None:
        return None

    @property
    def chain(self) -> str:
        return self._chain.id

    def close(self) -> None:
        self._desk.close()

    def block_of(self, tx_hash: str) -> int:
        return self._blocks.block_of(tx_hash)

    def block_at(self, time: int) -> int:
        return self._blocks.block_at(time)

    def hashes(self, blocks: Sequence[int]) -> dict[int, str]:
        return self._blocks.hashes(blocks)

    def _stands(self, question: Question) -> None:
        """Contradiction where the last block is another by now, which it can be as long as it is young."""
        if question.last > question.final and self.hashes([question.last]) != {question.last: question.last_hash}:
            raise Contradiction(self.name, f"block {question.last} changed while it was asked for")
