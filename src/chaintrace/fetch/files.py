"""Read transfers from files and tables: ``read_transfers``."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaintrace.errors import AmountError, InputError
from chaintrace.fetch.folder import files_in
from chaintrace.fetch.formats import FORMATS, Format, recognise
from chaintrace.fetch.frame import Frame, Source, shown
from chaintrace.fetch.frames import open_frame
from chaintrace.fetch.merge import combine
from chaintrace.fetch.numbered import Numbered
from chaintrace.fetch.plan import Plan, plan
from chaintrace.fetch.rows import Draft, Options, Rows
from chaintrace.fetch.sources import open_file, open_table
from chaintrace.model.asset import parse_asset
from chaintrace.model.chain import Chain, get_chain
from chaintrace.model.transfer import Rejected, Transfers, Unread
from chaintrace.model.wrapped import wrapper

MAX_DECIMALS = 255
PARQUET = (".parquet", ".pq", ".parq")


@dataclass(frozen=True)
class _Asked:
    options: Options
    columns: dict[str, str]


def read_transfers(
    x: Any,
    *,
    chain: str | Chain = "ethereum",
    asset: str = "native",
    columns: Mapping[str, str] | None = None,
    assets: Mapping[str, str] | None = None,
    decimals: Mapping[str, int] | None = None,
    accounts: Any = None,
    strict: bool = False,
) -> Transfers:
    """Reads transfers from whatever holds them.

    ``x``         a Parquet, CSV or JSON lines file (also ``.gz``), a directory of Parquet, an Arrow table, a pandas,
                  Polars or DuckDB frame, ``Transfers`` (returned as they are), or a list of these, read one after the
                  other; what several of them tell is one row.
    ``chain``     the chain of rows that do not name theirs.
    ``asset``     the asset of rows that do not name theirs: ``native``, CAIP-19 or a contract.
    ``columns``   names to change first: ``{"from": "sender"}``.
    ``assets``    what texts of the asset column mean: ``{"ETH": "native", "USDC": "0xa0b8…"}``.
    ``decimals``  of tokens, for exports that write amounts in whole tokens (Etherscan's): ``{"0xa0b8…": 6}``.
    ``accounts``  addresses by number, where ``sender`` and ``receiver`` are numbers from 0: a list, an Arrow or a NumPy
                  array of texts or of 20 bytes each.
    ``strict``    raise RowError for the first bad row.

    Tables of ``sender, receiver, amount`` and ``block`` or ``time`` are read, and by their columns the exports of
    ethereum-etl, cryo, BigQuery's public dataset and Etherscan. Amounts are base units, exactly. Bad rows are left out
    one by one and counted with their reason in ``.rejected``; what the source cannot tell is said in ``.notes``.

    A large table of one source is read when it is first looked at, or by the graph, which then never holds it whole;
    what is wrong inside the file is raised there.

    Raises InputError where nothing can be read, ColumnError where the columns are of no known format.
    """
    if isinstance(x, Transfers):
        return x
    for name, given in (("columns", columns), ("assets", assets), ("decimals", decimals)):
        if given is not None and not isinstance(given, Mapping):
            raise InputError(f"with {name}={given!r}", "it is not a mapping", f'write {name}={{"theirs": …}}')
    asked = _Asked(_options(chain, asset, assets, decimals, accounts), dict(columns or {}))
    items = list(x) if isinstance(x, (list, tuple)) else [x]
    if not items:
        raise InputError("an empty list", "there is nothing to read", "name at least one file or table")
    if len(items) == 1 and not isinstance(items[0], Transfers) and not strict:
        sources = _open(items[0], asked)
        later = _plan(sources, asked)
        return combine([_draft(sources, asked)], Rejected()) if later is None else Unread(later)
    drafts, before = [], Rejected()
    for item in items:
        drafts.append(_read(item, asked))
        before += item.rejected if isinstance(item, Transfers) else Rejected()
    return combine(drafts, before, strict=strict)


def _options(
    chain: str | Chain,
    asset: str,
    assets: Mapping[str, str] | None,
    decimals: Mapping[str, int] | None,
    accounts: Any,
) -> Options:
    where = get_chain(chain)
    named = {text: parse_asset(meant, where) for text, meant in (assets or {}).items()}
    digits = {parse_asset(named.get(token, token), where): count for token, count in (decimals or {}).items()}
    for token, count in digits.items():
        if type(count) is not int or not 0 <= count <= MAX_DECIMALS:
            raise AmountError(str(count), f"the decimals of {token} are a whole number from 0 to {MAX_DECIMALS}")
    numbered = None if accounts is None else Numbered(accounts)
    return Options(where, parse_asset(named.get(asset, asset), where), named, digits, numbered, wrapper(where.id))


def _read(item: Any, asked: _Asked) -> Draft:
    if isinstance(item, Transfers):
        draft = _draft([open_table("Transfers", item.table)], _Asked(asked.options, {}))
        return Draft(item.format, draft.columns, draft.places, draft.rejections, draft.accounts, item.notes)
    return _draft(_open(item, asked), asked)


def _open(item: Any, asked: _Asked) -> list[Source]:
    if isinstance(item, (str, os.PathLike)):
        sources = open_path(Path(os.fspath(item)).expanduser(), asked.columns)
    else:
        sources = [open_frame(item)]
    return [_renamed(source, asked.columns) for source in sources]


def _plan(sources: list[Source], asked: _Asked) -> Plan | None:
    """What to read later, where that can be. Raises what stands against the sources as a whole."""
    if len(sources) == 1 and not sources[0].names:
        return None
    return plan(sources, _one_format(sources), asked.options, lambda: combine([_draft(sources, asked)], Rejected()))


def open_path(path: Path, also: Collection[str] = ()) -> list[Source]:
    """A file, or a directory of Parquet, as sources; ``also``: further columns to keep. InputError where none is."""
    try:
        is_directory, is_there = path.is_dir(), path.exists()
    except (OSError, ValueError) as error:  # no permission, a name that is too long, a NUL in it
        raise InputError(shown(path), shown(error), "check the path and who may read it") from None
    if not is_there:
        advice = "check the path; relative ones start where the program runs"
        raise InputError(shown(path), "there is no such file", advice)
    return _open_directory(path, also) if is_directory else [open_file(path, also)]


def _open_directory(path: Path, also: Collection[str]) -> list[Source]:
    files = list(files_in(path))
    other = next((file for file in files if file.suffix.lower() not in PARQUET), None)
    if other is not None and len(files) > 1:
        reason = f"the directory holds {shown(other.relative_to(path))}, which is no Parquet file"
        raise InputError(str(path), reason, "name the files one by one, in a list")
    if not files or other is not None:
        raise InputError(str(path), "the directory holds no Parquet files", "name the files one by one, in a list")
    return [open_file(file, also) for file in files]


def _draft(sources: list[Source], asked: _Asked) -> Draft:
    if len(sources) == 1 and not sources[0].names:
        return Rows(Frame(()), FORMATS[0].name).finish()
    known = _one_format(sources)
    if known.evm and asked.options.chain.family != "evm":
        reason = f"{known.name} are of EVM chains, not of {asked.options.chain.name}"
        raise InputError(sources[0].name, reason, 'say which chain it is, such as chain="ethereum"')
    parts = [source.load(known.wanted(source.names)) for source in sources]
    frame = Frame(tuple(parts))
    if not len(frame) and not any(part.torn for part in parts) and _is_file(sources[0]):
        raise InputError(sources[0].name, "it has columns and no rows", "check the export: it holds no transfers")
    rows = Rows(frame, known.name)
    known.read(rows, asked.options)
    return rows.finish()


def _renamed(source: Source, columns: dict[str, str]) -> Source:
    absent = [name for name in columns if name not in source.names]
    if absent:
        there = ", ".join(source.names[:30])
        raise InputError(source.name, f"columns= renames {absent[0]!r}, which it does not have", f"it has {there}")
    new = source.renamed(columns) if columns else source
    twice = [name for name in columns.values() if new.names.count(name) > 1]
    if twice:
        raise InputError(source.name, f"columns= makes a second column {twice[0]!r}", "rename that one as well")
    return new


def _one_format(sources: list[Source]) -> Format:
    found: dict[str, Format] = {}
    for source in sources:
        known = recognise(source.name, source.names)
        found[known.name] = known
    if len(found) > 1:
        reason = f"it holds files of several formats: {', '.join(found)}"
        advice = "read them as a list of files, each by itself"
        raise InputError(str(Path(sources[0].name).parent), reason, advice)
    return next(iter(found.values()))


def _is_file(source: Source) -> bool:
    return os.sep in source.name or Path(source.name).exists()
