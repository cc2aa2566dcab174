"""Whom ``chaintrace fetch`` asks: options name it, and the environment where the case is about Bitcoin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import chaintrace as ct
from chaintrace.cli.fetch import EXPLORERS as NAMES
from chaintrace.cli.fetch import _fetchers
from chaintrace.errors import MethodError

NODE, SERVER, OTHER = "http://node.test", "http://server.test/api", "http://other.test"
EXPLORERS = tuple(f"{one}{end}" for one in NAMES for end in ("", "_url"))
NOBODY: dict[str, Any] = {
    **dict.fromkeys((*EXPLORERS, "rate", "most", "chain")),
    "rpc": (),
    "esplora": (),
    "files": (),
    "warehouse": (),
    "workers": 4,
    "way": "auto",
    "case": "/nowhere",
}


def asked(monkeypatch: pytest.MonkeyPatch, node: str = "", server: str = "", **options: Any) -> list[str]:
    monkeypatch.setenv("CHAINTRACE_RPC", node)
    monkeypatch.setenv("CHAINTRACE_ESPLORA", server)
    return [one.name for one in _fetchers(NOBODY | options)]


def test_servers_that_are_named_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    told = asked(monkeypatch, esplora=(SERVER, OTHER), chain="bitcoin")
    assert told == ["esplora server.test", "esplora other.test"]
    assert asked(monkeypatch, esplora=(SERVER,)) == ["esplora server.test"]
    assert asked(monkeypatch, node=NODE, server=OTHER, esplora=(SERVER,)) == ["esplora server.test"]


def test_the_environment_speaks_where_the_case_is_about_bitcoin(monkeypatch: pytest.MonkeyPatch) -> None:
    both = {"node": NODE, "server": f"{SERVER} {OTHER}"}
    assert asked(monkeypatch, **both, chain="btc") == ["esplora server.test", "esplora other.test"]
    assert asked(monkeypatch, **both, chain="bitcoin-signet") == ["esplora server.test", "esplora other.test"]
    assert asked(monkeypatch, **both, chain="ethereum") == ["rpc node.test"]
    assert asked(monkeypatch, **both) == ["rpc node.test"]
    assert asked(monkeypatch, server=SERVER) == ["esplora server.test"]
    assert asked(monkeypatch, server=SERVER, rpc=(NODE,)) == ["rpc node.test"]
    with pytest.raises(MethodError, match="nobody was named"):
        asked(monkeypatch, server=SERVER, chain="ethereum")


def test_a_case_says_which_chain_it_is_about(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ct.Case.create(tmp_path / "case", ct.theft("12" * 32), chain="bitcoin")
    case = str(tmp_path / "case")
    assert asked(monkeypatch, node=NODE, server=SERVER, case=case) == ["esplora server.test"]
