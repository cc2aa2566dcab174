"""The choice of kernel, made in this one place: CHAINTRACE_KERNEL=auto|native|python."""

from __future__ import annotations

import os

from chaintrace.errors import KernelError
from chaintrace.taint.question import Outcome, Question

VARIABLE = "CHAINTRACE_KERNEL"


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
        raise KernelError(asked, "this installation is pure Python")
    return asked


def answer(method: str, question: Question) -> Outcome:
    """The question's answer by the chosen kernel."""
    from chaintrace.taint.reference import METHODS

    kernel()
    return METHODS[method].run(question)
