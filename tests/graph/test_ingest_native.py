"""The kernel reads columns as the readable readers do, and calls odd what it leaves to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaintrace.fetch import columns as cell
from chaintrace.model.address import format_address
from chaintrace.model.chain import get_chain

native = pytest.importorskip("chaintrace._native", reason="the native kernel is not built")

ETHEREUM = get_chain("ethereum")
NOBODY = 2**32 - 1
MAX = 2**256 - 1

_hex = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())
_few = st.sampled_from([f"0x{n:040x}" for n in (0, 1, 2, 0xABCDEF << 130, 0xDEADBEEF << 64)])


def _spoilt(text: str, at: int, letter: str) -> str:
    at %= len(text)
    return text[:at] + letter + text[at + 1 :]


_address = st.one_of(_hex, _few)
_cell = st.one_of(
    st.none(),
    _address,
    _address.map(format_address),
    _address.map(lambda text: "0x" + text[2:].upper()),
    _address.map(lambda text: text.upper()),
    _address.map(lambda text: format_address(text).swapcase().replace("0X", "0x", 1)),
    _address.map(lambda text: f" {text}"),
    st.builds(_spoilt, _address.map(format_address), st.integers(0, 41), st.sampled_from("\0gGA0 é+")),
    _address.map(lambda text: text[2:]),
    st.text(max_size=45),
)
_digits = st.one_of(
    st.none(),
    st.integers(0, MAX).map(str),
    st.integers(0, 10**20).map(str),
    st.sampled_from([2**n + d for n in (53, 63, 64, 127, 128, 256) for d in (-1, 0, 1)]).map(str),
    st.integers(0, MAX).map(lambda n: f"{n:090d}"),
    st.text("0123456789", min_size=70, max_size=80),
    st.builds(_spoilt, st.integers(0, MAX).map(str), st.integers(0, 90), st.sampled_from("+- .,_e٣\0x")),
    st.sampled_from(["", "+1", " 1", "1 ", "1\n", "-0", "0x10", "1e3", "1.0", "٣", "²"]),
    st.text(max_size=10),
)


def _buffers(texts: Sequence[str | None], large: bool = False) -> tuple[Any, Any, Any]:
    """Offsets, data and validity of an Arrow array; sliced, so that offsets do not begin with 0."""
    array = pa.array(["padding", *texts, None], pa.large_string() if large else pa.string())[1:-1]
    _, offsets, data = array.buffers()
    kind = np.int64 if large else np.int32
    first = np.frombuffer(offsets, kind)[array.offset :][: len(array) + 1]
    return first, np.frombuffer(data, np.uint8), np.asarray(array.is_valid())


def _read(parse: Any, value: object) -> Any:
    """What the readable reader says, or None where it rejects the cell."""
    try:
        return None if value is None or value == "" else parse(value)
    except cell.Bad:
        return None


def _amounts(done: dict[str, Any]) -> list[int]:
    found = [int(low) | int(high) << 64 for low, high in done["amount"].tolist()]
    for row, words in zip(done["wide_rows"].tolist(), done["wide_values"].tolist(), strict=True):
        found[row] = sum(word << 64 * n for n, word in enumerate(words))
    return found


def _names(ingest: Any, done: dict[str, Any], side: str) -> list[str | None]:
    accounts = done["pot_account"].tolist()
    return [None if pot < 0 else ingest.account_text(accounts[pot]) for pot in done[side].tolist()]


@given(st.lists(st.tuples(_cell, _cell), max_size=150), st.booleans())
def test_hexadecimal_accounts_are_those_of_the_reader(rows: list[tuple[str | None, str | None]], large: bool) -> None:
    """Odd cells never pass; what the kernel reads is what the reader reads."""
    ingest = native.Ingest(len(rows))
    for side in (0, 1):
        texts = [row[side] for row in rows]
        expected = [_read(lambda text: cell.account(text, ETHEREUM), text) for text in texts]
        odd = ingest.accounts_text(side, *_buffers(texts, large))
        assert odd.dtype == np.uint32
        assert odd.tolist() == [row for row, account in enumerate(expected) if account is None]
        for row in odd.tolist():
            ingest.patch_account(side, row, None)
    ingest.amounts_uint64(np.zeros(len(rows), np.uint64))
    done = ingest.finish()
    for side, name in enumerate(("sender", "receiver")):
        expected = [_read(lambda text: cell.account(text, ETHEREUM), row[side]) for row in rows]
        assert _names(ingest, done, name) == expected


@given(st.lists(_digits, max_size=150), st.booleans())
def test_digits_are_the_amounts_of_the_reader(texts: list[str | None], large: bool) -> None:
    ingest = native.Ingest()
    expected = [_read(cell.amount, text) for text in texts]
    odd = ingest.amounts_text(*_buffers(texts, large))
    assert odd.tolist() == [row for row, amount in enumerate(expected) if amount is None]
    for row in odd.tolist():
        ingest.patch_amount(row, (row * 2**120).to_bytes(32, "big"))
    ingest.accounts_none(0, len(texts))
    ingest.accounts_none(1, len(texts))
    patched = [row * 2**120 if amount is None else amount for row, amount in enumerate(expected)]
    assert _amounts(ingest.finish()) == patched


@given(st.lists(st.one_of(st.none(), st.integers(0, MAX), st.integers(0, 2**64)), max_size=40))
def test_amounts_come_in_every_width(amounts: list[int | None]) -> None:
    valid = np.array([amount is not None for amount in amounts], dtype=bool)
    raw = b"".join((amount or 0).to_bytes(32, "big") for amount in amounts)
    little = b"".join((amount or 0).to_bytes(32, "little") for amount in amounts)
    lanes = np.frombuffer(little, np.uint64).reshape(-1, 4)
    for read, top in ((lambda i: i.amounts_bytes32(np.frombuffer(raw, np.uint8), valid), 256),
                      (lambda i: i.amounts_decimal256(lanes, valid), 255),
                      (lambda i: i.amounts_decimal128(np.ascontiguousarray(lanes[:, :2]), valid), None)):  # fmt: skip
        ingest = native.Ingest()
        odd = set(read(ingest).tolist())
        ingest.accounts_none(0, len(amounts))
        ingest.accounts_none(1, len(amounts))
        found = _amounts(ingest.finish(drop=np.array([row in odd for row in range(len(amounts))], dtype=bool)))
        cut = [amount if top or amount is None else amount % 2**128 for amount in amounts]
        assert found == [amount for amount in cut if amount is not None and amount < 2 ** (top or 127)]
        assert len(found) + len(odd) == len(amounts)


_short = st.sampled_from(["a", "b", "tx:c", f"0x{1:040x}", f"0x{2:040x}", "Ä", "\0", None])
_coin = st.sampled_from([None, None, "x:0", "x:1", "y:0"])


@given(st.lists(st.tuples(_short, _short, st.integers(0, 2), _coin, _coin), max_size=120), st.booleans())
def test_pots_are_numbered_as_in_python(rows: list[tuple[Any, Any, int, Any, Any]], coins: bool) -> None:
    pots: dict[tuple[str, int], tuple[str, int, str | None]] = {}  # a coin of an asset, else an account's holding
    order: dict[tuple[str, int], int] = {}

    def number(account: str | None, asset: int, coin: str | None) -> int:
        if account is None:
            return -1
        pots.setdefault((coin or account, asset), (account, asset, coin))
        return order.setdefault((coin or account, asset), len(order))

    expected = [
        (number(sender, asset, spent if coins else None), number(receiver, asset, made if coins else None))
        for sender, receiver, asset, spent, made in rows
    ]
    ingest = native.Ingest()
    for side in (0, 1):
        odd = ingest.accounts_any(side, *_buffers([row[side] for row in rows]))
        assert odd.tolist() == [n for n, row in enumerate(rows) if row[side] is None]
    ingest.amounts_int64(np.ones(len(rows), np.int64))
    outpoints = ["x:0", "x:1", "y:0"]
    code = lambda name: NOBODY if name is None else outpoints.index(name)  # noqa: E731
    spent, made = (np.array([code(row[n]) for row in rows], dtype=np.uint32) for n in (3, 4))
    given_coins = {"coin_spent": spent, "coin_made": made} if coins else {}
    done = ingest.finish(assets=np.array([row[2] for row in rows], dtype=np.uint32), **given_coins)
    assert list(zip(done["sender"].tolist(), done["receiver"].tolist(), strict=True)) == expected
    assert [ingest.account_text(account) for account in done["pot_account"].tolist()] == [p[0] for p in pots.values()]
    assert done["pot_asset"].tolist() == [pot[1] for pot in pots.values()]
    if coins:
        found = [None if coin == NOBODY else outpoints[coin] for coin in done["pot_coin"].tolist()]
        assert found == [pot[2] for pot in pots.values()]
    else:
        assert done["pot_coin"] is None


@given(st.lists(_short.filter(bool), max_size=50))
def test_accounts_can_be_asked_for(texts: list[str]) -> None:
    ingest = native.Ingest()
    ingest.accounts_any(0, *_buffers(texts))
    known = list(dict.fromkeys(texts))
    assert [ingest.account_id(text) for text in known] == list(range(len(known)))
    assert ingest.account_texts(np.arange(len(known), dtype=np.uint32)) == known
    assert ingest.account_id("nobody") is None
    assert ingest.account_count == len(known)
    table, others = ingest.accounts()
    assert table.shape == (len(known), 20)
    named = {n: "0x" + bytes(row).hex() for n, row in enumerate(table)} | dict(others)
    assert [named[n] for n in range(len(known))] == known
    with pytest.raises(IndexError, match="no account"):
        ingest.account_text(len(known))


@given(st.lists(st.tuples(st.integers(-2, 2), st.one_of(st.just(-(2**63)), st.integers(0, 2**62))), max_size=60))
def test_order_is_a_stable_sort_or_none(rows: list[tuple[int, int]]) -> None:
    keys = [np.array([row[n] for row in rows], dtype=np.int64) for n in (0, 1)]
    expected = sorted(range(len(rows)), key=rows.__getitem__)
    found = native.order(keys)
    assert (found is None) == (rows == sorted(rows))
    assert found is None or found.tolist() == expected


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 2), st.booleans(), st.integers(0, 1)), max_size=60))
def test_duplicates_are_later_rows_of_one_name(rows: list[tuple[str, int, bool, int]]) -> None:
    """As texts, with and without 0x, and as bytes."""
    texts = [("0x" if prefixed else "") + letter * 64 for letter, _, prefixed, _ in rows]
    kind = np.array([row[1] for row in rows], dtype=np.uint8)
    seq = np.array([row[3] for row in rows], dtype=np.int64)
    names = [(row[0], row[1], row[3]) for row in rows]
    expected = [n for n, name in enumerate(names) if name in names[:n]]
    offsets, data, valid = _buffers(texts)
    assert native.duplicates(data, kind, seq, offsets=offsets, valid=valid).tolist() == expected
    raw = np.frombuffer(b"".join(bytes.fromhex(text[-64:]) for text in texts), np.uint8)
    assert native.duplicates(raw, kind, seq).tolist() == expected
    chain = np.arange(len(rows), dtype=np.uint32)
    assert native.duplicates(raw, kind, seq, chain=chain).tolist() == []


OFFSETS, DATA = np.array([0, 1], np.int32), np.array([97], np.uint8)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda i: i.accounts_text(2, OFFSETS, DATA), ValueError, "side"),
        (
            lambda i: i.accounts_text(0, OFFSETS.astype(float), DATA),
            TypeError,
            "offsets: .*int32 or int64, not float64",
        ),
        (lambda i: i.accounts_text(0, OFFSETS, DATA.astype(np.int8)), TypeError, "data: .*uint8, not int8"),
        (lambda i: i.accounts_text(0, [0, 1], b"a"), TypeError, "data: .*not bytes"),
        (lambda i: i.accounts_text(0, OFFSETS[:0], DATA), ValueError, "offsets"),
        (lambda i: i.accounts_text(0, OFFSETS + 1, DATA), ValueError, "ascend within the data"),
        (lambda i: i.accounts_text(0, -OFFSETS, DATA), ValueError, "ascend within the data"),
        (lambda i: i.accounts_any(0, OFFSETS, DATA, np.ones(2, bool)), ValueError, "valid: 2 entries for 1 rows"),
        (lambda i: i.accounts_any(0, OFFSETS, DATA, np.ones(1, np.int8)), TypeError, "bool"),
        (lambda i: i.accounts_binary(0, np.zeros(21, np.uint8)), ValueError, "no multiple of 20"),
        (lambda i: i.accounts_binary(0, np.zeros(80, np.uint8)[::2]), ValueError, "contiguous"),
        (lambda i: i.accounts_ids(0, np.zeros(1, np.int8), 5), TypeError, "uint32 or int64"),
        (lambda i: i.accounts_none(0, 2**31), OverflowError, "can be numbered"),
        (lambda i: i.amounts_decimal128(np.zeros((2, 4), np.uint64)), ValueError, "shape"),
        (lambda i: i.amounts_decimal128(np.zeros((2, 2), np.uint64, order="F")), ValueError, "contiguous"),
        (lambda i: i.amounts_decimal128(np.zeros(4, np.uint64)), TypeError, "shape"),
        (lambda i: i.amounts_int64(np.zeros(4, np.uint64)), TypeError, "int64, not uint64"),
        (lambda i: i.patch_account(0, 0, None), ValueError, "no row 0"),
        (lambda i: i.patch_account(0, -1, None), OverflowError, "negative"),
        (lambda i: i.patch_amount(0, b""), ValueError, "0 bytes instead of 32"),
        (lambda i: i.patch_amount(0, bytes(32)), ValueError, "no row 0"),
        (lambda i: (i.accounts_none(0, 1), i.finish()), ValueError, "differ in length"),
        (lambda i: i.finish(order=np.zeros(1, np.uint32)), ValueError, "order: there is no row 0"),
        (lambda i: i.finish(assets=np.zeros(1, np.uint32)), ValueError, "differ in length"),
        (lambda i: (i.finish(), i.finish()), ValueError, "finished"),
        (lambda i: (i.accounts_any(0, OFFSETS, DATA), i.accounts_ids(1, np.zeros(1, np.int64), 1)), ValueError, "name"),
        (lambda i: native.Ingest(2**31), OverflowError, "can be numbered"),
        (lambda i: native.order([np.zeros(1, np.int64), np.zeros(2, np.int64)]), ValueError, "unequal"),
        (lambda i: native.order([np.zeros(1)]), TypeError, "int64, not float64"),
    ],
)
def test_what_does_not_fit_is_an_error(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(native.Ingest())


def test_odd_rows_must_be_patched_or_dropped() -> None:
    """An amount or account that nobody could read never becomes a number, and finish can be asked again."""
    ingest = native.Ingest()
    assert ingest.accounts_text(0, *_buffers(["0x", f"0x{1:040x}"])).tolist() == [0]
    ingest.accounts_none(1, 2)
    assert ingest.amounts_text(*_buffers(["1", "-1"])).tolist() == [1]
    with pytest.raises(ValueError, match="row 0 is odd"):
        ingest.finish()
    with pytest.raises(ValueError, match="row 1 is odd"):
        ingest.finish(drop=np.array([True, False]))
    ingest.patch_account(0, 0, "a")
    done = ingest.finish(drop=np.array([False, True]))
    assert (_names(ingest, done, "sender"), _amounts(done)) == (["a"], [1])


def test_numbers_of_accounts_have_a_limit() -> None:
    ingest = native.Ingest()
    assert ingest.accounts_ids(0, np.array([7, 3, 8, -1]), 8).tolist() == [2, 3]
    assert ingest.accounts_ids(1, np.array([3, 7, 0, 0], np.uint32), 8).tolist() == []
    ingest.amounts_uint64(np.ones(4, np.uint64))
    done = ingest.finish(order=np.array([1, 0], np.uint32))
    assert done["pot_account"].tolist() == [3, 7]
    assert (done["sender"].tolist(), done["receiver"].tolist()) == ([0, 1], [1, 0])
