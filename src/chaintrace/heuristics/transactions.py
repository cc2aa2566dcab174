"""Transactions: rows of UTXO chains gathered by transaction, as columns."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chaintrace.fetch.buffers import ABSENT
from chaintrace.model.chain import get_chain

Ints = np.ndarray[tuple[int], np.dtype[np.int64]]
Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]

NOBODY = -1
_MOST_TEXT = 2**31 - 1
_ZEROS = 24  # of 32 bytes, before the 8 that every amount of satoshi fits into


class Side(NamedTuple):
    """Coins on one side of transactions, in no order that means anything: the transaction's number, satoshi, the
    account's number (``NOBODY`` where the rows name none), and the row."""

    tx: Ints
    value: Ints
    account: Ints
    row: Ints

    def only(self, mask: Mask) -> Side:
        return Side(*(column[mask] for column in self))


class Groups(NamedTuple):
    """Outputs of one transaction and one value: how many ``times`` there is one."""

    tx: Ints
    value: Ints
    times: Ints

    def only(self, mask: Mask) -> Groups:
        return Groups(*(column[mask] for column in self))


@dataclass(frozen=True, eq=False)
class Transactions:
    """Whole transactions of UTXO chains. ``ins`` and ``outs`` hold their coins, ``outs`` only what can be spent.

    A transaction is whole if it has one fee, or is a coinbase, and its inputs are its outputs and the fee. ``torn``
    counts those that are not; they are nowhere else. All other columns have one entry a transaction.
    """

    table: pa.Table
    names: pa.Array
    accounts: pa.Array
    ins: Side
    outs: Side
    burns: Ints
    fee: Ints
    time: Ints
    block: Ints
    torn: int

    def __len__(self) -> int:
        return len(self.names)

    def only(self, mask: Mask) -> Transactions:
        """Some of the transactions, numbered anew in their order."""
        number = np.where(mask, np.cumsum(mask) - 1, NOBODY)
        sides = []
        for side in (self.ins, self.outs):
            kept = side.only(mask[side.tx])
            sides.append(kept._replace(tx=number[kept.tx]))
        columns = {name: getattr(self, name)[mask] for name in ("burns", "fee", "time", "block")}
        return replace(self, names=self.names.filter(pa.array(mask)), ins=sides[0], outs=sides[1], **columns)

    def per(self, tx: Ints, weights: Any = None) -> Ints:
        """How many entries each transaction has in ``tx``, or the sum of their weights (satoshi: exact)."""
        if weights is None:
            return np.bincount(tx, minlength=len(self))
        total = np.zeros(len(self), np.int64)
        np.add.at(total, tx, weights)
        return total

    @cached_property
    def n_in(self) -> Ints:
        return self.per(self.ins.tx)

    @cached_property
    def n_out(self) -> Ints:
        return self.per(self.outs.tx)

    @cached_property
    def accounts_in(self) -> Ints:
        """How many different accounts the inputs are of."""
        return self._paying[0]

    @cached_property
    def accounts_out(self) -> Ints:
        return self._distinct(self.outs)[0]

    @cached_property
    def most_of_one(self) -> Ints:
        """How many inputs the account with most inputs has."""
        return self._paying[1]

    @cached_property
    def _paying(self) -> tuple[Ints, Ints]:
        return self._distinct(self.ins)

    @cached_property
    def groups(self) -> Groups:
        """Outputs by value, ascending by transaction and value."""
        order = np.lexsort((self.outs.value, self.outs.tx))
        tx, value = self.outs.tx[order], self.outs.value[order]
        new = np.ones(len(tx), bool)
        new[1:] = (tx[1:] != tx[:-1]) | (value[1:] != value[:-1])
        first = np.flatnonzero(new)
        return Groups(tx[first], value[first], np.diff(np.append(first, len(tx))))

    @cached_property
    def common(self) -> tuple[Ints, Ints]:
        """Of each transaction the most frequent value of its outputs, of several the largest, and how many there are;
        zeros where there are no outputs."""
        return self.most(self.groups)

    def most(self, groups: Groups) -> tuple[Ints, Ints]:
        """As ``common``, among some of the groups."""
        value, count = np.zeros(len(self), np.int64), np.zeros(len(self), np.int64)
        order = np.lexsort((groups.value, groups.times, groups.tx))
        value[groups.tx[order]], count[groups.tx[order]] = (
            groups.value[order],
            groups.times[order],
        )  # the last one stays
        return value, count

    def _distinct(self, side: Side) -> tuple[Ints, Ints]:
        order = np.lexsort((side.account, side.tx))
        tx, account = side.tx[order], side.account[order]
        new = np.ones(len(tx), bool)
        new[1:] = (tx[1:] != tx[:-1]) | (account[1:] != account[:-1])
        first = np.flatnonzero(new)
        most = np.zeros(len(self), np.int64)
        np.maximum.at(most, tx[first], np.diff(np.append(first, len(tx))))
        return self.per(tx[first]), most

    def spenders(self, outs: Mask, by: Mask) -> Ints:
        """Of some outputs (a mask over ``outs``) the transaction that spends each, one of ``by``, else ``NOBODY``."""
        coins, ins = whole(self.table["outpoint"]), self.ins.only(by[self.ins.tx])
        made, spent = (coins.take(pa.array(side.row)) for side in (self.outs.only(outs), ins))
        found = pc.index_in(made, value_set=spent).fill_null(NOBODY).to_numpy(zero_copy_only=False)
        result = np.full(len(made), NOBODY)
        result[found != NOBODY] = ins.tx[found[found != NOBODY]]
        return result

    @cached_property
    def starts(self) -> tuple[Ints, Ints]:
        """Where each transaction's coins begin in ``ins`` and ``outs``, and where the last ones end."""
        ends = np.arange(len(self) + 1)
        return np.searchsorted(self.ins.tx, ends), np.searchsorted(self.outs.tx, ends)

    def inputs(self, tx: int) -> slice:
        return slice(*self.starts[0][tx : tx + 2].tolist())

    def outputs(self, tx: int) -> slice:
        return slice(*self.starts[1][tx : tx + 2].tolist())

    @cached_property
    def seq(self) -> Ints:
        return np.asarray(self.table["seq"].to_numpy(), dtype=np.int64)

    def rows(self, tx: int) -> tuple[tuple[str, str, int], ...]:
        """What identifies the rows of a transaction's coins: (tx_hash, kind, seq), as they stand in it."""
        name, sides = self.name(tx), (("input", self.ins, self.inputs), ("output", self.outs, self.outputs))
        return tuple((name, kind, n) for kind, side, at in sides for n in sorted(self.seq[side.row[at(tx)]].tolist()))

    def moment(self, tx: int) -> dict[str, int | None]:
        """Block and time, None where the rows do not say."""
        told = {"block": int(self.block[tx]), "time": int(self.time[tx])}
        return {name: None if value == ABSENT else value for name, value in told.items()}

    def name(self, tx: int) -> str:
        return str(self.names[tx].as_py())

    def account(self, number: int) -> str:
        return str(self.accounts[number].as_py())


