"""Logs say which notes there are; calls say who sent them, and contradict what they do not ask for."""

from __future__ import annotations

from dataclasses import replace

import pytest

import chaintrace as ct
from chaintrace.heuristics.rows import Rows
from chaintrace.heuristics.tornado.events import CALLS, DEPOSIT, WITHDRAWAL, asked_by, selector, topic
from chaintrace.model.log import Call, Log, Logs
from tests.heuristics.ledger import ETHER, START, Pay, address, table
from tests.heuristics.tornado.told import HUNDRED

TX = "0x" + "ab" * 32
MARK = "0x" + "0c" * 32
WHO, RELAYER = address("who"), address("relayer")


def word(value: int | str) -> bytes:
    return (int(value, 16) if isinstance(value, str) else value).to_bytes(32, "big")


def hexed(value: int | str) -> str:
    return "0x" + word(value).hex()


PAID = Log("eip155:1", 14_500_000, START, TX, 3, HUNDRED.address, (topic(DEPOSIT), MARK), word(7) + word(START))
TAKEN = Log(
    "eip155:1", 14_500_000, START, TX, 3, HUNDRED.address,
    (topic(WITHDRAWAL), hexed(RELAYER)), word(WHO) + word(MARK) + word(ETHER),
)  # fmt: skip
ASKED = Call("eip155:1", 14_500_000, START, TX, WHO, HUNDRED.address, selector("deposit(bytes32)") + word(MARK))
ROUTED = Call(
    "eip155:1", 14_500_000, START, TX, WHO, HUNDRED.router,
    selector("deposit(address,bytes32,bytes)") + word(HUNDRED.address) + word(MARK) + word(96) + word(0),
)  # fmt: skip
SENT = Call(
    "eip155:1", 14_500_000, START, TX, RELAYER, HUNDRED.router,
    selector("withdraw(address,bytes,bytes32,bytes32,address,address,uint256,uint256)")
    + word(HUNDRED.address) + word(256) + word(5) + word(MARK) + word(WHO) + word(RELAYER) + word(ETHER) + word(0),
)  # fmt: skip


def read(log: Log, *calls: Call) -> ct.Notes:
    return ct.read_notes(Logs.of([log], calls))


def test_selectors_and_topics_are_those_of_the_real_contracts() -> None:
    assert [selector(one).hex() for one in CALLS] == ["b214faa5", "13d98d13", "21a0adb6", "b438689f"]
    assert topic(DEPOSIT) == "0xa945e51eec50ab98c161376f0db4cf2aeba3ec92755fe2fcd388bdbbb80ff196"
    assert topic(WITHDRAWAL) == "0xe9e508bad6d4c3227e881ca19068f099da81b5164dd6d62b2eaf1e8bc6c34931"


@pytest.mark.parametrize("call", [ASKED, ROUTED, replace(ASKED, receiver=address("wallet"), input=b"")])
def test_a_deposit_is_the_senders_whatever_it_goes_through(call: Call) -> None:
    (note,) = read(PAID, call)
    assert (note.kind, note.account, note.leaf, note.mark, note.time) == ("deposit", WHO, 7, MARK, START)
    assert (note.pool, note.block, note.log_index, note.tx_hash) == (HUNDRED, 14_500_000, 3, TX)


def test_a_withdrawal_says_whom_it_pays_and_what_the_relayer_keeps() -> None:
    (note,) = read(TAKEN, SENT)
    assert (note.account, note.fee, note.relayer, note.sender, note.mark) == (WHO, ETHER, RELAYER, RELAYER, MARK)
    (alone,) = read(TAKEN)
    assert alone.sender is None


def test_the_time_of_a_deposit_is_in_its_log() -> None:
    call = replace(ASKED, time=None)
    assert read(replace(PAID, time=None), call)[0].time == START


@pytest.mark.parametrize(
    ("log", "calls", "reason"),
    [
        (PAID, [], "who paid is not told"),
        (replace(PAID, data=word(7)), [ASKED], "undecodable log"),
        (replace(PAID, topics=(topic(DEPOSIT),)), [ASKED], "undecodable log"),
        (replace(PAID, data=word(7) + word(START + 1)), [ASKED], "not the time of its block"),
        (replace(PAID, data=word(2**20) + word(START)), [ASKED], "no leaf of a pool"),
        (PAID, [replace(ASKED, input=ASKED.input[:4] + word(1))], "conflict"),
        (TAKEN, [replace(ASKED)], "conflict"),
        (replace(TAKEN, time=None), [], "missing value"),
        (replace(TAKEN, data=word(2**200) + word(MARK) + word(1)), [], "undecodable log"),
        (replace(TAKEN, data=word(WHO) + word(MARK) + word(101 * ETHER)), [], "a fee that a note cannot pay"),
    ],
)
def test_what_is_no_note_is_counted_with_its_reason(log: Log, calls: list[Call], reason: str) -> None:
    found = read(log, *calls)
    assert (len(found), found.rejected.counts) == (0, {reason: 1})


def test_events_of_other_contracts_are_counted_and_are_no_notes() -> None:
    found = read(replace(PAID, address=address("counterfeit pool")), ASKED)
    assert (len(found), found.rejected.counts) == (0, {})
    assert found.told == ("1 logs look like a pool's and are of no known pool",)
    wrong_chain = read(replace(PAID, chain="eip155:2020"), replace(ASKED, chain="eip155:2020"))
    assert len(wrong_chain) == 0


def test_a_pool_of_ones_own_is_read_where_it_is_named() -> None:
    mine = replace(HUNDRED, address=address("mine"))
    assert len(ct.read_notes(Logs.of([replace(PAID, address=mine.address)], [ROUTED]), pool=mine)) == 1


def test_what_a_call_asks_for() -> None:
    assert asked_by(SENT) == (HUNDRED.address, MARK, "withdrawal")
    assert asked_by(ROUTED) == asked_by(ASKED) == (HUNDRED.address, MARK, "deposit")
    assert asked_by(replace(SENT, input=SENT.input[:100])) is None
    assert asked_by(replace(SENT, input=b"\x01\x02\x03\x04" + bytes(320))) is None


def test_logs_stand_before_what_rows_show_of_the_same_transaction() -> None:
    pays = [Pay("who", HUNDRED.address, HUNDRED.denomination, tx="x"), Pay("b", HUNDRED.address, HUNDRED.denomination)]
    rows = table(pays)
    tx = rows["tx_hash"][0].as_py()
    told = Logs.of([replace(PAID, tx_hash=tx)], [replace(ASKED, tx_hash=tx)])
    assert {(one.account, one.leaf) for one in Rows(rows, told).notes} == {(WHO, 7), (address("b"), None)}
