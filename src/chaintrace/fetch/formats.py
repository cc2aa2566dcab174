"""Formats: what each known export is recognised by, what it is read with, and who reads it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from chaintrace.errors import ColumnError
from chaintrace.fetch import bitcoin, cryo, ethereum_etl, etherscan, generic, logs
from chaintrace.fetch.rows import Options, Rows
from chaintrace.model.transfer import SCHEMA


@dataclass(frozen=True)
class Format:
    """One known shape of a table.

    ``needs``   columns it is recognised by; in a tuple, any one of them will do. ``*`` stands for a coin's symbol.
    ``uses``    further columns that are read where they are there.
    ``evm``     it comes from EVM chains only.
    """

    name: str
    read: Callable[[Rows, Options], Any]
    needs: tuple[str | tuple[str, ...], ...]
    uses: tuple[str, ...] = ()
    evm: bool = True

    def missing(self, names: Iterable[str]) -> list[str]:
        """What of ``needs`` is not among the names."""
        present = list(names)
        wanted = [(need,) if isinstance(need, str) else need for need in self.needs]
        return [" or ".join(need) for need in wanted if not any(_find(name, present) for name in need)]

    def wanted(self, names: Iterable[str]) -> list[str]:
        """Which of the names are read."""
        present = list(names)
        patterns = [name for need in self.needs for name in ((need,) if isinstance(need, str) else need)]
        return list(dict.fromkeys(found for name in (*patterns, *self.uses) for found in _find(name, present)))


_PARTIES = ("from_address", "to_address")
_PLACE = ("block_hash", "transaction_index")
_CRYO = ("transaction_hash", "block_number", *_PARTIES, cryo.VALUES)
_CRYO_USES = (*_PLACE, "timestamp", "block_timestamp", "chain_id")
_EXPORT = (etherscan.HASHES, "Blockno", etherscan.TIMES, "From")
_MOVED = ("Value_IN(*)", "Value_OUT(*)")

FORMATS: tuple[Format, ...] = (
    Format(
        "chaintrace",
        generic.read,
        ("sender", "receiver", "amount", ("block", "time")),
        tuple(SCHEMA.names),
        evm=False,
    ),
    Format(
        "ethereum-etl traces",
        ethereum_etl.traces,
        ("trace_type", "trace_address", "block_number", *_PARTIES, "value"),
        (
            "transaction_hash",
            *_PLACE,
            "block_timestamp",
            "call_type",
            "reward_type",
            "status",
            "error",
            ethereum_etl.CANCUN,
        ),
    ),
    Format(
        "ethereum-etl token_transfers",
        ethereum_etl.token_transfers,
        ("token_address", "transaction_hash", "log_index", "block_number", *_PARTIES, "value"),
        (*_PLACE, "block_timestamp"),
    ),
    Format(
        "ethereum-etl transactions",
        ethereum_etl.transactions,
        ("hash", "block_number", *_PARTIES, "value"),
        (
            *_PLACE,
            "block_timestamp",
            *ethereum_etl.STATUS,
            *ethereum_etl.GAS_USED,
            *ethereum_etl.GAS_PRICE,
            *ethereum_etl.PARENT_FEE,
            *ethereum_etl.CREATED,
        ),
    ),
    Format(
        "logs",
        logs.read,
        ("address", ("topics", logs.SPLIT[0]), "data", "log_index", "transaction_hash", "block_number"),
        (*_PLACE, "block_timestamp", *logs.SPLIT),
    ),
    Format("cryo erc20_transfers", cryo.erc20_transfers, ("erc20", "log_index", *_CRYO), _CRYO_USES),
    Format("cryo native_transfers", cryo.native_transfers, ("transfer_index", *_CRYO), _CRYO_USES),
    Format("cryo transactions", cryo.transactions, _CRYO, (*_CRYO_USES, "success", "gas_used", "gas_price")),
    Format(
        "Etherscan internal transactions",
        etherscan.internal_transactions,
        (*_EXPORT, "TxTo", *_MOVED),
        ("ContractAddress", "Status", "ErrCode"),
    ),
    Format(
        "Etherscan transactions",
        etherscan.transactions,
        (*_EXPORT, "To", *_MOVED),
        ("ContractAddress", "Status", "ErrCode", "TxnFee(*)"),
    ),
    Format(
        "Etherscan ERC-20 transfers",
        etherscan.token_transfers,
        (*_EXPORT, "To", "TokenValue", "ContractAddress"),
    ),
    Format(
        "Bitcoin transactions",
        bitcoin.transactions,
        ("txid", "inputs", "outputs"),
        ("block", "block_hash", "time", "tx_index"),
        evm=False,
    ),
)

# Other people's words for what our schema calls otherwise.
_SYNONYMS = {
    "sender": ("from", "from_address", "src", "source", "payer", "origin", "sender_address"),
    "receiver": ("to", "to_address", "dst", "dest", "destination", "target", "recipient", "payee", "receiver_address"),
    "amount": ("value", "wei", "quantity", "amount_wei", "value_wei", "amount_raw", "raw_amount", "satoshi", "sats"),
    "block": ("block_number", "blocknumber", "blockno", "height", "block_height"),
    "time": ("timestamp", "block_timestamp", "datetime", "date", "block_time", "unixtimestamp", "ts"),
}


def known_columns() -> frozenset[str]:
    """Every column that some format reads, for sources whose columns are not known before they are read."""
    plain: set[str] = set()
    for known in FORMATS:
        for need in (*known.needs, *known.uses):
            plain.update((need,) if isinstance(need, str) else need)
    return frozenset(plain) | {"value_f64", "value_f32"} | {word for words in _SYNONYMS.values() for word in words}


def recognise(source: str, names: Sequence[str]) -> Format:
    """The format that the columns are those of. ColumnError says which columns are missing from the nearest one."""
    for known in FORMATS:
        if not known.missing(names):
            return known
    raise _unknown(source, names)


def _unknown(source: str, names: Sequence[str]) -> ColumnError:
    floats = [name for name in names if name in ("value_f64", "value_f32")]
    if floats and set(_PARTIES) <= set(names):
        return ColumnError(
            source,
            f"its amounts are only there as {floats[0]}, and a float cannot hold them exactly",
            "export again with cryo's --u256-types binary or --u256-types string",
            ["value_binary or value_string"],
            list(names),
        )
    nearest = max(FORMATS, key=_nearness(names))
    missing = nearest.missing(names)
    renames = _renames(FORMATS[0].missing(names), names)
    nearest_has = len(nearest.needs) - len(missing)
    if nearest is not FORMATS[0] and nearest_has >= 3 and len(renames) < len(FORMATS[0].missing(names)):
        spelled = _spelled_alike(missing, names)
        advice = f"add what is missing{_columns_call(spelled)}, or rename columns to sender, receiver, amount and time"
    else:
        nearest, missing = FORMATS[0], FORMATS[0].missing(names)
        advice = "a table needs sender, receiver, amount and block or time" + _columns_call(renames)
    there = ", ".join(names[:30]) or "no columns"
    reason = f"missing {', '.join(missing)} (nearest known format: {nearest.name}); it has {there}"
    return ColumnError(source, reason, advice, missing, list(names))


def _nearness(names: Sequence[str]) -> Callable[[Format], tuple[float, int]]:
    def score(known: Format) -> tuple[float, int]:
        found = len(known.needs) - len(known.missing(names))
        return found / len(known.needs), found

    return score


def _renames(missing: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """Columns of the table that are probably the missing ones under another name."""
    found: dict[str, str] = {}
    for need in missing:
        for ours in need.split(" or "):
            free = [name for name in names if name not in found]
            words = (ours, *_SYNONYMS.get(ours, ()))
            match = next((name for word in words for name in free if _key(name) == _key(word)), None)
            match = match or next(iter(difflib.get_close_matches(ours, free, 1, 0.75)), None)
            if match:
                found[match] = ours
                break
    return found


def _spelled_alike(missing: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    pairs = ((difflib.get_close_matches(need, names, 1, 0.75), need) for need in missing if " or " not in need)
    return {close[0]: need for close, need in pairs if close}


def _columns_call(renames: dict[str, str]) -> str:
    if not renames:
        return ""
    return f", for instance columns={{{', '.join(f'{old!r}: {new!r}' for old, new in renames.items())}}}".replace(
        "'", '"'
    )


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _find(name: str, present: Sequence[str]) -> list[str]:
    if "*" not in name:
        return [name] if name in present else []
    before, after = name.split("*")
    return [found for found in present if found.startswith(before) and found.endswith(after) and found != "TxnFee(USD)"]
