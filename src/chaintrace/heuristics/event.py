"""Events: a contract's log by the text of its declaration, which says its first topic and how to read it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from chaintrace.model.log import Log

_DECLARED = re.compile(r"(\w+)\((.*)\)")
_PARAMETER = re.compile(r"(?P<type>\([^()]*\)|\w+)(?P<indexed> indexed)? (?P<name>\w+)(?:, )?")


@dataclass(frozen=True)
class Event:
    """An event as Solidity declares it: ``Name(type name, type indexed name)``; a struct is its types in brackets."""

    declared: str

    @cached_property
    def parameters(self) -> list[tuple[str, str, bool]]:
        """Name, type, and whether it is a topic."""
        found = _DECLARED.fullmatch(self.declared)
        inside = found[2] if found else ""
        return [(one["name"], one["type"], bool(one["indexed"])) for one in _PARAMETER.finditer(inside)]

    @cached_property
    def signature(self) -> str:
        """The name with the types alone."""
        return f"{self.declared.partition('(')[0]}({','.join(kind for _, kind, _ in self.parameters)})"

    @cached_property
    def topic(self) -> str:
        """keccak-256 of the signature, which stands first among the topics."""
        from eth_hash.auto import keccak

        return "0x" + keccak(self.signature.encode()).hex()

    def read(self, log: Log) -> Mapping[str, Any] | None:
        """The parameters by name: numbers as int, addresses as canonical text, bytes as bytes. None for a log that is
        another event, has other topics than are declared, or whose data are not what they should be."""
        from eth_abi.abi import decode
        from eth_abi.exceptions import DecodingError

        if log.topics[:1] != (self.topic,):
            return None
        topics = [(name, kind) for name, kind, indexed in self.parameters if indexed]
        inside = [(name, kind) for name, kind, indexed in self.parameters if not indexed]
        if len(topics) != len(log.topics) - 1:
            return None
        try:
            told = {
                name: decode([kind], bytes.fromhex(word[2:]))[0]
                for (name, kind), word in zip(topics, log.topics[1:], strict=True)
            }
            values = decode([kind for _, kind in inside], log.data)
        except (DecodingError, UnicodeDecodeError, OverflowError):
            return None
        return told | dict(zip((name for name, _ in inside), values, strict=True))
