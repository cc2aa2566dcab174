"""Result: the answer that a case gave when it was fetched, kept so that others can derive it again."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from chaintrace.store.store import Store

if TYPE_CHECKING:
    from chaintrace.case.case import Case

RESULT, INPUTS = "result", "inputs"


def result(case: Case) -> dict[str, Any]:
    """The trace of a case as plain values, and what speaks for it and against it. Both kernels give the same."""
    told = case.to_dict(case.trace())
    del told["kernel"]
    return told


def inputs(case: Case) -> dict[str, str]:
    """Each file of the question and the SHA-256 of what is in it."""
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in case.folder.files}


def keep_result(case: Case, store: Store) -> None:
    case.refresh()
    store.set(RESULT, canonical(result(case)))
    store.set(INPUTS, canonical(inputs(case)))


def canonical(told: Any) -> str:
    """JSON that is the same for the same values."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
