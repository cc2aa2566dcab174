"""The command line: results alone on stdout, one clear message with a hint on stderr, exit status 2."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result

import chaintrace as ct
from chaintrace.cli import METHODS, chaintrace
from chaintrace.model.address import format_address
from chaintrace.taint import reference
from tests.graph.money import ETH, USDC, tx, who

ETHER = 10**18
NAMED_KEYS = {
    "schema_version",
    "case",
    "method",
    "direction",
    "kernel",
    "seeded",
    "linked_in",
    "ledger",
    "assumptions",
    "rejected",
}
POOL = "0xa160cdab225685da1d56aa342ad8841c3b53f291"
THEFT = "0xc28fad5e8d5e0ce6a2eaf67b6687be5d58113e16be590824d6cfa1a94467d0b7"

ROWS = [
    ("victim", "thief", 100 * ETHER, 1, "theft", ""),
    ("thief", "mixer", 60 * ETHER, 2, "wash", ""),
    ("thief", "friend", 30 * ETHER, 3, "gift", ""),
    ("friend", "shop", ETHER, 4, "spend", ""),
    ("victim", "thief", 500, 5, "tokens", USDC),
]


@pytest.fixture
def export(tmp_path: Path) -> str:
    """A file of ROWS."""
    path = tmp_path / "export.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["sender", "receiver", "amount", "block", "tx_hash", "asset"])
        for sender, receiver, amount, block, name, asset in ROWS:
            writer.writerow([who(sender), who(receiver), amount, block, tx(name), asset])
    return str(path)


def run(*words: str, env: dict[str, str] | None = None) -> Result:
    result = CliRunner().invoke(chaintrace, list(words), env=env)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def answer(*words: str) -> dict[str, Any]:
    """The JSON of ``trace … --json``; nothing else on stdout, nothing on stderr."""
    result = run("trace", *words, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    read = json.loads(result.stdout)
    assert isinstance(read, dict)
    return read


def lines(read: dict[str, Any], asset: str = ETH) -> dict[str, int]:
    found = {}
    for line in read["ledger"]:
        if line["asset"] == asset:
            found[":".join(filter(None, (line["bucket"], line["category"])))] = int(line["amount"])
    return found


def refused(*words: str, env: dict[str, str] | None = None) -> str:
    """What stderr says; stdout is empty, the status 2, and it is one message with one hint and no traceback."""
    result = run(*words, env=env)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("Error:") == 1
    assert result.stderr.count("\nHint: ") == 1
    assert "Traceback" not in result.stderr
    return result.stderr


def refused_by_click(*words: str) -> str:
    """As above, for words that click itself refuses with its usage line."""
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Usage: " in result.stderr
    assert "Error: " in result.stderr
    return result.stderr


# ---- help, version, cases


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["trace", "--help"], ["cases", "-h"]])
def test_help(words: list[str]) -> None:
    result = run(*words)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "Usage: chaintrace" in result.stdout


def test_version_names_the_kernel() -> None:
    result = run("--version")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"chaintrace {ct.__version__}, kernel {ct.kernel()}")
    if ct.kernel() == "python":
        assert "(" in result.stdout  # and why it is not the native one


def test_version_with_a_kernel_that_is_absent() -> None:
    if "native" not in ct.kernels():
        assert "kernel 'native' is not available" in refused("--version", env={"CHAINTRACE_KERNEL": "native"})
    assert "takes auto, native or python" in refused("--version", env={"CHAINTRACE_KERNEL": "fast"})


def test_methods_are_those_there_are() -> None:
    assert set(METHODS) == set(reference.METHODS)


def test_cases() -> None:
    result = run("cases")
    assert result.exit_code == 0
    assert "ronin" in result.stdout
    listed = json.loads(run("cases", "--json").stdout)
    assert [sorted(case) for case in listed] == [["case", "question", "title"]]
    assert listed[0]["case"] == "ronin"


# ---- the case and its JSON


def test_json_of_the_bundled_case() -> None:
    """The keys as documented, amounts as texts, to the last wei."""
    read = answer("ronin")
    assert set(read) >= NAMED_KEYS
    assert (read["schema_version"], read["case"], read["method"], read["direction"]) == (1, "ronin", "fifo", "forward")
    assert read["kernel"] == ct.kernel()
    assert read["seeded"] == {ETH: "173600000000000000000000", USDC: "25500000000000"}
    assert read["linked_in"] == {ETH: "8562680189130745900000"}
    assert all(set(line) == {"asset", "bucket", "category", "amount"} for line in read["ledger"])
    assert lines(read) == {
        "exit:mixer": 173_398_943100000000000000,
        "not_fetched": 8_621_815080000000000000,
        "held": 141_922009130745900000,
    }
    assert lines(read, USDC) == {"linked_out": 25_500_000_000000}
    assert all(isinstance(line["amount"], str) for line in read["ledger"])
    assert {line["assumption"] for line in read["assumptions"]} >= {"unexplained", "unknown order", "link"}
    assert read["rejected"] == {"rows": 0, "by_reason": {}, "examples": []}


def test_the_case_as_tables() -> None:
    result = run("trace", "ronin")
    assert (result.exit_code, result.stderr) == (0, "")
    for text in ("Campaign", "Trace", "173,398.9431 ETH", "182,162.6801891307459 ETH", "96.12 %", "1,751 transfers"):
        assert text in result.stdout


def test_options_replace_what_the_case_says() -> None:
    alone = answer("ronin", "--seed-tx", THEFT)
    assert alone["seeded"] == {ETH: "173600000000000000000000"}
    assert lines(alone)["exit:mixer"] == 164_930_043970000000000000
    assert lines(answer("ronin", "--no-links"), USDC) == {"not_fetched": 25_500_000_000000}
    assert answer("ronin", "--no-links")["linked_in"] == {}
    assert lines(answer("ronin", "--until", "2022-03-24", "--no-links"))["held"] > 173_000 * ETHER


def test_a_stop_adds_to_those_of_the_case() -> None:
    label = next(label for label in ct.Case.open("ronin").labels if label.role == "intermediary-tornado")
    read = answer("ronin", "--seed-tx", THEFT, "--stop-at", f"{label.address}=watched")
    assert lines(read)["exit:watched"] > 0
    assert lines(read)["exit:mixer"] > 0


def test_a_folder_is_a_case(tmp_path: Path, export: str) -> None:
    (tmp_path / "case.toml").write_text(
        f'name = "mine"\ntransfers = "export.csv"\n[[seeds]]\ntheft = "{tx("theft")}"\n', encoding="utf-8"
    )
    read = answer(str(tmp_path))
    assert (read["case"], read["seeded"]) == ("mine", {ETH: str(100 * ETHER)})


# ---- a file and every option


def test_a_file_and_a_theft(export: str) -> None:
    read = answer(export, "--seed-tx", tx("theft"))
    assert (read["case"], read["seeded"]) == (export, {ETH: str(100 * ETHER)})
    assert lines(read) == {"held": 100 * ETHER}


def test_a_file_as_tables(export: str) -> None:
    result = run("trace", export, "--seed-tx", tx("theft"), "--stop-at", f"{who('mixer')}=mixer")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "exit: mixer" in result.stdout
    assert "60 ETH" in result.stdout
    assert "\x1b" not in result.stdout


def test_several_thefts(export: str) -> None:
    read = answer(export, "--seed-tx", tx("theft"), "--seed-tx", tx("tokens"))
    assert read["seeded"] == {ETH: str(100 * ETHER), USDC: "500"}


def test_victim(export: str) -> None:
    assert answer(export, "--seed-tx", tx("theft"), "--victim", who("victim"))["seeded"] == {ETH: str(100 * ETHER)}
    assert "lost nothing in it" in refused("trace", export, "--seed-tx", tx("theft"), "--victim", who("shop"))


def test_seed_address_and_since(export: str) -> None:
    assert answer(export, "--seed-address", who("thief"))["seeded"] == {ETH: str(100 * ETHER), USDC: "500"}
    assert answer(export, "--seed-address", who("thief"), "--since", "3")["seeded"] == {
        ETH: str(40 * ETHER),
        USDC: "500",
    }
    both = answer(export, "--seed-address", who("friend"), "--seed-address", who("mixer"))
    assert both["seeded"] == {ETH: str(90 * ETHER)}
    mixed = answer(export, "--seed-address", format_address(who("friend")), "--seed-tx", tx("wash"))
    assert mixed["seeded"] == {ETH: str(90 * ETHER)}


@pytest.mark.parametrize("method", ["fifo", "lifo", "haircut", "dirty-first"])
def test_method(export: str, method: str) -> None:
    read = answer(export, "--seed-tx", tx("theft"), "--method", method)
    assert (read["method"], sum(lines(read).values())) == (method, 100 * ETHER)


def test_poison(export: str) -> None:
    read = answer(export, "--seed-tx", tx("theft"), "--method", "poison")
    assert lines(read) == {"seeded": 100 * ETHER, "touched": 191 * ETHER}


def test_direction(export: str) -> None:
    read = answer(export, "--seed-tx", tx("spend"), "--direction", "backward")
    assert (read["direction"], lines(read)) == ("backward", {"unexplained": ETHER})


def test_stop_at(export: str, tmp_path: Path) -> None:
    """An address, an address with a category, and a list of labels; all at once."""
    seed = [export, "--seed-tx", tx("theft")]
    assert lines(answer(*seed, "--stop-at", who("mixer"))) == {"exit:stop": 60 * ETHER, "held": 40 * ETHER}
    labels = tmp_path / "labels.csv"
    labels.write_text(f"address,category\n{who('friend')},exchange\n", encoding="utf-8")
    read = answer(*seed, "--stop-at", f"{who('mixer')}=mixer", "--stop-at", str(labels))
    assert lines(read) == {"exit:mixer": 60 * ETHER, "exit:exchange": 30 * ETHER, "held": 10 * ETHER}


def test_max_hops(export: str) -> None:
    read = answer(export, "--seed-tx", tx("theft"), "--max-hops", "1")
    assert lines(read) == {"held": 99 * ETHER, "cut_hops": ETHER}


@pytest.mark.parametrize("text", ["31ETH", "31 ETH", "31eth", "31.0ETH", "30.000000000000000001ETH"])
def test_min_amount_takes_units(export: str, text: str) -> None:
    read = answer(export, "--seed-tx", tx("theft"), "--min-amount", text)
    assert lines(read) == {"held": 70 * ETHER, "below_threshold": 30 * ETHER}


def test_min_amount_of_the_cases_own_token() -> None:
    read = answer("ronin", "--no-links", "--min-amount", "0.1ETH", "--min-amount", "1 USDC")
    assert read["seeded"][USDC] == "25500000000000"
    assert sum(lines(read).values()) == 173_600 * ETHER


def test_until(export: str) -> None:
    assert lines(answer(export, "--seed-tx", tx("theft"), "--until", "2", "--stop-at", who("mixer"))) == {
        "exit:stop": 60 * ETHER,
        "held": 40 * ETHER,
    }


def test_unexplained(tmp_path: Path) -> None:
    """Ten unseen units leave before and ten after: just in time, or from the beginning."""
    path = tmp_path / "short.csv"
    path.write_text(
        "sender,receiver,amount,block,tx_hash\n"
        f"{who('a')},{who('b')},10,1,{tx('seed')}\n{who('b')},{who('c')},10,2,{tx('1')}\n{who('b')},{who('d')},10,3,{tx('2')}\n",
        encoding="utf-8",
    )
    stops = ["--stop-at", f"{who('c')}=c", "--stop-at", f"{who('d')}=d"]
    assert lines(answer(str(path), "--seed-tx", tx("seed"), *stops)) == {"exit:c": 10}
    assert lines(answer(str(path), "--seed-tx", tx("seed"), *stops, "--unexplained", "opening")) == {"exit:d": 10}


def test_several_files_are_read_as_one(export: str, tmp_path: Path) -> None:
    more = tmp_path / "more.csv"
    more.write_text(
        f"sender,receiver,amount,block,tx_hash\n{who('friend')},{who('mixer')},{9 * ETHER},7,{tx('more')}\n",
        encoding="utf-8",
    )
    read = answer(export, str(more), "--seed-tx", tx("theft"), "--stop-at", who("mixer"))
    assert lines(read)["exit:stop"] == 69 * ETHER


def test_chain_and_column(tmp_path: Path) -> None:
    path = tmp_path / "theirs.csv"
    path.write_text(f"from,receiver,wei,block,tx_hash\n{who('a')},{who('b')},5,1,{tx('t')}\n", encoding="utf-8")
    words = [str(path), "--seed-tx", tx("t"), "--column", "from=sender", "--column", "wei=amount"]
    assert answer(*words)["seeded"] == {ETH: "5"}
    assert answer(*words, "--chain", "polygon")["seeded"] == {"eip155:137/slip44:966": "5"}


def test_decimals(tmp_path: Path) -> None:
    """Etherscan's token export writes whole tokens; how many base units they are is said by the user."""
    path = tmp_path / "tokens.csv"
    contract = USDC.rpartition(":")[2]
    head = [
        "Transaction Hash",
        "Blockno",
        "UnixTimestamp",
        "DateTime (UTC)",
        "From",
        "To",
        "TokenValue",
        "USDValueDayOfTx",
    ]
    head += ["ContractAddress", "TokenName", "TokenSymbol"]
    row = [
        tx("t"),
        "1",
        "1648041109",
        "2022-03-23 13:11:49",
        who("a"),
        who("b"),
        "2.5",
        "$2",
        contract,
        "USD Coin",
        "USDC",
    ]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, row])
    read = answer(str(path), "--seed-tx", tx("t"), "--decimals", f"{contract}=6")
    assert read["seeded"] == {USDC: "2500000"}


