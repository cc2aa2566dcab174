"""Demixing a case: the Ronin campaign, its command, and the trace that goes on through the mixer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from click.testing import CliRunner

import chaintrace as ct
from chaintrace.cli import chaintrace

EXPLOITER = "0x098b716b8aaf21512996dc57eb0615e2383e2f96"


@pytest.fixture(scope="module")
def case() -> ct.Case:
    return ct.Case.open("ronin")


@pytest.fixture(scope="module")
def made(case: ct.Case) -> Any:
    return case.demix()


def test_the_ronin_campaign_comes_out_even(made: Any) -> None:
    """1,751 notes by 48 accounts; more than nine of ten batches to the last note, which the same deposits hardly ever
    do at other times: docs/methods/demix.md."""
    assert made.paid_in == 1751
    assert sum(lot.whole for lot in made.lots) >= 0.95 * len(made.lots)
    assert 1740 <= made.taken_out <= 1751
    assert not made.notes


def test_payers_are_those_that_are_labelled_and_those_that_the_trace_shows(case: ct.Case, made: Any) -> None:
    payers = {one for lot in made.lots for one in lot.accounts}
    depositors = {label.address for label in case.labels if label.role == "depositor"}
    assert payers == depositors


def test_who_paid_in_can_be_told(case: ct.Case, made: Any) -> None:
    one = made.lots[-1]
    alone = case.demix(one.accounts)
    assert [lot.accounts for lot in alone.lots] == [one.accounts]
    assert alone.paid_in == len(one.deposits)


def test_a_trace_goes_on_through_the_mixer_and_adds_up(case: ct.Case, made: Any) -> None:
    trace = case.trace(links=[*case.links, *made.links(90, case.graph)])
    sure = {one.address for one in made if one.score > 90}
    held = set(trace.holdings()["address"])
    assert len(held & sure) > 200
    assert not held & {one.address for one in made if one.score <= 90}
    assert trace.ledger is not None  # conservation is checked when it is made
    before = case.trace().exits()
    assert trace.exits()["amount"].sum() < before["amount"].sum()


def test_the_command_prints_what_the_case_says(made: Any) -> None:
    ran = CliRunner().invoke(chaintrace, ["demix", "ronin", "--json"])
    assert ran.exit_code == 0
    told = json.loads(ran.stdout)
    assert told == json.loads(json.dumps(made.to_dict()))
    assert set(told["candidates"][0]) >= {"address", "notes", "score", "rules", "chance"}
    scores = [one["score"] for one in told["candidates"]]
    assert scores == sorted(scores, reverse=True)


def test_the_tables_say_how_far_to_believe() -> None:
    ran = CliRunner().invoke(chaintrace, ["demix", "ronin"])
    assert ran.exit_code == 0
    for wanted in ("candidates took", "Batches", "whole-batch", "Nothing on the chain joins", "moved back"):
        assert wanted in ran.stdout


def test_files_need_a_payer_and_a_case_no_file(case: ct.Case, made: Any) -> None:
    notes = str(case.folder.notes)
    ran = CliRunner().invoke(chaintrace, ["demix", notes])
    assert ran.exit_code == 2
    assert "add --payer" in ran.stderr
    (payer,) = made.lots[-1].accounts
    ran = CliRunner().invoke(chaintrace, ["demix", notes, "--payer", payer, "--json"])
    assert json.loads(ran.stdout)["paid_in"] == 35
    ran = CliRunner().invoke(chaintrace, ["demix", notes, "--payer", payer, "--notes", notes])
    assert ran.exit_code == 2


def test_a_case_whose_thieves_paid_nothing_in_says_so(case: ct.Case) -> None:
    with pytest.raises(ct.errors.MethodError, match="paid no note in"):
        case.demix([EXPLOITER])


def test_a_zip_of_tornado_cli_is_a_file_and_a_bundle_that_lost_its_manifest_a_case(tmp_path: Path, made: Any) -> None:
    event = {"blockNumber": 14_500_000, "logIndex": 1, "transactionHash": "0x" + "64" * 32, "leafIndex": 0}
    events = [event | {"commitment": "0x" + "04" * 32, "timestamp": 1_650_000_000, "from": EXPLOITER}]
    path, name = tmp_path / "deposits_1_eth_100.json.zip", "deposits_1_eth_100.json"
    with ZipFile(path, "w") as archive:
        archive.writestr(name, json.dumps(events))
    ran = CliRunner().invoke(chaintrace, ["demix", str(path), "--payer", EXPLOITER, "--json"])
    assert ran.exit_code == 0, ran.stderr
    assert json.loads(ran.stdout)["paid_in"] == 1
    with ZipFile(path, "a") as archive:
        archive.writestr("times.json", "{}")
    only = tmp_path / "only.zip"
    with ZipFile(only, "w") as archive:
        archive.writestr("manifest.json", "{}")
    ZipFile(tmp_path / "empty.zip", "w").close()
    for damaged, said in ((path, "so it is no case"), (only, "manifest"), (tmp_path / "empty.zip", "so it is no case")):
        ran = CliRunner().invoke(chaintrace, ["demix", str(damaged), "--payer", EXPLOITER])
        assert ran.exit_code != 0
        assert said in ran.stderr
