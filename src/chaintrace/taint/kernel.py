"""The question goes to the kernel that is chosen."""

from __future__ import annotations

from chaintrace.graph.kernel import NATIVE, kernel, memory_for
from chaintrace.taint.question import Outcome, Question


def answer(method: str, question: Question) -> Outcome:
    """The question's answer by the chosen kernel."""
    with memory_for("following the seeds"):
        if kernel() == NATIVE:
            from chaintrace.taint.native import ask

            return ask(method, question)
        from chaintrace.taint.reference import METHODS

        found: Outcome = METHODS[method].run(question)
        return found
