"""Our own schema, and any frame with ``sender, receiver, amount`` and ``block`` or ``time``."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from chaintrace.errors import InputError
from chaintrace.fetch import columns as cell
from chaintrace.fetch.moves import ZERO_ADDRESSES
from chaintrace.fetch.numbered import Numbered
from chaintrace.fetch.rows import Cells, Mask, Options, Rows, absent, filled, mapped, where
from chaintrace.model.asset import chain_of, contract_of, parse_asset
from chaintrace.model.chain import Chain, get_chain
from chaintrace.model.transfer import NO_RECEIVER, NO_SENDER


def read(rows: Rows, options: Options) -> None:
    """Reads rows of our own schema; what is not given takes its default.

    - ``chain``, ``asset``: the arguments of ``read_transfers``. ``kind``: ``native``, or ``token`` for a token.
    - A token from the zero address is a ``mint``, to it a ``burn``.
    - ``tx_hash``: ``synthetic:`` and a digest of the row. ``seq``: the number of the row as read.
    - ``order``: ``known`` with block (or time), tx_index and seq, or with tx_index and one row at that place.
    - Numbers for ``sender`` and ``receiver`` are places in ``accounts=``. InputError where that is not given.
    """
    if options.accounts is None:
        _no_numbers(rows)
    if options.decimals:
        rows.note("decimals= was not used: amounts of this format are in base units")
    given = _optional(rows, "chain", cell.chain_id)
    chain = where(absent(given), options.chain.id, given)
    block, time = _optional(rows, "block", cell.index), _optional(rows, "time", cell.seconds)
    tx_index, seq = _optional(rows, "tx_index", cell.index), _optional(rows, "seq", cell.index)
    amount = rows.take("amount", cell.amount)
    asset = _assets(rows, chain, options)
    kind = _kinds(rows, asset)
    sender, receiver, kind = _parties(rows, chain, asset, kind, options.accounts)
    rows.reject(absent(block) & absent(time) & (kind != "opening"), "missing field", _clock_name(rows))
    tx_hash = _by_chain(rows, chain, "tx_hash", cell.tx_name)
    order, outpoint = _optional(rows, "order", cell.order), _optional(rows, "outpoint", cell.outpoint)
    block_hash, evidence = _optional(rows, "block_hash", cell.block_hash), _optional(rows, "evidence", cell.text)
    rows.reject(mapped(asset, chain_of) != chain, "asset of another chain", "asset" if "asset" in rows else "chain")
    rows.emit(
        rows.good,
        chain=chain,
        block=block,
        block_hash=block_hash,
        time=time,
        tx_hash=tx_hash,
        tx_index=tx_index,
        seq=seq,
        order=where(absent(order), _order(chain, block, time, tx_index, seq), order),
        kind=kind,
        sender=sender,
        receiver=receiver,
        asset=asset,
        amount=amount,
        outpoint=outpoint,
        evidence=evidence,
    )


def _optional(rows: Rows, name: str, parse: cell.Parser) -> Cells:
    return rows.take_any([name], parse)[0]


def _by_chain(rows: Rows, chains: Cells, name: str, parse: Any) -> Cells:
    if name not in rows:
        return np.full(rows.count, None, dtype=object)
    return rows.take_by(chains, name, lambda chain: cell.of(parse, get_chain(chain)), required=False)


def _assets(rows: Rows, chains: Cells, options: Options) -> Cells:
    """The asset column. A row without one is of the asset that the caller named, on the row's own chain."""

    def parser(chain: Any) -> cell.Parser:
        return lambda value: cell.asset(value, get_chain(chain), options.assets)

    given = rows.take_by(chains, "asset", parser, required=False) if "asset" in rows else None
    if given is not None and not absent(given).any():
        return given
    own = options.asset != options.chain.native
    default = mapped(chains, lambda chain: options.asset if own else parse_asset("native", chain))
    return default if given is None else where(absent(given), default, given)


def _kinds(rows: Rows, asset: Cells) -> Cells:
    given = _optional(rows, "kind", cell.kind)
    usual = mapped(asset, lambda asset: "token" if contract_of(asset) else "native")
    return where(absent(given), usual, given)


def _no_numbers(rows: Rows) -> None:
    for name in ("sender", "receiver"):
        given = [value for value in rows.frame.column(name).values if value is not None]
        if given and all(type(value) is int for value in given):
            raise InputError(
                rows.frame.parts[0].source,
                f"its {name} column holds numbers, not addresses",
                "say which account each number is, accounts=[…], counted from 0",
            )


def _parties(
    rows: Rows, chains: Cells, asset: Cells, kind: Cells, accounts: Numbered | None
) -> tuple[Cells, Cells, Cells]:
    """Both accounts and the kind, with the zero address out of token rows and parties only where the kind has them."""
    found = []

    def parser(chain: Any) -> cell.Parser:
        return lambda value: _party(value, get_chain(chain), accounts)

    for name in ("sender", "receiver"):
        cells = rows.take_by(chains, name, parser, required=False)
        rows.keep_accounts(cells)
        found.append(cells)
    sender, receiver = found
    token = _is(kind, {"token", "mint", "burn"}) & ~absent(mapped(asset, contract_of))
    made, burnt = token & _is(sender, ZERO_ADDRESSES), token & _is(receiver, ZERO_ADDRESSES)
    rows.reject(made & burnt, "no party", "sender")
    kind = where(made, "mint", where(burnt, "burn", kind))
    sender, receiver = where(made, None, sender), where(burnt, None, receiver)
    for name, cells, none in (("sender", sender, NO_SENDER), ("receiver", receiver, NO_RECEIVER)):
        without = _is(kind, none)
        rows.reject(absent(cells) & ~without, "missing field", name)
        rows.reject(~absent(cells) & without, f"{name} not allowed", name)
    return sender, receiver, kind


def _party(value: object, chain: Chain, accounts: Numbered | None) -> str:
    return cell.account(accounts[value] if accounts is not None and type(value) is int else value, chain)


def _is(cells: Cells, among: Any) -> Mask:
    return np.fromiter((value in among for value in cells.tolist()), dtype=bool, count=len(cells))


def _clock_name(rows: Rows) -> str:
    return "block" if "block" in rows else "time"


def _order(chain: Cells, block: Cells, time: Cells, tx_index: Cells, seq: Cells) -> Cells:
    if absent(tx_index).all():
        return np.full(len(chain), "unknown", dtype=object)
    places = list(zip(chain.tolist(), block.tolist(), tx_index.tolist(), strict=True))
    alone = Counter(places)
    timed = ~(absent(block) & absent(time))
    known = (
        clock and i is not None and (s is not None or (place[1] is not None and alone[place] == 1))
        for clock, i, s, place in zip(timed.tolist(), tx_index.tolist(), seq.tolist(), places, strict=True)
    )
    return filled(("known" if is_known else "unknown" for is_known in known), len(chain))
