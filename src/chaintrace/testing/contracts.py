"""Contracts: small ones in Vyper that do what launderers and their services do, compiled when first wanted."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from chaintrace.errors import MachineError

# The oldest rules that the scenarios run under: what is compiled for them runs under all later ones.
EVM_VERSION = "london"
NAMES = (
    "Bomb",
    "Caller",
    "Factory",
    "Nft",
    "Pool",
    "Reverter",
    "Router",
    "Splitter",
    "Token",
    "Vault",
    "Weth",
)


class CompilerMissing(MachineError):
    """The contracts have to be compiled, and there is no Vyper."""

    @property
    def message(self) -> str:
        return "no Vyper to compile the contracts of chaintrace.testing with"

    @property
    def hint(self) -> str:
        return "pip install 'chaintrace[testing]'"


@dataclass(frozen=True)
class Compiled:
    """A contract: its name, its ABI as solc and Vyper write it, and the code that creates it as ``0x…``."""

    name: str
    abi: list[dict[str, Any]]
    bytecode: str

    def inputs(self, function: str) -> list[str]:
        """The types of a function's arguments; of the constructor's for ``""``, none if there is none."""
        for entry in self.abi:
            if entry.get("name", "") == function and entry["type"] in ("function", "constructor"):
                return [argument["type"] for argument in entry["inputs"]]
        if function:
            raise KeyError(f"{self.name} has no function {function}")
        return []

    def selector(self, function: str) -> str:
        """The first four bytes of a call, as ``0x`` and eight digits."""
        from eth_utils.crypto import keccak

        return "0x" + keccak(text=f"{function}({','.join(self.inputs(function))})")[:4].hex()

    def topic(self, event: str) -> str:
        """The first topic of an event, as ``0x`` and 64 digits."""
        from eth_utils.crypto import keccak

        entry = next(one for one in self.abi if one["type"] == "event" and one["name"] == event)
        return "0x" + keccak(text=f"{event}({','.join(one['type'] for one in entry['inputs'])})").hex()

    def call(self, function: str, *arguments: Any) -> str:
        """The input data of a call, as ``0x…``."""
        return self.selector(function) + _encoded(self.inputs(function), arguments)

    def creation(self, *arguments: Any) -> str:
        """The input data of a transaction that creates the contract, as ``0x…``."""
        return self.bytecode + _encoded(self.inputs(""), arguments)


def _encoded(types: list[str], arguments: tuple[Any, ...]) -> str:
    from eth_abi.abi import encode

    return encode(types, arguments).hex()


@cache
def compiled(name: str) -> Compiled:
    """One of ``NAMES``, compiled for London or later; a tenth of a second each, once a process. Raises
    ``CompilerMissing``."""
    try:
        from vyper.compiler import compile_code
        from vyper.compiler.settings import Settings
    except ImportError as error:
        raise CompilerMissing from error

    source = resources.files("chaintrace.testing").joinpath("contracts", f"{name}.vy").read_text(encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        out = compile_code(
            source, output_formats=["abi", "bytecode"], settings=Settings(evm_version=EVM_VERSION), contract_path=name
        )
    return Compiled(name, out["abi"], out["bytecode"])
