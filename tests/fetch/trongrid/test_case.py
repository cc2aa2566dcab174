"""A whole case through TronGrid: crawled, verified, handed on, from the command line; and the key is nowhere."""

from __future__ import annotations

import logging
import pickle
from collections import Counter
from pathlib import Path
from traceback import TracebackException
from typing import Any

import pytest
from click.testing import CliRunner

import chaintrace as ct
from chaintrace.cli import chaintrace
from chaintrace.errors import ProviderError
from chaintrace.model.transfer import Transfers
from chaintrace.testing.grid import Grid
from chaintrace.testing.tronned import named
from chaintrace.testing.truth import difference, rows_of
from tests.fetch.trongrid.asking import KEY, NATIVE, NOTHING, Stage, as_tron, asked_of, asset, question
from tests.kernels import on

FAST = ct.Limits(tries=2, patience=0)
TOKENS = slice(1, 2)
"""Of the two thefts the one of a token."""


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


@pytest.fixture(scope="module")
def crawled(stage: Stage, standing: Grid, tmp_path_factory: pytest.TempPathFactory) -> ct.Case:
    """Everything, fetched until nothing is left; tests only look at it."""
    case = create(stage, standing, tmp_path_factory.mktemp("tron") / "case")
    assert case.fetch(budget=ct.Budget(share="1")).ended == "goal"
    return case


def create(stage: Stage, grid: Grid, path: Path, thefts: slice = slice(None), **how: Any) -> ct.Case:
    seeds = [ct.theft(tx[2:]) for tx in stage.planted.thefts[thefts]]
    told = {"stop_at": stops(stage), "chain": "tron", "wrappers": [named(stage.planted.one("weth"))]}
    return ct.Case.create(path, seeds, [ct.TronGrid(grid.url, KEY, limits=FAST)], **(told | how))


def stops(stage: Stage) -> dict[str, str]:
    return {named(one): category for one, category in stage.planted.stops.items()}


def ledger(trace: Any) -> Counter[tuple[Any, ...]]:
    return Counter(tuple(line.values()) for line in trace.ledger.to_dict("records"))


def test_a_case_is_fetched_verified_and_handed_on(stage: Stage, crawled: ct.Case, tmp_path: Path) -> None:
    assert crawled.verify().same
    assert crawled.harvest is not None
    whom = crawled.harvest.fetched
    found = [row for row in rows_of(crawled.graph.table) if {row.sender, row.receiver} & whom]
    inside = [row for row in as_tron(stage.planted.rows) if row.block >= stage.planted.first]
    assert difference([row for row in inside if {row.sender, row.receiver} & whom], found) == NOTHING
    reconciled = crawled.reconcile()
    odd = reconciled[reconciled["residual"] != 0]
    assert len(reconciled) > 50
    assert set(odd["asset"]) <= set(map(asset, stage.planted.liars))
    handed = ct.Case.open(crawled.export(tmp_path / "bundle"))
    assert handed.verify().same
    assert handed.trace().ledger.equals(crawled.trace().ledger)
    assert next(iter(crawled.harvest.cards.values())).door == "trongrid"


@pytest.mark.parametrize("kernel", ct.kernels())
@pytest.mark.parametrize("method", ["fifo", "lifo", "haircut", "dirty-first"])
def test_a_crawl_finds_what_the_whole_chain_would_tell(
    stage: Stage, grid: Grid, crawled: ct.Case, whole: Transfers, method: str, kernel: str
) -> None:
    with on(kernel):
        found = crawled.trace(method=method)
        graph = ct.TransferGraph(whole)
        truth = ct.trace(graph, crawled.seeds, method, stop_at=crawled.stops, links=crawled.links)
        assert found.kernel == truth.kernel == kernel
    assert ledger(found) == ledger(truth)
    assert "not_fetched" not in set(found.ledger["bucket"])


@pytest.fixture(scope="module")
def whole(stage: Stage, standing: Grid) -> Transfers:
    """Everything that happened to anybody from the first theft on, and what they had before."""
    return Transfers(asked_of(standing, question(stage, first=stage.planted.first)).answer.rows)


def test_a_theft_of_tokens_is_followed_too(stage: Stage, small: ct.Case) -> None:
    """25.5 million of a token like USDT, sold by two helpers."""
    usdc, stolen = asset(f"eip155:1/erc20:{stage.planted.one('usdc')}"), 25_500_000 * 10**6
    assert small.trace().seeded == {usdc: stolen}
    assert {(line["asset"], line["amount"]) for line in small.trace().ledger.to_dict("records")} == {(usdc, stolen)}


@pytest.fixture(scope="module")
def small(stage: Stage, standing: Grid, tmp_path_factory: pytest.TempPathFactory) -> ct.Case:
    """The theft of tokens alone."""
    case = create(stage, standing, tmp_path_factory.mktemp("small") / "case", TOKENS)
    assert case.fetch(budget=ct.Budget(share="1")).ended == "goal"
    return case


def test_an_address_is_a_seed_in_any_form(stage: Stage, grid: Grid, tmp_path: Path) -> None:
    whom = named(stage.planted.roles["mule"][1])
    case = ct.Case.create(
        tmp_path / "case", ct.address(whom, since=stage.planted.first), [ct.TronGrid(grid.url, KEY, limits=FAST)],
        chain="tron", stop_at=stops(stage),
    )  # fmt: skip
    case.fetch(budget=ct.Budget(accounts=2))
    assert case.trace().seeded[NATIVE] > 0
    assert case.verify().same


