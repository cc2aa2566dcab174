"""JSON that is nested without end is refused, whatever anybody has done to Python's own limit."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaintrace.fetch.exact import NotExact, load
from chaintrace.fetch.rpc.moves import frames, moves
from chaintrace.model.depth import DEEPEST, depth

VALUES = st.recursive(
    st.none() | st.integers() | st.text('[]{}"\\x', max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('[]{}"\\k', max_size=3), inner, max_size=3),
    max_leaves=12,
)
RAISED = """
import sys
from chaintrace.fetch.exact import NotExact, load
sys.setrecursionlimit(10**6)
for text in (b"[" * 10**6, b'{"a":' * 10**6, b'["]",' * 10**6, b'[{"]}":' * 10**6, b'["\\\\\\\\",' * 10**6):
    try:
        load(text)
    except NotExact as error:
        assert "too deeply" in str(error), error
    else:
        raise SystemExit(f"{text[:9]!r} was read")
"""


def levels(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(levels, value.values()), default=0)
    return 1 + max(map(levels, value), default=0) if isinstance(value, list) else 0


@given(VALUES, st.booleans())
def test_depth_counts_what_is_open_and_not_what_is_written(value: Any, pretty: bool) -> None:
    assert depth(json.dumps(value, indent=1 if pretty else None).encode()) == levels(value)


@given(st.binary(max_size=40))
def test_depth_of_anything_is_a_number(data: bytes) -> None:
    assert depth(data) >= 0


@pytest.mark.parametrize("levels", [1, 399, 400, 2_000, DEEPEST])
def test_what_may_be_nested_so_deeply_is_read(levels: int) -> None:
    before = sys.getrecursionlimit()
    value = load(b"[" * levels + b"]" * levels)
    for _ in range(levels - 1):
        (value,) = value
    assert value == []
    assert sys.getrecursionlimit() == before


def test_what_is_nested_more_deeply_is_refused() -> None:
    with pytest.raises(NotExact, match="too deeply"):
        load(b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1))


def test_a_raised_limit_is_no_way_to_break_it() -> None:
    """Libraries raise Python's limit for the whole process; running out of stack would end it without a word."""
    done = subprocess.run([sys.executable, "-c", RAISED], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_calls_as_deep_as_the_machine_allows_are_read() -> None:
    """1,024 calls within each other, of which the innermost pays: who hides there is found."""
    one, other = "0x" + "11" * 20, "0x" + "22" * 20
    frame = f'{{"type":"CALL","from":"{one}","to":"{other}","value":"0x7"}}'
    for _ in range(1024):
        frame = f'{{"type":"CALL","from":"{one}","to":"{one}","value":"0x0","calls":[{frame}]}}'
    assert [(move.receiver, move.amount) for move in moves(frames(load(frame.encode())), True)] == [(other, 7)]
