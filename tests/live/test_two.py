"""Several fetchers at once: everything is asked of each, and where they disagree is a value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import chaintrace as ct
from chaintrace.errors import CaseError
from tests.fetch.rpc.proxy import Member, Proxy, each
from tests.testing.conftest import Stage

USDC = "eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"


def create(stage: Stage, path: Path, *fetchers: ct.Rpc) -> ct.Case:
    seeds = [ct.theft(tx) for tx in stage.planted.thefts]
    return ct.Case.create(path, seeds, fetchers, stop_at=stage.planted.stops)


def test_two_that_agree_give_what_one_gives(stage: Stage, fetched: ct.Case, tmp_path: Path) -> None:
    with Proxy(stage.node.url) as proxy:
        case = create(stage, tmp_path / "case", ct.Rpc(stage.node.url), ct.Rpc(proxy.url, way="call_tracer"))
        case.fetch(budget=ct.Budget(share="1"))
    assert case.disagreements().empty
    assert case.trace().ledger.equals(fetched.trace().ledger)
    assert case.harvest is not None
    assert len(case.harvest.providers) == 2
    assert case.verify().same
    assert ct.Case.open(case.export(tmp_path / "bundle")).verify().same


def test_what_only_one_of_two_tells_is_a_value(stage: Stage, tmp_path: Path) -> None:
    """The second withholds dust that strangers sent; the first is believed, and the answer says so."""
    scam = stage.planted.one("scam")

    def withhold(method: str, params: list[Any], answer: Member) -> Member:
        if method == "eth_getLogs":
            answer["result"] = [
                log for log in answer["result"] if not (log["address"] == scam and int(log["topics"][1], 16) == 0)
            ]
        return answer

    with Proxy(stage.node.url) as proxy:
        proxy.reset(each(withhold))
        case = create(stage, tmp_path / "case", ct.Rpc(stage.node.url), ct.Rpc(proxy.url))
        case.fetch()
        second = f"rpc {proxy.url.removeprefix('http://')}"
    found = case.disagreements()
    assert case.harvest is not None
    dusted = {row.receiver for row in stage.planted.rows if row.kind == "mint" and row.asset in stage.planted.liars}
    assert set(found["account"]) == dusted & case.harvest.fetched != set()
    assert set(found["not_by"]) == {second}
    assert set(found["asset"]) == stage.planted.liars
    assert set(found["amount"]) == {1}
    assert any("providers disagree" in note for note in case.trace().notes)
    told = case.to_dict(case.trace())["fetched"]["disagreements"]
    assert [one["amount"] for one in told] == ["1"] * len(found)
    kept = set(zip(case.graph.to_pandas()["tx_hash"], case.graph.to_pandas()["seq"], strict=True))
    assert set(zip(found["tx_hash"], found["seq"], strict=True)) <= kept


def test_a_kind_that_the_first_cannot_see_is_taken_from_the_second(
    stage: Stage, fetched: ct.Case, tmp_path: Path
) -> None:
    with Proxy(stage.node.url) as proxy:
        case = create(stage, tmp_path / "case", ct.Rpc(proxy.url, way="logs"), ct.Rpc(stage.node.url))
        case.fetch(budget=ct.Budget(share="1"))
    assert case.disagreements().empty
    assert case.trace().ledger.equals(fetched.trace().ledger)


def test_one_provider_is_not_two(stage: Stage, tmp_path: Path) -> None:
    case = create(stage, tmp_path / "case", ct.Rpc(stage.node.url), ct.Rpc(stage.node.url))
    with pytest.raises(CaseError, match="named twice"):
        case.fetch()


def test_a_case_without_a_fetcher_says_what_to_do(stage: Stage, tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="nobody was named"):
        create(stage, tmp_path / "case").fetch()
    with pytest.raises(CaseError, match="nothing was fetched yet"):
        ct.Case.open(tmp_path / "case").trace()
