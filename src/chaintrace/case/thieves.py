"""Thieves: what a case's labels say of who they are, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from chaintrace.labels.edition import Edition
from chaintrace.labels.label import with_category
from chaintrace.labels.labellist import LabelList
from chaintrace.model.note import Note

if TYPE_CHECKING:
    import pandas as pd

    from chaintrace.case.case import Case

ACTOR = "hack"
"""The category of their accounts."""


def layer_of(case: Case) -> LabelList:
    """The case's labels as a list; those of the thieves name one actor."""
    edition = Edition(f"case {case.name}", count=len(case.labels))
    one = f"the thieves of {case.name}"
    labels = [
        replace(label, actor=one, source=label.source or edition.name)
        if label.category == ACTOR and not label.actor
        else label
        for label in case.labels
    ]
    return LabelList(edition, tuple(labels)).dated(edition)


def paid_into_stops(case: Case) -> pd.DataFrame:
    """What their accounts sent into stops: see ``Case.campaign``."""
    import pandas as pd

    actors, stops = _actors(case), {label.address: label for label in case.stops}
    frame = case.graph.to_pandas()
    paid = frame[frame["sender"].isin(actors) & frame["receiver"].isin(stops)]
    lines = []
    for (address, asset), rows in paid.groupby(["receiver", "asset"]):
        label = stops[str(address)]
        total = sum(rows["amount"])
        lines.append((label.category, label.name, address, asset, len(rows), rows["sender"].nunique(), total))
    lines.sort(key=lambda line: (line[3], -line[-1], line[2]))
    columns = ["category", "name", "address", "asset", "transfers", "accounts", "amount"]
    return pd.DataFrame(lines, columns=columns, dtype=object)


def payers_of(case: Case, notes: Iterable[Note]) -> set[str]:
    """Accounts that paid notes in and are labelled as the thieves', or did so with what was stolen, by FIFO."""
    deposits = [note for note in notes if note.kind == "deposit"]
    actors, flows = _actors(case), case.trace().flows()
    stolen = set(flows.loc[flows["tainted"] > 0, "tx_hash"])
    return {note.account for note in deposits if note.account in actors or note.tx_hash in stolen}


def _actors(case: Case) -> set[str]:
    return {label.address for label in with_category(case.labels, [ACTOR])}
