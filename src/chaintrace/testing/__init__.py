"""testing: what it takes to test a fetcher or a heuristic against a chain whose truth is known.

Heuristics, without a node: what happened in a few words, and what should be found in it::

    from chaintrace.testing import Scenario, assert_flags, assert_silent, eth

    story = Scenario().opens("thief", eth(100)).pays("thief", "mule", eth(10)).deposits("mule", "tornado", eth(1))
    assert_flags("my-rule", story, subject="mule")

``scenario``    ``Scenario``: accounts, payments, pools, swaps.
``utxo``        ``UtxoScenario``: coins, CoinJoins, peel chains.
``amounts``     ``eth``, ``btc``, ``usdc``, ``token``: exact amounts that know what they are of.
``impossible``  ``LackError``, ``ScenarioError``: what cannot have happened.
``naming``      ``address_of``: the address that a name has.
``asserting``   ``assert_flags``, ``assert_silent``, ``assert_any_order``.
``measuring``   ``measure``: recall and false alarms, with their intervals.
``strategies``  for Hypothesis: amounts, hostile names, transfers, ledgers.

Fetchers: a local node, contracts that do what launderers do, and stories that say of every unit where it went::

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
``grid``        ``Grid``: the node's chain as it would stand on Tron, by TronGrid's API, with its limits and faults.
``script``      ``Script``: to plant a scenario of one's own.
``bitcoin``     ``Regtest``, ``lock``: a Bitcoin chain whose blocks Bitcoin Core's consensus engine has accepted.
``robbery``     ``rob``: a theft of bitcoin and its laundering, by scripts of every type.
``esplora``     ``Esplora``: that chain by Esplora's API, with its limits and faults.
``truth``       ``Planted``, ``Row``, ``rows_of``, ``difference``: what was planted, and how to compare with it.
``contracts``   ``compiled``: the contracts, in Vyper.

``hubs`` and ``crowd`` are taken from their modules: ``from chaintrace.testing.hubs import hubs``.

These need anvil (``npm install @foundry-rs/anvil``) and Vyper, for Bitcoin py-bitcoinkernel and embit; strategies need
hypothesis (``pip install 'chaintrace[testing]'``). Scenarios and assertions need nothing more.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chaintrace.testing.amounts import Amount, btc, eth, token, usdc
    from chaintrace.testing.anvil import Anvil, NodeMissing
    from chaintrace.testing.asserting import assert_any_order, assert_flags, assert_silent
    from chaintrace.testing.bitcoin.chain import Regtest
    from chaintrace.testing.bitcoin.locks import lock
    from chaintrace.testing.esplora import Esplora
    from chaintrace.testing.impossible import LackError, ScenarioError
    from chaintrace.testing.laundering import launder
    from chaintrace.testing.measuring import measure
    from chaintrace.testing.naming import address_of
    from chaintrace.testing.robbery import rob
    from chaintrace.testing.scenario import Scenario
    from chaintrace.testing.script import Script
    from chaintrace.testing.truth import Planted, Row, difference, rows_of
    from chaintrace.testing.utxo import UtxoScenario

__all__ = [
    "Amount",
    "Anvil",
    "Esplora",
    "LackError",
    "NodeMissing",
    "Planted",
    "Regtest",
    "Row",
    "Scenario",
    "ScenarioError",
    "Script",
    "UtxoScenario",
    "address_of",
    "assert_any_order",
    "assert_flags",
    "assert_silent",
    "btc",
    "difference",
    "eth",
    "launder",
    "lock",
    "measure",
    "rob",
    "rows_of",
    "token",
    "usdc",
]

_HOME = {
    "Amount": "amounts",
    "Anvil": "anvil",
    "Esplora": "esplora",
    "LackError": "impossible",
    "NodeMissing": "anvil",
    "Planted": "truth",
    "Regtest": "bitcoin.chain",
    "Row": "truth",
    "Scenario": "scenario",
    "ScenarioError": "impossible",
    "Script": "script",
    "UtxoScenario": "utxo",
    "address_of": "naming",
    "assert_any_order": "asserting",
    "assert_flags": "asserting",
    "assert_silent": "asserting",
    "btc": "amounts",
    "difference": "truth",
    "eth": "amounts",
    "launder": "laundering",
    "lock": "bitcoin.locks",
    "measure": "measuring",
    "rob": "robbery",
    "rows_of": "truth",
    "token": "amounts",
    "usdc": "amounts",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
