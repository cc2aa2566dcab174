"""Outcome: whether transactions succeeded and what they paid has to be told of each that matters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chaintrace.errors import Contradiction
from chaintrace.fetch import ethereum_etl
from chaintrace.fetch.cryo import VALUES
from chaintrace.fetch.tables.body import Cell
from chaintrace.fetch.tables.lake import Holding
from chaintrace.model.page import Question


def check_outcomes(question: Question, holding: Holding, columns: Mapping[str, list[Cell]]) -> None:
    """Contradiction where a transaction of an account that was asked for does not say whether it moved its value, or
    what it paid for its gas, in columns that say it of others."""
    rows = range(len(columns["from_address"]))
    wanted = {*question.accounts, *question.transactions}
    nothing: list[Cell] = [None for _ in rows]

    def told(names: Sequence[str]) -> list[list[Cell]]:
        return [columns[name] for name in names if name in columns]

    status = told(("success", *ethereum_etl.STATUS))[:1]
    used, price = told(ethereum_etl.GAS_USED), told(ethereum_etl.GAS_PRICE)
    amounts = told(VALUES) or [nothing]
    for row in rows:
        names = [columns[name][row] for name in (*holding.shape.parties, str(holding.shape.hash)) if name in columns]
        asked = [isinstance(one, str) and one.lower() in wanted for one in names]
        if any(asked) and status and _is_empty(status, row) and not is_nought(amounts, row):
            raise _untold(question, columns, holding, row, "whether it succeeded, and no table of traces does")
        if (asked[0] or asked[-1]) and used and price and (_is_empty(used, row) or _is_empty(price, row)):
            raise _untold(question, columns, holding, row, "what it paid for its gas")


def _is_empty(columns: Sequence[list[Cell]], row: int) -> bool:
    return all(cells[row] in (None, "") for cells in columns)


def is_nought(columns: Sequence[list[Cell]], row: int) -> bool:
    """Whether an amount is told, and is none."""
    told = [cells[row] for cells in columns if cells[row] is not None]
    return bool(told) and all(str(cell).strip("0x") == "" for cell in told)


def _untold(
    question: Question, columns: Mapping[str, list[Cell]], holding: Holding, row: int, what: str
) -> Contradiction:
    reason = f"{str(columns[str(holding.shape.hash)][row])[:70]} does not say {what}"
    return Contradiction(question.provider, reason, "load the receipts of these transactions, or give traces")
