"""Wrapped coins: every contract is an address of its chain, in the form in which rows name it."""

from __future__ import annotations

import pytest

from chaintrace.model.address import parse_address
from chaintrace.model.asset import contract_of
from chaintrace.model.chain import get_chain
from chaintrace.model.wrapped import WRAPPED, wrapped_token, wrapper


@pytest.mark.parametrize("chain", WRAPPED)
def test_a_wrapped_coin_is_named_as_rows_name_it(chain: str) -> None:
    (contract,) = wrapper(chain)
    assert contract == parse_address(WRAPPED[chain], chain)
    ((asset, token),) = wrapped_token(chain).items()
    assert contract_of(asset) == contract
    assert asset.startswith(f"{chain}/")
    assert (token.symbol, token.decimals) == (f"W{get_chain(chain).symbol}", get_chain(chain).decimals)


def test_a_chain_whose_wrapped_coin_is_not_known_has_none() -> None:
    assert wrapper("eip155:99999") == ()
    assert wrapped_token("eip155:99999") == {}
