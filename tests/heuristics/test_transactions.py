"""Columns of transactions say what a naive count says; what is not whole, or too large to be real, is torn."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaintrace.heuristics import transactions
from chaintrace.heuristics.transactions import NOBODY, gather
from chaintrace.model.amount import to_bytes
from tests.heuristics.coins import Tx, payment, table, whirlpool

FEWER = settings(max_examples=settings().max_examples // 2)
owners = st.sampled_from("abcd")
coins = st.lists(st.tuples(owners, st.sampled_from([1, 2, 5, 10**6])), min_size=1, max_size=7)


@st.composite
def ledgers(draw: st.DrawFn) -> list[Tx]:
    txs = []
    for n in range(draw(st.integers(0, 5))):
        outs = draw(coins)
        ins = [*draw(coins), ("payer", sum(value for _, value in outs))]
        txs.append(Tx(f"t{n}", tuple(ins), tuple(outs), data=draw(st.integers(0, 2))))
    return txs


@FEWER
@given(ledgers())
def test_columns_say_what_counting_says(txs: list[Tx]) -> None:
    found = gather(table(*txs))
    assert [found.name(n) for n in range(len(found))] == [tx.txid for tx in txs]
    for n, tx in enumerate(txs):
        payers, payees = (Counter(owner for owner, _ in side) for side in (tx.ins, tx.outs))
        values = Counter(value for _, value in tx.outs)
        times = max(values.values())
        assert (found.n_in[n], found.n_out[n], found.burns[n]) == (len(tx.ins), len(tx.outs), tx.data)
        assert (found.accounts_in[n], found.accounts_out[n]) == (len(payers), len(payees))
        assert found.most_of_one[n] == max(payers.values())
        assert found.common[1][n] == times
        assert found.common[0][n] == max(value for value, count in values.items() if count == times)
        assert found.fee[n] == sum(v for _, v in tx.ins) - sum(v for _, v in tx.outs)
        assert sorted(found.outs.value[found.outputs(n)].tolist()) == sorted(value for _, value in tx.outs)
        assert len(found.rows(n)) == len(tx.ins) + len(tx.outs)


@FEWER
@given(ledgers(), st.data())
def test_some_of_them_are_what_they_were(txs: list[Tx], data: st.DataObject) -> None:
    whole = gather(table(*txs))
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(txs), max_size=len(txs))), dtype=bool)
    some = whole.only(mask)
    assert [some.name(n) for n in range(len(some))] == [tx.txid for tx, kept in zip(txs, mask, strict=True) if kept]
    for name in ("n_in", "n_out", "accounts_in", "accounts_out", "most_of_one", "burns", "fee"):
        assert np.array_equal(getattr(some, name), getattr(whole, name)[mask])


def test_who_spends_a_coin_is_found_among_those_that_count() -> None:
    first = payment("first")
    second = Tx("second", (("first shop", 123_456),), (("x", 100),), coins={0: f"{first.txid}:0"})
    found = gather(table(first, second))
    everything = np.ones(len(found.outs.tx), bool)
    assert found.spenders(everything, by=np.array([True, True])).tolist() == [1, NOBODY, NOBODY]
    assert found.spenders(everything, by=np.array([True, False])).tolist() == [NOBODY] * 3


def changed(rows: pa.Table, row: int, amount: int) -> pa.Table:
    amounts = rows["amount"].to_pylist()
    amounts[row] = to_bytes(amount)
    return rows.set_column(rows.schema.get_field_index("amount"), "amount", pa.array(amounts, pa.binary(32)))


@pytest.mark.parametrize("amount", [2**63 - 1, 2**63, 2**64, 2**64 + 1_000_000, 2**256 - 1])
def test_an_amount_that_is_not_real_tears_its_transaction_alone(amount: int) -> None:
    found = gather(changed(table(payment(), whirlpool()), 0, amount))
    assert (len(found), found.torn) == (1, 1)


def test_sums_that_would_leave_int64_are_torn() -> None:
    """Both sides would wrap alike, so that comparing them says nothing."""
    huge = 2**62
    tx = Tx("huge", (("a", huge), ("b", huge), ("c", huge)), (("d", huge), ("e", huge), ("f", huge)))
    assert gather(table(tx)).torn == 1


def test_texts_beyond_two_gigabytes_are_read_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = table(payment(), whirlpool())
    usual = gather(rows)
    monkeypatch.setattr(transactions, "_MOST_TEXT", 1)
    large = gather(rows)
    assert large.accounts.type == pa.large_string()
    assert [large.name(n) for n in range(2)] == [usual.name(n) for n in range(2)]
    assert [large.account(n) for n in range(len(large.accounts))] == [
        usual.account(n) for n in range(len(usual.accounts))
    ]


def test_rows_of_other_chains_are_passed_over() -> None:
    rows = table(whirlpool())
    other = rows.set_column(0, rows.schema.field("chain"), pa.array(["eip155:1"] * len(rows), pa.string()))
    assert len(gather(other)) == 0
    assert len(gather(pa.concat_tables([rows, other]))) == 1


def test_a_coinbase_is_whole() -> None:
    tx = Tx("coinbase", (), (("miner", 625),))
    found = gather(table(tx))
    assert (len(found), found.n_in.tolist(), found.fee.tolist(), found.torn) == (1, [0], [0], 0)
