"""Bech32 and bech32m, and the segwit addresses written in them.

Rules: BIP-173 (bech32, witness version 0) and BIP-350 (bech32m, versions 1 to 16).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
BECH32 = 1
BECH32M = 0x2BC830A3
MAX_LENGTH = 90

_VALUES = {character: value for value, character in enumerate(CHARSET)}
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def _reduced(top: int) -> int:
    remainder = 0
    for bit, generator in enumerate(_GENERATOR):
        if top >> bit & 1:
            remainder ^= generator
    return remainder


_REDUCED = tuple(_reduced(top) for top in range(32))


def encode(prefix: str, values: Sequence[int], constant: int) -> str:
    """``values`` (0 to 31 each) under a lower-case ``prefix``; ``constant`` is ``BECH32`` or ``BECH32M``."""
    residue = _polymod(prefix, (*values, 0, 0, 0, 0, 0, 0)) ^ constant
    checksum = [residue >> shift & 31 for shift in range(25, -1, -5)]
    return f"{prefix}1{''.join(CHARSET[value] for value in (*values, *checksum))}"


def decode(text: str) -> tuple[str, list[int], int]:
    """Prefix in lower case, values without the checksum, and the constant that fits: ``BECH32`` or ``BECH32M``.

    ``ValueError`` with the reason for anything that BIP-173 and BIP-350 do not allow.
    """
    if len(text) > MAX_LENGTH:
        raise ValueError(f"it has {len(text)} characters, bech32 allows {MAX_LENGTH}")
    if any(not "!" <= character <= "~" for character in text):
        raise ValueError("bech32 has printable ASCII only")
    lower = text.lower()
    if text not in (lower, text.upper()):
        raise ValueError("bech32 is all lower case or all upper case, this is mixed")
    prefix, separator, data = lower.rpartition("1")
    if not separator or not prefix:
        raise ValueError("bech32 needs a prefix and the separator 1")
    for position, character in enumerate(data, start=len(prefix) + 2):
        if character not in _VALUES:
            raise ValueError(f"character {position}, {text[position - 1]!r}, is not a bech32 digit")
    if len(data) < 6:
        raise ValueError("it is too short to hold a bech32 checksum")
    values = [_VALUES[character] for character in data]
    constant = _polymod(prefix, values)
    if constant not in (BECH32, BECH32M):
        raise ValueError("wrong bech32 checksum, so at least one character is not the original one")
    return prefix, values[:-6], constant


def encode_segwit(prefix: str, version: int, program: bytes) -> str:
    """The address of a witness program; ``ValueError`` when no such address exists."""
    _check_program(version, program)
    padding = -len(program) * 8 % 5
    number = int.from_bytes(program, "big") << padding
    values = [number >> shift & 31 for shift in range(len(program) * 8 + padding - 5, -1, -5)]
    return encode(prefix, [version, *values], BECH32M if version else BECH32)


def decode_segwit(text: str) -> tuple[str, int, bytes]:
    """Prefix, witness version and program of a segwit address; ``ValueError`` with the reason when it is none."""
    prefix, values, constant = decode(text)
    if not values:
        raise ValueError("it holds no witness version")
    version, program = values[0], _to_bytes(values[1:])
    _check_program(version, program)
    if constant != (BECH32M if version else BECH32):
        right, wrong = ("bech32m", "bech32") if version else ("bech32", "bech32m")
        raise ValueError(f"witness version {version} needs a {right} checksum, this one is {wrong}")
    return prefix, version, program


def _check_program(version: int, program: bytes) -> None:
    if not 0 <= version <= 16:
        raise ValueError(f"witness version {version} does not exist, versions are 0 to 16")
    if not 2 <= len(program) <= 40:
        raise ValueError(f"its witness program has {len(program)} bytes, allowed are 2 to 40")
    if version == 0 and len(program) not in (20, 32):
        raise ValueError(f"its witness program has {len(program)} bytes, version 0 allows 20 or 32")


def _to_bytes(values: Sequence[int]) -> bytes:
    number = 0
    for value in values:
        number = number << 5 | value
    length, padding = divmod(len(values) * 5, 8)
    # BIP-173: at most four bits of padding, all of them zero.
    if padding > 4 or number & ((1 << padding) - 1):
        raise ValueError("the padding of its witness program is not zero or longer than four bits")
    return (number >> padding).to_bytes(length, "big")


def _polymod(prefix: str, values: Iterable[int]) -> int:
    residue = 1
    expanded = [*(ord(character) >> 5 for character in prefix), 0, *(ord(character) & 31 for character in prefix)]
    for part in (expanded, values):
        for value in part:
            residue = (residue & 0x1FFFFFF) << 5 ^ value ^ _REDUCED[residue >> 25]
    return residue
