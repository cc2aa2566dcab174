"""Script: the account that a locking script is. Rules: BIP-13, BIP-141, BIP-173, BIP-350; Bitcoin Core, script.h."""

from __future__ import annotations

from functools import lru_cache

from chaintrace.model.address import REMEMBERED, script_account
from chaintrace.model.base58 import encode_check
from chaintrace.model.bech32 import encode_segwit
from chaintrace.model.bitcoin import NETWORKS

OP_RETURN, LONGEST = 0x6A, 10_000

_P2PKH = bytes.fromhex("76a914"), bytes.fromhex("88ac"), 25
_P2SH = bytes.fromhex("a914"), bytes.fromhex("87"), 23


@lru_cache(maxsize=REMEMBERED)
def account_of(script: bytes, chain: str) -> str:
    """The address that a script pays on ``chain`` (CAIP-2), else its script-hash account."""
    return address_of(script, chain) or script_account(script)


def address_of(script: bytes, chain: str) -> str | None:
    """The address of a script; None for bare public keys, bare multisig and all else that has none."""
    network = NETWORKS[chain]
    for byte, (head, tail, size) in ((network.p2pkh, _P2PKH), (network.p2sh, _P2SH)):
        if len(script) == size and script.startswith(head) and script.endswith(tail):
            return encode_check(bytes([byte]) + script[len(head) : -len(tail)])
    program = script[2:]
    if 4 <= len(script) <= 42 and script[1] == len(program) and (version := _witness(script[0])) is not None:
        try:
            return encode_segwit(network.prefix, version, program)
        except ValueError:  # version 0 of a length that nobody can spend by BIP-141
            return None
    return None


def is_unspendable(script: bytes) -> bool:
    """Whether nobody can ever spend it: it returns at once, or is longer than scripts may be."""
    return script[:1] == bytes([OP_RETURN]) or len(script) > LONGEST


def _witness(opcode: int) -> int | None:
    """The version that OP_0 or OP_1 to OP_16 stand for."""
    return 0 if opcode == 0 else opcode - 0x50 if 0x51 <= opcode <= 0x60 else None
