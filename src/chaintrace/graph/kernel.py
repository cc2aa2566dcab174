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
NEWEST = "Stops"
"""The youngest name of the native module: a library without it is older than the Python beside it."""
STALE = "its library is older than the rest of chaintrace: install again"


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
    if _is_stale(_library()):
        return STALE
    try:
        return (
            str(json.loads(BUILD.read_text(encoding="utf-8"))["reason"]) or "its library is there and cannot be loaded"
        )
    except (OSError, ValueError, KeyError):
        return "this installation is pure Python"


@cache
def native() -> Any:
    """The native module, or None. It warns of a library that is older than the rest, and is not used, and of a debug
    build, which is slower by an order of magnitude."""
    module = _library()
    if module is None:
        return None
    if _is_stale(module):
        warnings.warn(f"chaintrace's native kernel is not used: {STALE}", RuntimeWarning, stacklevel=2)
        return None
    if module.DEBUG:
        warnings.warn("chaintrace's native kernel is a debug build and slow", RuntimeWarning, stacklevel=2)
    return module


def _is_stale(module: Any) -> bool:
    return module is not None and not hasattr(module, NEWEST)


def _library() -> Any:
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