def gather(table: pa.Table) -> Transactions:
    """The whole transactions among rows of the one table; rows of other chains are passed over."""
    table = of_families(table, ("utxo",))
    tx, names = coded(table["tx_hash"])
    value, fits = _satoshi(table["amount"])
    kind = {name: _is(table, name) for name in ("input", "output", "burn", "fee", "reward")}
    count = len(names)
    paid = {name: _sum(tx[mask], value[mask], count) for name, mask in kind.items()}
    many = {name: np.bincount(tx[mask], minlength=count) for name, mask in kind.items()}
    known = np.zeros(count, np.int64)
    np.add.at(known, tx, np.logical_or.reduce(list(kind.values())) & fits)
    whole = (known == np.bincount(tx, minlength=count)) & _summable(tx, value, count)
    whole &= paid["input"] + paid["reward"] == paid["output"] + paid["burn"] + paid["fee"]
    whole &= np.where(many["reward"] > 0, (many["input"] == 0) & (many["fee"] == 0), many["fee"] == 1)
    number = np.where(whole, np.cumsum(whole) - 1, NOBODY)
    accounts, account = _accounts(table, kind["input"])
    sides = {name: _side(number[tx], value, account, mask) for name, mask in kind.items()}
    time, block = (_moments(table, name, tx, count) for name in ("time", "block"))
    torn = int(count - whole.sum() - np.sum((many["input"] + many["output"] + many["reward"] == 0) & ~whole))
    return Transactions(
        table,
        names.filter(pa.array(whole)),
        accounts,
        sides["input"],
        sides["output"],
        many["burn"][whole],
        paid["fee"][whole],
        time[whole],
        block[whole],
        torn,
    )


