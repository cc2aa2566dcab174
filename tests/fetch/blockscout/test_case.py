"""A whole case through Blockscout: crawled, verified, handed on; alone and beside a node and another explorer."""

from __future__ import annotations

import copy
import json
import logging
import pickle
from collections.abc import Iterator
from pathlib import Path
from traceback import TracebackException
from typing import Any

import pytest
from click.testing import CliRunner

import chaintrace as ct
from chaintrace.cli import chaintrace
from chaintrace.errors import ProviderError
from chaintrace.fetch.blockscout.history import DOUBTED
from chaintrace.testing.explorer import Explorer
from chaintrace.testing.front import Response
from chaintrace.testing.scout import Scout
from chaintrace.testing.truth import difference, rows_of
from tests.fetch.blockscout.asking import KEY, NOTHING, Stage
from tests.fetch.etherscan_api.test_case import FAST, create
from tests.live.test_command import run

CALLS = ("internal-transactions", "inside")
BOTH = ("told_by", "not_by")


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


@pytest.fixture(scope="module")
def etherscan(stage: Stage) -> Iterator[Explorer]:
    with Explorer(stage.node, key=KEY) as explorer:
        yield explorer


@pytest.fixture(scope="module")
def node_case(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> ct.Case:
    case = create(stage, tmp_path_factory.mktemp("node") / "case", ct.Rpc(stage.node.url))
    case.fetch(budget=ct.Budget(share="1"))
    return case


def fast(scout: Scout) -> ct.Blockscout:
    return ct.Blockscout(scout.url, KEY, limits=FAST)


def test_a_case_is_fetched_verified_and_handed_on(stage: Stage, scout: Scout, tmp_path: Path) -> None:
    scout.scams = {next(iter(stage.planted.liars)).rpartition(":")[2]}
    case = create(stage, tmp_path / "case", fast(scout))
    assert case.fetch().ended == "goal"
    assert case.verify().same
    assert case.harvest is not None
    whom = case.harvest.fetched
    found = [row for row in rows_of(case.graph.table) if {row.sender, row.receiver} & whom]
    assert difference(stage.planted.touching(whom, first=stage.planted.first), found) == NOTHING
    reconciled = case.reconcile()
    odd = reconciled[reconciled["residual"] != 0]
    assert set(odd["asset"]) <= stage.planted.liars
    assert f"{case.harvest.providers[0]}: {DOUBTED}{next(iter(scout.scams))}" in case.trace().notes
    handed = ct.Case.open(case.export(tmp_path / "bundle"))
    assert handed.verify().same
    assert handed.trace().ledger.equals(case.trace().ledger)


@pytest.mark.parametrize("doors", ["rpc blockscout", "blockscout etherscan"])
def test_doors_that_tell_the_truth_do_not_disagree(
    stage: Stage, scout: Scout, etherscan: Explorer, node_case: ct.Case, tmp_path: Path, doors: str
) -> None:
    case = create(stage, tmp_path / "case", *(made(door, stage, scout, etherscan) for door in doors.split()))
    case.fetch(budget=ct.Budget(share="1"))
    assert case.disagreements().empty
    assert case.trace().ledger.equals(node_case.trace().ledger)
    assert case.verify().same


def made(door: str, stage: Stage, scout: Scout, etherscan: Explorer) -> Any:
    if door == "rpc":
        return ct.Rpc(stage.node.url)
    return fast(scout) if door == "blockscout" else ct.Etherscan(etherscan.url, KEY, limits=FAST)


@pytest.mark.parametrize(
    ("lie", "other"),
    [
        ("payment dropped", "rpc"),
        ("payment changed", "etherscan"),
        ("call dropped", "etherscan"),
        ("call changed", "rpc"),
    ],
)
def test_a_planted_lie_is_a_disagreement_that_names_both_doors(
    stage: Stage, scout: Scout, etherscan: Explorer, tmp_path: Path, lie: str, other: str
) -> None:
    """What no receipt can tell: a plain payment, and a call that all lists lack or tell alike."""
    what, how = lie.split()
    names, kind = {"payment": (("transactions",), "native"), "call": (CALLS, "internal")}[what]
    thief = stage.planted.one("exploiter")
    (victim, *_) = [
        row for row in stage.planted.rows if row.kind == kind and row.amount and row.receiver == thief and row.block > 1
    ]

    def lying(asked: str, query: Any, told: Any) -> Any:
        if asked not in names:
            return told
        told = copy.deepcopy(told)
        hashes = ("hash", "transaction_hash")
        for one in [one for one in told["items"] if victim.tx_hash in [one.get(hash) for hash in hashes]]:
            if how == "dropped":
                told["items"].remove(one)
            elif one["value"] == str(victim.amount):
                one["value"] = str(victim.amount - 1)
        return told

    scout.change = lying
    fetchers = [made(other, stage, scout, etherscan), fast(scout)]
    case = create(stage, tmp_path / "case", *fetchers)
    case.fetch(budget=ct.Budget(accounts=3))
    table = case.disagreements()
    assert set(table["tx_hash"]) == {victim.tx_hash}
    names = {fetcher.name for fetcher in fetchers}
    assert {frozenset(line) for line in table[list(BOTH)].itertuples(index=False)} == {frozenset(names)}
    assert any("disagree" in note for note in case.trace().notes)


# ---- the key -----------------------------------------------------------------------------------------------------


def test_the_key_is_nowhere_to_be_found(
    stage: Stage, scout: Scout, tmp_path: Path, log: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    def echoing(name: str, query: Any, told: Any) -> Any:
        """A key that comes back with every page."""
        if name not in ("transactions", "token-transfers"):
            return told
        return {**told, "asked": dict(query)}

    scout.change, scout.cap = echoing, 5
    fetcher = fast(scout)
    case = create(stage, tmp_path / "case", fetcher)
    done = case.fetch(budget=ct.Budget(accounts=3))
    case.export(tmp_path / "bundle")
    shown = [repr(fetcher), repr(case), repr(done), case.trace().to_json(), log.text, *capsys.readouterr()]
    shown += [fetcher.name, repr(vars(fetcher)), repr(vars(fetcher._desk)), repr(case.folder)]
    assert not [text for text in shown if KEY in text]
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and KEY.encode() in file.read_bytes()]
    assert case.store is not None
    kept = [(one.call, case.store.body(one.body)) for page in case.store.pages() for one in page.asked]
    assert not [call for call, data in kept if KEY in call or KEY.encode() in data or "apikey" in call]
    with pytest.raises(TypeError):
        pickle.dumps(fetcher)


@pytest.mark.parametrize(
    "told",
    [
        {"message": f"Invalid API Key {KEY}"},
        {"jsonrpc": "2.0", "id": 0, "error": f"no, {KEY}"},
        b"<html>" + KEY.encode(),
        Response(401, f"bad key {KEY}".encode()),
        Response(422, f'{{"errors":[{{"detail":"apikey={KEY}"}}]}}'.encode()),
        Response(429, KEY.encode(), {"x-credits-remaining": "0"}),
        Response(500, KEY.encode()),
    ],
)
def test_errors_hold_no_key(scout: Scout, log: pytest.LogCaptureFixture, told: Any) -> None:
    scout.change = lambda name, query, answer: told
    fetcher = ct.Blockscout(scout.url, KEY, limits=ct.Limits(tries=1, patience=0))
    fetcher._desk.sleep = lambda seconds: None
    with pytest.raises(ProviderError) as caught:
        fetcher.block_of("0x" + "1" * 64)
    error = caught.value
    text = "".join(TracebackException.from_exception(error, capture_locals=True).format())
    frames = text.partition("fetch/provider.py")[2]  # the frames before are this test's own
    assert frames
    assert KEY not in f"{error}{error!r}{vars(error)}{pickle.dumps(error)!r}{frames}{log.text}"


@pytest.mark.parametrize(
    "how", [{"chain": "nonsense"}, {"url": "ftp://x/api/v2"}, {"url": "http:///api/v2"}, {"url": f"http://x/{KEY}"}]
)
def test_options_that_are_wrong_show_no_key(how: dict[str, Any]) -> None:
    with pytest.raises(ct.errors.UserError) as caught:
        ct.Blockscout(**({"url": f"http://127.0.0.1:1/api/v2?apikey={KEY}", "key": KEY} | how))
    text = "".join(TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert KEY not in text.partition("blockscout/fetcher.py")[2]
    assert KEY not in str(caught.value)


# ---- the command line --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["--blockscout"], ["--blockscout", "-"], ["--blockscout", KEY]])
def test_the_command_takes_the_key_from_the_environment_or_as_told(
    stage: Stage, scout: Scout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    if KEY not in words:
        monkeypatch.setenv("CHAINTRACE_BLOCKSCOUT_KEY", KEY)
    monkeypatch.setenv("CHAINTRACE_RPC", "http://127.0.0.1:1")
    told = ["fetch", str(tmp_path / "case"), *words, "--blockscout-url", scout.url, "--max-accounts", "1"]
    told += ["--seed-tx", stage.planted.thefts[0], "--rate", "1000"]
    done = CliRunner().invoke(chaintrace, told)
    assert done.exit_code == 0, done.output
    assert "an explorer with Blockscout's REST API" in " ".join(done.output.split())
    assert KEY not in done.output
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and KEY.encode() in file.read_bytes()]


def test_the_command_says_where_a_key_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHAINTRACE_BLOCKSCOUT_KEY", raising=False)
    told = ["fetch", str(tmp_path / "case"), "--seed-tx", "0x" + "1" * 64, "--blockscout"]
    done = CliRunner().invoke(chaintrace, told)
    assert done.exit_code == 2
    assert "CHAINTRACE_BLOCKSCOUT_KEY" in done.output


@pytest.mark.parametrize("most", [10, 10_000])
def test_the_command_says_how_long_a_history_may_be(stage: Stage, scout: Scout, tmp_path: Path, most: int) -> None:
    told = ["fetch", str(tmp_path / "case"), "--blockscout", KEY, "--blockscout-url", scout.url, "--max-accounts", "1"]
    told += ["--seed-tx", stage.planted.thefts[0], "--rate", "1000", "--json", "--most", str(most)]
    done = run(tmp_path, *told)
    assert done.returncode == 0, done.stderr
    cut = json.loads(done.stdout)["too_long"]
    assert (stage.planted.one("exploiter") in cut) is (most == 10)


def test_a_fetch_that_was_ended_early_goes_on(stage: Stage, scout: Scout, node_case: ct.Case, tmp_path: Path) -> None:
    case = create(stage, tmp_path / "case", fast(scout))
    assert case.fetch(budget=ct.Budget(accounts=4)).ended == "accounts"
    later = ct.Case.open(tmp_path / "case")
    before = sum(scout.calls.values())
    assert later.fetch([fast(scout)], budget=ct.Budget(accounts=4)).ended == "accounts"
    assert later.verify().same
    assert 0 < sum(scout.calls.values()) - before < before


def test_a_cut_is_looked_at_again_when_more_is_allowed(stage: Stage, scout: Scout, tmp_path: Path) -> None:
    case = create(stage, tmp_path / "case")
    assert case.fetch([ct.Blockscout(scout.url, KEY, limits=FAST, most=12)], budget=ct.Budget(accounts=2)).cut
    assert not case.fetch([ct.Blockscout(scout.url, KEY, limits=FAST)], budget=ct.Budget(accounts=2)).cut
