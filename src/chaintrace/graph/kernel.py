"""The choice of kernel, made in this one place: CHAINTRACE_KERNEL=auto|native|python."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chaintrace.errors import KernelError, OutOfMemory
from chaintrace.graph.lines import Drawn, Lines

if TYPE_CHECKING:
    from chaintrace.graph.pots import Pots
    from chaintrace.graph.rows import Rows

VARIABLE = "CHAINTRACE_KERNEL"
NATIVE, PYTHON = "native", "python"
BUILD = Path(__file__).parent.parent / "_build.json"


def kernels() -> tuple[str, ...]:
    """The kernels that are installed, the preferred one first."""
    return (PYTHON,) if native() is None else (NATIVE, PYTHON)


def kernel() -> str:
    """The kernel that answers: ``"native"`` or ``"python"``. KernelError if one is asked for that is absent."""
    asked = os.environ.get(VARIABLE, "auto") or "auto"
    if asked == "auto":
        return kernels()[0]
    if asked not in (NATIVE, PYTHON):
        raise KernelError(asked, f"{VARIABLE} takes auto, native or python")
    if asked not in kernels():
        raise KernelError(asked, why_not_native())
    return asked


def describe() -> str:
    """The kernel, and for the fallback why it is not the native one."""
    chosen = kernel()
    return chosen if chosen == NATIVE else f"{chosen} ({why_not_native()})"


def why_not_native() -> str:
    """What stands against the native kernel: the caller's choice, or what the build said."""
    if native() is not None:
        return f"{VARIABLE}={os.environ.get(VARIABLE)}"
    try:
        return str(json.loads(BUILD.read_text(encoding="utf-8"))["reason"]) or _unloadable()
    except (OSError, ValueError, KeyError):
        return "this installation is pure Python"


@cache
def native() -> Any:
    """The native module, or None."""
    try:
        return import_module("chaintrace._native")
    except ImportError:
        return None


@contextmanager
def memory_for(work: str) -> Iterator[None]:
    """Turns MemoryError, of whichever kernel, into OutOfMemory, which says what the memory was for."""
    try:
        yield
    except OutOfMemory:
        raise
    except MemoryError as error:
        wanted = error.args[0] if error.args and isinstance(error.args[0], int) else None
        raise OutOfMemory(work, wanted) from None


def draw_lines(rows: Rows, pots: Pots, opening: bool) -> Lines:
    """The lines of ``rows`` by the kernel that is chosen. ``opening``: missing units stand at the head of a pot."""
    with memory_for("drawing the lines"):
        if kernel() == NATIVE:
            drawn: Lines = native().Lines(native_rows(rows, pots), opening)
            return drawn
        return Drawn(rows, len(pots), opening)


def native_rows(rows: Rows, pots: Pots) -> Any:
    """The arrays as the native kernel holds them, without copies."""
    wide = sorted(rows.amount.wide.items())
    return native().Rows(
        rows.sender,
        rows.receiver,
        rows.amount.lanes,
        [(row, amount.to_bytes(32, "big")) for row, amount in wide],
        rows.kinds,
        pots.asset_numbers[1],
        pots.nature,
    )


def _unloadable() -> str:
    return "its library is there and cannot be loaded"
