"""What a crawl fetches, and that tracing it says what tracing everything would have said."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

import chaintrace as ct
from chaintrace.case.budget import Progress
from chaintrace.model.transfer import SCHEMA, Transfers
from chaintrace.testing.truth import Planted, difference, rows_of
from tests.kernels import on
from tests.live.conftest import create, fetch
from tests.testing.conftest import Stage

ETH = "eip155:1/slip44:60"
WAYS = ["trace_filter", "call_tracer"]


@pytest.mark.parametrize("way", WAYS)
def test_every_row_of_a_fetched_account_is_there_and_no_other(stage: Stage, tmp_path: Path, way: str) -> None:
    """To the wei and the count, whichever way inner calls are found."""
    case = fetch(stage, tmp_path / "case", way, share="1")
    assert case.harvest is not None
    truth = {
        *stage.planted.touching(case.harvest.fetched, stage.planted.first),
        *stage.planted.of(stage.planted.thefts),
    }
    wanted = [row for row in stage.planted.rows if row in truth]
    assert difference(wanted, rows_of(case.harvest.transfers.table)) == ((), ())


@pytest.mark.parametrize("way", WAYS)
def test_both_ways_give_the_same_answer(stage: Stage, fetched: ct.Case, tmp_path: Path, way: str) -> None:
    case = fetch(stage, tmp_path / "case", way, share="1")
    assert case.trace().ledger.equals(fetched.trace().ledger)
    assert case.trace().ends().equals(fetched.trace().ends())


def test_all_of_the_money_is_accounted_for(fetched: ct.Case) -> None:
    trace = fetched.trace()
    assert "not_fetched" not in set(trace.ledger["bucket"])
    assert trace.seeded[ETH] == 173_600 * 10**18
    assert sum(trace.ledger[trace.ledger["asset"] == ETH]["amount"]) == trace.seeded[ETH] + trace.linked_in[ETH]


@pytest.mark.parametrize("kernel", ct.kernels())
@pytest.mark.parametrize("method", ["fifo", "lifo", "haircut", "dirty-first"])
def test_a_crawl_finds_what_the_whole_chain_would_tell(
    stage: Stage, fetched: ct.Case, method: str, kernel: str
) -> None:
    """Tracing only what was fetched ends where tracing every planted row ends, mixers and exchanges excepted, whose
    histories are not followed."""
    with on(kernel):
        found = fetched.trace(method=method)
        whole = ct.trace(
            ct.TransferGraph(_everything(stage.planted, fetched)),
            fetched.seeds,
            method,
            stop_at=fetched.stops,
            links=fetched.links,
        )
        assert found.kernel == whole.kernel == kernel
    assert found.ledger.to_dict("records") == whole.ledger.to_dict("records")


def _everything(planted: Planted, fetched: ct.Case) -> Transfers:
    """Every planted row, at the place that the fetched ones have, and what everybody had before."""
    import pyarrow as pa

    places = {}
    for row in fetched.graph.table.to_pylist():
        places.setdefault((row["tx_hash"], row["kind"], row["sender"], row["receiver"], row["asset"]), []).append(row)
    lines = []
    for n, row in enumerate(one for one in planted.rows if one.block >= planted.first):
        same = places.get((row.tx_hash, row.kind, row.sender, row.receiver, row.asset), [])
        seq = next((one["seq"] for one in same if int.from_bytes(one["amount"], "big") == row.amount), 10**6 + n)
        lines.append(_line(row.tx_hash, row.block, n, seq, row.kind, row.sender, row.receiver, row.asset, row.amount))
    order = {tx: n for n, tx in enumerate(planted.transactions)}
    for line in lines:
        line["tx_index"] = order[line["tx_hash"]]
    for pot, amount in planted.opening.items():
        if amount and pot.asset not in planted.liars:
            name = f"opening:{pot.account}:{pot.asset[-20:]}"
            lines.append(
                _line(name, planted.first - 1, 0, 0, "opening", None, pot.account, pot.asset, amount)
                | {"tx_index": None}
            )
    return Transfers(pa.Table.from_pylist(lines, SCHEMA))


def _line(
    tx: str,
    block: int,
    index: int,
    seq: int,
    kind: str,
    sender: str | None,
    receiver: str | None,
    asset: str,
    amount: int,
) -> dict[str, object]:
    names = ("chain", "block", "tx_hash", "tx_index", "seq", "order", "kind", "sender", "receiver", "asset", "amount")
    cells = ("eip155:1", block, tx, index, seq, "known", kind, sender, receiver, asset, amount.to_bytes(32, "big"))
    return dict(zip(names, cells, strict=True))


def test_stops_are_never_expanded(stage: Stage, fetched: ct.Case) -> None:
    assert fetched.harvest is not None
    assert not fetched.harvest.fetched & set(stage.planted.stops)


def test_the_goal_ends_a_crawl(stage: Stage, tmp_path: Path) -> None:
    case = create(stage, tmp_path / "case")
    seen: list[Progress] = []
    done = case.fetch(watch=seen.append)
    assert done.ended == "goal"
    assert done.progress.share >= Fraction(99, 100)
    assert [one.accounts for one in seen] == sorted(one.accounts for one in seen)
    assert seen[-1] == done.progress
    part, whole = done.progress.accounted[ETH]
    trace = case.trace()
    left = trace.ledger[(trace.ledger["bucket"] == "not_fetched") & (trace.ledger["asset"] == ETH)]["amount"].sum()
    assert whole - part == left > 0


@pytest.mark.parametrize(("limit", "value"), [("accounts", 3), ("requests", 60), ("seconds", 0)])
def test_a_budget_ends_a_crawl_and_the_next_one_goes_on(stage: Stage, tmp_path: Path, limit: str, value: int) -> None:
    case = create(stage, tmp_path / "case")
    done = case.fetch(budget=ct.Budget(**{limit: value}))  # type: ignore[arg-type]
    assert done.ended == limit
    if limit == "accounts":
        assert done.progress.accounts == value
    again = ct.Case.open(tmp_path / "case").fetch([ct.Rpc(stage.node.url)])
    assert again.ended == "goal"
    assert again.progress.accounts > done.progress.accounts


def test_a_fetch_that_is_complete_asks_nothing_more(stage: Stage, tmp_path: Path) -> None:
    case = fetch(stage, tmp_path / "case")
    before = case.store.digest() if case.store else ""
    done = case.fetch()
    assert done.progress.requests <= 1
    assert case.store is not None
    assert case.store.digest() == before


def test_an_address_is_a_seed_too(stage: Stage, tmp_path: Path) -> None:
    """From the theft's block on: the same money as by the theft, and what else the thief was paid."""
    seed = ct.address(stage.planted.one("exploiter"), since=stage.planted.first, asset="native")
    case = ct.Case.create(tmp_path / "case", seed, [ct.Rpc(stage.node.url)], stop_at=stage.planted.stops)
    assert case.fetch().ended == "goal"
    assert case.trace().seeded[ETH] >= 173_600 * 10**18


