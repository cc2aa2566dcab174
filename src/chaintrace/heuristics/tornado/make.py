"""One note of the texts or numbers that a record of a file holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from chaintrace.fetch.columns import Bad, account, amount, index, seconds, tx_hash
from chaintrace.model.chain import get_chain
from chaintrace.model.note import Note
from chaintrace.model.pool import Pool

LEAVES = 1 << 20
"""A pool's tree of deposits is 20 high."""
_MARK = re.compile(r"0x[0-9a-fA-F]{64}")
_REQUIRED = ("kind", "account", "time", "tx_hash")
FIELDS = (*_REQUIRED, "block", "log_index", "fee", "relayer", "sender", "leaf", "mark")


class Wrong(ValueError):
    """A record that is no note: why, and which field says so."""

    def __init__(self, reason: str, field: str) -> None:
        super().__init__(reason)
        self.reason, self.field = reason, field


def make_note(pool: Pool, said: Mapping[str, Any]) -> Note:
    """The note that ``said`` tells by the names of ``FIELDS``; absent, None and empty are one. A withdrawal has to tell
    its fee: who waits for a relayer and who does without one is told by it. Raises Wrong."""
    chain = get_chain(pool.chain)
    kind: Literal["deposit", "withdrawal"] = said["kind"]
    if kind not in ("deposit", "withdrawal"):
        raise Wrong("unknown kind", "kind")
    deposit = kind == "deposit"
    at = "account"
    try:
        who = account(_there(said, at), chain)
        time = seconds(_there(said, at := "time"))
        name = tx_hash(_there(said, at := "tx_hash"), chain)
        block, log_index, leaf = (_maybe(said, at := one, index) for one in ("block", "log_index", "leaf"))
        fee = (_maybe(said, at := "fee", amount) or 0) if deposit else amount(_there(said, at := "fee"))
        relayer, sender = (_maybe(said, at := one, account, chain) for one in ("relayer", "sender"))
    except Bad as bad:
        raise Wrong(bad.reason, at) from None
    mark = _maybe(said, "mark", str) or ""
    if mark and not _MARK.fullmatch(mark):
        raise Wrong("bad mark", "mark")
    _check(pool, block, leaf, fee, deposit=deposit)
    return Note(pool, kind, who, time, block, name, log_index, fee, relayer, sender, leaf, mark.lower())


def _there(said: Mapping[str, Any], name: str) -> Any:
    value = said.get(name)
    if value is None or value == "":
        raise Bad("missing value")
    return value


def _maybe(said: Mapping[str, Any], name: str, parse: Any, *more: Any) -> Any:
    value = said.get(name)
    return None if value is None or value == "" else parse(value, *more)


def _check(pool: Pool, block: int | None, leaf: int | None, fee: int, *, deposit: bool) -> None:
    if block is not None and pool.block is not None and block < pool.block:
        raise Wrong("before the pool was there", "block")
    if leaf is not None and (not deposit or leaf >= LEAVES):
        raise Wrong("no leaf of a pool", "leaf")
    if fee > (0 if deposit else pool.denomination):
        raise Wrong("a fee that a note cannot pay", "fee")
