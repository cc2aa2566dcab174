"""How a law becomes a test: over every method and direction that has it, on random ledgers."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import strategies as st

from tests.laws.subject import Subject, chaintrace_subject, oracle_subject
from tests.laws.table import LAWS
from tests.oracle.words import Question, Row
from tests.strategies import asked

Law = Callable[[Subject, list[Row], Question, Random], None]


def each_way(law: str) -> pytest.MarkDecorator:
    """Parametrise a test over the methods and directions that the table gives the law."""
    return pytest.mark.parametrize(("method", "direction"), LAWS[law], ids=lambda word: word)


def check(data: st.DataObject, law: Law, method: str, direction: str, limits: bool = True) -> None:
    """Draw a ledger and a question, and hold the oracle and chaintrace to the law.

    ``luck`` is for what a law changes at random. The kernel is the one of the ``kernel`` fixture.
    """
    (rows, question), luck = data.draw(asked(method, direction, limits)), data.draw(st.integers(0, 2**16), label="luck")
    for subject in (oracle_subject, chaintrace_subject):
        law(subject, rows, question, Random(luck))
