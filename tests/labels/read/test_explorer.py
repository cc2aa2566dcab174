"""Explorer labels: words become categories, and hold on the explorer's own chain."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chaintrace.errors import ListError
from chaintrace.labels.category import categories
from chaintrace.labels.read.formats import read_list
from tests.labels.lists import RONIN, read

POOL = "0xa160cdab225685da1d56aa342ad8841c3b53f291"


def test_names_with_labels() -> None:
    text = json.dumps(
        {RONIN: {"name": "Exploiter", "labels": ["heist", "blocked"]}, POOL: {"name": "", "labels": ["meme"]}}
    )
    found = read(text, name="labels.json")
    assert [(one.address, one.category, one.name, one.role) for one in found.labels] == [
        (RONIN.lower(), "hack", "Exploiter", "heist, blocked"),
        (RONIN.lower(), "blocked", "Exploiter", "heist, blocked"),
        (POOL, "unsorted", "", "meme"),
    ]
    assert {one.chain for one in found.labels} == {"eip155:1"}


def test_a_file_of_one_label_is_known_by_its_name() -> None:
    found = read(json.dumps({POOL: "Some hacker", "": "Sum of 1 Accounts"}), name="data_bscscan_accounts_heist.json")
    assert [(one.category, one.chain, one.source) for one in found.labels] == [("hack", "eip155:56", "bscscan labels")]
    assert [one.reason for one in found.unusable] == ["it has no address"]


def test_a_table() -> None:
    found = read(f"Address,Name Tag,Labels\n{POOL},Tornado,tornado-cash|meme\n", name="x.csv", format="explorer")
    assert [(one.category, one.name) for one in found.labels] == [("mixer", "Tornado"), ("unsorted", "Tornado")]


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"a": 5}',
        '{"a": {"labels": 5}}',
        '{"a": {"labels": [5]}}',
        '{"a": NaN}',
        "[" * 10**5,
        '{"a":' * 10**5,
        "a,b\n1,2\n",
    ],
)
def test_what_is_no_dump_is_refused(text: str) -> None:
    with pytest.raises(ListError):
        read(text, name="x.json", format="explorer")


def test_every_real_dump_is_read(data: Path) -> None:
    counts = {}
    for path in sorted((data / "labels" / "etherscan").glob("*.json")):
        found = read_list(path)
        assert {one.category for one in found.labels} <= set(categories()), path.name
        counts[path.name] = (found.edition.count, len(found.unusable))
    assert counts["etherscan_combinedAllLabels.json"] == (29_945, 0)
    assert counts["data_etherscan_accounts_ofac-sanctions-lists.json"] == (72, 0)
    assert sum(lost for _, lost in counts.values()) == 5, "sums, headings and empty addresses"
