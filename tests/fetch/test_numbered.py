"""accounts=: where sender and receiver are numbers, which account each of them is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import chaintrace as ct
from chaintrace.errors import InputError, RowError
from chaintrace.fetch.files import read_transfers
from chaintrace.model.address import format_address
from tests.fetch.samples import A, B, C, moves, reasons
from tests.fetch.ways import is_lane, way

BYTES = [bytes.fromhex(address[2:]) for address in (A, B, C)]
WAYS = pytest.mark.parametrize("lane", [False, True])


def numbered(*pairs: tuple[Any, Any], kind: Any = None) -> pa.Table:
    senders, receivers = zip(*pairs, strict=True)
    columns = {"sender": pa.array(senders, kind or pa.int64()), "receiver": pa.array(receivers, kind or pa.int64())}
    return pa.table({**columns, "amount": list(range(1, len(pairs) + 1)), "block": [7] * len(pairs)})


FORMS = {
    "list": [A, B, C],
    "tuple": (A, B, C),
    "list of bytes": BYTES,
    "mixed list": [A, BYTES[1], C],
    "capitals": [format_address(A), "0x" + B[2:].upper(), C],
    "Arrow": pa.array([A, B, C]),
    "Arrow chunks": pa.chunked_array([[A], [B, C]]),
    "Arrow dictionary": pa.array([A, B, C]).dictionary_encode(),
    "Arrow view": pa.array([A, B, C], pa.string_view()),
    "Arrow bytes": pa.array(BYTES, pa.binary(20)),
    "Arrow bytes of any length": pa.array(BYTES, pa.large_binary()),
    "NumPy texts": np.array([A, B, C]),
    "NumPy letters": np.array([A, B, C]).astype("S42"),
    "NumPy objects": np.array([A, B, C], dtype=object),
    "NumPy bytes": np.array(BYTES, dtype="S20"),
    "NumPy void": np.array(BYTES, dtype="V20"),
    "NumPy matrix": np.frombuffer(b"".join(BYTES), np.uint8).reshape(3, 20),
}


@WAYS
@pytest.mark.parametrize("form", list(FORMS))
def test_every_form_of_accounts(form: str, lane: bool) -> None:
    with way(lane):
        read = read_transfers(numbered((0, 1), (1, 2), (2, 0)), accounts=FORMS[form])
        graph = ct.TransferGraph(read)
        assert [move[1:4] for move in moves(read)] == [(A, B, 1), (B, C, 2), (C, A, 3)]
    assert is_lane(graph) == (lane and form != "mixed list")
    assert graph.accounts == [A, B, C]


def test_bytes_that_end_in_zeros_are_whole() -> None:
    """NumPy drops them from texts of bytes."""
    address = b"\1" * 19 + b"\0"
    for accounts in (np.array([address, BYTES[0]], dtype="S20"), np.array([BYTES[0], address], dtype="S20")[::-1]):
        read = read_transfers(numbered((0, 1)), accounts=accounts)
        assert moves(read)[0][1] == "0x" + address.hex()


@WAYS
@pytest.mark.parametrize("kind", [pa.int8(), pa.uint8(), pa.int32(), pa.uint32(), pa.int64(), pa.uint64()])
def test_every_type_of_number(kind: Any, lane: bool) -> None:
    with way(lane):
        graph = ct.TransferGraph(read_transfers(numbered((0, 1), (1, 99), kind=kind), accounts=[A, B]))
    assert graph.rejected.counts == {"no such account number": 1}
    assert graph.accounts == [A, B]


@WAYS
def test_a_number_that_is_nobody_s_rejects_its_row(lane: bool) -> None:
    pairs = [(0, 1), (5, 1), (-1, 0), (2, 1), (3, 1), (None, 1), (2**40, 0), (4, 0)]
    with way(lane):
        read = read_transfers(numbered(*pairs), accounts=[A, B, "nobody", None, C])
        assert reasons(read) == {"bad address": 1, "missing field": 1, "no such account number": 4}
        assert [move[1:4] for move in moves(read)] == [(A, B, 1), (C, A, 8)]
        assert [(bad.row, bad.field, bad.value) for bad in read.rejected.examples if bad.reason == "bad address"] == [
            (3, "sender", "2")
        ]
        with pytest.raises(RowError, match="row 1: no such account number"):
            read_transfers(numbered(*pairs), accounts=[A, B], strict=True)


@WAYS
def test_two_numbers_of_one_account_are_one_account(lane: bool) -> None:
    with way(lane):
        graph = ct.TransferGraph(read_transfers(numbered((0, 1), (2, 3), (1, 0)), accounts=[A, B, A, C]))
    assert is_lane(graph) == lane
    assert graph.accounts == [A, B, C]
    assert [graph.pots[pot].address for pot in graph.rows.sender.tolist()] == [A, A, B]


@WAYS
def test_numbers_without_accounts_are_an_error_that_says_so(lane: bool) -> None:
    """An address is no number, so every row would be rejected."""
    frame = numbered((0, 1), (1, 2)).to_pandas()
    mixed = frame.assign(sender=pd.Series([A, B], dtype=object))
    with way(lane):
        for source, name in ((frame, "sender"), (frame.astype(object), "sender"), (mixed, "receiver")):
            with pytest.raises(InputError, match=f"its {name} column holds numbers") as caught:
                read_transfers(source)
            assert "accounts=[…]" in caught.value.hint


def test_a_text_is_an_address_whatever_accounts_say() -> None:
    table = pa.table({"sender": [A, "0"], "receiver": [B, B], "amount": [1, 2], "block": [1, 1]})
    for lane in (False, True):
        with way(lane):
            assert reasons(read_transfers(table, accounts=[C])) == {"bad address": 1}


def test_other_chains_may_number_accounts_as_well() -> None:
    address = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"
    read = read_transfers(numbered((0, 0)), chain="bitcoin", accounts=[address])
    assert moves(read)[0][1] == address


@pytest.mark.parametrize(
    "accounts", [5, A, {0: A}, np.zeros((2, 2)), np.zeros(3), pa.array([1, 2]), [1, 2], np.zeros((1, 1, 1), np.uint8)]
)
def test_what_is_no_list_of_accounts_is_refused(accounts: Any) -> None:
    with pytest.raises(InputError, match="accounts=") as caught:
        read_transfers(numbered((0, 1)), accounts=accounts)
    assert "give a list" in caught.value.hint
