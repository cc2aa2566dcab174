"""Payers: which accounts of a case paid the thieves' money into Tornado Cash."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from chaintrace.labels.label import with_category
from chaintrace.model.note import Note

if TYPE_CHECKING:
    from chaintrace.case.case import Case

ACTOR = "hack"


def payers_of(case: Case, notes: Iterable[Note]) -> set[str]:
    """Accounts that paid notes in and are labelled as the thieves', or did so with what was stolen, by FIFO."""
    deposits = [note for note in notes if note.kind == "deposit"]
    actors = {label.address for label in with_category(case.labels, [ACTOR])}
    flows = case.trace().flows()
    stolen = set(flows.loc[flows["tainted"] > 0, "tx_hash"])
    return {note.account for note in deposits if note.account in actors or note.tx_hash in stolen}
