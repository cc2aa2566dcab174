"""Ways to ask the same questions, one file each, with the same few names.

``NAME``          as the table shows it
``SHAPES``        the files it reads as a careful user of it would (see ``files.py``)
``CANNOT``        why it does not do a work: what the table says instead of a figure
``load(path, shape)``      the whole file, ready to be asked
``reach(graph, row)``      accounts that edges lead to from the receiver of a row, whatever the times
``temporal(graph, row)``   accounts that edges in increasing order of rows lead to from there: what poison reaches
``fifo(graph, row)``, ``haircut(graph, row)``   what each account still holds of the row's amount, exactly
``once(path, row)``        ``temporal`` from the file, for one question only
``names(graph, answer)``   for comparing: the accounts (texts or numbers) of an answer, with amounts where it has any
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

WORKS = ("reach", "temporal", "fifo", "haircut")
# Name on the command line: module, the value of CHAINTRACE_KERNEL where that matters, what must be installed.
PEERS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "native": ("ours", "native", ()),
    "python": ("ours", "python", ()),
    "loop": ("loop", "", ()),
    "numpy": ("with_numpy", "", ()),
    "scipy": ("with_scipy", "", ("scipy",)),
    "polars": ("with_polars", "", ("polars",)),
    "duckdb": ("with_duckdb", "", ("duckdb",)),
    "igraph": ("with_igraph", "", ("igraph",)),
    "rustworkx": ("with_rustworkx", "", ("rustworkx",)),
    "networkx": ("with_networkx", "", ("networkx",)),
    "raphtory": ("with_raphtory", "", ("raphtory",)),
}


def absent(peer: str) -> str:
    """Why a peer cannot run here; empty if it can."""
    _, kernel, needs = PEERS[peer]
    if kernel:
        import chaintrace as ct

        return "" if kernel in ct.kernels() else "not built"
    return ", ".join(f"{name} is not installed" for name in needs if find_spec(name) is None)


def open_peer(peer: str) -> ModuleType:
    return import_module(f"peers.{PEERS[peer][0]}")
