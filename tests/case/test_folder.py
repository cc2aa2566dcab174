"""A case as a folder: opened by name or path, and every entry that is missing or wrong is named."""

from __future__ import annotations

from pathlib import Path

import pytest

import chaintrace as ct
from chaintrace.case.folder import bundled
from chaintrace.errors import CaseError, InputError, UserError
from chaintrace.model.address import format_address
from chaintrace.model.token import Token
from tests.graph.money import ETH, EVM, USDC, ledger, told, tx, who

TRANSFERS = f"""\
sender,receiver,amount,block,tx_hash,asset
{who("victim")},{who("thief")},1000,1,{tx("theft")},
{who("thief")},{who("mixer")},600,2,{tx("wash")},
{who("thief")},{who("friend")},300,3,{tx("gift")},
{who("helper")},{who("boss")},50,9,{tx("pay")},{USDC}
"""
CASE = f"""\
name = "mine"
title = "My case"
question = "Where is it?"
labels = "labels.csv"
coverage = "coverage.csv"
stop_categories = ["mixer"]
cannot_say = ["much"]

[[seeds]]
theft = "{tx("theft")}"

[[links]]
id = "swap"
basis = "asserted"
by = "me"
evidence = "a hunch"

[links.source]
holding = "{who("thief")}"
asset = "{ETH}"
amount = "100"
at = 4

[[links.targets]]
address = "{who("helper")}"
asset = "{USDC}"
amount = "200"
at = 5

[assets."{USDC}"]
symbol = "USDC"
decimals = 6
"""


def folder(tmp_path: Path, case: str = CASE, transfers: str = TRANSFERS) -> Path:
    path = tmp_path / "mine"
    path.mkdir()
    (path / "case.toml").write_text(case, encoding="utf-8")
    (path / "transfers.csv").write_text(transfers, encoding="utf-8")
    labels = f"address,category,role\n{who('mixer')},mixer,pool\n{who('thief')},hack,thief\n"
    (path / "labels.csv").write_text(labels, encoding="utf-8")
    coverage = f"address,chain,asset\n{who('thief')},{EVM},\n{who('helper')},,{USDC}\n"
    (path / "coverage.csv").write_text(coverage, encoding="utf-8")
    return path


# ---- opening


def test_bundled_cases_open_by_name() -> None:
    assert ct.Case.bundled() == bundled() == ["ronin"]
    assert ct.Case.open("ronin").title.startswith("The Ronin bridge theft")


@pytest.mark.parametrize("as_text", [True, False])
def test_a_folder_opens_by_path(tmp_path: Path, as_text: bool) -> None:
    path = folder(tmp_path)
    case = ct.Case.open(str(path) if as_text else path)
    assert (case.name, case.title, case.question) == ("mine", "My case", "Where is it?")
    assert repr(case) == "<Case mine: My case; 1 seeds, 1 links>"


def test_a_bundled_name_wins_over_a_folder_of_that_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder(tmp_path).rename(tmp_path / "ronin")
    monkeypatch.chdir(tmp_path)
    assert ct.Case.open("ronin").name == "ronin"
    assert ct.Case.open("./ronin").name == "mine"


def test_a_case_of_ones_own_end_to_end(tmp_path: Path) -> None:
    """Seeds, stops, links, coverage, tokens and the campaign, as its files say."""
    case = ct.Case.open(folder(tmp_path))
    trace = case.trace()
    assert (trace.seeded, trace.linked_in) == ({ETH: 1000}, {USDC: 200})
    assert ledger(trace) == {"exit: mixer": 600, "not_fetched": 300, "linked_out": 100}
    assert ledger(trace, USDC) == {"held": 150, "not_fetched": 50}
    (line,) = told(case.campaign(), "category", "address", "transfers", "accounts", "amount")
    assert line == ("mixer", who("mixer"), 1, 1, 600)
    assert case.tokens()[USDC] == Token("USDC", 6)
    assert [stop.address for stop in case.stops] == [who("mixer")]
    (link,) = trace.links
    assert (link.id, link.basis, link.by, link.evidence) == ("swap", "asserted", "me", "a hunch")


