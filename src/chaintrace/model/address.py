"""Address: one canonical form inside, every written form checked strictly on the way in.

Canonical is lower-case ``0x…`` on EVM chains, base58 or lower-case bech32 on Bitcoin, base58 ``T…`` on Tron.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from hashlib import sha256

from chaintrace.errors import AddressError
from chaintrace.model.base58 import decode_check, encode_check
from chaintrace.model.bech32 import MAX_LENGTH, decode_segwit
from chaintrace.model.bitcoin import MAIN, NETWORKS, Network
from chaintrace.model.chain import CHAINS, Chain, get_chain

REMEMBERED = 1 << 16

_PLAIN = re.compile(r"[!-~]+")
_HEX = re.compile(r"[0-9a-fA-F]*")
_EVM = re.compile(r"0x[0-9a-f]{40}")
_TRON_HEX = re.compile(r"(?:0x)?(41[0-9a-fA-F]{40})")
_TXID = re.compile(r"[0-9a-fA-F]{64}")
_UTXO_ACCOUNT = re.compile(r"(?:tx|script):[0-9a-f]{64}")

_TRON = 0x41
_RONIN = "eip155:2020"


def parse_address(text: str, chain: str | Chain = "ethereum") -> str:
    """The canonical form of an address of ``chain``.

    - EVM: ``0x`` and 40 hexadecimal digits, all lower, all upper, or mixed with a right EIP-55 checksum. On Ronin
      ``ronin:`` may stand for ``0x``.
    - Bitcoin: P2PKH and P2SH in base58check, segwit in bech32 (version 0, BIP-173) and bech32m (BIP-350), each as the
      network writes them: an address of a test network is none of the main one.
    - Tron: base58check with version 0x41, or the same 21 bytes in hexadecimal, with or without ``0x``.

    Nothing is stripped or repaired. ``AddressError`` says which rule is broken, ``ChainError`` that there is no such
    chain. The last 65,536 different texts are remembered, so repeats cost a look-up.
    """
    if not isinstance(text, str):
        raise AddressError(repr(text), get_chain(chain).name, f"it is not text but {type(text).__name__}")
    return _parse(str(text), chain)


@lru_cache(maxsize=REMEMBERED)
def _parse(text: str, chain: str | Chain) -> str:
    chain = get_chain(chain)
    try:
        if not _PLAIN.fullmatch(text):
            raise ValueError(_why_not_plain(text))
        if chain.family == "utxo":
            return _bitcoin(text, NETWORKS[chain.id])
        if chain.family == "tron":
            return _tron(text)
        return _evm(text, "ronin:" if chain.id == _RONIN else None)
    except ValueError as error:
        raise AddressError(text, chain.name, str(error)) from None


def format_address(address: str, chain: str | Chain = "ethereum") -> str:
    """A canonical address as people write it: with EIP-55 capitals on EVM chains, unchanged on others.

    What is not a canonical address (transaction accounts, script hashes) comes back unchanged.
    """
    if get_chain(chain).family == "evm" and _EVM.fullmatch(address):
        return _checksummed(address)
    return address


def transaction_account(txid: str) -> str:
    """The account that a UTXO transaction is: ``tx:`` and 64 lower-case hexadecimal digits."""
    if not _TXID.fullmatch(txid):
        raise AddressError(
            txid, "bitcoin", "a transaction id has 64 hexadecimal digits", "copy the whole id, without 0x"
        )
    return f"tx:{txid.lower()}"


def script_account(script: bytes) -> str:
    """The account of an output without an address: ``script:`` and the SHA-256 of its script, in byte order."""
    return f"script:{sha256(script).hexdigest()}"


def parse_account(text: str, chain: str | Chain = "ethereum") -> str:
    """Like ``parse_address``; on UTXO chains also takes what the two functions above return, in that exact form."""
    if get_chain(chain).family == "utxo" and _UTXO_ACCOUNT.fullmatch(str(text)):
        return str(text)
    return parse_address(text, chain)


def is_account(text: str, chain: str | Chain | None = None) -> bool:
    """Whether ``parse_account`` takes the text for ``chain``, or for any known chain when none is named."""
    for candidate in CHAINS if chain is None else (chain,):
        try:
            parse_account(text, candidate)
        except AddressError:
            continue
        return True
    return False


def _why_not_plain(text: str) -> str:
    if not text:
        return "it is empty"
    position, character = next((n, c) for n, c in enumerate(text, start=1) if not "!" <= c <= "~")
    name = unicodedata.name(character, "a control character")
    return f"character {position} is U+{ord(character):04X} ({name.lower()}), an address has visible ASCII only"


def _evm(text: str, other_prefix: str | None) -> str:
    if _EVM.fullmatch(text):
        return text
    prefix = other_prefix if other_prefix and text.startswith(other_prefix) else "0x"
    if not text.startswith(prefix):
        raise ValueError(f"it does not start with 0x{f' or {other_prefix}' if other_prefix else ''}")
    digits = _hex_digits(text, prefix, 40)
    address = "0x" + digits.lower()
    # EIP-55: letters all of one case carry no checksum.
    if digits not in (digits.lower(), digits.upper()) and _checksummed(address) != "0x" + digits:
        raise ValueError(
            "wrong EIP-55 checksum: its capitals do not fit its digits, so a character is wrong or its case was changed"
        )
    return address


def _hex_digits(text: str, prefix: str, count: int) -> str:
    digits = text.removeprefix(prefix)
    found = _HEX.match(digits)
    if found is None or found.end() < len(digits):
        position = len(prefix) + (found.end() if found else 0)
        raise ValueError(f"character {position + 1}, {text[position]!r}, is not a hexadecimal digit")
    if len(digits) != count:
        also = ", 64 make a transaction hash" if len(digits) == 64 else ""
        raise ValueError(f"it has {len(digits)} hexadecimal digits after {prefix}, an address has {count}{also}")
    return digits


def _checksummed(address: str) -> str:
    """EIP-55: a letter is a capital where the same digit of keccak-256 of the 40 lower-case digits is 8 or more."""
    from eth_hash.auto import keccak

    digits = address[2:]
    mask = keccak(digits.encode()).hex()
    return "0x" + "".join(
        digit.upper() if strength >= "8" else digit for digit, strength in zip(digits, mask, strict=False)
    )


def _bitcoin(text: str, network: Network) -> str:
    segwit = f"{network.prefix}1"
    if text[: len(segwit)].lower() == segwit:
        prefix, _, _ = decode_segwit(text)
        if prefix != network.prefix:
            raise ValueError(f"its prefix is {prefix}, expected {network.prefix}")
        return text.lower()
    if text[0] not in network.starts:
        which = "the main network" if network is MAIN else network.name
        starts = f"{', '.join(network.starts)} or {segwit}"
        raise ValueError(f"it does not start with {starts}, as every address of {which} does")
    _base58_address(text, (network.p2pkh, network.p2sh))
    return text


def _tron(text: str) -> str:
    written_in_hex = _TRON_HEX.fullmatch(text)
    if written_in_hex:
        return encode_check(bytes.fromhex(written_in_hex[1]))
    if text[0] != "T":
        raise ValueError("it is neither T… in base58 nor 41 and 40 hexadecimal digits")
    _base58_address(text, (_TRON,))
    return text


def _base58_address(text: str, versions: tuple[int, ...]) -> None:
    if len(text) > MAX_LENGTH:
        raise ValueError(f"it has {len(text)} characters, an address has at most {MAX_LENGTH}")
    payload = decode_check(text)
    if len(payload) != 21:
        raise ValueError(f"it holds {len(payload)} bytes, an address holds 21")
    if payload[0] not in versions:
        expected = " or ".join(f"0x{version:02x}" for version in versions)
        raise ValueError(f"its version byte is 0x{payload[0]:02x}, expected {expected}")
