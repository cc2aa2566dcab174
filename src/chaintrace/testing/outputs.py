"""Outputs: scripts of Bitcoin as an Esplora server shows them: their type, address and words."""

from __future__ import annotations

from typing import Any

_KINDS = {"p2pkh": "p2pkh", "p2sh": "p2sh", "p2wpkh": "v0_p2wpkh", "p2wsh": "v0_p2wsh", "p2tr": "v1_p2tr"}
_RETURN, _CHECKSIG = 0x6A, 0xAC
_WORDS = {
    0x61: "NOP",
    0x69: "VERIFY",
    _RETURN: "RETURN",
    0x75: "DROP",
    0x76: "DUP",
    0x87: "EQUAL",
    0x88: "EQUALVERIFY",
    0xA9: "HASH160",
    _CHECKSIG: "CHECKSIG",
    0xAE: "CHECKMULTISIG",
    0xB1: "CLTV",
    0xB2: "CSV",
}


def kind_of(script: bytes) -> str:
    """``scriptpubkey_type`` as Blockstream's server writes it; bare multisig is ``unknown`` to it."""
    from embit.script import Script

    if not script:
        return "empty"
    if script[0] == _RETURN:
        return "op_return"
    if script[-1] == _CHECKSIG and (len(script), script[0]) in ((35, 33), (67, 65)):
        return "p2pk"
    return _KINDS.get(Script(script).script_type() or "", "unknown")


def address_of(script: bytes, main: bool = True) -> str | None:
    """The address of a script, None where it has none. Rules: BIP-173 and BIP-350 for every segwit version."""
    from embit import bech32
    from embit.script import Script

    network = _network(main)
    if _is_program(script):
        version = script[0] and script[0] - 0x50
        written = bech32.encode(network["bech32"], version, script[2:])
    else:
        found = Script(script)
        written = found.address(network) if found.script_type() else None
    return None if written is None else str(written)


def script_of(address: str, main: bool = True) -> bytes | None:
    """The script of an address, None where it is no address of the network."""
    from embit import base58, bech32

    network = _network(main)
    if address.lower().startswith(network["bech32"] + "1"):
        version, program = bech32.decode(network["bech32"], address)
        return None if version is None else bytes([version and version + 0x50, len(program), *program])
    try:
        data = bytes(base58.decode_check(address))
    except (ValueError, KeyError, AssertionError):
        return None
    if len(data) != 21:
        return None
    if data[:1] == network["p2pkh"]:
        return b"\x76\xa9\x14" + data[1:] + b"\x88\xac"
    return b"\xa9\x14" + data[1:] + b"\x87" if data[:1] == network["p2sh"] else None


def asm(script: bytes) -> str:
    """A script in words, as rust-bitcoin writes them."""
    words, place = [], 0
    while place < len(script):
        code, place = script[place], place + 1
        if 1 <= code <= 0x4E:
            wide = {0x4C: 1, 0x4D: 2, 0x4E: 4}.get(code, 0)
            size = int.from_bytes(script[place : place + wide], "little") if wide else code
            data = script[place + wide : place + wide + size]
            words.append(f"OP_PUSHDATA{wide}" if wide else f"OP_PUSHBYTES_{code}")
            words.append(data.hex() if len(data) == size else "<push past end>")
            place += wide + size
        elif code == 0 or 0x51 <= code <= 0x60:
            words.append(f"OP_PUSHNUM_{code - 0x50}" if code else "OP_0")
        else:
            words.append(f"OP_{_WORDS.get(code, f'RETURN_{code}')}")
    return " ".join(words)


def _is_program(script: bytes) -> bool:
    """Rule: BIP-141."""
    versioned = 4 <= len(script) <= 42 and (script[0] == 0 or 0x51 <= script[0] <= 0x60)
    return versioned and script[1] == len(script) - 2


def _network(main: bool) -> dict[str, Any]:
    from embit.networks import NETWORKS

    return dict(NETWORKS["main" if main else "regtest"])
