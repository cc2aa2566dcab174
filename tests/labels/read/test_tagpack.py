"""TagPacks in and out: the same labels come back, and YAML of strangers does nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from chaintrace.errors import ListError
from chaintrace.labels.category import categories
from chaintrace.labels.label import Label
from chaintrace.labels.read.formats import read_list
from chaintrace.labels.read.tagpack import tagpack_text
from tests.labels.lists import BLENDER, LITECOIN, RONIN, TRON, read
from tests.labels.told import labels as any_label

HEAD = "title: T\ncreator: C\ncategory: exchange\ncurrency: ETH\nlastmod: 2022-04-15\n"


def pack(tags: str, head: str = HEAD) -> str:
    return f"{head}tags:\n{tags}"


def test_tags_inherit_what_the_head_says() -> None:
    text = pack(
        f"- address: '{RONIN}'\n  label: A\n- address: {BLENDER}\n  currency: BTC\n  category: mixing_service\n"
    )
    found = read(text, name="t.yaml")
    assert [(one.name, one.category, one.source) for one in found.labels] == [
        ("A", "exchange", "T"),
        ("", "mixer", "T"),
    ]
    assert (found.edition.name, found.edition.published, found.edition.count) == ("T", "2022-04-15", 2)


def test_category_abuse_and_concepts_are_labels_each() -> None:
    text = pack(
        f"- address: '{RONIN}'\n  category: user\n  abuse: sanction\n  concepts: [defi_bridge, something_new]\n"
    )
    found = {one.category: one for one in read(text, name="t.yaml").labels}
    assert set(found) == {"user", "sanctioned", "bridge", "unsorted"}
    assert found["unsorted"].role == "user, sanction, defi_bridge, something_new"
    assert (found["sanctioned"].since, found["sanctioned"].since_at_latest) == ("2022-04-15", True)
    assert (found["bridge"].since, found["bridge"].since_at_latest) == (None, False)


def test_an_address_without_quotes_is_a_number_and_unusable() -> None:
    found = read(pack(f"- address: {RONIN.lower()}\n- address: '{RONIN}'\n"), name="t.yaml")
    assert [one.address for one in found.labels] == [RONIN.lower()]
    assert "lacks quotes" in found.unusable[0].reason


@given(st.lists(any_label(), max_size=5))
def test_labels_come_back_equal(labels: list[Label]) -> None:
    found = read(tagpack_text(labels, "T"), name="t.yaml")
    assert set(found.labels) == set(labels)
    assert found.unusable == ()


def test_others_can_read_what_is_written() -> None:
    labels = [Label(RONIN.lower(), "hack", "A", source="S"), Label(BLENDER, "custodial-mixer"), Label(TRON, "exchange")]
    labels.append(Label(LITECOIN, "sanctioned", chain="other:LTC", confidence="designated", actor="1", origin="O"))
    told = yaml.safe_load(tagpack_text(labels, "T"))
    assert [tag["currency"] for tag in told["tags"]] == ["ETH", "BTC", "TRX", "LTC"]
    assert [tag.get("abuse") for tag in told["tags"]] == ["service_hack", None, None, "sanction"]
    plain = tagpack_text(labels, "T").replace("chaintrace", "other")
    assert [one.address for one in read(plain, name="t.yaml").labels] == [one.address for one in labels]


@pytest.mark.parametrize(
    "text",
    [
        pack("- !!python/object/apply:os.system ['touch pwned']\n"),
        pack("- address: !!python/name:os.system\n"),
        pack("- !!python/object/new:tuple [[1]]\n"),
        pack("- address: &a x\n- address: *a\n"),
        "a: &a [1,1]\nb: &b [*a,*a]\ntags: [*b,*b]\n",
        "tags: &t [*t]\n",
        pack("- address: {[}\n"),
        pack("  - " + "[" * 50 + "]" * 50 + "\n"),
        "tags: " + "[" * 5000,
        "- 1\n",
        "tags: 5\n",
        pack("- 5\n"),
        "just text",
        "",
    ],
)
def test_hostile_yaml_is_refused(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ListError):
        read(text, name="t.yaml")
    assert list(tmp_path.iterdir()) == []


def test_a_context_of_strangers_is_not_ours() -> None:
    """What claims to be ours and has not its shape is read like any other tag."""
    for context in (
        '{"chaintrace": 5}',
        '{"chaintrace": {"address": 1, "category": "x"}}',
        "chaintrace",
        '["chaintrace"]',
    ):
        (label,) = read(pack(f"- address: '{RONIN}'\n  context: '{context}'\n"), name="t.yaml").labels
        assert (label.address, label.category) == (RONIN.lower(), "exchange")


@pytest.mark.parametrize("broken", ["0x12", BLENDER.lower(), RONIN[:-1]])
def test_a_context_cannot_bring_in_what_is_no_address(broken: str) -> None:
    text = tagpack_text([replace(Label(RONIN.lower(), "hack"), address=broken)], "T")
    found = read(text, name="t.yaml")
    assert found.labels == ()
    assert [one.text for one in found.unusable] == [broken]


def test_every_real_pack_is_read(data: Path) -> None:
    read_rows = unusable = 0
    for path in sorted((data / "labels" / "graphsense").glob("*.yaml")):
        if path.stat().st_size > 10**6:
            continue
        found = read_list(path)
        assert found.labels, path.name
        assert {one.category for one in found.labels} <= set(categories()), path.name
        some = found.labels[:1000]
        assert set(read(tagpack_text(some, "T"), name="t.yaml").labels) == set(some), path.name
        read_rows += found.edition.count
        unusable += len(found.unusable)
    assert (read_rows > 13_000, unusable < 60) == (True, True)
