"""A key in the address of a node is nowhere to be found afterwards."""

from __future__ import annotations

import logging
import pickle
from pathlib import Path
from traceback import TracebackException

import pytest
from click.testing import CliRunner

import chaintrace as ct
from chaintrace.cli import chaintrace
from chaintrace.errors import ProviderError
from tests.fetch.rpc.proxy import Proxy, instead
from tests.testing.conftest import Stage

KEY = "c4n4ry0f7h3c0a1m1n3"


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


@pytest.mark.parametrize("place", ["{url}/v3/KEY", "{url}/?apikey=KEY", "http://user:KEY@{host}"])
def test_a_fetched_case_holds_no_key(
    stage: Stage, tmp_path: Path, log: pytest.LogCaptureFixture, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Proxy(stage.node.url) as proxy:
        url = place.replace("{url}", proxy.url).replace("{host}", proxy.url.removeprefix("http://")).replace("KEY", KEY)
        fetcher = ct.Rpc(url)
        case = ct.Case.create(
            tmp_path / "case", ct.theft(stage.planted.thefts[0]), [fetcher], stop_at=stage.planted.stops
        )
        done = case.fetch(budget=ct.Budget(accounts=3))
        case.export(tmp_path / "bundle")
    shown = [repr(fetcher), repr(case), repr(done), str(done), case.trace().to_json(), log.text, *capsys.readouterr()]
    shown += [fetcher.name, repr(vars(fetcher)), repr(case.folder)]
    assert not [text for text in shown if KEY in text]
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and KEY.encode() in file.read_bytes()]
    evidence = [case.store.body(one.body) for kept in case.store.pages() for one in kept.asked] if case.store else []
    assert not [data for data in evidence if KEY.encode() in data]
    with pytest.raises(TypeError):
        pickle.dumps(fetcher)


def test_errors_hold_no_key(stage: Stage, tmp_path: Path, log: pytest.LogCaptureFixture) -> None:
    """Of a node that says no, of one that answers nonsense, and of one that is not there."""
    changes = [
        instead(lambda method, params: {"code": -32000, "message": f"no, {KEY}"}),
        lambda asked, forward: b"<html>" + KEY.encode(),
        lambda asked, forward: (401, f"bad key {KEY}".encode()),
    ]
    with Proxy(stage.node.url) as proxy:
        url = f"{proxy.url}/v3/{KEY}"
        for change in changes:
            proxy.reset(change)
            _assert_silent(url, tmp_path, stage)
    _assert_silent(url, tmp_path, stage)
    assert KEY not in log.text


def _assert_silent(url: str, tmp_path: Path, stage: Stage) -> None:
    fetcher = ct.Rpc(url, limits=ct.Limits(tries=1))
    with pytest.raises(ProviderError) as caught:
        fetcher.head()
    error = caught.value
    told = "".join(TracebackException.from_exception(error, capture_locals=True).format())
    frames = told.partition("fetcher.py")[2]  # the frames before are this test's own, which knows the key
    assert frames
    assert KEY not in f"{error}{error!r}{vars(error)}{pickle.dumps(error)!r}"
    assert KEY not in frames


def test_the_command_line_shows_no_key(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: pytest.LogCaptureFixture
) -> None:
    """Neither with a node that answers nor with one that does not."""
    with Proxy(stage.node.url) as proxy:
        monkeypatch.setenv("CHAINTRACE_RPC", f"{proxy.url}/v3/{KEY}")
        words = ["fetch", str(tmp_path / "case"), "--seed-tx", stage.planted.thefts[0], "--max-accounts", "2"]
        done = CliRunner().invoke(chaintrace, words)
        assert done.exit_code == 0, done.output
        proxy.reset(lambda asked, forward: (403, f"{KEY} is not allowed".encode()))
        words = ["fetch", str(tmp_path / "other"), "--seed-tx", stage.planted.thefts[0]]
        failed = CliRunner().invoke(chaintrace, words)
    assert failed.exit_code == 2
    assert "Hint:" in failed.output
    assert KEY not in done.output + failed.output + log.text
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and KEY.encode() in file.read_bytes()]
