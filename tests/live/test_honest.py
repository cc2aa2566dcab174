"""Numbers that would look right and are wrong: each of these once was."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import chaintrace as ct
from chaintrace.errors import CaseError, SeedError, StoreDamaged
from chaintrace.testing.anvil import Anvil
from chaintrace.testing.contracts import compiled
from chaintrace.testing.script import Script
from tests.fetch.rpc.proxy import Member, Proxy, each
from tests.live.conftest import create, fetch
from tests.live.test_reorg import ETHER, Story
from tests.testing.conftest import Stage

ETH = "eip155:1/slip44:60"


@pytest.fixture
def story(binary: None) -> Iterator[Story]:
    with Anvil(slots_in_an_epoch=2) as node:
        yield Story(node)


def held(case: ct.Case) -> int:
    lines = case.trace().ledger
    return int(lines[(lines["bucket"] == "held") & (lines["asset"] == ETH)]["amount"].sum())


def test_a_theft_after_the_last_block_is_no_holding(story: Story, tmp_path: Path) -> None:
    """Its money may have moved on by the last block of the chain; the case ends before it came."""
    case = ct.Case.create(tmp_path / "case", ct.theft(story.theft), [ct.Rpc(story.node.url)], until=10)
    case.fetch()
    before = held(case)
    late = story.pay("0x" + "bb" * 20, "0x" + "cc" * 20, ETHER)
    story.node.mine(8)
    text = (tmp_path / "case" / "case.toml").read_text()
    (tmp_path / "case" / "case.toml").write_text(f'{text}\n[[seeds]]\ntheft = "{late}"\n')
    case = ct.Case.open(tmp_path / "case", [ct.Rpc(story.node.url)])
    with pytest.raises(SeedError, match="outside of the blocks"):
        case.fetch()
    assert 0 < before <= 900 * ETHER
    fresh = ct.Case.create(
        tmp_path / "fresh", [ct.theft(story.theft), ct.theft(late)], [ct.Rpc(story.node.url)], until=10
    )
    with pytest.raises(SeedError, match="outside of the blocks"):
        fresh.fetch()


def test_a_seed_that_is_added_later_is_asked_for_whole(stage: Stage, tmp_path: Path) -> None:
    """Though rows of its transaction are there already, from the history of one of its parties."""
    planted = stage.planted
    whole = fetch(stage, tmp_path / "whole", share="1")
    case = ct.Case.create(
        tmp_path / "case", ct.theft(planted.thefts[0]), [ct.Rpc(stage.node.url)], stop_at=planted.stops
    )
    case.fetch(budget=ct.Budget(share="1"))
    split = next(row for row in planted.rows if row.sender == planted.one("splitter")).tx_hash
    for folder in ("whole", "case"):
        file = tmp_path / folder / "case.toml"
        kept = file.read_text().partition("[[seeds]]")[0]
        seeds = [*planted.thefts, split] if folder == "whole" else [planted.thefts[0], planted.thefts[1], split]
        file.write_text(kept + "".join(f'[[seeds]]\ntheft = "{one}"\n' for one in seeds))
        ct.Case.open(tmp_path / folder, [ct.Rpc(stage.node.url)]).fetch(budget=ct.Budget(share="1"))
    both = [ct.Case.open(tmp_path / folder) for folder in ("whole", "case")]
    assert both[0].trace().ledger.equals(both[1].trace().ledger)
    asked = {tx for kept in both[1].store.pages() for tx in kept.question.transactions} if both[1].store else set()
    assert asked == {*planted.thefts, split}
    assert whole.store is not None


def test_a_second_provider_is_asked_for_the_theft_too(stage: Stage, tmp_path: Path) -> None:
    case = fetch(stage, tmp_path / "case")
    with Proxy(stage.node.url) as proxy:
        case.fetch([ct.Rpc(stage.node.url), ct.Rpc(proxy.url)])
        second = f"rpc {proxy.url.removeprefix('http://')}"
    assert case.store is not None
    asked = {tx for kept in case.store.pages() if kept.question.provider == second for tx in kept.question.transactions}
    assert asked == set(stage.planted.thefts)


def test_what_no_balance_confirms_is_not_called_held(stage: Stage, tmp_path: Path) -> None:
    """A node that has forgotten old states: openings are unknown, and so is how much of what is there was stolen."""

    def forget(method: str, params: list[Any], answer: Member) -> Member:
        if method in ("eth_getBalance", "eth_call"):
            return {"jsonrpc": "2.0", "id": answer["id"], "error": {"code": -32000, "message": "missing trie node"}}
        return answer

    with Proxy(stage.node.url) as proxy:
        proxy.reset(each(forget))
        seeds = [ct.theft(tx) for tx in stage.planted.thefts]
        case = ct.Case.create(tmp_path / "case", seeds, [ct.Rpc(proxy.url)], stop_at=stage.planted.stops)
        done = case.fetch()
    assert done.ended == "nothing left"
    assert held(case) == 0
    assert any("is not known (-32000: missing trie node)" in note for note in case.trace().notes)


def test_a_balance_of_an_earlier_block_confirms_nothing(binary: None, vyper: None, tmp_path: Path) -> None:
    """A token whose balances shrink without a log, after the account's history was fetched once."""
    with Anvil(slots_in_an_epoch=2) as node:
        script = Script(node, 1_700_000_000)
        thief, victim = script.play("thief", wei=ETHER), script.play("victim", wei=ETHER)
        contract, code = script.place("Token", "token", "SHRINK", 6), compiled("Token")
        script.call(victim, code, contract, "mint", victim, 1_000)
        script.block()
        theft = script.call(victim, code, contract, "transfer", thief, 1_000)
        script.block()
        node.mine(6)
        case = ct.Case.create(tmp_path / "case", ct.theft(theft.tx_hash), [ct.Rpc(node.url)])
        case.fetch()
        asset = f"eip155:1/erc20:{contract}"
        assert dict(zip(case.trace().ledger["bucket"], case.trace().ledger["amount"], strict=True)) == {"held": 1_000}
        _shrink(node, contract, thief)
        node.mine(8)
        case.fetch(extend=True)
        trace, found = case.trace(), case.reconcile()
        assert dict(zip(trace.ledger["bucket"], trace.ledger["amount"], strict=True)) == {"not_fetched": 1_000}
        assert list(found[found["asset"] == asset]["residual"]) == [-1_000]


