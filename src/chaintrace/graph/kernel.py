"""The choice of kernel, made in this one place: CHAINTRACE_KERNEL=auto|native|python."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from chaintrace.errors import KernelError, OutOfMemory

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
        return (
            str(json.loads(BUILD.read_text(encoding="utf-8"))["reason"]) or "its library is there and cannot be loaded"
        )
    except (OSError, ValueError, KeyError):
        return "this installation is pure Python"


@cache
def native() -> Any:
    """The native module, or None. A debug build warns: it is slower by an order of magnitude."""
    try:
        module = import_module("chaintrace._native")
    except ImportError:
        return None
    if module.DEBUG:
        warnings.warn("chaintrace's native kernel is a debug build and slow", RuntimeWarning, stacklevel=2)
    return module


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
