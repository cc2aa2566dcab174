"""Labels: who says what about an address, and when; read strictly."""

from __future__ import annotations

from pathlib import Path

import pytest

import chaintrace as ct
from chaintrace.errors import InputError, UserError
from chaintrace.labels.label import Label, with_category
from chaintrace.model.address import format_address
from tests.graph.money import BITCOIN, who


def written(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "labels.csv"
    path.write_text(text, encoding=encoding)
    return path


def test_two_columns_are_enough(tmp_path: Path) -> None:
    path = written(tmp_path, f"address,category\n{who('m')},mixer\n{who('x')},exchange\n")
    assert ct.read_labels(path) == [Label(who("m"), "mixer"), Label(who("x"), "exchange")]
    assert ct.read_labels(str(path)) == ct.read_labels(path)


def test_every_column_of_a_label(tmp_path: Path) -> None:
    """In any order; empty means not said, other columns are left alone."""
    path = written(
        tmp_path,
        "until,address,comment,category,name,role,chain,source,since,confidence,origin\n"
        f"2025-03-21,{who('m')},hello,mixer,A mixer,pool,eip155:1,A list,2022-08-08,listed,entry 7\n"
        f",{who('n')},,mixer,,,,,,,\n",
    )
    assert ct.read_labels(path) == [
        Label(
            who("m"), "mixer", "A mixer", "pool", "eip155:1", "A list", "2022-08-08", "2025-03-21", "listed", "entry 7"
        ),
        Label(who("n"), "mixer"),
    ]


def test_addresses_become_canonical(tmp_path: Path) -> None:
    path = written(tmp_path, f"address,category\n{format_address(who('m'))},mixer\n")
    assert ct.read_labels(path)[0].address == who("m")


def test_a_byte_order_mark_and_quotes_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, f'address,category,name\n{who("m")},mixer,"Tornado, 100 ""ETH"""\n', "utf-8-sig")
    assert ct.read_labels(path)[0].name == 'Tornado, 100 "ETH"'


def test_an_address_is_checked_on_its_own_chain(tmp_path: Path) -> None:
    path = written(tmp_path, f"address,category,chain\n{who('m', BITCOIN)},mixer,bitcoin\n")
    assert ct.read_labels(path)[0].address == who("m", BITCOIN)


def test_without_a_chain_it_may_be_of_any(tmp_path: Path) -> None:
    """``chain`` empty means every chain on which the address is one; a Bitcoin address is one on Bitcoin."""
    path = written(tmp_path, f"address,category\n{who('m', BITCOIN)},mixer\n{who('m')},mixer\n")
    assert [label.address for label in ct.read_labels(path)] == [who("m", BITCOIN), who("m")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("address\n0x12\n", "missing column category"),
        ("category\nmixer\n", "missing column address"),
        ("", "missing column address, category"),
        (f"address,category\n{who('m')},\n", "line 2"),
        (f"address,category\n{who('m')},mixer\n,mixer\n", "line 3"),
        (f"address,category\n{who('m')}\n", "line 2"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        ct.read_labels(written(tmp_path, text))
    assert "labels.csv" in caught.value.message
    assert caught.value.hint


def test_a_bad_address_is_found_by_file_and_line(tmp_path: Path) -> None:
    """In a list of thousands the message must say which one."""
    wrong = format_address(who("m")).swapcase().replace("X", "x", 1)
    path = written(tmp_path, f"address,category\n{who('m')},mixer\n{who('n')},mixer\n{wrong},mixer\n")
    with pytest.raises(UserError) as caught:
        ct.read_labels(path)
    assert "labels.csv" in caught.value.message
    assert "line 4" in caught.value.message
    assert wrong in caught.value.message


def test_a_file_that_is_not_there_or_not_text_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing"):
        ct.read_labels(tmp_path / "nothing.csv")
    (tmp_path / "bytes.csv").write_bytes(b"address,category\n\xff\xfe,mixer\n")
    with pytest.raises(InputError, match=r"bytes\.csv"):
        ct.read_labels(tmp_path / "bytes.csv")
    with pytest.raises(InputError):
        ct.read_labels(tmp_path)


def test_a_stop_may_be_of_any_word_but_must_not_end_before_it_begins(tmp_path: Path) -> None:
    assert ct.read_labels(written(tmp_path, f"address,category\n{who('m')},stop\n"))[0].category == "stop"
    path = written(tmp_path, f"address,category,since,until\n{who('m')},stop,2023-01-01,2022-12-31\n")
    with pytest.raises(InputError, match=r"line 2.*ends on 2022-12-31"):
        ct.read_labels(path)


def test_with_category() -> None:
    labels = [Label("a", "mixer"), Label("b", "exchange"), Label("c", "mixer")]
    assert with_category(labels, ["mixer"]) == [labels[0], labels[2]]
    assert with_category(iter(labels), {"exchange", "bridge"}) == [labels[1]]
    assert with_category(labels, []) == []