def _shrink(node: Anvil, contract: str, account: str) -> None:
    """Sets a balance to nothing in the contract's own storage, wherever it keeps it."""
    from eth_utils.crypto import keccak

    word = account[2:].rjust(64, "0")
    for slot in range(16):
        for key in (f"{slot:064x}{word}", f"{word}{slot:064x}"):
            place = "0x" + keccak(hexstr=key).hex()
            if int(node.rpc("eth_getStorageAt", contract, place, "latest"), 16) == 1_000:
                node.rpc("anvil_setStorageAt", contract, place, "0x" + "0" * 64)
                return
    raise AssertionError("the balance was not found")


@pytest.mark.parametrize(
    "entry", ['wrappers = ["0xabababababababababababababababababababab"]', "first = 6", "until = 20"]
)
def test_what_pages_were_asked_with_cannot_be_changed_afterwards(stage: Stage, tmp_path: Path, entry: str) -> None:
    case = create(stage, tmp_path / "case")
    case.fetch(budget=ct.Budget(accounts=1))
    file = tmp_path / "case" / "case.toml"
    file.write_text(file.read_text().replace("[fetch]", f"[fetch]\n{entry}"))
    with pytest.raises(CaseError, match="not what they were"):
        ct.Case.open(tmp_path / "case").fetch([ct.Rpc(stage.node.url)])


def test_a_fetch_that_did_not_end_is_said(stage: Stage, tmp_path: Path) -> None:
    case = create(stage, tmp_path / "case")

    def stop(progress: Any) -> None:
        if progress.accounts > 2:
            raise RuntimeError("the machine has better things to do")

    with pytest.raises(RuntimeError):
        case.fetch(watch=stop)
    note = "the last fetch did not come to its end"
    assert any(one.startswith(note) for one in case.trace().notes)
    case.fetch()
    assert not any(one.startswith(note) for one in case.trace().notes)


