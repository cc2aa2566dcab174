"""Range: the blocks that a case is about, fixed when it is first fetched."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from chaintrace.store.store import Store

KEY = "range"


@dataclass(frozen=True, slots=True)
class Range:
    """``first`` and ``last`` are both included. ``last_hash`` is the last block's, ``final`` the last block that could
    not change any more when it was asked."""

    first: int
    last: int
    last_hash: str
    final: int


def kept_range(store: Store) -> Range | None:
    """The range that was fixed; None before that."""
    told = store.get(KEY)
    return None if told is None else Range(**json.loads(told))


def keep_range(store: Store, where: Range) -> None:
    store.set(KEY, json.dumps(asdict(where), sort_keys=True))
