"""Agree: pages that are about to be kept, against each other and what is kept of the same provider.

A row's identity says one thing; a block has one hash, an account one balance at the end of it; and a list that claims
to be complete has every row that another answer of the provider shows in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from chaintrace.errors import Contradiction
from chaintrace.store.base import Con
from chaintrace.store.fresh import Fresh
from chaintrace.store.kept import plain
from chaintrace.store.told import CUT

_SAID = ("block", "block_hash", "time", "tx_index", "sender", "receiver", "asset", "amount")
_IDENTITY = "provider, chain, tx_hash, kind, seq"
_SAME = "a.provider = b.provider AND a.chain = b.chain"
_ROW = f"{_IDENTITY}, {', '.join(_SAID)}"
_ADVICE = "ask again later, or ask another provider; nothing of this answer was kept"


_NEAR = f"""CREATE OR REPLACE TEMP TABLE near AS WITH {CUT}, places AS (
    SELECT page, n FROM rows WHERE tx_hash IN (SELECT tx_hash FROM fresh_rows)
    UNION SELECT page, n FROM rows WHERE sender IN (SELECT account FROM fresh_covered)
    UNION SELECT page, n FROM rows WHERE receiver IN (SELECT account FROM fresh_covered))
SELECT {_ROW}, page, n, false AS fresh
FROM rows JOIN places USING (page, n) JOIN (SELECT page, provider, until FROM cut) USING (page)
WHERE until IS NULL OR block IS NULL OR block <= until
UNION ALL SELECT {_ROW}, page, n, true FROM fresh_rows JOIN (SELECT page, provider FROM fresh_pages) USING (page)"""
"""The fresh rows, and those kept ones that count and could speak against them: of the same transactions, or touching
accounts whose list is fresh."""

_OTHERWISE = f"""SELECT a.provider, a.kind, a.tx_hash, a.seq, {", ".join(f"a.{name}, b.{name}" for name in _SAID)}
FROM near a JOIN near b ON {_SAME} AND a.tx_hash = b.tx_hash AND a.kind = b.kind AND a.seq = b.seq
WHERE a.fresh AND ({" OR ".join(f"a.{name} IS DISTINCT FROM b.{name}" for name in _SAID)})
ORDER BY a.page, a.n, b.page, b.n LIMIT 1"""

_LEFT_OUT = f"""WITH {CUT},
    claims AS (
        SELECT provider, chain, account, kinds, first, least(last, until) AS last, page, false AS fresh
        FROM covered JOIN cut USING (page)
        WHERE least(last, until) >= (SELECT min(block) FROM fresh_rows)
        AND first <= (SELECT max(block) FROM fresh_rows)
        UNION ALL SELECT provider, chain, account, kinds, first, last, page, true
        FROM fresh_covered JOIN fresh_pages USING (page)),
    touched AS (
        SELECT *, sender AS account FROM near WHERE sender IS NOT NULL
        UNION ALL SELECT *, receiver FROM near WHERE receiver IS NOT NULL AND receiver IS DISTINCT FROM sender),
    wanted AS (
        SELECT b.page AS claim, b.account, b.first, b.last, a.* EXCLUDE (account) FROM touched a JOIN claims b
        ON {_SAME} AND a.account = b.account
        WHERE a.page <> b.page AND (a.fresh OR b.fresh) AND a.block BETWEEN b.first AND b.last
        AND list_contains(b.kinds, a.kind) AND a.kind <> 'opening')
SELECT provider, kind, tx_hash, seq, account, first, last FROM wanted a
ANTI JOIN near b ON {_SAME} AND a.tx_hash = b.tx_hash AND a.kind = b.kind AND a.seq = b.seq AND a.claim = b.page
ORDER BY a.page, a.n, a.claim, a.account LIMIT 1"""

_TWO_HASHES = f"""WITH {CUT}, all_hashes AS (
    SELECT provider, chain, block, hash, page FROM hashes JOIN cut USING (page) WHERE until IS NULL OR block <= until
    UNION ALL SELECT provider, chain, block, hash, page FROM fresh_hashes JOIN fresh_pages USING (page))
SELECT a.provider, a.block, a.hash, b.hash FROM all_hashes b
JOIN (SELECT * FROM fresh_hashes JOIN fresh_pages USING (page)) a ON {_SAME} AND a.block = b.block
WHERE a.hash <> b.hash ORDER BY a.page, a.block, b.page LIMIT 1"""

_TWO_BALANCES = f"""WITH {CUT}, all_balances AS (
    SELECT * FROM balances JOIN cut USING (page) WHERE until IS NULL OR block <= until
    UNION ALL BY NAME SELECT * FROM fresh_balances JOIN fresh_pages USING (page))
SELECT a.provider, a.account, a.asset, a.block, a.amount, b.amount FROM all_balances b
JOIN (SELECT * FROM fresh_balances JOIN fresh_pages USING (page)) a
ON {_SAME} AND a.account = b.account AND a.asset = b.asset AND a.block = b.block
WHERE a.amount <> b.amount ORDER BY a.page, a.n, b.page, b.n LIMIT 1"""


def conflicts(con: Con, fresh: Fresh) -> list[Contradiction]:
    """What speaks against keeping these pages: the first of each sort, none when all agrees."""
    names = ("rows", "covered", "hashes", "balances")
    tables = {f"fresh_{name}": fresh.table(name) for name in names} | {"fresh_pages": _pages(fresh)}
    for name, table in tables.items():
        con.register(name, table)
    try:
        con.execute(_NEAR)
        found = []
        for sql, says in (
            (_OTHERWISE, _otherwise),
            (_LEFT_OUT, _left_out),
            (_TWO_HASHES, _hashes),
            (_TWO_BALANCES, _balances),
        ):
            found += [
                Contradiction(plain(line[0]), plain(says(line[1:])), _ADVICE) for line in con.execute(sql).fetchall()
            ]
        return found
    finally:
        for name in tables:
            con.unregister(name)


def _pages(fresh: Fresh) -> pa.Table:
    told = [(number, page.question.provider, page.question.chain) for number, page in fresh.numbered]
    numbers, providers, chains = zip(*told, strict=True)
    return pa.table({"page": pa.array(numbers, pa.int64()), "provider": providers, "chain": chains})


def _otherwise(line: Sequence[Any]) -> str:
    kind, tx_hash, seq, *said = line
    name, new, old = next(one for one in zip(_SAID, said[::2], said[1::2], strict=True) if one[1] != one[2])
    return f"{kind} {seq} of transaction {tx_hash} has {name} {_word(new)} in one answer and {_word(old)} in another"


def _left_out(line: Sequence[Any]) -> str:
    kind, tx_hash, seq, account, first, last = line
    return (
        f"{kind} {seq} of transaction {tx_hash} is missing from the list of {account} for blocks {first} to {last}, "
        "which was said to be complete"
    )


def _hashes(line: Sequence[Any]) -> str:
    block, new, old = line
    return f"block {block} is {new} in one answer and {old} in another"


def _balances(line: Sequence[Any]) -> str:
    account, asset, block, new, old = line
    return f"{account} has {new} of {asset} after block {block} in one answer and {old} in another"


def _word(value: Any) -> str:
    return str(int.from_bytes(value, "big")) if isinstance(value, bytes) else str(value)
