"""Hypothesis strategies for whoever tests something that reads transfers.

``amounts``, ``names``, ``chains``, ``addresses``  the parts: every boundary of numbers, hostile text, known chains.
``transfers``     rows of the one table with all that goes wrong in them: accounts that pay more than they are known to
                  have, ties, rows whose place is not proven, coins that come from nowhere.
``ledgers``       a ``Scenario`` in which nobody pays what they do not have.
``utxo_ledgers``  a ``UtxoScenario`` likewise.

They need hypothesis (``pip install 'chaintrace[testing]'``).
"""

try:
    import hypothesis as _hypothesis
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "chaintrace.testing.strategies needs hypothesis\nHint: pip install 'chaintrace[testing]'", name="hypothesis"
    ) from error

from chaintrace.testing.strategies.ledgers import ledgers, utxo_ledgers
from chaintrace.testing.strategies.parts import BOUNDARIES, addresses, amounts, chains, names
from chaintrace.testing.strategies.rows import transfers

__all__ = ["BOUNDARIES", "addresses", "amounts", "chains", "ledgers", "names", "transfers", "utxo_ledgers"]

del _hypothesis