def test_a_cut_is_looked_at_again_when_more_is_allowed(stage: Stage, tmp_path: Path) -> None:
    seeds = [ct.theft(tx) for tx in stage.planted.thefts]
    case = ct.Case.create(tmp_path / "case", seeds, stop_at=stage.planted.stops)
    assert case.fetch([ct.Rpc(stage.node.url, most=12)]).cut
    done = case.fetch([ct.Rpc(stage.node.url)])
    assert (done.ended, done.cut) == ("goal", {})


def test_a_budget_of_nothing_fetches_no_account(stage: Stage, tmp_path: Path) -> None:
    seeds = [ct.address(one, since=stage.planted.first, asset="native") for one in stage.planted.roles["mule"][:4]]
    case = ct.Case.create(tmp_path / "case", seeds, [ct.Rpc(stage.node.url)])
    with pytest.raises(SeedError):  # nothing is there to trace yet
        case.fetch(budget=ct.Budget(requests=0, accounts=0))
    assert case.store is not None
    assert case.store.pages() == []


@pytest.mark.parametrize("wrong", [{"stop_at": {"0xabc": "mixer"}}, {"until": "nonsense"}, {"chain": "foo"}])
def test_a_case_that_cannot_be_made_leaves_nothing_behind(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(ct.errors.UserError):
        ct.Case.create(tmp_path / "case", ct.theft("0x" + "1" * 64), **wrong)
    ct.Case.create(tmp_path / "case", ct.theft("0x" + "1" * 64))


def test_labels_keep_what_they_say(tmp_path: Path) -> None:
    label = ct.Label("0x" + "ab" * 20, "exchange, big", 'The "Exchange"', role="hot wallet", source="our notes")
    case = ct.Case.create(tmp_path / "case", ct.theft("0x" + "1" * 64), stop_at=[label])
    assert case.labels == (label,)
    assert case.stops == [label]


def test_a_store_without_its_database_is_no_new_case(stage: Stage, tmp_path: Path) -> None:
    create(stage, tmp_path / "case").fetch(budget=ct.Budget(accounts=1))
    (tmp_path / "case" / "store" / "case.duckdb").unlink()
    with pytest.raises(ct.errors.StoreError):
        ct.Case.open(tmp_path / "case")


def test_rows_of_a_bundle_are_what_its_responses_say(fetched: ct.Case, tmp_path: Path) -> None:
    """Whoever changes them can change their hash in the manifest too."""
    path = fetched.export(tmp_path / "bundle")
    with zipfile.ZipFile(path) as bundle:
        entries = {name: bundle.read(name) for name in bundle.namelist()}
    forged = entries["rows/0.jsonl"].replace(b"0x098b", b"0x198b")
    manifest = json.loads(entries["manifest.json"])
    manifest["files"]["rows/0.jsonl"] = sha256(forged).hexdigest()
    entries |= {"rows/0.jsonl": forged, "manifest.json": json.dumps(manifest).encode()}
    with zipfile.ZipFile(tmp_path / "forged", "w") as bundle:
        for name, data in entries.items():
            bundle.writestr(name, data)
    with pytest.raises(StoreDamaged, match="not what its responses say"):
        ct.Case.open(tmp_path / "forged")


def test_exporting_overwrites_nothing_but_an_exported_case(fetched: ct.Case, tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("precious")
    with pytest.raises(CaseError, match="is no exported case"):
        fetched.export(tmp_path / "precious.txt")
    assert fetched.export(fetched.export(tmp_path / "bundle")) == tmp_path / "bundle"


def test_a_file_that_is_no_case_says_so(fetched: ct.Case, tmp_path: Path) -> None:
    path = fetched.export(tmp_path / "bundle")
    for data in (b"", path.read_bytes()[:1000]):
        path.write_bytes(data)
        with pytest.raises(CaseError, match="is a file and no case"):
            ct.Case.open(path)


def test_a_range_that_its_pages_were_not_asked_for_is_found(fetched: ct.Case, tmp_path: Path) -> None:
    case = ct.Case.open(shutil.copytree(fetched.folder.path, tmp_path / "copy"))
    assert case.store is not None
    with case.store.writing():
        told = json.loads(case.store.get("range") or "")
        case.store.set("range", json.dumps(told | {"last_hash": "0x" + "1" * 64}))
    found = ct.Case.open(tmp_path / "copy").verify()
    assert "range" in {one.what for one in found.differences}
