"""The contracts wear the faces of the real ones: selectors and topics are those on Ethereum."""

from __future__ import annotations

import subprocess
import sys

import pytest

from chaintrace.errors import MachineError
from chaintrace.testing.contracts import NAMES, CompilerMissing, compiled

pytestmark = pytest.mark.usefixtures("vyper")

TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"


@pytest.mark.parametrize("name", NAMES)
def test_every_contract_compiles_once_and_without_a_warning(name: str) -> None:
    code = compiled(name)
    assert code.bytecode.startswith("0x6")
    assert compiled(name) is code


@pytest.mark.parametrize(
    ("name", "function", "selector"),
    [
        ("Pool", "deposit", "0xb214faa5"),
        ("Pool", "withdraw", "0x21a0adb6"),
        ("Router", "deposit", "0x13d98d13"),
        ("Router", "withdraw", "0xb438689f"),
        ("Weth", "deposit", "0xd0e30db0"),
        ("Weth", "withdraw", "0x2e1a7d4d"),
        ("Token", "transfer", "0xa9059cbb"),
        ("Token", "transferFrom", "0x23b872dd"),
        ("Token", "balanceOf", "0x70a08231"),
        ("Token", "symbol", "0x95d89b41"),
        ("Token", "decimals", "0x313ce567"),
    ],
)
def test_selectors_are_those_of_the_real_contracts(name: str, function: str, selector: str) -> None:
    assert compiled(name).selector(function) == selector


@pytest.mark.parametrize(
    ("name", "event", "topic"),
    [
        ("Pool", "Deposit", "0xa945e51eec50ab98c161376f0db4cf2aeba3ec92755fe2fcd388bdbbb80ff196"),
        ("Pool", "Withdrawal", "0xe9e508bad6d4c3227e881ca19068f099da81b5164dd6d62b2eaf1e8bc6c34931"),
        ("Weth", "Deposit", "0xe1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c"),
        ("Weth", "Withdrawal", "0x7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65"),
        ("Weth", "Transfer", TRANSFER),
        ("Token", "Transfer", TRANSFER),
        ("Nft", "Transfer", TRANSFER),
    ],
)
def test_topics_are_those_of_the_real_contracts(name: str, event: str, topic: str) -> None:
    assert compiled(name).topic(event) == topic


def test_which_arguments_of_an_event_are_indexed_is_as_in_the_real_contracts() -> None:
    def indexed(name: str, event: str) -> list[bool]:
        entry = next(one for one in compiled(name).abi if one["type"] == "event" and one["name"] == event)
        return [argument["indexed"] for argument in entry["inputs"]]

    assert indexed("Pool", "Deposit") == [True, False, False]
    assert indexed("Pool", "Withdrawal") == [False, False, True, False]
    assert indexed("Weth", "Deposit") == indexed("Weth", "Withdrawal") == [True, False]
    assert indexed("Token", "Transfer") == [True, True, False]


def test_a_function_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError, match="Weth has no function steal"):
        compiled("Weth").call("steal")


def test_without_vyper_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vyper.compiler", None)
    with pytest.raises(CompilerMissing, match=r"chaintrace\[testing\]") as caught:
        compiled.__wrapped__("Weth")
    assert isinstance(caught.value, MachineError)


def test_importing_the_room_loads_neither_web3_nor_vyper_nor_pyarrow() -> None:
    code = """
import sys, chaintrace
before = set(sys.modules)
import chaintrace.testing
heavy = {"web3", "vyper", "requests", "eth_abi", "pyarrow"} & (set(sys.modules) - before)
assert not heavy, heavy
assert chaintrace.testing.Anvil and "launder" in dir(chaintrace.testing)
assert not {"web3", "vyper", "requests"} & (set(sys.modules) - before)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_name_that_the_room_does_not_have_is_an_error() -> None:
    import chaintrace.testing

    for name in chaintrace.testing.__all__:
        assert getattr(chaintrace.testing, name)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        chaintrace.testing.nothing  # noqa: B018