def _moments(table: pa.Table, name: str, tx: Ints, count: int) -> Ints:
    found = np.full(count, ABSENT)
    found[tx] = table[name].cast(pa.int64()).fill_null(ABSENT).to_numpy()
    return found


def _side(tx: Ints, value: Ints, account: Ints, mask: Mask) -> Side:
    rows = np.flatnonzero(mask & (tx != NOBODY))
    rows = rows[np.argsort(tx[rows], kind="stable")]
    return Side(tx[rows], value[rows], account[rows], rows)


def _accounts(table: pa.Table, spends: Mask) -> tuple[pa.Array, Ints]:
    sender, receiver = (whole(table[name]) for name in ("sender", "receiver"))
    if sender.type != receiver.type:
        sender, receiver = sender.cast(pa.large_string()), receiver.cast(pa.large_string())
    party = pc.if_else(pa.array(spends), sender, receiver)
    account, accounts = coded(pa.chunked_array([party]))
    return accounts, account


def of_families(table: pa.Table, families: Collection[str]) -> pa.Table:
    """The rows of chains of these families."""
    chains = pc.unique(table["chain"])
    wanted = [name for name in chains.to_pylist() if get_chain(name).family in families]
    if len(wanted) == len(chains):
        return table
    return table.filter(pc.is_in(table["chain"], value_set=pa.array(wanted, pa.string())))


def coded(column: pa.ChunkedArray) -> tuple[Ints, pa.Array]:
    """A number for each cell, ``NOBODY`` where it is null, and what the numbers stand for."""
    encoded = whole(column).dictionary_encode()
    codes = encoded.indices.fill_null(NOBODY).to_numpy(zero_copy_only=False).astype(np.int64)
    return codes, encoded.dictionary


def _satoshi(column: pa.ChunkedArray) -> tuple[Ints, Mask]:
    """Amounts as int64, and which fit into it."""
    array = whole(column)
    raw = np.frombuffer(array.buffers()[1], np.uint8)[array.offset * 32 :][: len(array) * 32].reshape(-1, 32)
    low = np.ascontiguousarray(raw[:, _ZEROS:]).view(">u8").ravel()
    fits = ~raw[:, :_ZEROS].any(axis=1) & (low < 2**63)
    return np.where(fits, low, 0).astype(np.int64), fits


def _summable(tx: Ints, value: Ints, count: int) -> Mask:
    """Whether no sum of a transaction's amounts can leave int64. No real one comes near."""
    most = np.zeros(count, np.int64)
    np.maximum.at(most, tx, value)
    return np.asarray(most <= (2**63 - 1) // np.maximum(np.bincount(tx, minlength=count), 1))


def _sum(tx: Ints, value: Ints, count: int) -> Ints:
    total = np.zeros(count, np.int64)
    np.add.at(total, tx, value)
    return total


def _is(table: pa.Table, kind: str) -> Mask:
    return np.asarray(pc.equal(table["kind"], kind).to_numpy(), dtype=bool)


def whole(column: pa.ChunkedArray) -> pa.Array:
    """The column as one array; texts of more than 2 GB need longer offsets."""
    if pa.types.is_string(column.type) and column.nbytes >= _MOST_TEXT:
        column = column.cast(pa.large_string())
    found = column.combine_chunks()
    return found if isinstance(found, pa.Array) else pa.concat_arrays(found.chunks)