def test_a_node_that_does_not_trace_says_what_to_do_about_an_inner_theft(stage: Stage, tmp_path: Path) -> None:
    case = create(stage, tmp_path / "case", "logs")
    case = ct.Case.create(tmp_path / "blind", ct.theft(stage.planted.thefts[0]), [ct.Rpc(stage.node.url, way="logs")])
    with pytest.raises(ct.errors.SeedError, match="shows no internal transfers"):
        case.fetch()


def test_wrapped_ether_is_followed_there_and_back(fetched: ct.Case) -> None:
    kinds = {link.kind for link in fetched.links}
    assert kinds == {"wrap", "unwrap"}
    trace = fetched.trace()
    assert trace.linked_in.keys() == {ETH, "eip155:1/erc20:0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"}
    assert {link.basis for link in fetched.links} == {"observed"}


def test_a_history_that_is_too_long_is_cut_and_said(stage: Stage, tmp_path: Path) -> None:
    """The exchange's hot wallet and the like: not taken, and what went there is not called held."""
    planted = stage.planted
    seeds = [ct.theft(tx) for tx in planted.thefts]
    case = ct.Case.create(tmp_path / "case", seeds, [ct.Rpc(stage.node.url, most=12)])
    done = case.fetch(budget=ct.Budget(share="1"))
    assert done.ended == "nothing left"
    assert done.cut
    assert case.harvest is not None
    assert not case.harvest.fetched & done.cut.keys()
    assert all("more than the 12" in reason for reason in done.cut.values())
    trace = case.trace()
    left = trace.ends()
    assert set(left[left["bucket"] == "not_fetched"]["address"]) <= {*done.cut, *doubtful(case)}
    assert case.to_dict(trace)["fetched"]["too_long"] == done.cut
    again = ct.Case.open(tmp_path / "case").fetch([ct.Rpc(stage.node.url, most=12)], budget=ct.Budget(share="1"))
    assert (again.ended, again.cut, again.progress.fetched) == ("nothing left", done.cut, 0)


