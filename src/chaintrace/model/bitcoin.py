"""Bitcoin's networks: the genesis block that names each of them, and how its addresses begin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NAMESPACE = "bip122"
_REFERENCE = 32


@dataclass(frozen=True, slots=True)
class Network:
    """``genesis``: hash of the first block. ``prefix`` of segwit addresses (BIP-173), ``p2pkh`` and ``p2sh``: version
    bytes of the others; ``starts``: what these begin with. ``coin``: SLIP-44."""

    name: str
    genesis: str
    prefix: str
    p2pkh: int
    p2sh: int
    starts: tuple[str, ...]
    coin: int

    @property
    def id(self) -> str:
        """CAIP-2: the first 32 digits of the genesis hash."""
        return f"{NAMESPACE}:{self.genesis[:_REFERENCE]}"


def _test(name: str, genesis: str, prefix: str = "tb") -> Network:
    return Network(name, genesis, prefix, 0x6F, 0xC4, ("m", "n", "2"), 1)


MAIN = Network(
    "bitcoin", "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f", "bc", 0x00, 0x05, ("1", "3"), 0
)
# Rule: chainparams.cpp of Bitcoin Core; testnet4 is BIP-94, signet BIP-325.
TESTS = (
    _test("bitcoin-testnet", "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943"),
    _test("bitcoin-testnet4", "00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043"),
    _test("bitcoin-signet", "00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6"),
    _test("bitcoin-regtest", "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206", "bcrt"),
)
NETWORKS: Mapping[str, Network] = {network.id: network for network in (MAIN, *TESTS)}
"""By CAIP-2."""
