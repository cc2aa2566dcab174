"""Logs and calls as data: each once, in order, with the time of its block."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from chaintrace.model.log import Call, Log, Logs, joined

BASE = Log("eip155:1", 5, None, "0x" + "11" * 32, 0, "0x" + "aa" * 20, ("0x" + "01" * 32,), b"\x02")
ASKED = Call("eip155:1", 5, None, "0x" + "11" * 32, "0x" + "bb" * 20, None, b"\x01\x02\x03\x04")


def logs() -> st.SearchStrategy[list[Log]]:
    one = st.builds(
        lambda chain, block, n: replace(
            BASE, chain=f"eip155:{chain}", block=block, log_index=n, tx_hash=f"0x{block * 10 + n // 2:064x}"
        ),
        st.integers(1, 2), st.integers(1, 3), st.integers(0, 5),
    )  # fmt: skip
    return st.lists(one, max_size=20)


@given(logs(), st.randoms(use_true_random=False))
def test_logs_stand_once_and_in_order_however_they_are_read(found: list[Log], random: object) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    read = Logs.of(found, [])
    assert read == Logs.of(shuffled, [])
    assert set(read.logs) == set(found)
    assert len(read) == len(set(found))
    assert [log.place for log in read.logs] == sorted(log.place for log in read.logs)
    half = len(found) // 2
    assert joined([Logs.of(found[:half], []), Logs.of(found[half:], [])]) == read


def test_of_two_that_contradict_each_other_the_first_stands_and_is_counted() -> None:
    read = Logs.of([BASE, replace(BASE, data=b"\x03")], [ASKED, replace(ASKED, input=b"")])
    assert (read.logs, read.calls) == ((BASE,), (ASKED,))
    assert read.rejected.counts == {"conflict": 2}


def test_the_time_of_a_block_is_taken_from_any_entry_that_tells_it() -> None:
    later = replace(BASE, log_index=1, time=77)
    read = Logs.of([BASE, later, replace(BASE, block=6, log_index=2)], [ASKED, replace(ASKED, time=77)])
    assert [log.time for log in read.logs] == [77, 77, None]
    assert [call.time for call in read.calls] == [77]
    assert len(read.rejected) == 0


def test_a_price_that_one_source_tells_is_no_contradiction() -> None:
    read = Logs.of([], [ASKED, replace(ASKED, gas_price=3)])
    assert len(read.rejected) == 0
    assert Logs.of([], [replace(ASKED, gas_price=2), replace(ASKED, gas_price=3)]).rejected.counts == {"conflict": 1}


def test_logs_show_how_many_there_are() -> None:
    assert repr(Logs.of([BASE], [ASKED])) == "<Logs: 1 logs, 1 calls>"
    assert repr(Logs.of([BASE, replace(BASE, data=b"")], [])) == "<Logs: 1 logs, 0 calls; 1 rejected>"
