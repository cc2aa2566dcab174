"""The choice of kernel, made in this one place: CHAINTRACE_KERNEL=auto|native|python."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from chaintrace.errors import KernelError

if TYPE_CHECKING:
    from chaintrace.taint.question import Outcome, Question

VARIABLE = "CHAINTRACE_KERNEL"
BUILD = Path(__file__).parent.parent / "_build.json"


def kernels() -> tuple[str, ...]:
    """The kernels that are installed, the preferred one first."""
    return ("python",)


def kernel() -> str:
    """The kernel that answers: ``"native"`` or ``"python"``. KernelError if one is asked for that is absent."""
    asked = os.environ.get(VARIABLE, "auto") or "auto"
    if asked == "auto":
        return kernels()[0]
    if asked not in ("native", "python"):
        raise KernelError(asked, f"{VARIABLE} takes auto, native or python")
    if asked not in kernels():
        raise KernelError(asked, why_not_native())
    return asked


def describe() -> str:
    """The kernel, and for the fallback why it is not the native one."""
    chosen = kernel()
    return chosen if chosen == "native" else f"{chosen} ({why_not_native()})"


def why_not_native() -> str:
    """What the build said."""
    try:
        return str(json.loads(BUILD.read_text(encoding="utf-8"))["reason"])
    except (OSError, ValueError, KeyError):
        return "this installation is pure Python"


def answer(method: str, question: Question) -> Outcome:
    """The question's answer by the chosen kernel."""
    from chaintrace.taint.reference import METHODS

    kernel()
    return METHODS[method].run(question)