def test_a_fetch_that_was_ended_early_goes_on(stage: Stage, grid: Grid, small: ct.Case, tmp_path: Path) -> None:
    case = create(stage, grid, tmp_path / "case", TOKENS)
    assert case.fetch(budget=ct.Budget(accounts=1)).ended == "accounts"
    later = ct.Case.open(tmp_path / "case")
    later.fetch([ct.TronGrid(grid.url, KEY, limits=FAST)], budget=ct.Budget(share="1"))
    assert later.trace().ends().equals(small.trace().ends())
    assert later.verify().same


def test_a_case_is_extended_to_where_the_chain_ends_now(
    stage: Stage, grid: Grid, small: ct.Case, tmp_path: Path
) -> None:
    solid = grid.solid
    grid.solid = stage.planted.first + 3
    case = create(stage, grid, tmp_path / "case", TOKENS)
    case.fetch(budget=ct.Budget(share="1"))
    grid.solid = solid
    assert not case.trace().ends().equals(small.trace().ends())
    case.fetch(budget=ct.Budget(share="1"), extend=True)
    assert case.trace().ends().equals(small.trace().ends())
    assert case.verify().same


# ---- the key -----------------------------------------------------------------------------------------------------


def test_the_key_is_nowhere_to_be_found(
    stage: Stage, grid: Grid, tmp_path: Path, log: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    fetcher = ct.TronGrid(grid.url, KEY, limits=FAST)
    case = create(stage, grid, tmp_path / "case")
    done = case.fetch([fetcher], budget=ct.Budget(accounts=3))
    case.export(tmp_path / "bundle")
    shown = [repr(fetcher), repr(case), repr(done), case.trace().to_json(), log.text, *capsys.readouterr()]
    shown += [fetcher.name, repr(vars(fetcher)), repr(vars(fetcher._desk)), repr(case.folder)]
    assert not [text for text in shown if KEY in text]
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and KEY.encode() in file.read_bytes()]
    with pytest.raises(TypeError):
        pickle.dumps(fetcher)


@pytest.mark.parametrize(
    "told",
    [
        {"success": False, "error": f"bad key {KEY}"},
        {"Error": f"no, {KEY}"},
        b"<html>" + KEY.encode(),
        (401, f"bad key {KEY}".encode()),
        (403, f"the key {KEY} exceeds the frequency limit".encode()),
        (500, KEY.encode()),
    ],
)
def test_errors_hold_no_key(grid: Grid, log: pytest.LogCaptureFixture, told: Any) -> None:
    grid.change = lambda path, asked, answer: told
    fetcher = ct.TronGrid(grid.url, KEY, limits=ct.Limits(tries=1, patience=0))
    fetcher._desk.sleep = lambda seconds: None
    with pytest.raises(ProviderError) as caught:
        fetcher.block_of("1" * 64)
    error = caught.value
    text = "".join(TracebackException.from_exception(error, capture_locals=True).format())
    frames = text.partition("fetch/provider.py")[2]  # the frames before are this test's own
    assert frames
    assert KEY not in f"{error}{error!r}{vars(error)}{pickle.dumps(error)!r}{frames}{log.text}"


@pytest.mark.parametrize("how", [{"page": 0}, {"chain": "bitcoin"}, {"url": "ftp://x"}, {"key": f"{KEY}\n{KEY}"}])
def test_options_that_are_wrong_show_no_key(how: dict[str, Any]) -> None:
    with pytest.raises(ct.errors.UserError) as caught:
        ct.TronGrid(**({"url": "http://127.0.0.1:1", "key": KEY} | how))
    text = "".join(TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert KEY not in text.partition("fetch/provider.py")[2]


# ---- the command line --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["--trongrid"], ["--trongrid", "-"], ["--trongrid", KEY]])
def test_the_command_takes_the_key_from_the_environment_or_as_told(
    stage: Stage, grid: Grid, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    if KEY not in words:
        monkeypatch.setenv("CHAINTRACE_TRONGRID_KEY", KEY)
    monkeypatch.setenv("CHAINTRACE_RPC", "http://127.0.0.1:1")
    told = ["fetch", str(tmp_path / "case"), *words, "--trongrid-url", grid.url, "--max-accounts", "1"]
    told += ["--chain", "tron", "--wrapper", named(stage.planted.one("weth")), "--rate", "1000"]
    told += ["--seed-tx", stage.planted.thefts[0][2:], "--stop-at", f"{named(stage.planted.one('pool'))}=mixer"]
    for _ in range(2):
        done = CliRunner().invoke(chaintrace, told)
        assert done.exit_code == 0, done.output
        assert KEY not in done.output
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and KEY.encode() in file.read_bytes()]
    assert CliRunner().invoke(chaintrace, ["verify", str(tmp_path / "case")]).exit_code == 0


def test_the_command_says_where_a_key_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHAINTRACE_TRONGRID_KEY", raising=False)
    told = ["fetch", str(tmp_path / "case"), "--seed-tx", "1" * 64, "--chain", "tron", "--trongrid"]
    done = CliRunner().invoke(chaintrace, told)
    assert done.exit_code == 2
    assert "CHAINTRACE_TRONGRID_KEY" in done.output
