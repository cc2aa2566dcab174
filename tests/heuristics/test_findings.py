"""Findings: traced to their rows, plain in JSON, and text of strangers stays text."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

import chaintrace as ct
from chaintrace.cli import chaintrace
from chaintrace.heuristics import registry
from chaintrace.heuristics.registry import heuristic
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.model.transfer import Transfers
from chaintrace.report.console import render
from chaintrace.report.found import found_view
from tests.heuristics.coins import Tx, ask, joinmarket, payment, script, table, tx0, wasabi20, whirlpool

KEYS = {"rule", "subject", "tx_hashes", "confidence", "evidence", "doubt"}


def lines(folder: Path, *txs: Tx) -> Path:
    path = folder / "some.jsonl"
    told = [
        {
            "txid": tx.txid,
            "time": tx.time,
            "inputs": [
                {"txid": "ab" * 32, "vout": 100 * n + i, "value": value, "script": script(owner).hex()}
                for i, (owner, value) in enumerate(tx.ins)
            ],
            "outputs": [{"value": value, "script": script(owner).hex()} for owner, value in tx.outs]
            + [{"value": 0, "script": "6a00"}] * tx.data,
        }
        for n, tx in enumerate(txs)
    ]
    path.write_text("\n".join(map(json.dumps, told)))
    return path


def run(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(chaintrace, ["findings", *words])
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else done.output


def test_every_finding_names_rows_that_are_there() -> None:
    txs = [whirlpool(), tx0(), wasabi20(), joinmarket(), payment()]
    rows = {(row["tx_hash"], row["kind"], row["seq"]) for row in table(*txs).to_pylist()}
    found = ask(*txs)
    assert len(found) == 4
    for one in found:
        assert one.rows
        assert set(one.rows) <= rows
        assert {row[0] for row in one.rows} == set(one.tx_hashes)


def test_findings_are_the_same_for_a_graph_for_transfers_and_for_a_file(tmp_path: Path) -> None:
    txs = [joinmarket(), whirlpool(), tx0(), payment()]
    path = lines(tmp_path, *txs)
    told = [one.to_dict() for one in ct.findings(path)]
    read = ct.read_transfers(path, chain="bitcoin")
    assert [one.to_dict() for one in ct.findings(read)] == told
    assert [one.to_dict() for one in ct.findings(ct.TransferGraph(read))] == told
    assert [one["rule"] for one in told] == ["coinjoin-joinmarket", "coinjoin-whirlpool", "whirlpool-tx0"]


def test_the_command_prints_json(tmp_path: Path) -> None:
    told = json.loads(run(str(lines(tmp_path, whirlpool(), payment())), "--json"))
    (found,) = told["findings"]
    assert found.keys() >= KEYS
    assert found["tx_hashes"] == [whirlpool().txid]
    assert found["scores"][0]["n"] > 0
    assert "coinjoin-whirlpool" in told["rules"]


def test_the_command_prints_a_table_and_what_is_doubted(tmp_path: Path) -> None:
    text = run(str(lines(tmp_path, whirlpool())), "--only", "coinjoin-whirlpool")
    assert "shape of a mix of Whirlpool" in " ".join(text.split())
    assert "It is a shape, not a signature" in text
    assert "recall" in text
    assert "found nothing" in run(str(lines(tmp_path, payment())))
    assert "is not known" in run(str(lines(tmp_path, payment())), "--only", "nothing", code=2)


def test_the_command_takes_labels(tmp_path: Path) -> None:
    path, labels = lines(tmp_path, joinmarket()), tmp_path / "labels.csv"
    payer = next(row["sender"] for row in ct.read_transfers(path).table.to_pylist() if row["kind"] == "input")
    labels.write_text(f"address,category\n{payer},exchange\n")
    assert len(json.loads(run(str(path), "--json"))["findings"]) == 1
    assert json.loads(run(str(path), "--json", "--labels", str(labels)))["findings"] == []


def test_a_case_is_asked_with_its_labels(tmp_path: Path) -> None:
    case = ct.Case.open("ronin")
    depositors = {label.address for label in case.labels if label.role == "depositor"}
    payers = {one.subject for one in case.findings(only="structuring")}
    assert payers
    assert not payers & depositors
    folder = shutil.copytree(case.folder.path, tmp_path / "ronin")
    with (folder / "labels.csv").open("a") as labels:
        labels.writelines(f"{one},eip155:1,exchange,Shop,,a test,,,asserted,\n" for one in payers)
    assert len(ct.Case.open(folder).findings(only="structuring")) == 0
    assert "structuring" in run("ronin")
    assert "tornado-deposit" in {one.rule for one in case.findings()}
    assert "is for FILEs" in run("ronin", "--chain", "bitcoin", code=2)


def test_transactions_that_are_not_whole_are_counted_and_not_looked_at() -> None:
    whole = table(whirlpool(), payment())
    for missing in range(len(table(whirlpool()))):
        rest = whole.take([n for n in range(len(whole)) if n != missing])
        found = ct.findings(Transfers(rest))
        assert len(found) == 0
        assert found.notes[0].startswith("1 transactions of a UTXO chain are not whole")


def test_rows_that_were_rejected_are_said(tmp_path: Path) -> None:
    path = lines(tmp_path, whirlpool())
    path.write_text(path.read_text() + "\n" + json.dumps({"txid": "00", "inputs": [], "outputs": [], "time": 1}))
    assert ct.findings(path).notes[0] == "1 rows were not read: bad transaction hash"


@dataclass(frozen=True)
class Nothing:
    """No thresholds."""


HOSTILE = "<script>alert(1)</script>[bold]\x1b[31m\u202egnp.exe"


@pytest.fixture
def hostile() -> Iterator[str]:
    @heuristic("test-hostile", Nothing(), doubt="None.")
    def quotes(rows: Rows, labels: Known, at: Nothing) -> Iterator[ct.Finding]:
        """Quotes a stranger."""
        link = ct.Link([0], [1], id="some", kind="mixer")
        yield ct.Finding(HOSTILE, HOSTILE, (HOSTILE,), 70, {"name": HOSTILE}, doubt=HOSTILE, links=(link,))

    yield "test-hostile"
    del registry._KNOWN["test-hostile"]


def test_text_of_strangers_stays_text(hostile: str, tmp_path: Path) -> None:
    found = ask(payment(), only=hostile)
    assert "<script>" not in found._repr_html_()
    shown = render(found_view(found))
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "[bold]" in shown
    told = json.loads(run(str(lines(tmp_path, payment())), "--only", hostile, "--json"))
    assert told["findings"][0]["evidence"] == {"name": HOSTILE}


def test_links_are_given_above_the_callers_confidence_alone(hostile: str) -> None:
    found = ask(payment(), only=hostile)
    assert [link.id for link in found.links(above=69)] == ["some"]
    assert found.links(above=70) == []
    assert found.links(above=0)[0].basis == "inferred"


def test_findings_are_a_sequence_and_a_frame() -> None:
    found = ask(whirlpool(), joinmarket())
    assert len(found) == 2
    assert found.of("coinjoin-whirlpool").found == (found[1],)
    assert repr(found) == "<Findings: 1 coinjoin-joinmarket, 1 coinjoin-whirlpool>"
    assert found.to_pandas()["confidence"].tolist() == [49, 60]


def test_of_links_that_claim_one_row_the_surest_stands_and_none_where_several_are_as_sure() -> None:
    a, b, c, d = (("0x" + digit * 64, "native", 0) for digit in "1234")

    def claim(confidence: int, source: tuple[str, str, int], target: tuple[str, str, int]) -> ct.Finding:
        return ct.Finding("x", "went on", (), confidence, links=(ct.Link([source], [target], id=str(confidence)),))

    kept = lambda *found: [link.id for link in ct.Findings(found).links(above=50)]  # noqa: E731
    assert kept(claim(90, a, b), claim(80, a, c), claim(70, c, d)) == ["90", "70"]
    assert kept(claim(90, a, b), claim(80, b, c)) == ["90", "80"]
    assert kept(claim(90, a, b), claim(90, a, c)) == []
    assert kept(claim(90, a, b), claim(90, c, d), claim(50, c, b)) == ["90", "90"]
    leg = ct.Leg("0x" + "1" * 40, "eip155:1/slip44:60", 1, at=1)
    asserted = ct.Link([leg], [leg])
    assert kept(ct.Finding("x", "went on", (), 90, links=(asserted, asserted))) == ["link", "link"]
