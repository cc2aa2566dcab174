"""Locks: scripts that coins are locked with, one for every usual type and some unusual ones, and their keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from embit.ec import PrivateKey

KINDS = (
    "p2pk",
    "p2pkh",
    "p2sh",
    "p2sh-p2wpkh",
    "p2wpkh",
    "p2wsh",
    "p2tr",
    "multisig",
    "anyone",
    "future",
    "return",
    "broken",
)
"""``p2sh`` and ``p2wsh`` ask for two of three keys, ``multisig`` for one of two. Without any key: ``anyone`` is no
standard script, ``future`` a segwit version that has no rules yet. ``return`` and ``broken`` can never be spent."""
FOREVER = frozenset({"return", "broken"})

_DROP, _TRUE, _RETURN, _CHECKSIG = 0x75, 0x51, 0x6A, 0xAC
_FUTURE = 2


@dataclass(frozen=True)
class Lock:
    """Who can spend. ``script`` stands in the output; ``inner`` is what it is the hash of, empty where it is none."""

    kind: str
    name: str
    script: bytes
    inner: bytes = b""

    @cached_property
    def keys(self) -> tuple[PrivateKey, ...]:
        return _keys(self.name)

    @cached_property
    def address(self) -> str | None:
        """As the main network writes it; None where the script has none."""
        from embit import bech32, script

        if self.kind == "future":
            return str(bech32.encode("bc", _FUTURE, self.script[2:]))
        found = script.Script(self.script)
        return None if found.script_type() is None else str(found.address())

    @cached_property
    def account(self) -> str:
        """The address, or ``script:`` and the SHA-256 of the script."""
        return self.address or f"script:{sha256(self.script).hexdigest()}"


@cache
def lock(kind: str, name: str) -> Lock:
    """The lock of one of KINDS that somebody called ``name`` uses; always the same for both."""
    from embit import script
    from embit.hashes import hash160

    first, second, third = (key.get_public_key() for key in _keys(name))
    inner = b""
    if kind in ("p2sh", "p2wsh"):
        inner = script.multisig(2, [first, second, third]).data
    elif kind == "p2sh-p2wpkh":
        inner = script.p2wpkh(first).data
    scripts: dict[str, Callable[[], bytes]] = {
        "p2pk": lambda: push(first.sec()) + bytes([_CHECKSIG]),
        "p2pkh": lambda: script.p2pkh(first).data,
        "p2sh": lambda: script.p2sh(script.Script(inner)).data,
        "p2sh-p2wpkh": lambda: script.p2sh(script.Script(inner)).data,
        "p2wpkh": lambda: script.p2wpkh(first).data,
        "p2wsh": lambda: script.p2wsh(script.Script(inner)).data,
        "p2tr": lambda: script.p2tr(first).data,
        "multisig": lambda: script.multisig(1, [first, second]).data,
        "anyone": lambda: push(hash160(name.encode())) + bytes([_DROP, _TRUE]),
        "future": lambda: bytes([0x50 + _FUTURE]) + push(sha256(name.encode()).digest()),
        "return": lambda: bytes([_RETURN]) + push(name.encode()),
        "broken": lambda: bytes([0x4B]) + sha256(name.encode()).digest()[:5],
    }
    return Lock(kind, name, scripts[kind](), inner)


def push(data: bytes) -> bytes:
    """A script that puts up to 255 bytes on the stack. Rule: the shortest form, as Bitcoin Core relays."""
    return (bytes([len(data)]) if len(data) <= 75 else bytes([0x4C, len(data)])) + data


@cache
def _keys(name: str) -> tuple[PrivateKey, ...]:
    from embit.ec import PrivateKey

    return tuple(PrivateKey(sha256(f"chaintrace.testing/{name}/{number}".encode()).digest()) for number in range(3))
