"""Base58Check: bytes with a four-byte checksum, as Bitcoin and Tron write addresses.

Rule: https://en.bitcoin.it/wiki/Base58Check_encoding.
"""

from __future__ import annotations

from hashlib import sha256

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUES = {character: value for value, character in enumerate(ALPHABET)}


def encode_check(payload: bytes) -> str:
    """``payload`` (version byte and body) with its checksum, in base58."""
    data = payload + _checksum(payload)
    number = int.from_bytes(data, "big")
    digits = []
    while number:
        number, digit = divmod(number, 58)
        digits.append(ALPHABET[digit])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "1" * zeros + "".join(reversed(digits))


def decode_check(text: str) -> bytes:
    """The payload of a base58check text. ``ValueError`` with the reason when it has none. Time grows with length²."""
    number = 0
    for position, character in enumerate(text, start=1):
        if character not in _VALUES:
            raise ValueError(f"character {position}, {character!r}, is not a base58 digit")
        number = number * 58 + _VALUES[character]
    zeros = len(text) - len(text.lstrip("1"))
    data = bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
    payload, checksum = data[:-4], data[-4:]
    if len(data) < 4 or checksum != _checksum(payload):
        raise ValueError("wrong base58check checksum, so at least one character is not the original one")
    return payload


def _checksum(payload: bytes) -> bytes:
    return sha256(sha256(payload).digest()).digest()[:4]
