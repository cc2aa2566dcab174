"""Chains: CAIP-2 ids and aliases name them, nothing else does."""

from __future__ import annotations

import pickle
import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaintrace.errors import ChainError, UserError
from chaintrace.model.chain import CHAINS, get_chain

# https://chainagnostic.org/CAIPs/caip-2
CAIP2 = re.compile(r"[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}")


@pytest.mark.parametrize(
    ("text", "chain_id", "native", "decimals"),
    [
        ("ethereum", "eip155:1", "eip155:1/slip44:60", 18),
        ("ETH", "eip155:1", "eip155:1/slip44:60", 18),
        ("eip155:1", "eip155:1", "eip155:1/slip44:60", 18),
        ("EIP155:1", "eip155:1", "eip155:1/slip44:60", 18),
        (
            "bitcoin",
            "bip122:000000000019d6689c085ae165831e93",
            "bip122:000000000019d6689c085ae165831e93/slip44:0",
            8,
        ),
        (
            "bitcoin-regtest",
            "bip122:0f9188f13cb7b2c71f2a335e3a4fc328",
            "bip122:0f9188f13cb7b2c71f2a335e3a4fc328/slip44:1",
            8,
        ),
        ("tron", "tron:0x2b6653dc", "tron:0x2b6653dc/slip44:195", 6),
        ("bsc", "eip155:56", "eip155:56/slip44:714", 18),
        ("polygon", "eip155:137", "eip155:137/slip44:966", 18),
        ("arbitrum", "eip155:42161", "eip155:42161/slip44:60", 18),
        ("optimism", "eip155:10", "eip155:10/slip44:60", 18),
        ("base", "eip155:8453", "eip155:8453/slip44:60", 18),
        ("avalanche", "eip155:43114", "eip155:43114/slip44:9005", 18),
        ("gnosis", "eip155:100", "eip155:100/slip44:700", 18),
        ("ronin", "eip155:2020", "eip155:2020/slip44:60", 18),
    ],
)
def test_every_name_leads_to_its_chain(text: str, chain_id: str, native: str, decimals: int) -> None:
    chain = get_chain(text)
    assert (chain.id, chain.native, chain.decimals) == (chain_id, native, decimals)


def test_names_are_unique_and_ids_are_caip2() -> None:
    names = [name for chain in CHAINS for name in (chain.id, chain.name, *chain.aliases)]
    assert len(names) == len(set(names))
    assert all(name == name.lower() for name in names)
    assert all(CAIP2.fullmatch(chain.id) and chain.native.startswith(chain.id + "/slip44:") for chain in CHAINS)


def test_a_chain_comes_back_as_it_is() -> None:
    for chain in CHAINS:
        assert get_chain(chain) is chain
        assert get_chain(chain.id) is chain


def test_an_unknown_evm_chain_is_generic() -> None:
    chain = get_chain("eip155:250")
    assert (chain.name, chain.family, chain.native, chain.decimals) == ("eip155:250", "evm", "eip155:250/slip44:60", 18)
    assert get_chain("EIP155:250") == chain
    assert pickle.loads(pickle.dumps(chain)) == chain  # noqa: S301


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ethereum",
        "ethereum ",
        "ether eum",
        "eip155",
        "eip155:",
        "eip155:0",
        "eip155:01",
        "eip155:-1",
        "eip155:1_0",
        "eip155:1\n",
        "eip155:\uff11",
        "eip155:" + "1" * 33,
        "eip155:" + "9" * 5000,
        "bip122:000000000933ea01ad0ee984209779bb",
        "polyg\u043en",
        "\u212aelvin",
        "solana",
        "1",
    ],
)
def test_anything_else_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(ChainError) as caught:
        get_chain(text)
    assert isinstance(caught.value, UserError)
    assert "\nHint: use a CAIP-2 id" in str(caught.value)
    assert "ronin" in str(caught.value)


@pytest.mark.parametrize("value", [None, 1, b"ethereum", 1.0])
def test_what_is_not_text_is_refused(value: object) -> None:
    with pytest.raises(ChainError):
        get_chain(value)  # type: ignore[arg-type]


@given(st.text(max_size=40))
def test_no_text_ends_in_another_error(text: str) -> None:
    with suppress(ChainError):
        assert CAIP2.fullmatch(get_chain(text).id)
