"""How long the heuristics take over many Bitcoin transactions and many moves of an account chain, made up to have the
shapes of real ones.

    python bench/heuristics.py [--transactions 1000000] [--joint 20000] [--moves 1000000] [--json FILE …]

Prints seconds for gathering rows, for each rule, and for ``ct.findings`` over all of them; then how fast JSON lines are
read, of the files that are named. ``--joint``: how many of the transactions are mixes of Whirlpool.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chaintrace.fetch.files import read_transfers
from chaintrace.heuristics.findings import findings
from chaintrace.heuristics.registry import known_heuristics
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.labels.label import Label
from chaintrace.model.chain import get_chain
from chaintrace.model.transfer import SCHEMA, Transfers

POOL = 5_000_000
PIECE = 100_000
CHAIN = get_chain("bitcoin")
ETHEREUM = get_chain("ethereum")
LABELLED = 20


def timed(work: Callable[[], Any]) -> tuple[str, Any]:
    """Seconds by the clock and of the processor, as text, and what came of the work."""
    start, used = time.perf_counter(), time.process_time()
    done = work()
    return f"{time.perf_counter() - start:8.2f} s ({time.process_time() - used:6.2f} s of work)", done


def texts(prefix: str, numbers: Any, width: int) -> pa.Array:
    """``prefix`` and a number of ``width`` digits, the same for the same number."""
    digits = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width, "0")
    return pc.binary_join_element_wise(prefix, digits, "")


def many(count: int, joint: int) -> pa.Table:
    """Rows of so many transactions, ``joint`` of which are mixes."""
    starts = range(0, count, PIECE)
    shares = np.diff([joint * start // count for start in (*starts, count)]).tolist()
    return pa.concat_tables([made(min(PIECE, count - at), share, at) for at, share in zip(starts, shares, strict=True)])


def made(count: int, joint: int, first_tx: int) -> pa.Table:
    """Mostly one to four inputs and outputs, a few times many, and ``joint`` mixes of five coins."""
    random = np.random.default_rng(first_tx)
    ins = np.minimum(random.zipf(2.2, count), 300)
    outs = np.minimum(1 + random.zipf(2.0, count), 300)
    is_mix = np.zeros(count, bool)
    is_mix[random.choice(count, joint, replace=False)] = True
    ins, outs = np.where(is_mix, 5, ins), np.where(is_mix, 5, outs)
    tx_in, tx_out = np.repeat(np.arange(count), ins), np.repeat(np.arange(count), outs)
    value_out = np.where(is_mix[tx_out], POOL, random.integers(600, 10**9, len(tx_out)))
    total = np.bincount(tx_out, value_out.astype(np.float64), count).astype(np.int64)
    first = np.flatnonzero(np.diff(tx_in, prepend=-1))
    value_in = np.where(is_mix[tx_in], POOL, 1_000)
    value_in[first] = np.where(is_mix, POOL + 5_000, np.maximum(total + 500, 1))
    fee = np.bincount(tx_in, value_in.astype(np.float64), count).astype(np.int64) - total
    tx = np.concatenate([tx_in, tx_out, np.arange(count)])
    rank = np.concatenate(
        [
            np.arange(len(tx_in)) - first[tx_in],
            np.arange(len(tx_out)) - np.searchsorted(tx_out, tx_out),
            np.zeros(count),
        ]
    )
    side = np.repeat([0, 1, 2], [len(tx_in), len(tx_out), count])
    order = np.lexsort((rank, side, tx))
    both = is_mix[np.concatenate([tx_in, tx_out])]
    party = np.where(
        both, 10**9 + np.arange(len(both)), random.integers(0, count, len(both))
    )  # nobody is twice in a mix
    party = np.concatenate([party, np.zeros(count, np.int64)])
    amount = np.concatenate([value_in, value_out, fee])
    return _table(first_tx + tx[order], side[order], rank[order].astype(np.int64), party[order], amount[order])


def _table(tx: Any, side: Any, rank: Any, party: Any, amount: Any) -> pa.Table:
    names, account, owner = texts("", tx, 64), texts("tx:", tx, 64), texts("bc1q", party, 38)
    none = pa.nulls(len(tx), pa.string())
    spends, pays = pa.array(side == 0), pa.array(side == 1)
    raw = np.zeros((len(tx), 4), ">u8")
    raw[:, 3] = amount
    kind = pa.array(np.array(["input", "output", "fee"])[side])
    coin = pc.binary_join_element_wise(names, pa.array(rank).cast(pa.string()), ":")
    columns = {
        "chain": pa.array([CHAIN.id]).take(pa.array(np.zeros(len(tx), np.int64))),
        "block": pa.array(tx // 2_000),
        "tx_hash": names,
        "tx_index": pa.array(tx % 2_000),
        "seq": pa.array(rank + 10_000 * side),
        "order": pa.array(["known"]).take(pa.array(np.zeros(len(tx), np.int64))),
        "kind": kind,
        "sender": pc.if_else(spends, owner, account),
        "receiver": pc.if_else(spends, account, pc.if_else(pays, owner, none)),
        "asset": pa.array([CHAIN.native]).take(pa.array(np.zeros(len(tx), np.int64))),
        "amount": pa.FixedSizeBinaryArray.from_buffers(pa.binary(32), len(tx), [None, pa.py_buffer(raw.tobytes())]),
        "outpoint": pc.if_else(pa.array(side == 2), none, coin),
    }
    made = [columns.get(field.name, pa.nulls(len(tx), field.type)).cast(field.type) for field in SCHEMA]
    return pa.table(made, schema=SCHEMA)


def moves(count: int) -> tuple[pa.Table, list[Label]]:
    """Moves among a fifth as many accounts over half a year: a few are in most of them, the first are labelled. A tenth
    are deposits, each sent on to an exchange; a third are of fifty tokens, a third are round, a twentieth are of
    nothing."""
    random = np.random.default_rng(1)
    people = max(count // 5, 100)
    sender, receiver = (np.minimum(random.zipf(1.3, count), 10**12) * 7_919 % people for _ in range(2))
    receiver = np.where(random.random(count) < 0.5, random.integers(0, people, count), receiver)
    time = np.sort(random.integers(0, 180 * 86_400, count))
    millionths = np.where(
        random.random(count) < 0.33, 10 ** random.integers(3, 9, count), random.integers(1, 10**9, count)
    )
    millionths[random.random(count) < 0.05] = 0
    token = np.where(random.random(count) < 0.33, random.integers(1, 51, count), 0)
    paid = np.flatnonzero((random.random(count) < 0.1) & (np.arange(count) + 7 < count))
    on = paid + 7
    sender[on], receiver[on], token[on], millionths[on] = receiver[paid], on % 5, token[paid], millionths[paid]
    accounts = pa.array([f"0x{hashlib.sha256(b'%d' % n).hexdigest()[:40]}" for n in range(people)])
    assets = pa.array([ETHEREUM.native, *(f"{ETHEREUM.id}/erc20:0x{n:040x}" for n in range(1, 51))])
    raw = np.zeros((count, 4), ">u8")
    amount = millionths.astype(object) * 10**12
    raw[:, 2], raw[:, 3] = (amount >> 64).astype(np.uint64), (amount & (2**64 - 1)).astype(np.uint64)
    block = time // 12
    columns = {
        "chain": pa.array([ETHEREUM.id]).take(pa.array(np.zeros(count, np.int64))),
        "block": pa.array(15_000_000 + block),
        "time": pa.array(1_660_000_000 + block * 12),
        "tx_hash": texts("0x", np.arange(count), 64),
        "tx_index": pa.array(np.arange(count) % 1_000),
        "seq": pa.array(np.zeros(count, np.int64)),
        "order": pa.array(["known"]).take(pa.array(np.zeros(count, np.int64))),
        "kind": pa.array(["native", "token"]).take(pa.array((token > 0).astype(np.int64))),
        "sender": accounts.take(pa.array(sender)),
        "receiver": accounts.take(pa.array(receiver)),
        "asset": assets.take(pa.array(token)),
        "amount": pa.FixedSizeBinaryArray.from_buffers(pa.binary(32), count, [None, pa.py_buffer(raw.tobytes())]),
    }
    made = [columns.get(field.name, pa.nulls(count, field.type)).cast(field.type) for field in SCHEMA]
    busiest = np.bincount(np.concatenate([sender, receiver]), minlength=people).argsort()[::-1][:LABELLED]
    labels = [Label(accounts[n].as_py(), "exchange") for n in range(5)]
    return pa.table(made, schema=SCHEMA), labels + [Label(accounts[n].as_py(), "service") for n in busiest.tolist()]


def ask(rows: Rows, known: Known) -> None:
    for name, heuristic in known_heuristics().items():
        seconds, found = timed(lambda heuristic=heuristic: heuristic(rows, known))
        print(f"{seconds}  {name}: {len(found):,} found")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--transactions", type=int, default=1_000_000)
    parser.add_argument("--joint", type=int)
    parser.add_argument("--moves", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path, nargs="*", default=[])
    asked = parser.parse_args()
    joint = asked.transactions // 50 if asked.joint is None else asked.joint
    table = many(asked.transactions, joint)
    print(f"{asked.transactions:,} transactions, {table.num_rows:,} rows, {joint:,} of them mixes")
    rows, known = Rows(table), Known()
    seconds, txs = timed(lambda: rows.transactions)
    assert len(txs) == asked.transactions, f"{len(txs)} of them are whole"
    print(f"{seconds}  rows gathered by transaction")
    ask(rows, known)
    seconds, everything = timed(lambda: findings(Transfers(table)))
    print(f"{seconds}  ct.findings, all of it: {len(everything):,} found")
    table, labels = moves(asked.moves)
    print(f"{table.num_rows:,} moves of an account chain, {len(labels)} labels")
    rows, known = Rows(table), Known(labels)
    seconds, _ = timed(lambda: rows.moves)
    print(f"{seconds}  moves put in order")
    ask(rows, known)
    seconds, everything = timed(lambda: findings(Transfers(table), labels))
    print(f"{seconds}  ct.findings, all of it: {len(everything):,} found")
    for path in asked.json:
        seconds, read = timed(lambda path=path: read_transfers(path, chain="bitcoin"))
        count = pc.count_distinct(read.table["tx_hash"]).as_py()
        print(f"{seconds}  {path.name}: {count:,} of {len(read):,} rows read")
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:8.2f} GiB at most")


if __name__ == "__main__":
    main()