def test_labels_in_checksum_spelling_name_the_same_accounts(tmp_path: Path) -> None:
    """Explorers write addresses in mixed case; the campaign must not be empty for it."""
    path = folder(tmp_path)
    labels = f"address,category\n{format_address(who('mixer'))},mixer\n{format_address(who('thief'))},hack\n"
    (path / "labels.csv").write_text(labels, encoding="utf-8")
    case = ct.Case.open(path)
    assert ledger(case.trace())["exit: mixer"] == 600
    assert told(case.campaign(), "transfers", "amount") == [(1, 600)]


def test_least_that_a_case_says(tmp_path: Path) -> None:
    """A name, seeds and transfers: no stops, no links, every history taken as whole."""
    case = ct.Case.open(folder(tmp_path, f'name = "small"\n[[seeds]]\ntheft = "{tx("theft")}"\n'))
    assert (case.title, case.question, case.labels, case.coverage, case.links) == ("small", "", (), None, ())
    assert ledger(case.trace()) == {"held": 1000}
    assert len(case.campaign()) == 0


@pytest.mark.parametrize(
    ("seed", "seeded"),
    [
        (f'theft = "{tx("theft")}"\nvictim = "{who("victim")}"', 1000),
        (f'address = "{who("friend")}"', 300),
        (f'address = "{who("thief")}"\nsince = 2', 1000),
        (f'address = "{who("thief")}"\nsince = 3\nasset = "native"', 400),
        ("rows = [1, 2]", 900),
        (f'rows = ["{tx("gift")}"]', 300),
        (f'rows = [["{tx("gift")}", "native", 0]]', None),
    ],
)
def test_seeds_of_every_kind(tmp_path: Path, seed: str, seeded: int | None) -> None:
    case = ct.Case.open(folder(tmp_path, f'name = "small"\n[[seeds]]\n{seed}\n'))
    if seeded is None:  # seq is the reader's own here; naming a wrong one is an error
        with pytest.raises(UserError):
            case.trace()
    else:
        assert case.trace().seeded == {ETH: seeded}


def test_a_link_between_rows(tmp_path: Path) -> None:
    link = f'[[links]]\nid = "l"\nsource = "{tx("gift")}"\ntargets = ["{tx("pay")}"]\n'
    case = ct.Case.open(folder(tmp_path, f'name = "small"\n[[seeds]]\ntheft = "{tx("theft")}"\n{link}'))
    assert case.trace().linked_in == {USDC: 50}


# ---- what is wrong is named


def test_a_name_that_is_no_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CaseError, match="bundled: ronin") as caught:
        ct.Case.open("nomad")
    assert "chaintrace cases" in caught.value.hint


def test_a_folder_without_a_question(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match=r"the folder has no case\.toml"):
        ct.Case.open(tmp_path)


@pytest.mark.parametrize("text", ["name = ", "name = 'a\n", "[[seeds\n", "\x00", "name = 1\nname = 2"])
def test_a_broken_toml(tmp_path: Path, text: str) -> None:
    with pytest.raises(CaseError, match=r"case\.toml cannot be read"):
        ct.Case.open(folder(tmp_path, text))


