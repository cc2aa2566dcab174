"""Naive answers to the questions chaintrace answers: slow, plain, and written from the definition alone."""

from __future__ import annotations

from tests.oracle import dirty, poison, roads, shares
from tests.oracle.words import Answer, Question, Row


def answer(rows: list[Row], question: Question) -> Answer:
    """The oracle's answer to one question about one ledger."""
    match question.method:
        case "fifo" | "lifo":
            return roads.trace(rows, question)
        case "haircut":
            return shares.trace(rows, question)
        case "poison":
            return poison.trace(rows, question)
        case "dirty-first":
            return dirty.trace(rows, question)
        case "tiho":
            return dirty.tiho(rows, question)
    raise ValueError(question.method)
