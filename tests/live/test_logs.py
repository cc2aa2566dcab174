"""A fetched case's logs are those that the node has of the transactions whose receipts were asked for."""

from __future__ import annotations

import pytest

import chaintrace as ct
from chaintrace.errors import CaseError
from chaintrace.fetch.rpc.logs import fetch_logs
from tests.testing.conftest import Stage


def test_logs_of_a_fetched_case_are_the_nodes(fetched: ct.Case, stage: Stage) -> None:
    whole = fetch_logs(ct.Rpc(stage.node.url), [], last=stage.planted.last, calls=True)
    known = {log.identity: log for log in whole.logs}
    kept = fetched.logs()
    assert len(kept) > 20
    assert all(known[log.identity].data == log.data for log in kept.logs)
    assert len(kept.rejected) == 0
    assert "only receipts hold every log" in kept.notes[0]


def test_findings_take_them(fetched: ct.Case) -> None:
    found = fetched.findings(only=["swap", "wrap", "bridge-link"], logs=fetched.logs())
    assert len(found.of("swap")) == 2
    assert len(found.of("bridge-link")) == 0


def test_a_case_that_was_not_fetched_has_none() -> None:
    with pytest.raises(CaseError, match="keeps no responses"):
        ct.Case.open("ronin").logs()