def test_a_toml_that_is_not_text(tmp_path: Path) -> None:
    path = folder(tmp_path)
    (path / "case.toml").write_bytes(b'name = "\xff"')
    with pytest.raises(CaseError, match=r"case\.toml cannot be read"):
        ct.Case.open(path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('name = "mine"\n', "no entry 'name'"),
        (f'[[seeds]]\ntheft = "{tx("theft")}"\n', "no entry 'seeds'"),
        ('id = "swap"\n', "no entry 'id'"),
        ("at = 4\n", "no entry 'at'"),
        ('amount = "200"\n', "no entry 'amount'"),
        (f'address = "{who("helper")}"\nasset = "{USDC}"\n', "needs an address|no entry"),
        ('symbol = "USDC"\n', "symbol"),
        ("decimals = 6\n", "decimals"),
    ],
)
def test_each_missing_entry_is_named(tmp_path: Path, line: str, said: str) -> None:
    assert line in CASE
    with pytest.raises(CaseError, match=said) as caught:
        ct.Case.open(folder(tmp_path, CASE.replace(line, "", 1)))
    assert caught.value.hint


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f'theft = "{tx("theft")}"', 'robbery = "x"'),
        (f'theft = "{tx("theft")}"', "theft = 5"),
        ('amount = "200"', 'amount = "1.5"'),
        ('amount = "200"', "amount = 1.5"),
        (f'address = "{who("helper")}"', 'address = "0x12"'),
        (f'asset = "{USDC}"', 'asset = "USDC"'),
        ("at = 5", 'at = "soon"'),
        ("at = 5", "at = 3"),
        ('labels = "labels.csv"', 'labels = "nothing.csv"'),
        ('coverage = "coverage.csv"', 'coverage = "nothing.csv"'),
        ('title = "My case"', 'title = "My case"\ntransfers = "nothing.csv"'),
        ("decimals = 6", "decimals = 6\nsize = 9"),
        ('stop_categories = ["mixer"]', 'stop_categories = "mixer"'),
    ],
)
def test_a_wrong_entry_is_a_users_error(tmp_path: Path, old: str, new: str) -> None:
    """At the latest when the case is traced; never a traceback, never another answer without a word."""
    assert old in CASE
    with pytest.raises(UserError):
        ct.Case.open(folder(tmp_path, CASE.replace(old, new, 1))).trace()


@pytest.mark.parametrize("text", ["", "account\n0x1\n", "address,chain\n0x12,\n", "address,chain\n,\n"])
def test_a_broken_coverage_is_named(tmp_path: Path, text: str) -> None:
    """A coverage nobody can read must not become “everything is covered”."""
    path = folder(tmp_path)
    (path / "coverage.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"coverage\.csv"):
        ct.Case.open(path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("stop_categories", "stop_categorys", "did you mean 'stop_categories'"),
        ("[[seeds]]\n", '[[seeds]]\nvitcim = "0x12"\n', "did you mean 'victim'"),
        ("[[seeds]]\n", '[reading]\nchian = "ethereum"\n\n[[seeds]]\n', "did you mean 'chain'"),
        ("decimals = 6", 'decimals = "6"', "whole number"),
    ],
)
def test_a_misspelt_entry_is_no_silent_one(tmp_path: Path, old: str, new: str, said: str) -> None:
    """An entry that nobody reads would be an answer to another question."""
    assert old in CASE
    with pytest.raises(CaseError, match=said):
        ct.Case.open(folder(tmp_path, CASE.replace(old, new, 1)))


def test_a_stop_category_without_a_label_is_noted(tmp_path: Path) -> None:
    trace = ct.Case.open(folder(tmp_path, CASE.replace('["mixer"]', '["mixer", "exchagne"]'))).trace()
    assert any("'exchagne'" in note for note in trace.notes)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('title = "My case"', "title = 3"),
        ('title = "My case"', 'title = "My case"\npublished = 3'),
        ('title = "My case"', 'title = "My case"\ntransfers = 3'),
        ("[[seeds]]\n", '[reading]\ncolumns = "x"\n\n[[seeds]]\n'),
        ("[[seeds]]\n", '[[seeds]]\naddress = "0x12"\n'),
        ("[[seeds]]\n", '[[seeds]]\nsince = "2022-01-01"\n'),
        ('symbol = "USDC"', 'symbol = ""'),
    ],
)
def test_an_entry_of_the_wrong_kind_is_named(tmp_path: Path, old: str, new: str) -> None:
    """Two seeds in one table would lose one without a word."""
    assert old in CASE
    with pytest.raises(UserError) as caught:
        assert ct.Case.open(folder(tmp_path, CASE.replace(old, new, 1))).graph
    assert caught.value.hint


def test_a_token_that_calls_itself_ether_is_shown_with_its_id(tmp_path: Path) -> None:
    shown = ct.Case.open(folder(tmp_path, CASE.replace('symbol = "USDC"', 'symbol = "ETH"'))).tokens()
    assert shown[USDC].symbol == f"ETH ({USDC})"
    assert shown["eip155:1/slip44:60"].symbol == "ETH"
