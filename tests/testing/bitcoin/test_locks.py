"""Locks are what the model says of their scripts: the same address, or the same account by hash."""

from __future__ import annotations

import pytest
from embit.script import Script
from hypothesis import given
from hypothesis import strategies as st

from chaintrace.model.address import parse_address, script_account
from chaintrace.testing.bitcoin.locks import KINDS, lock, push
from chaintrace.testing.outputs import address_of, asm, kind_of, script_of

WITHOUT = {"p2pk", "multisig", "anyone", "return", "broken"}
WIF = "KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn"  # base58 with a right checksum, but a key
TYPES = {
    "p2pk": "p2pk",
    "p2pkh": "p2pkh",
    "p2sh": "p2sh",
    "p2sh-p2wpkh": "p2sh",
    "p2wpkh": "v0_p2wpkh",
    "p2wsh": "v0_p2wsh",
    "p2tr": "v1_p2tr",
    "multisig": "unknown",
    "anyone": "unknown",
    "future": "unknown",
    "return": "op_return",
    "broken": "unknown",
}


@given(st.sampled_from(KINDS), st.text("abcdefgh/0123", min_size=1, max_size=20))
def test_an_account_is_what_the_model_makes_of_the_script(kind: str, name: str) -> None:
    made = lock(kind, name)
    if kind in WITHOUT:
        assert made.address is None
        assert made.account == script_account(made.script)
    else:
        assert made.address == made.account == parse_address(made.account, "bitcoin")
        assert script_of(made.account) == made.script
    assert address_of(made.script) == made.address
    assert kind_of(made.script) == TYPES[kind]
    assert lock(kind, name) is made


@given(st.sampled_from(sorted(set(KINDS) - WITHOUT)))
def test_the_networks_do_not_take_each_others_addresses(kind: str) -> None:
    made = lock(kind, "somebody")
    assert made.address is not None
    other = address_of(made.script, main=False)
    assert other not in (None, made.address)
    assert script_of(str(other), main=False) == made.script
    assert script_of(made.address, main=False) is None
    assert script_of(str(other)) is None


@pytest.mark.parametrize(
    "text", ["", "1", "bc1", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3", "0x" + "0" * 40, "bc1q" + "q" * 38]
)
def test_what_is_no_address_has_no_script(text: str) -> None:
    assert script_of(text) is None


def test_an_empty_script_has_neither_type_nor_address() -> None:
    assert (kind_of(b""), address_of(b""), asm(b"")) == ("empty", None, "")


def test_one_name_has_other_keys_than_another_and_the_same_for_all_kinds() -> None:
    assert lock("p2pkh", "one").keys == lock("p2tr", "one").keys
    scripts = {lock(kind, name).script for kind in KINDS for name in ("one", "two")}
    assert len(scripts) == 2 * len(KINDS)


@pytest.mark.parametrize("size", [1, 75, 76, 255])
def test_data_is_pushed_in_the_shortest_form(size: int) -> None:
    written = f"OP_PUSHBYTES_{size}" if size <= 75 else "OP_PUSHDATA1"
    assert asm(push(bytes(size))) == f"{written} {'00' * size}"
    assert Script(push(bytes(size))).script_type() is None
