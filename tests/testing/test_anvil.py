"""Anvil: a node of its own for each test, with its whole history, and nothing left of it afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chaintrace.errors import MachineError
from chaintrace.testing.anvil import ENVIRONMENT, GENESIS, Anvil, NodeMissing, find

RICH = "0x" + "11" * 20
POOR = "0x" + "22" * 20
ETHER = 10**18

PLAY = """
import os, sys
from chaintrace.testing.anvil import Anvil
node = Anvil()
node.mine(3)
print(node.pid, node._folder.name, flush=True)
sys.stdin.read()
"""


def balance(node: Anvil, account: str, block: int | str = "latest") -> int:
    return int(node.rpc("eth_getBalance", account, hex(block) if isinstance(block, int) else block), 16)


def pay(node: Anvil, wei: int) -> str:
    tx = {"from": RICH, "to": POOR, "value": hex(wei), "gas": hex(21_000)}
    return str(node.rpc("eth_sendTransaction", tx))


def gone(pid: int, patience: float = 5) -> bool:
    """Whether the process ends, or has ended and waits to be counted, within some seconds."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        status = Path(f"/proc/{pid}/stat")
        if status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.02)
    return False


def test_a_node_listens_on_a_port_of_its_own_as_chain_1(anvil: Anvil) -> None:
    with Anvil() as other:
        assert other.url != anvil.url
        assert anvil.web3.eth.chain_id == other.web3.eth.chain_id == 1
        assert anvil.url in repr(anvil)


def test_chain_rules_and_times_are_chosen(binary: None) -> None:
    with Anvil(chain_id=56, fork="london", genesis=1_600_000_000, block_gas_limit=12_345_678) as node:
        block = node.rpc("eth_getBlockByNumber", "0x0", False)
        assert int(node.rpc("eth_chainId"), 16) == 56
        assert int(block["timestamp"], 16) == 1_600_000_000
        assert int(block["gasLimit"], 16) == 12_345_678
        assert "withdrawalsRoot" not in block


def test_anybody_acts_without_a_key(anvil: Anvil) -> None:
    anvil.give(RICH, 2 * ETHER)
    anvil.impersonate(RICH)
    anvil.automine(False)
    pay(anvil, ETHER)
    anvil.at(GENESIS + 1_000)
    anvil.mine()
    assert balance(anvil, POOR) == ETHER
    assert int(anvil.rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16) == GENESIS + 1_000


def test_a_transaction_is_mined_by_itself_unless_it_is_to_wait(anvil: Anvil) -> None:
    from hexbytes import HexBytes

    anvil.give(RICH, ETHER)
    anvil.impersonate(RICH)
    receipt = anvil.web3.eth.wait_for_transaction_receipt(HexBytes(pay(anvil, 5)), timeout=10, poll_latency=0.01)
    assert receipt["blockNumber"] == 1
    anvil.automine(False)
    waiting = pay(anvil, 5)
    assert anvil.rpc("eth_getTransactionReceipt", waiting) is None


def test_the_time_of_a_block_may_be_a_datetime(anvil: Anvil) -> None:
    anvil.at(datetime(2022, 3, 23, 13, 29, 9, tzinfo=UTC))
    assert anvil.mine() == 1
    assert int(anvil.rpc("eth_getBlockByNumber", "0x1", False)["timestamp"], 16) == 1_648_042_149


def test_balances_and_traces_of_old_blocks_are_there_after_2_000_blocks(anvil: Anvil) -> None:
    anvil.give(RICH, 100 * ETHER)
    anvil.impersonate(RICH)
    anvil.automine(False)
    hashes = []
    for number in range(1, 8):
        hashes.append(pay(anvil, number))
        anvil.mine()
    anvil.mine(2_000)
    assert [balance(anvil, POOR, block) for block in range(8)] == [0, 1, 3, 6, 10, 15, 21, 28]
    assert balance(anvil, POOR, 1_500) == 28
    traces = anvil.rpc("trace_filter", {"fromBlock": "0x1", "toBlock": "0x12c", "toAddress": [POOR]})
    assert [trace["transactionHash"] for trace in traces] == hashes
    call = anvil.rpc("debug_traceTransaction", hashes[0], {"tracer": "callTracer"})
    assert (call["type"], int(call["value"], 16)) == ("CALL", 1)


def test_transactions_wait_for_their_block_in_the_order_in_which_they_came(anvil: Anvil) -> None:
    anvil.give(RICH, ETHER)
    anvil.impersonate(RICH)
    anvil.automine(False)
    hashes = [pay(anvil, wei) for wei in (3, 1, 2)]
    number = anvil.mine()
    assert anvil.rpc("eth_getBlockByNumber", hex(number), False)["transactions"] == hashes


