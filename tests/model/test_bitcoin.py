"""Bitcoin's networks are named by their first blocks."""

from __future__ import annotations

from hashlib import sha256
from struct import pack

import pytest

from chaintrace.model.bitcoin import MAIN, NETWORKS, TESTS, Network

PAYS_NOBODY = "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"
# Merkle root, time, bits, nonce: chainparams.cpp of Bitcoin Core.
GENESIS = {
    "bitcoin": (PAYS_NOBODY, 1231006505, 0x1D00FFFF, 2083236893),
    "bitcoin-testnet": (PAYS_NOBODY, 1296688602, 0x1D00FFFF, 414098458),
    "bitcoin-testnet4": (
        "7aa0a7ae1e223414cb807e40cd57e667b718e42aaf9306db9102fe28912b7b4e",
        1714777860,
        0x1D00FFFF,
        393743547,
    ),
    "bitcoin-signet": (PAYS_NOBODY, 1598918400, 0x1E0377AE, 52613770),
    "bitcoin-regtest": (PAYS_NOBODY, 1296688602, 0x207FFFFF, 2),
}


@pytest.mark.parametrize("network", [MAIN, *TESTS], ids=lambda one: one.name)
def test_the_name_is_the_hash_of_the_first_block(network: Network) -> None:
    root, time, bits, nonce = GENESIS[network.name]
    header = pack("<i", 1) + bytes(32) + bytes.fromhex(root)[::-1] + pack("<III", time, bits, nonce)
    digest = sha256(sha256(header).digest()).digest()[::-1].hex()
    assert network.genesis == digest
    assert NETWORKS[f"bip122:{digest[:32]}"] is network