def test_strict_and_rejected(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(
        f"sender,receiver,amount,block,tx_hash\n{who('a')},{who('b')},5,1,{tx('t')}\n{who('a')},{who('b')},-5,2,{tx('u')}\n",
        encoding="utf-8",
    )
    read = answer(str(path), "--seed-tx", tx("t"))
    assert (read["rejected"]["rows"], read["rejected"]["by_reason"]) == (1, {"negative": 1})
    assert read["rejected"]["examples"][0]["row"] == 1
    assert "negative" in run("trace", str(path), "--seed-tx", tx("t")).stdout
    message = refused("trace", str(path), "--seed-tx", tx("t"), "--strict")
    assert "row 1" in message
    assert "negative" in message


def test_a_seed_that_never_moved_gets_a_clear_ledger(export: str) -> None:
    read = answer(export, "--seed-tx", tx("wash"))
    assert lines(read) == {"held": 60 * ETHER}
    result = run("trace", export, "--seed-tx", tx("wash"))
    assert result.exit_code == 0
    assert "100.00 %" in result.stdout
    result = run("trace", export, "--seed-address", who("mixer"), "--since", "3")
    assert result.exit_code == 0
    assert "60 ETH" in result.stdout


# ---- what is wrong is said once, with a hint


def test_a_bad_checksum(export: str) -> None:
    wrong = "0x" + format_address(who("thief"))[2:].swapcase()
    for words in (["--seed-address", wrong], ["--seed-tx", tx("theft"), "--stop-at", wrong]):
        message = refused("trace", export, *words)
        assert wrong in message
        assert "checksum" in message
    wrong_victim = refused("trace", export, "--seed-tx", tx("theft"), "--victim", wrong)
    assert wrong in wrong_victim


def test_a_truncated_parquet(tmp_path: Path) -> None:
    path = tmp_path / "cut.parquet"
    pd.DataFrame({"sender": [who("a")], "receiver": [who("b")], "amount": ["5"], "block": [1]}).to_parquet(path)
    whole = path.read_bytes()
    for size in (len(whole) // 2, len(whole) - 1, 5):
        path.write_bytes(whole[:size])
        assert "cut.parquet" in refused("trace", str(path), "--seed-tx", tx("t"))


def test_a_missing_column(tmp_path: Path) -> None:
    path = tmp_path / "short.csv"
    path.write_text(f"sender,receiver,block\n{who('a')},{who('b')},1\n", encoding="utf-8")
    message = refused("trace", str(path), "--seed-tx", tx("t"))
    assert "short.csv" in message
    assert "amount" in message


@pytest.mark.parametrize("text", ["", "sender,receiver,amount,block\n"])
def test_an_empty_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "empty.csv"
    path.write_text(text, encoding="utf-8")
    assert "empty.csv" in refused("trace", str(path), "--seed-tx", tx("t"))


def test_a_file_of_which_no_row_can_be_used(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(
        f"sender,receiver,amount,block\n{who('a')},{who('b')},-1,1\n{who('a')},{who('b')},1.5,1\n", encoding="utf-8"
    )
    message = refused("trace", str(path), "--seed-tx", tx("t"))
    assert "1 negative" in message
    assert "1 fractional" in message


@pytest.mark.parametrize("seed", [["--seed-tx", tx("never")], ["--seed-address", who("stranger")]])
def test_an_unknown_seed(export: str, seed: list[str]) -> None:
    message = refused("trace", export, *seed)
    assert seed[1] in message
    assert "among 5" in message or "among the 5" in message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0.1", "write 0.1ETH; units here: ETH"),
        ("ETH", "write 0.1ETH"),
        ("-1ETH", "write 0.1ETH"),
        ("1e18ETH", "e18ETH names 0 assets here"),
        ("1,000ETH", "write 0.1ETH"),
        ("٣ETH", "write 0.1ETH"),
        ("", "write 0.1ETH"),
        ("1DOGE", "names 0 assets here"),
        ("0.0000000000000000001ETH", "base unit|decimals|fraction"),
    ],
)
def test_a_bad_min_amount(export: str, text: str, said: str) -> None:
    import re

    assert re.search(said, refused("trace", export, "--seed-tx", tx("theft"), f"--min-amount={text}"))


def test_options_that_need_another(export: str) -> None:
    assert "add --seed-address ADDR" in refused("trace", export, "--seed-tx", tx("theft"), "--since", "3")
    assert "add --seed-tx HASH" in refused("trace", export, "--seed-address", who("thief"), "--victim", who("victim"))


def test_a_file_without_seeds(export: str) -> None:
    assert "add --seed-tx HASH or --seed-address ADDR" in refused("trace", export)


def test_an_unknown_case() -> None:
    message = refused("trace", "nomad")
    assert "bundled: ronin" in message
    assert "chaintrace cases" in message


@pytest.mark.parametrize("word", ["x" * 300, "a\0b"], ids=["long", "with a NUL"])
def test_a_word_that_can_be_no_file(export: str, word: str) -> None:
    """The operating system refuses to look for it; that is a clear message as well."""
    refused("trace", word)
    refused("trace", export, "--seed-tx", tx("theft"), "--stop-at", word)


def test_a_folder_of_nothing(tmp_path: Path) -> None:
    refused("trace", str(tmp_path))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--until", "tomorrow"], "write a block number"),
        (["--until", "2022-03-23T13:29:09"], "without a zone"),
        (["--until", "0"], "lies after the end"),
        (["--chain", "dogechain"], "unknown chain"),
        (["--stop-at", "mixer"], "not an address"),
        (["--stop-at", "nothing.csv"], "not an address"),
        (["--column", "from"], "write LEFT=RIGHT"),
        (["--column", "from=sender"], "does not have"),
        (["--decimals", "0x12"], "write LEFT=RIGHT"),
        (["--decimals", "0x12=6"], "0x12"),
        (["--decimals", f"{USDC.rpartition(':')[2]}=six"], "small whole number"),
        (["--decimals", f"{USDC.rpartition(':')[2]}=256"], "0 to 255"),
        (["--method", "dirty-first", "--direction", "backward"], "no backward direction"),
        (["--method", "tiho"], "UTXO"),
    ],
    ids=" ".join,
)
def test_other_wrong_words(export: str, words: list[str], said: str) -> None:
    assert said in refused("trace", export, "--seed-tx", tx("theft"), *words)


