"""The nouns load fast: no node client, no tables, and no keccak before a checksum needs it."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("web3", "pandas", "pyarrow", "numpy", "eth_hash", "Crypto", "duckdb")

PROGRAM = """
import sys
import chaintrace.model.{module}
{then}
print(*sorted({{name.partition(".")[0] for name in sys.modules}} & set({heavy!r})))
"""


def loaded(module: str, then: str = "") -> list[str]:
    program = PROGRAM.format(module=module, then=then, heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.parametrize("module", ["chain", "asset", "amount", "bech32", "base58"])
def test_nothing_heavy_is_loaded(module: str) -> None:
    assert loaded(module) == []


def test_keccak_waits_for_mixed_case() -> None:
    parse = "from chaintrace.model.address import parse_address; parse_address('0x{}')"
    assert loaded("address", parse.format("ab" * 20)) == []
    mixed = loaded("address", parse.format("5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"))
    assert "eth_hash" in mixed
    assert not {"web3", "pandas", "pyarrow", "numpy"} & set(mixed)
