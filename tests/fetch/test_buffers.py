"""Buffers and marks: what is told from eight bytes at a time."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from chaintrace.fetch.buffers import are_hex, from_hex, windows
from chaintrace.fetch.marks import any_repeated, mixed, of_hashes, of_name, repeated
from tests.fetch.samples import HASHES


def test_every_byte_at_every_place_is_a_digit_or_none() -> None:
    for place in range(16):
        rows = np.full((256, 16), ord("7"), np.uint8)
        rows[:, place] = range(256)
        digits = {row for row in range(256) if chr(row) in "0123456789abcdef"}
        assert set(np.flatnonzero(are_hex(rows)).tolist()) == digits
        assert set(np.flatnonzero(from_hex(rows)[1]).tolist()) == digits


@given(st.lists(st.binary(min_size=16, max_size=16), max_size=5))
def test_digits_and_anything_else(rows: list[bytes]) -> None:
    letters = np.frombuffer(b"".join(rows), np.uint8).reshape(-1, 16)
    expected = [all(chr(letter) in "0123456789abcdef" for letter in row) for row in rows]
    assert are_hex(letters).tolist() == expected


@given(st.binary(min_size=10, max_size=40), st.lists(st.integers(0, 30), max_size=5), st.integers(1, 8))
def test_windows_are_slices(letters: bytes, starts: list[int], width: int) -> None:
    starts = [start for start in starts if start + width <= len(letters)]
    found = windows(np.frombuffer(letters, np.uint8), np.array(starts, dtype=np.int64), width)
    assert [row.tobytes() for row in found] == [letters[start : start + width] for start in starts]


def test_a_name_has_the_mark_of_its_cell() -> None:
    texts, data = pa.array(HASHES), pa.array([bytes.fromhex(name[2:]) for name in HASHES], pa.binary(32))
    assert of_hashes(texts)[0].tolist() == [of_name(name, as_text=True) for name in HASHES]
    assert of_hashes(data)[0].tolist() == [of_name(name, as_text=False) for name in HASHES]
    assert not any_repeated(of_hashes(texts)[0])


@given(st.lists(st.integers(0, 9), max_size=20))
def test_repeated_marks_are_those_of_repeated_values(values: list[int]) -> None:
    marks = mixed(np.array(values, dtype=np.int64))
    assert repeated(marks).tolist() == [n for n, value in enumerate(values) if values.count(value) > 1]
    assert any_repeated(marks) == (len(set(values)) < len(values))
