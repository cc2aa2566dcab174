"""Reorg: what was fetched of blocks that are none any more is found and set aside."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from chaintrace.case.range import Range
from chaintrace.errors import Contradiction
from chaintrace.fetch.fetcher import Fetcher
from chaintrace.store.store import Store


def is_still_there(fetcher: Fetcher, where: Range) -> bool:
    """Whether the range's last block is what it was."""
    return fetcher.hashes([where.last]) == {where.last: where.last_hash}


def heal(store: Store, fetchers: Sequence[Fetcher]) -> int:
    """Sets everything aside that stands above the last block that is still what it was, whoever told it; returns how
    many rows.

    Contradiction where a provider knows none of the blocks: another chain, not another end of this one.
    """
    providers = store.providers()
    kept = {block: digest for provider in providers for block, digest in store.hashes(provider).items()}
    if not kept:
        return 0
    end = min(fork(fetcher, kept) for fetcher in fetchers)
    return sum(store.orphan(provider, end) for provider in providers)


def fork(fetcher: Fetcher, kept: dict[int, str]) -> int:
    """The highest block of ``kept`` that the provider still has. Blocks are the parents of those above them, so that
    all below it are there too."""
    blocks = sorted(kept)
    is_gone = _Gone(fetcher, kept)
    first_gone = bisect_left(blocks, True, key=is_gone)
    if first_gone == 0 and len(blocks) > 1:
        raise Contradiction(
            fetcher.name,
            f"it has none of the {len(blocks):,} blocks that were fetched",
            "it is a node of another chain, or starts anew: fetch into a new case",
        )
    return blocks[first_gone - 1] if first_gone else blocks[0] - 1


class _Gone:
    def __init__(self, fetcher: Fetcher, kept: dict[int, str]) -> None:
        self.fetcher, self.kept = fetcher, kept

    def __call__(self, block: int) -> bool:
        return self.fetcher.hashes([block]) != {block: self.kept[block]}
