"""Names: an address for every name, the same in every run."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256

from chaintrace.errors import MethodError
from chaintrace.model.address import REMEMBERED, is_account, parse_account
from chaintrace.model.base58 import encode_check
from chaintrace.model.chain import Chain, get_chain
from chaintrace.model.script import account_of

_TRON = b"\x41"
_SCRIPTS = {
    "p2wpkh": lambda digest: b"\x00\x14" + digest[:20],
    "p2wsh": lambda digest: b"\x00\x20" + digest,
    "p2tr": lambda digest: b"\x51\x20" + digest,
    "p2pkh": lambda digest: bytes.fromhex("76a914") + digest[:20] + bytes.fromhex("88ac"),
    "p2sh": lambda digest: bytes.fromhex("a914") + digest[:20] + bytes.fromhex("87"),
    "script": lambda digest: b"\x21\x02" + digest + b"\xac",
}
FORMS = tuple(_SCRIPTS)
"""Kinds of accounts on Bitcoin; ``script`` is a bare public key, which has no address."""


def address_of(name: str, chain: str | Chain = "ethereum", form: str = "p2wpkh") -> str:
    """The canonical address that a name has on ``chain``, always the same; nobody has its key. A text that is an
    account of the chain stands for itself. ``form``: on Bitcoin, one of ``FORMS``; MethodError for another."""
    return _address(name, get_chain(chain), form)


@lru_cache(maxsize=REMEMBERED)
def _address(name: str, chain: Chain, form: str) -> str:
    if is_account(name, chain):
        return parse_account(name, chain)
    if form not in _SCRIPTS:
        raise MethodError(f"form {form!r}", "is no kind of account", f"use one of: {', '.join(FORMS)}")
    digest = digest_of("account", name)
    if chain.family == "utxo":
        return account_of(_SCRIPTS[form](digest), chain.id)
    return encode_check(_TRON + digest[:20]) if chain.family == "tron" else "0x" + digest[:20].hex()


def hash_of(chain: Chain, *what: object) -> str:
    """A hash in the spelling of ``chain``, always the same for the same words."""
    return ("0x" if chain.family == "evm" else "") + digest_of(*what).hex()


def digest_of(*what: object) -> bytes:
    return sha256("\0".join(("chaintrace.testing", *map(str, what))).encode("utf-8", "surrogatepass")).digest()