def doubtful(case: ct.Case) -> set[str]:
    found = case.reconcile()
    return set(found[found["residual"] != 0]["account"])


def test_what_the_chain_does_not_confirm_is_not_called_held(stage: Stage, tmp_path: Path) -> None:
    """Without traces inner transfers are missing: an account that lives on them keeps its money not fetched."""
    planted = stage.planted
    seed = ct.address(planted.one("exploiter"), since=planted.first, asset="native")
    case = ct.Case.create(tmp_path / "case", seed, [ct.Rpc(stage.node.url, way="logs")], stop_at=planted.stops)
    case.fetch(budget=ct.Budget(share="1"))
    trace, found = case.trace(), case.reconcile()
    wrong = found[(found["residual"] != 0) & (found["asset"] == ETH)]
    assert planted.one("exploiter") in set(wrong["account"])
    assert set(wrong["reason"]) == {"internal (the node traces no transactions)"}
    ends = trace.ends()
    held = set(ends[(ends["bucket"] == "held") & (ends["asset"] == ETH)]["address"])
    assert held
    assert not held & set(wrong["account"])
    assert any("internal are not in the data" in note for note in trace.notes)


def test_a_case_written_by_hand_is_fetched(stage: Stage, tmp_path: Path) -> None:
    planted, folder = stage.planted, tmp_path / "byhand"
    folder.mkdir()
    stops = "".join(f"{address},{category}\n" for address, category in planted.stops.items())
    (folder / "labels.csv").write_text("address,category\n" + stops)
    (folder / "case.toml").write_text(f"""\
name = "by hand"
question = "Where is it?"
labels = "labels.csv"
stop_categories = ["mixer", "exchange"]

[fetch]
chain = "ethereum"
until = {planted.last}

[[seeds]]
theft = "{planted.thefts[0]}"
victim = "{planted.one("bridge")}"
""")
    case = ct.Case.open(folder, [ct.Rpc(stage.node.url)])
    assert case.fetch().ended == "goal"
    assert case.harvest is not None
    assert (case.harvest.where.first, case.harvest.where.last) == (planted.first, planted.last)
    assert case.verify().same


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ('chain = "moon"', "unknown chain"),
        ('wrappers = ["0x12"]', "not an address"),
        ('until = "later"', "neither a block nor an ISO"),
        ("young = 1", "neither true nor false"),
        ("yuong = true", "did you mean 'young'"),
    ],
)
def test_a_fetch_entry_that_is_wrong_is_named(tmp_path: Path, entry: str, says: str) -> None:
    (tmp_path / "case.toml").write_text(f'name = "x"\n[fetch]\n{entry}\n[[seeds]]\ntheft = "0x{"1" * 64}"\n')
    with pytest.raises(ct.errors.UserError) as caught:
        ct.Case.open(tmp_path)
    assert says in str(caught.value)


def test_a_case_is_not_created_over_another(stage: Stage, tmp_path: Path) -> None:
    create(stage, tmp_path / "case")
    with pytest.raises(ct.errors.CaseError, match="is there already"):
        create(stage, tmp_path / "case")


def test_a_long_range_is_read_window_by_window(
    stage: Stage, fetched: ct.Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where every block is read: each window a page of its own, the answer the same."""
    monkeypatch.setattr("chaintrace.fetch.rpc.fetcher.WINDOW", 7)
    case = fetch(stage, tmp_path / "case", "call_tracer", share="1")
    assert case.store is not None
    spans = {(kept.question.first, kept.question.last) for kept in case.store.pages() if kept.question.accounts}
    assert len(spans) == 8
    assert max(last - first for first, last in spans) == 6
    assert case.trace().ledger.equals(fetched.trace().ledger)
    assert case.reconcile().equals(fetched.reconcile())
    assert case.verify().same


def test_the_known_wrapped_coin_is_shown_by_its_symbol_and_what_only_says_so_with_its_id(fetched: ct.Case) -> None:
    shown = {token.symbol for token in fetched.tokens().values()}
    assert "WETH" in shown
    assert "USDC (eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48)" in shown
    assert "USDC" not in shown
