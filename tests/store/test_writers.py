"""One writes, many read: what is read is whole."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from chaintrace.errors import StoreBusy
from chaintrace.store import lock
from chaintrace.store.store import Store
from tests.store.children import hold, pipe, settle, started, watch
from tests.store.worlds import PAGES, filled


def test_the_second_writer_is_told_who_writes_and_comes_in_when_the_first_dies(tmp_path: Path) -> None:
    store = Store.create(tmp_path)
    here, there = pipe()
    child = started(hold, tmp_path, there)
    pid = here.recv()
    assert pid == child.pid
    with pytest.raises(StoreBusy, match=f"process {pid} on ") as caught, store.writing():
        pytest.fail("two wrote")
    assert (caught.value.pid, caught.value.host) == (pid, lock.host())
    here.send("die")
    child.join()
    with store.writing():
        store.set("after", "death")
    assert store.get("after") == "death"


def test_a_second_thread_is_as_much_another_writer(tmp_path: Path) -> None:
    store, found = Store.create(tmp_path), []

    def second() -> None:
        try:
            with Store.open(tmp_path).writing():
                found.append(None)
        except StoreBusy as error:
            found.append(error.pid)

    with store.writing():
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
        with pytest.raises(StoreBusy), store.writing():
            pytest.fail("two wrote")
        store.set("still", "the writer")
    assert found == [os.getpid()]
    with store.writing():
        pass


def test_an_error_inside_gives_the_lock_back(tmp_path: Path) -> None:
    store = Store.create(tmp_path)
    with pytest.raises(ZeroDivisionError), store.writing():
        raise ZeroDivisionError
    with store.writing():
        store.set("key", "value")


def test_a_reader_sees_a_whole_commit_or_none_of_it(tmp_path: Path) -> None:
    store = Store.create(tmp_path)
    here, there = pipe()
    child = started(watch, tmp_path, there)
    here.recv()
    filled(store, PAGES)
    here.send("stop")
    seen = here.recv()
    child.join()
    assert seen == sorted(seen)
    assert {pages for pages, _ in seen} <= {0, 1, 2, 3, 4}
    assert {rows for _, rows in seen} <= {0, 3, 4, 5}


def test_eight_writers_lose_nothing(tmp_path: Path) -> None:
    store = Store.create(tmp_path)
    children = [started(settle, tmp_path, f"writer {n}", 2) for n in range(8)]
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0] * 8
    assert store.get("sum") == "16"
    assert len(Store.open(tmp_path).settings()) == 9


def test_threads_read_while_one_writes(tmp_path: Path) -> None:
    store = filled(Store.create(tmp_path), PAGES[:1])
    seen: list[int] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.append(store.rows("rpc one").num_rows)
            assert store.find("rpc one", "eth_chainId") is not None

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    filled(store, PAGES)
    done.set()
    for thread in threads:
        thread.join()
    assert set(seen) <= {3, 4, 5}
    assert store.rows("rpc one").num_rows == 5
