"""Shown: which kinds of transfers some tables can show, and why not the others."""

from __future__ import annotations

from chaintrace.fetch import ethereum_etl
from chaintrace.fetch.tables.lake import CALLER, Holding, Lake
from chaintrace.fetch.tables.shape import LOGS, TOKENS, TRACES, TRANSACTIONS, TRANSFERS, WITHDRAWALS

NO_TRACES = "there is no table of traces"
TIPS = "tables do not say what the makers of blocks are paid in fees"
OURS = ("native", "internal", "token", "fee", "mint", "burn", "reward", "withdrawal")
MOVED = ("token", "mint", "burn")


def shown(lake: Lake) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Kinds that are complete, and those of which some rows or all are missing, with the reason."""
    by_role: dict[str, list[Holding]] = {}
    for one in lake.tables:
        by_role.setdefault(one.shape.role, []).append(one)
    if TRANSFERS in by_role:
        return OURS, ()
    lacks = {kind: why for kind in OURS if (why := _lack(kind, by_role))}
    partly = [("reward", TIPS)]
    if "burn" not in lacks and TRACES not in by_role:
        partly.append(("burn", f"{NO_TRACES}: coins that a contract burns by its end are not told"))
    if LOGS not in by_role and TOKENS in by_role:
        why = "tables of token transfers do not show what wrapped coins issue and take back; tables of logs do"
        partly += [("mint", why), ("burn", why)]
    kinds = tuple(kind for kind in OURS if kind not in lacks and kind != "reward")
    return kinds, tuple(sorted({*lacks.items(), *partly}))


def _lack(kind: str, by_role: dict[str, list[Holding]]) -> str:
    traces, sent = by_role.get(TRACES, []), by_role.get(TRANSACTIONS, [])
    told = all({"status", "error"} & set(one.columns) for one in traces)
    if kind in MOVED:
        return "" if by_role.keys() & {LOGS, TOKENS} else "there is no table of logs or token transfers"
    if kind == "withdrawal":
        return "" if WITHDRAWALS in by_role else "there is no table of withdrawals"
    if kind in ("native", "internal") and traces and not told:
        return "the traces do not say which calls failed"
    if kind == "native" and not traces:
        if not sent:
            return "there is no table of transactions or traces"
        known = all({"success", *ethereum_etl.STATUS} & set(one.columns) for one in sent)
        return "" if known else "the transactions do not say which of them failed, and there is no table of traces"
    if kind == "internal" and not traces:
        return NO_TRACES
    if kind == "fee":
        return _fees(sent)
    return ""


def _fees(sent: list[Holding]) -> str:
    if not sent:
        return "there is no table of transactions"
    used = all(set(ethereum_etl.GAS_USED) & set(one.columns) for one in sent)
    price = all(set(ethereum_etl.GAS_PRICE) & set(one.columns) for one in sent)
    return "" if used and price else "the transactions do not say how much gas was used, at which price"


def notes(lake: Lake) -> tuple[str, ...]:
    """On whose word the tables are whole, and what cannot be told apart in them."""
    whom = "whoever gave the tables" if lake.said == CALLER else "the tables' own first and last row"
    told = [f"blocks {lake.first} to {lake.last} are whole on the word of {whom}"]
    roles = {one.shape.role for one in lake.tables}
    if TOKENS in roles and LOGS not in roles:
        told.append("transfers of NFTs look like those of tokens in these tables: their amount is a token's number")
    return tuple(told)