@pytest.mark.parametrize(
    "words",
    [
        ["trace"],
        ["trace", "ronin", "--method", "magic"],
        ["trace", "ronin", "--direction", "sideways"],
        ["trace", "ronin", "--max-hops", "-1"],
        ["trace", "ronin", "--max-hops", "many"],
        ["trace", "ronin", "--unexplained", "never"],
        ["trace", "ronin", "--nonsense"],
        ["nonsense"],
    ],
    ids=" ".join,
)
def test_words_that_click_refuses(words: list[str]) -> None:
    refused_by_click(*words)


def test_markup_in_a_file_is_no_crash(tmp_path: Path) -> None:
    path = tmp_path / "hostile.csv"
    path.write_text(
        f"sender,receiver,amount,block,tx_hash\n{who('a')},{who('b')},5,1,{tx('t')}\n{who('a')},{who('b')},[/b],2,{tx('u')}\n",
        encoding="utf-8",
    )
    result = run("trace", str(path), "--seed-tx", tx("t"), "--stop-at", f"{who('b')}=[/red]")
    assert result.exit_code == 0
    assert "[/b]" in result.stdout


# ---- processes of their own


def process(*words: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("chaintrace")), *words]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, env={**os.environ, **env})


def test_the_installed_command_prints_one_json_object(tmp_path: Path) -> None:
    done = process("trace", "ronin", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["case"] == "ronin"
    assert "Error" not in done.stderr


def test_the_installed_command_refuses_on_stderr_with_status_2(tmp_path: Path) -> None:
    done = process("trace", "nomad", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: case nomad")
    assert "\nHint: " in done.stderr


def test_python_m_is_the_same(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "chaintrace", "cases", "--json"], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, json.loads(done.stdout)[0]["case"]) == (0, "ronin")


def test_a_reader_that_stops_reading_is_no_error(tmp_path: Path) -> None:
    """``chaintrace trace ronin | head -1``."""
    command = f"{Path(sys.executable).with_name('chaintrace')} trace ronin --json | head -c 20"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == '{\n  "schema_version"'
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_the_kernel_is_obeyed_from_outside(tmp_path: Path) -> None:
    assert process("--version", cwd=tmp_path, CHAINTRACE_KERNEL="python").stdout.count("kernel python") == 1
    assert process("trace", "ronin", cwd=tmp_path, CHAINTRACE_KERNEL="fast").returncode == 2


# ---- a 10,000-row export of ethereum-etl, by following the README alone

ETL = ["hash", "nonce", "block_hash", "block_number", "transaction_index", "from_address", "to_address", "value", "gas"]
ETL += ["gas_price", "input", "block_timestamp", "max_fee_per_gas", "max_priority_fee_per_gas", "transaction_type"]
MANY = 10_000


@pytest.fixture(scope="module")
def etl(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[str, str, str, int, int]]]:
    """A seeded random walk of money, in ethereum-etl's transactions.csv; and its rows as plain tuples."""
    luck = Random(20220323)
    accounts = [who(f"account {n}") for n in range(300)]
    rows = []
    path = tmp_path_factory.mktemp("etl") / "transactions.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(ETL)
        for n in range(MANY):
            sender, receiver = luck.choice(accounts), luck.choice(accounts)
            value = luck.choice((0, luck.randrange(10**15), luck.randrange(10**21), 173_600 * ETHER))
            block, index, hashed = 14_442_835 + n // 50, n % 50, tx(f"etl {n}")
            said = [hashed, n, tx(f"block {block}"), block, index, sender, receiver, value, 21000, 10**9, "0x"]
            writer.writerow([*said, 1_648_042_149 + 12 * (n // 50), "", "", 0])
            rows.append((hashed, sender, receiver, value, block))
    return path, rows


@pytest.mark.parametrize("method", ["fifo", "haircut"])
def test_an_ethereum_etl_export_end_to_end(
    etl: tuple[Path, list[tuple[str, str, str, int, int]]], method: str, tmp_path: Path
) -> None:
    """The command line's answer is that of ct.trace on the same rows written down by hand."""
    path, rows = etl
    seed = next(row for row in rows if row[3] == 173_600 * ETHER and row[1] != row[2])
    stops = {who(f"account {n}"): "exchange" for n in range(0, 300, 10)}
    labels = tmp_path / "labels.csv"
    labels.write_text("address,category\n" + "".join(f"{stop},exchange\n" for stop in stops), encoding="utf-8")
    frame = pd.DataFrame(
        {
            "sender": [row[1] for row in rows],
            "receiver": [row[2] for row in rows],
            "amount": [str(row[3]) for row in rows],
            "block": [row[4] for row in rows],
            "tx_hash": [row[0] for row in rows],
        }
    )
    graph = ct.TransferGraph(ct.read_transfers(frame))
    assert len(graph) == MANY
    expected = ct.trace(graph, ct.theft(seed[0]), method, stop_at=stops, min_amount=10**12)
    read = answer(
        str(path),
        "--seed-tx",
        seed[0],
        "--method",
        method,
        "--stop-at",
        str(labels),
        "--min-amount",
        "0.000001ETH",
    )
    assert read["seeded"] == {ETH: str(173_600 * ETHER)}
    assert read["rejected"]["rows"] == 0
    lines_expected = [
        {"asset": asset, "bucket": bucket, "category": category, "amount": str(amount)}
        for asset, bucket, category, amount in expected.ledger.itertuples(index=False)
    ]
    assert read["ledger"] == lines_expected
    assert sum(lines(read).values()) == 173_600 * ETHER
    assert len(read["ends"]) > 2
    assert lines(read)["exit:exchange"] > 0
    ends = {(line["bucket"], line["address"]): int(line["amount"]) for line in read["ends"]}
    assert ends == {(b, a): n for b, a, n in expected.ends()[["bucket", "address", "amount"]].itertuples(index=False)}
