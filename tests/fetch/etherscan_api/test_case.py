"""A whole case through an explorer: crawled, verified, handed on; alone and beside a node."""

from __future__ import annotations

import logging
import pickle
from pathlib import Path
from traceback import TracebackException
from typing import Any

import pytest
from click.testing import CliRunner

import chaintrace as ct
from chaintrace.cli import chaintrace
from chaintrace.errors import ProviderError
from chaintrace.testing.explorer import Explorer
from chaintrace.testing.truth import difference, rows_of
from tests.fetch.etherscan_api.asking import KEY, NOTHING, Stage

FAST = ct.Limits(tries=2, patience=0)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


@pytest.fixture(scope="module")
def node_case(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> ct.Case:
    case = create(stage, tmp_path_factory.mktemp("node") / "case", ct.Rpc(stage.node.url))
    case.fetch(budget=ct.Budget(share="1"))
    return case


@pytest.fixture
def crawled(stage: Stage, explorer: Explorer, tmp_path: Path) -> ct.Case:
    case = create(stage, tmp_path / "case", ct.Etherscan(explorer.url, KEY, limits=FAST))
    assert case.fetch().ended == "goal"
    return case


def create(stage: Stage, path: Path, *fetchers: Any) -> ct.Case:
    seeds = [ct.theft(tx) for tx in stage.planted.thefts]
    return ct.Case.create(path, seeds, fetchers, stop_at=stage.planted.stops)


def test_a_case_is_fetched_verified_and_handed_on(stage: Stage, crawled: ct.Case, tmp_path: Path) -> None:
    assert crawled.verify().same
    assert crawled.harvest is not None
    whom = crawled.harvest.fetched
    found = [row for row in rows_of(crawled.graph.table) if {row.sender, row.receiver} & whom]
    assert difference(stage.planted.touching(whom, first=stage.planted.first), found) == NOTHING
    reconciled = crawled.reconcile()
    odd = reconciled[reconciled["residual"] != 0]
    assert set(odd["asset"]) <= stage.planted.liars
    handed = ct.Case.open(crawled.export(tmp_path / "bundle"))
    assert handed.verify().same
    assert handed.trace().ledger.equals(crawled.trace().ledger)


@pytest.mark.parametrize("traces", ["account"])
def test_the_money_is_where_the_node_says_that_it_is(
    stage: Stage, explorer: Explorer, node_case: ct.Case, tmp_path: Path, traces: str
) -> None:
    explorer.traces = traces
    case = create(stage, tmp_path / "case", ct.Etherscan(explorer.url, KEY, limits=FAST))
    case.fetch(budget=ct.Budget(share="1"))
    assert case.trace().ledger.equals(node_case.trace().ledger)


@pytest.mark.parametrize("first", ["node", "explorer"])
def test_a_node_and_an_explorer_do_not_disagree(
    stage: Stage, explorer: Explorer, node_case: ct.Case, tmp_path: Path, first: str
) -> None:
    both = [ct.Rpc(stage.node.url), ct.Etherscan(explorer.url, KEY, limits=FAST)]
    case = create(stage, tmp_path / "case", *(both if first == "node" else both[::-1]))
    case.fetch(budget=ct.Budget(share="1"))
    assert case.disagreements().empty
    assert case.trace().ledger.equals(node_case.trace().ledger)
    assert case.verify().same


def test_without_old_balances_the_case_says_what_it_does_not_know(
    stage: Stage, explorer: Explorer, tmp_path: Path
) -> None:
    explorer.archive = False
    case = create(stage, tmp_path / "case", ct.Etherscan(explorer.url, KEY, limits=FAST))
    assert case.fetch().ended == "nothing left"
    assert "held" not in set(case.trace().ledger["bucket"])
    assert any("before the first block is not known" in note for note in case.trace().notes)
    assert case.reconcile()["residual"].isna().all()


# ---- the key -----------------------------------------------------------------------------------------------------


def test_the_key_is_nowhere_to_be_found(
    stage: Stage, explorer: Explorer, tmp_path: Path, log: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    fetcher = ct.Etherscan(explorer.url, KEY, limits=FAST)
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
        {"status": "0", "message": "NOTOK", "result": f"Invalid API Key {KEY}"},
        {"jsonrpc": "2.0", "id": 1, "error": {"code": -1, "message": f"no, {KEY}"}},
        b"<html>" + KEY.encode(),
        (401, f"bad key {KEY}".encode()),
        (500, KEY.encode()),
    ],
)
def test_errors_hold_no_key(explorer: Explorer, log: pytest.LogCaptureFixture, told: Any) -> None:
    explorer.change = lambda query, answer: told
    fetcher = ct.Etherscan(explorer.url, KEY, limits=ct.Limits(tries=1, patience=0))
    fetcher._desk.sleep = lambda seconds: None
    with pytest.raises(ProviderError) as caught:
        fetcher.block_of("0x" + "1" * 64)
    error = caught.value
    text = "".join(TracebackException.from_exception(error, capture_locals=True).format())
    frames = text.partition("fetch/provider.py")[2]  # the frames before are this test's own
    assert frames
    assert KEY not in f"{error}{error!r}{vars(error)}{pickle.dumps(error)!r}{frames}{log.text}"


