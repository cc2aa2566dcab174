"""Batches of a CSV file: what is wrong in the file refuses it, what is wrong in a line stays with the line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.case.batch import LONGEST, read_batch
from chaintrace.labels.bundled import bundled_lists

A, B = ("0x" + digit * 40 for digit in "12")

BOOK = ct.LabelBook(*bundled_lists())


def read(folder: Path, text: str | bytes) -> list[tuple[str, str, str, str]]:
    path = folder / "batch.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return [(one.address, one.chain, one.at, one.error) for one in read_batch(path)]


@pytest.mark.parametrize("head", ["address", "\ufeffAddress", " ADDRESS "])
def test_an_address_a_line(tmp_path: Path, head: str) -> None:
    assert read(tmp_path, f"{head}\n{A}\n\n {B} \n") == [(A, "", "", ""), (B, "", "", "")]


def test_chain_and_moment_may_stand_beside_it(tmp_path: Path) -> None:
    found = read(tmp_path, f"at,address,chain\n2022-08-08,{A},ethereum\n,{B},\n")
    assert found == [(A, "eip155:1", "2022-08-08", ""), (B, "", "", "")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1"),
        (f"{A}\n{B}\n", "not a header"),
        (f"adress\n{A}\n", "no column address"),
        (f"address,name\n{A},x\n", "'name' is not known"),
        (f"address,address\n{A},{A}\n", "twice"),
        ("address\n", "no address"),
        ("address\n\n\n", "no address"),
        (b"address\n\xff\xfe\n", "utf-8"),
        (f'address\n{A}\n"{B}', "line "),
    ],
)
def test_a_file_that_is_no_batch_is_refused(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(ct.errors.InputError) as caught:
        read(tmp_path, text)
    assert said in str(caught.value)
    assert "batch.csv" in str(caught.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ct.errors.InputError):
        read_batch(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"{A},moon,", "unknown chain"),
        (f"{A},,yesterday", "neither a block nor an ISO-8601 time"),
        (f"{A},,14442835", "is a block"),
        (f"{A},", "2 cells, where the header has 3"),
        (f"{A},,,,", "5 cells"),
        (",ethereum,", "address is empty"),
        (",,", "address is empty"),
        (" , ,", "address is empty"),
    ],
)
def test_a_line_that_is_wrong_keeps_its_place_and_says_why(tmp_path: Path, line: str, said: str) -> None:
    found = read(tmp_path, f"address,chain,at\n{line}\n{B},,\n")
    assert said in found[0][3]
    assert "batch.csv, line 2" in found[0][3]
    assert found[1] == (B, "", "", "")


@given(st.lists(st.sampled_from([",,", ",,\r", f"{A},,", f"{B},ethereum,", "x,,", ","]), min_size=1, max_size=6))
def test_every_line_with_a_comma_has_its_answer(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    found = read(tmp_path_factory.mktemp("lines"), "\n".join(["address,chain,at", *lines]))
    assert [bool(error) for *_, error in found] == [line.startswith(",") for line in lines]


@pytest.mark.parametrize(
    "cell", ["=1+1", "=HYPERLINK(0)", "+1", "-1", "@x", "0x1", "\u202e" + A, "\u041e" + A[1:], "x" * 9999]
)
def test_what_is_no_address_is_an_error_of_its_line_and_no_more(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "batch.csv"
    path.write_text(f"address\n{cell}\n{A}\n", encoding="utf-8")
    found = ct.screen([one.address for one in read_batch(path)], at="2023-01-01", book=BOOK)
    assert [one.verdict for one in found] == ["error", "clear"]
    assert len(found[0].address) <= max(len(cell), LONGEST)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_batch_or_an_input_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "batch.csv"
    path.write_bytes(b"address\n" + content)
    try:
        found = read_batch(path)
    except ct.errors.InputError:
        return
    assert found
