"""Policies: what a rule asks for is what fires it, and what is wrong in a file is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.case.policy import ABOUT, GUARDS, Policy, Rule, default_policy
from chaintrace.labels.book import LabelBook
from chaintrace.labels.edition import Edition
from chaintrace.labels.label import Label
from chaintrace.labels.labellist import LabelList, Withdrawal
from tests.taint.test_exposure import day, graph_of

A, B, S = ("0x" + digit * 40 for digit in "123")
ETH = "eip155:1/slip44:60"
COIN = 10**18
BOOK = LabelBook([Label(S, "pool-mixer")])


def rule(words: str) -> str:
    return f'[[rules]]\nid = "it"\nverdict = "alert"\n{words}\n'


ALONE = f"without = {json.dumps(GUARDS)}\n"


def verdict(folder: Path, text: str, book: LabelBook = BOOK, at: str | None = None) -> str:
    (folder / "policy.toml").write_text(ALONE + text, encoding="utf-8")
    graph = graph_of((day(1), S, B, COIN), (day(2), B, A, COIN), (day(3), A, S, COIN // 4), (day(4), A, B, COIN // 4))
    return ct.screen(A, at=at, book=book, graph=graph, policy=folder / "policy.toml").verdict


EXPOSURE = 'about = "exposure"\ncategory = "mixer"\n'


@pytest.mark.parametrize(
    ("words", "fires"),
    [
        ("", True),
        ('direction = "received"\nthrough = "indirect"\nshare = "100 %"', True),
        ('direction = "received"\nthrough = "direct"', False),
        ('direction = "sent"\nthrough = "direct"\nshare = "25 %"', True),
        ('direction = "sent"\nshare = "25.000000001 %"', False),
        ('direction = "sent"\nshare = "0.5%"', True),
        (f'direction = "sent"\namount = {{"{ETH}" = "{COIN // 4}"}}', True),
        (f'direction = "sent"\namount = {{"{ETH}" = "{COIN // 4 + 1}"}}', False),
        (f'direction = "sent"\namount = {{"{ETH}" = "{COIN}"}}\nshare = "20 %"', True),
        ('direction = "sent"\namount = {"eip155:1/erc20:0x' + "1" * 40 + '" = "1"}', True),
    ],
)
def test_an_exposure_rule_fires_where_its_threshold_is_reached(tmp_path: Path, words: str, fires: bool) -> None:
    assert verdict(tmp_path, rule(EXPOSURE + words)) == ("alert" if fires else "clear")


def test_a_bucket_can_be_asked_for(tmp_path: Path) -> None:
    text = rule('about = "exposure"\ncategory = "kept"\nshare = "50 %"')
    assert verdict(tmp_path, text) == "alert"


@pytest.mark.parametrize(("when", "at", "fires"), [
    ("now", "2024-05-02", True), ("now", "2024-05-03", False), ("then", "2024-05-03", True),
    ("then", "2024-05-02", False), ("any", "2024-05-03", True), ("any", "2024-04-30", False),
])  # fmt: skip
def test_a_label_rule_knows_now_from_then(tmp_path: Path, when: str, at: str, fires: bool) -> None:
    book = LabelBook([Label(A, "sanctioned", since="2024-05-01", until="2024-05-03")])
    text = rule(f'about = "label"\ncategory = "sanctioned"\nwhen = "{when}"')
    assert verdict(tmp_path, text, book, at) == ("alert" if fires else "clear")


@given(st.integers(0, 60), st.integers(1, 60))
def test_a_list_is_too_old_after_so_many_days(age: int, days: int) -> None:
    from datetime import date, timedelta

    from chaintrace.case.judge import judge

    published = (date(2024, 6, 1) - timedelta(days=age)).isoformat()
    book = LabelBook(LabelList(Edition("list", published, snapshot=True)))
    policy = Policy("p", (Rule("old", "review", "lists", days=days),))
    found, _ = judge(policy, book.look(A, "2024-06-01"), None)
    assert found == ("review" if age > days else "clear")


def test_the_gravest_rule_decides_and_all_are_told(tmp_path: Path) -> None:
    text = rule('about = "label"\ncategory = "mixer"') + rule(EXPOSURE).replace('"it"', '"other"').replace(
        "alert", "review"
    )
    (tmp_path / "p.toml").write_text(ALONE + text, encoding="utf-8")
    found = ct.screen(S, book=BOOK, policy=ct.read_policy(tmp_path / "p.toml"))
    assert found.verdict == "alert"
    assert [one.outcome for one in found.rules] == ["fired", "not evaluated"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no [[rules]]"),
        ("rules = 7", "no [[rules]]"),
        ("rules = [7]", "no [[rules]]"),
        ("x = [", "policy.toml"),
        ('fail_on = "clear"\n' + rule('about = "lists"\ndays = 3'), "fail_on"),
        ("unheard = 1\n" + rule('about = "lists"\ndays = 3'), "unheard"),
        ('[[rules]]\nverdict = "alert"\nabout = "label"', "id is missing"),
        (rule('about = "weather"'), "weather"),
        (rule('about = "label"\ncategory = "sanctionned"'), "sanctionned"),
        (rule('about = "label"\ncategory = "kept"'), "kept"),
        (rule('about = "label"'), "None"),
        (rule('about = "label"\ncategory = "mixer"\nshare = "1 %"'), "share"),
        (rule(EXPOSURE + 'share = 0.01'), "0.01"),
        (rule(EXPOSURE + 'share = "0 %"'), "0 %"),
        (rule(EXPOSURE + 'share = "101 %"'), "101 %"),
        (rule(EXPOSURE + 'amount = {"eip155:1/slip44:60" = 5}'), "5"),
        (rule(EXPOSURE + 'amount = {"eip155:1/slip44:60" = "0"}'), "0"),
        (rule(EXPOSURE + 'amount = {USDT = "5"}'), "USDT"),
        (rule(EXPOSURE + 'amount = 5'), "amount"),
        (rule(EXPOSURE + 'through = "sideways"'), "sideways"),
        (rule('about = "lists"\ndays = 0'), "days"),
        (rule('about = "lists"\ndays = true'), "days"),
        (rule('about = "lists"\ndays = 3') * 2, "two rules"),
        (rule('about = "label"\ncategory = "mixer"\nwhen = "once"'), "once"),
        ("without = 'lists'\n" + rule('about = "lists"\ndays = 3'), "without"),
        ("without = ['weather']\n" + rule('about = "lists"\ndays = 3'), "weather"),
        ("[" * 100_000, "policy.toml"),
    ],
)  # fmt: skip
def test_a_policy_that_is_wrong_is_refused_and_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "policy.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ct.errors.InputError) as caught:
        ct.read_policy(tmp_path / "policy.toml")
    assert said in str(caught.value)
    assert "policy.toml" in str(caught.value)


@pytest.mark.parametrize("guard", GUARDS)
def test_a_policy_of_ones_own_keeps_a_guard_unless_it_says_otherwise(tmp_path: Path, guard: str) -> None:
    bundled = [one for one in default_policy().rules if one.about == guard]
    plain = rule('about = "label"\ncategory = "mixer"')
    texts = {
        "kept": plain,
        "without": f"without = [{guard!r}]\n{plain}",
        "own": plain + rule(f"about = {guard!r}\n{OWN.get(guard, '')}").replace('"it"', '"mine"'),
    }
    found = {}
    for name, text in texts.items():
        (tmp_path / "policy.toml").write_text(text, encoding="utf-8")
        policy = ct.read_policy(tmp_path / "policy.toml")
        found[name] = [one for one in policy.rules if one.about == guard]
        assert policy.without == ((guard,) if name == "without" else ())
        assert len(policy.rules) == len(GUARDS) + (0 if name == "without" else 1)
    assert (found["kept"], found["without"]) == (bundled, [])
    assert [one.id for one in found["own"]] == ["mine"]


OWN = {"lists": "days = 3", "withdrawn": "category = 'sanctioned'", "elsewhere": "category = 'sanctioned'"}


def test_an_own_policy_misses_no_withdrawn_sanction_and_none_on_another_chain(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(rule('about = "label"\ncategory = "sanctioned"'), encoding="utf-8")
    listed = LabelList(Edition("list", "2026-08-20", snapshot=True), (Label(B, "sanctioned", chain="eip155:56"),))
    taken = LabelList(Edition("mine"), withdrawals=(Withdrawal(B, "sanctioned", by="me"),))
    options: dict[str, Any] = {"at": "2026-08-21", "policy": tmp_path / "own.toml"}
    elsewhere = ct.screen(B, book=LabelBook(listed), chain="ethereum", **options)
    assert (elsewhere.verdict, [one.id for one in elsewhere.fired]) == ("review", ["sanctioned-elsewhere"])
    withdrawn = ct.screen(B, book=LabelBook(listed, taken), **options)
    assert (withdrawn.verdict, [one.id for one in withdrawn.fired]) == ("review", ["withdrawn-sanction"])
    nothing = ct.screen(A, book=LabelBook(), **options)
    assert "no-list" in [one.id for one in nothing.fired]


def test_what_a_policy_goes_without_is_said_in_every_answer() -> None:
    policy = Policy("bare", (Rule("it", "alert", "label", "mixer"),))
    found = ct.screen(A, book=BOOK, policy=policy)
    assert found.verdict == "clear"
    assert "the policy has no rule about: withdrawn, elsewhere, no-list, lists" in found.notes


def test_no_policy_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ct.errors.InputError):
        ct.read_policy(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ct.errors.InputError):
        ct.read_policy(tmp_path / "bytes.toml")


def test_the_default_policy_is_whole() -> None:
    policy = default_policy()
    assert {one.about for one in policy.rules} == {*ABOUT}
    assert policy.fails("review")
    assert policy.fails("alert")
    assert not policy.fails("clear")