@pytest.mark.parametrize("how", [{"chain": "nonsense"}, {"page": 0}, {"url": "ftp://x"}, {"url": "http://"}])
def test_options_that_are_wrong_show_no_key(how: dict[str, Any]) -> None:
    with pytest.raises(ct.errors.UserError) as caught:
        ct.Etherscan(**({"url": "http://127.0.0.1:1/api", "key": KEY} | how))
    text = "".join(TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert KEY not in text.partition("etherscan_api/fetcher.py")[2]


# ---- the command line --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["--etherscan"], ["--etherscan", "-"], ["--etherscan", KEY]])
def test_the_command_takes_the_key_from_the_environment_or_as_told(
    stage: Stage, explorer: Explorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    if KEY not in words:
        monkeypatch.setenv("CHAINTRACE_ETHERSCAN_KEY", KEY)
    monkeypatch.setenv("CHAINTRACE_RPC", "http://127.0.0.1:1")
    told = ["fetch", str(tmp_path / "case"), *words, "--etherscan-url", explorer.url, "--max-accounts", "1"]
    told += ["--seed-tx", stage.planted.thefts[0], "--rate", "1000"]
    done = CliRunner().invoke(chaintrace, told)
    assert done.exit_code == 0, done.output
    assert KEY not in done.output
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and KEY.encode() in file.read_bytes()]
    again = CliRunner().invoke(chaintrace, [*told[:-4], "--rate", "1000"])
    assert again.exit_code == 0, again.output


def test_the_command_says_where_a_key_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHAINTRACE_ETHERSCAN_KEY", raising=False)
    told = ["fetch", str(tmp_path / "case"), "--seed-tx", "0x" + "1" * 64, "--etherscan"]
    done = CliRunner().invoke(chaintrace, told)
    assert done.exit_code == 2
    assert "CHAINTRACE_ETHERSCAN_KEY" in done.output


def test_a_fetch_that_was_ended_early_goes_on_with_another_fetcher(
    stage: Stage, explorer: Explorer, node_case: ct.Case, tmp_path: Path
) -> None:
    case = create(stage, tmp_path / "case", ct.Etherscan(explorer.url, KEY, limits=FAST))
    assert case.fetch(budget=ct.Budget(accounts=4)).ended == "accounts"
    later = ct.Case.open(tmp_path / "case")
    later.fetch([ct.Etherscan(explorer.url, KEY, limits=FAST)], budget=ct.Budget(share="1"))
    assert later.trace().ledger.equals(node_case.trace().ledger)
    assert later.verify().same


def test_a_cut_is_looked_at_again_when_more_is_allowed(stage: Stage, explorer: Explorer, tmp_path: Path) -> None:
    case = create(stage, tmp_path / "case")
    assert case.fetch([ct.Etherscan(explorer.url, KEY, limits=FAST, most=12)], budget=ct.Budget(accounts=2)).cut
    assert not case.fetch([ct.Etherscan(explorer.url, KEY, limits=FAST)], budget=ct.Budget(accounts=2)).cut
