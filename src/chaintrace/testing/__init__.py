"""testing: what it takes to test a fetcher or a heuristic against a chain whose truth is known.

A local node, contracts that do what launderers do, and scenarios that say of every unit where it went::

    from chaintrace.testing import Anvil, difference, launder, rows_of

    with Anvil() as node:
        planted = launder(node)
        mine = my_fetcher(node.url, planted.roles["mule"])
        missing, extra = difference(planted.touching(planted.roles["mule"]), rows_of(mine))

``anvil``       the node: ``Anvil``, ``find``, ``NodeMissing``.
``laundering``  ``launder``: the Ronin theft and every way of moving money on.
``hubs``        ``hubs``: a theft among accounts with endless histories, for crawls.
``crowd``       ``crowd``: very many transfers of one account, for measuring.
``explorer``    ``Explorer``: the node's chain by Etherscan's API, with its limits and faults.
``scout``       ``Scout``: the same by Blockscout's REST API v2.
``script``      ``Script``: to plant a scenario of one's own.
``bitcoin``     ``Regtest``, ``lock``: a Bitcoin chain whose blocks Bitcoin Core's consensus engine has accepted.
``robbery``     ``rob``: a theft of bitcoin and its laundering, by scripts of every type.
``esplora``     ``Esplora``: that chain by Esplora's API, with its limits and faults.
``truth``       ``Planted``, ``Row``, ``rows_of``, ``difference``: what was planted, and how to compare with it.
``contracts``   ``compiled``: the contracts, in Vyper.

``hubs`` and ``crowd`` are taken from their modules: ``from chaintrace.testing.hubs import hubs``.

It needs anvil (``npm install @foundry-rs/anvil``) and Vyper, for Bitcoin py-bitcoinkernel and embit
(``pip install 'chaintrace[testing]'``).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chaintrace.testing.anvil import Anvil, NodeMissing
    from chaintrace.testing.bitcoin.chain import Regtest
    from chaintrace.testing.bitcoin.locks import lock
    from chaintrace.testing.esplora import Esplora
    from chaintrace.testing.laundering import launder
    from chaintrace.testing.robbery import rob
    from chaintrace.testing.script import Script
    from chaintrace.testing.truth import Planted, Row, difference, rows_of

__all__ = [
    "Anvil",
    "Esplora",
    "NodeMissing",
    "Planted",
    "Regtest",
    "Row",
    "Script",
    "difference",
    "launder",
    "lock",
    "rob",
    "rows_of",
]

_HOME = {
    "Anvil": "anvil",
    "Esplora": "esplora",
    "NodeMissing": "anvil",
    "Planted": "truth",
    "Regtest": "bitcoin.chain",
    "Row": "truth",
    "Script": "script",
    "difference": "truth",
    "launder": "laundering",
    "lock": "bitcoin.locks",
    "rob": "robbery",
    "rows_of": "truth",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