def test_a_reorganisation_drops_transactions_and_changes_hashes(anvil: Anvil) -> None:
    anvil.give(RICH, ETHER)
    anvil.impersonate(RICH)
    anvil.automine(False)
    anvil.mine(5)
    gone_with = pay(anvil, 7)
    head = anvil.mine()
    kept, lost = (anvil.rpc("eth_getBlockByNumber", hex(number), False)["hash"] for number in (head - 2, head - 1))
    anvil.reorg(2)
    assert int(anvil.rpc("eth_blockNumber"), 16) == head
    assert anvil.rpc("eth_getTransactionReceipt", gone_with) is None
    assert anvil.rpc("eth_getBlockByNumber", hex(head - 2), False)["hash"] == kept
    assert anvil.rpc("eth_getBlockByHash", lost, False) is None


def test_blocks_become_safe_and_final(anvil: Anvil) -> None:
    anvil.mine(50)
    numbers = [anvil.rpc("eth_getBlockByNumber", tag, False)["number"] for tag in ("latest", "safe", "finalized")]
    assert [int(number, 16) for number in numbers] == [50, 48, 46]


def test_an_error_of_the_node_is_raised_with_its_code(anvil: Anvil) -> None:
    from web3.exceptions import Web3RPCError

    with pytest.raises(Web3RPCError, match="Method not found") as caught:
        anvil.rpc("eth_noSuchThing")
    assert caught.value.rpc_response is not None
    assert caught.value.rpc_response["error"]["code"] == -32601


def test_a_batch_answers_in_the_order_of_its_calls(anvil: Anvil) -> None:
    from web3.exceptions import Web3RPCError

    anvil.mine(450)
    asked = [("eth_getBlockByNumber", [hex(number), False]) for number in range(450)]
    assert [int(block["number"], 16) for block in anvil.batch(asked)] == list(range(450))
    assert anvil.batch([]) == []
    with pytest.raises(Web3RPCError, match="eth_noSuchThing"):
        anvil.batch([("eth_chainId", []), ("eth_noSuchThing", [])])


def test_the_process_and_its_folder_are_gone_after_the_with_block(binary: None) -> None:
    with Anvil() as node:
        node.mine()
        pid, folder = node.pid, Path(node._folder.name)
        assert folder.is_dir()
    assert gone(pid)
    assert not folder.exists()
    node.stop()


@pytest.mark.skipif(os.name != "posix", reason="the watcher is a POSIX shell")
@pytest.mark.parametrize("way", [signal.SIGKILL, signal.SIGTERM, None])
def test_the_node_is_gone_when_whoever_started_it_is(binary: None, way: int | None) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PLAY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        pid, folder = other.stdout.readline().split()
        assert not gone(int(pid), patience=0.1)
        if way is None:
            other.communicate("")
        else:
            other.send_signal(way)
    assert gone(int(pid))
    until = time.monotonic() + 10
    while Path(folder).exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not Path(folder).exists()


def test_a_node_in_node_modules_is_found_from_below(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from chaintrace.testing.anvil import _inside_npm

    monkeypatch.delenv(ENVIRONMENT, raising=False)
    monkeypatch.setenv("PATH", "")
    program = tmp_path / "tests" / "node" / "node_modules" / _inside_npm()
    program.parent.mkdir(parents=True)
    program.touch()
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert find(tmp_path / "a" / "b") == program
    nearer = tmp_path / "a" / "node_modules" / _inside_npm()
    nearer.parent.mkdir(parents=True)
    nearer.touch()
    assert find(tmp_path / "a" / "b") == nearer


def test_the_environment_and_then_the_path_come_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    named, on_path = tmp_path / "mine", tmp_path / "bin" / "anvil"
    on_path.parent.mkdir()
    for program in (named, on_path):
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(on_path.parent))
    monkeypatch.setenv(ENVIRONMENT, str(named))
    assert find() == named
    monkeypatch.delenv(ENVIRONMENT)
    assert find() == on_path


def test_without_a_node_the_error_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NodeMissing, match=r"npm install @foundry-rs/anvil.*CHAINTRACE_ANVIL") as caught:
        find(tmp_path)
    assert isinstance(caught.value, MachineError)
    assert str(tmp_path) in caught.value.message
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "nothing"))
    with pytest.raises(NodeMissing, match="which is no program"):
        find()


def test_a_program_that_is_no_node_is_an_error_with_what_it_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "anvil"
    program.write_text("#!/bin/sh\necho I am somebody else\n")
    program.chmod(0o755)
    monkeypatch.setenv(ENVIRONMENT, str(program))
    with pytest.raises(NodeMissing, match="I am somebody else"):
        Anvil()
    program.write_text("no program at all")
    with pytest.raises(NodeMissing, match="cannot be run"):
        Anvil()


def test_an_option_that_anvil_does_not_know_is_an_error_with_what_it_said(binary: None) -> None:
    with pytest.raises(NodeMissing, match="--no-such-option"):
        Anvil(args=["--no-such-option"])
