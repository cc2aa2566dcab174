"""Lists by hand: labels, actors and withdrawals, strict enough that a slip is found."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaintrace.errors import InputError, ListError
from chaintrace.labels.label import Label, labels_text
from chaintrace.labels.labellist import Withdrawal
from tests.labels.lists import BLENDER, RONIN, read, sdn_csv, un
from tests.labels.told import labels as any_label

KOREA = """
name = "korea"
published = 2023-02-10

[[actor]]
name = "Lazarus Group"
aliases = ["Hidden Cobra", "Guardians of Peace"]
source = "Republic of Korea"
since = 2023-02-10

[[label]]
address = "%s"
category = "sanctioned"
since = "2023-02-10"
since_at_latest = true

[[withdraw]]
address = "%s"
category = "mixer"
reason = "closed since"
"""


@given(st.lists(any_label(), max_size=5))
def test_labels_come_back_equal(labels: list[Label]) -> None:
    found = read(labels_text(labels), name="own.csv", format="csv")
    assert list(found.labels) == labels
    assert all(one.edition is not None and one.edition == found.edition for one in found.labels)


@given(st.lists(any_label(), min_size=1, max_size=5), st.text("=+-@'\t ab1", max_size=6))
def test_no_written_cell_is_a_formula(labels: list[Label], name: str) -> None:
    labels = [replace(one, name=name) for one in labels]
    text = labels_text(labels)
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert [cell for cell in cells if cell[:1] in tuple("=+-@\t\r")] == []
    assert list(read(text, name="own.csv", format="csv").labels) == labels


def test_a_list_in_toml() -> None:
    found = read(KOREA % (RONIN, BLENDER), name="korea.toml")
    (actor,) = found.actors
    assert (actor.name, actor.aliases, actor.since) == (
        "Lazarus Group",
        ("Hidden Cobra", "Guardians of Peace"),
        "2023-02-10",
    )
    (label,) = found.labels
    assert (label.address, label.since_at_latest) == (RONIN.lower(), True)
    assert found.withdrawals == (Withdrawal(BLENDER, "mixer", "", "closed since", "korea"),)
    assert (found.edition.name, found.edition.published, found.edition.count) == ("korea", "2023-02-10", 3)


def test_a_row_of_a_csv_can_take_back() -> None:
    text = f"address,category,source,origin,withdraw\n{RONIN},mixer,S,why,yes\n{RONIN},exchange,,,\n"
    found = read(text, name="own.csv", format="csv")
    assert found.withdrawals == (Withdrawal(RONIN.lower(), "mixer", "S", "why", "own.csv"),)
    assert [one.category for one in found.labels] == ["exchange"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[labels]]\n", "unknown key 'labels'"),
        ("label = 5\n", "no list of tables"),
        (f'[[label]]\naddress = "{RONIN}"\n', "label 1"),
        (f'[[label]]\naddress = "{RONIN}"\ncategory = "user"\nsence = "2022-01-01"\n', "unknown key 'sence'"),
        ('[[label]]\naddress = "0x12"\ncategory = "x"\n', "0x12"),
        (f'[[label]]\naddress = "{RONIN}"\ncategory = "user"\nsince_at_latest = "perhaps"\n', "perhaps"),
        ('[[actor]]\nname = ""\n', "no name"),
        ('[[actor]]\nname = "x"\nsince = "soon"\n', "no date"),
        ('[[withdraw]]\naddress = "0x12"\n', "0x12"),
        ('published = "soon"\n', "no date"),
        ('published = "03/04/2022"\n', "no date"),
        ('published = "2022-03-04 or so"\n', "no date"),
        ('[[actor]]\nname = "x"\nsince = "03/04/2022"\n', "no date"),
        ('[[actor]]\nname = "x"\nsince = 2022-03-04\nuntil = 2022-03-04\n', "actor 1.*ends on"),
        (f'[[label]]\naddress = "{RONIN}"\ncategory = "Mixer"\n', "label 1: category 'Mixer'"),
        (f'[[withdraw]]\naddress = "{RONIN}"\n', "withdraw 1.*neither category nor source"),
        (f'[[withdraw]]\naddress = "{RONIN}"\ncategory = "sanction"\n', "withdraw 1: category 'sanction'"),
        ("x = [", "cannot read"),
    ],
)
def test_a_slip_in_toml_is_named(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        read(text, name="own.toml")
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("address\n", "missing column category"),
        (f"address,category,withdraw\n{RONIN},mixer,maybe\n", "maybe"),
        ("address,category,withdraw\n0x12,mixer,yes\n", "line 2"),
        (f"address,category,withdraw\n{RONIN},,yes\n", "line 2.*neither category nor source"),
        (f"address,category,since,until\n{RONIN},mixer,2023-01-01,2022-01-01\n", "line 2.*ends on 2022-01-01"),
        (f"address,category\n{RONIN},mixer\n{RONIN[:-1]},mixer\n", "line 3"),
        (f'address,category\n{RONIN},"mixer\n', "unexpected end of data"),
    ],
)
def test_a_slip_in_csv_is_named(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read(text, name="own.csv", format="csv")


@pytest.mark.parametrize("word", ["Sanctioned", "sanctioned ", " sanctioned", "santioned", "sanctions"])
def test_a_mistyped_category_is_found_by_line_with_the_word_that_was_meant(word: str) -> None:
    with pytest.raises(InputError, match=r"own\.csv, line 3") as caught:
        read(f"address,category\n{RONIN},mixer\n{RONIN},{word}\n", name="own.csv", format="csv")
    assert caught.value.hint == "write 'sanctioned'"


def test_not_text_is_refused() -> None:
    from chaintrace.labels.read.formats import read_list

    with pytest.raises(ListError, match="not in utf-8"):
        read_list(b"address,category\n\xff,x\n", "csv", name="own.csv")


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("csv", "address,category\n"),
        ("timeline", "address,since,until\n"),
        ("explorer", "{}"),
        ("tagpack", "title: x\ntags: []\n"),
        ("un", un()),
        ("ofac-csv", sdn_csv()),
    ],
)
@pytest.mark.parametrize("published", ["03/04/2022", "2022-03-04 or so", "2022-03-041"])
def test_a_date_given_by_hand_is_iso_in_every_form(form: str, text: str, published: str) -> None:
    with pytest.raises(ListError, match="no date"):
        read(text, format=form, published=published)
