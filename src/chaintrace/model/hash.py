"""Transaction hashes in the spelling of their chain."""

from __future__ import annotations

import re

from chaintrace.model.chain import Chain, get_chain

_HASH = re.compile(r"(?:0x)?([0-9a-fA-F]{64})")


def is_hash(text: str) -> bool:
    """Whether it is 64 hexadecimal digits, ``0x`` before them or not."""
    return _HASH.fullmatch(text) is not None


def parse_hash(text: str, chain: str | Chain) -> str | None:
    """A transaction hash in lower case, with ``0x`` on EVM chains and without it elsewhere; None for what is none."""
    found = _HASH.fullmatch(text)
    return None if found is None else ("0x" if get_chain(chain).family == "evm" else "") + found[1].lower()
