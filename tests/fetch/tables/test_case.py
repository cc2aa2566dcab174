"""Cases fetched from tables: alone, beside a node, and against it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import chaintrace as ct
from chaintrace.errors import Contradiction, InputError
from chaintrace.fetch.tables.fetcher import Tables
from chaintrace.testing.exported import Exported
from tests.fetch.rpc.asking import Stage

ALL = ct.Budget(share="1")


def create(stage: Stage, path: Path, *fetchers: ct.Rpc | Tables, **more: str) -> ct.Case:
    seeds = [ct.theft(tx) for tx in stage.planted.thefts]
    return ct.Case.create(path, seeds, fetchers, stop_at=stage.planted.stops, until=str(stage.planted.last), **more)


@pytest.fixture(scope="module")
def fetched(stage: Stage, lake: Path, tmp_path_factory: pytest.TempPathFactory) -> ct.Case:
    """The whole story from files, in two runs; tests only look at it."""
    path = tmp_path_factory.mktemp("cases") / "case"
    create(stage, path, ct.Files(lake)).fetch(budget=ct.Budget(accounts=2))
    case = ct.Case.open(path, [ct.Files(lake)])
    assert case.fetch(budget=ALL).ended in ("goal", "nothing left")
    return case


def test_tables_alone_give_the_ledger_of_the_whole_chain(stage: Stage, lake: Path, fetched: ct.Case) -> None:
    case = fetched
    whole = ct.read_transfers([lake / name for name in ("transactions", "traces", "logs")])
    begins = [row for row in whole.table.to_pylist() if row["block"] >= stage.planted.first]
    graph = ct.TransferGraph(ct.read_transfers(pa.Table.from_pylist(begins, whole.table.schema)))
    trace = ct.trace(graph, case.seeds, stop_at=case.stops, links=case.links, coverage=case.coverage)
    assert case.trace().ledger.equals(trace.ledger)
    assert any("on the word of" in note for note in case.trace().notes)
    assert case.reconcile().empty
    assert case.coverage


def test_everything_is_derived_again_from_what_was_kept(fetched: ct.Case, tmp_path: Path) -> None:
    case = fetched
    assert case.verify().same
    opened = ct.Case.open(case.export(tmp_path / "bundle"))
    assert opened.verify().same
    assert opened.trace().ledger.equals(case.trace().ledger)
    row = case.trace().flows().iloc[0]
    place = int(row["evidence"].rpartition("/")[2])
    assert row["tx_hash"] in case.evidence(row["evidence"]).decode().splitlines()[place + 1]


def test_beside_a_node_they_have_no_disagreement(stage: Stage, lake: Path, tmp_path: Path) -> None:
    case = create(stage, tmp_path / "case", ct.Files(lake), ct.Rpc(stage.node.url))
    case.fetch(budget=ct.Budget(accounts=3))
    assert case.disagreements().empty
    assert "opening" in set(case.graph.to_pandas()["kind"])
    assert case.verify().same


@pytest.mark.parametrize("table", ["logs", "transactions"])
def test_a_row_that_is_missing_from_a_file_is_a_disagreement_or_a_contradiction(
    stage: Stage, exported: Exported, table: str, tmp_path: Path
) -> None:
    """A transfer of a token stands in no other table; a transaction does."""
    lake, thief = exported.write(tmp_path / "lake"), stage.planted.one("exploiter")
    file = next((lake / table).glob("*.parquet"))
    rows = pq.read_table(file).to_pylist()
    gone = next(
        row
        for row in reversed(rows)
        if row["block_number"] > stage.planted.first
        and (row.get("from_address") == thief or any(thief[2:] in topic for topic in row.get("topics", [])[1:2]))
    )
    pq.write_table(pa.Table.from_pylist([row for row in rows if row is not gone]), file)
    case = create(stage, tmp_path / "case", ct.Rpc(stage.node.url), ct.Files(lake))
    if table == "transactions":
        with pytest.raises(Contradiction, match="stands in no table of transactions"):
            case.fetch()
        return
    case.fetch(budget=ct.Budget(accounts=3))
    found = case.disagreements()
    assert set(found["tx_hash"]) == {gone["transaction_hash"]}
    assert set(found["seq"]) == {gone["log_index"]}
    assert set(found["not_by"]) == {"files lake"}


def test_tables_that_end_before_the_case_say_what_to_do(stage: Stage, lake: Path, tmp_path: Path) -> None:
    case = create(stage, tmp_path / "case", ct.Rpc(stage.node.url), ct.Files(lake, last=20))
    with pytest.raises(InputError, match="holds blocks 0 to 20") as caught:
        case.fetch()
    assert "until=" in caught.value.hint


def test_tables_without_hashes_cannot_stand_beside_a_node(stage: Stage, exported: Exported, tmp_path: Path) -> None:
    """Alone they can: nobody finds out then that their blocks are others by now."""
    logs = [{name: cell for name, cell in row.items() if name != "block_hash"} for row in exported.logs]
    sent = [{name: cell for name, cell in row.items() if name != "block_hash"} for row in exported.transactions]
    frames = {"logs": logs, "transactions": sent, "traces": exported.traces}
    tables = ct.Warehouse({name: pa.Table.from_pylist(rows) for name, rows in frames.items()}, first=0)
    last = tables.head()
    assert last.hash == f"no hash of block {last.number}"
    alone = create(stage, tmp_path / "alone", tables)
    alone.fetch(budget=ct.Budget(accounts=1))
    assert alone.verify().same
    with pytest.raises(Contradiction, match="no hash of block"):
        create(stage, tmp_path / "beside", ct.Rpc(stage.node.url), tables).fetch()
