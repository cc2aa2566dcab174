"""Candidates: accounts that can have taken a campaign's notes, the likeliest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

from chaintrace.errors import MethodError
from chaintrace.graph.link import Link
from chaintrace.heuristics.finding import Score
from chaintrace.model.note import Note
from chaintrace.model.pool import Pool

if TYPE_CHECKING:
    import pandas as pd

FORM, TOGETHER, WHOLE_BATCH = "form", "together", "whole-batch"
RULES = {
    "fresh": "relayers paid every withdrawal, and the account never paid in",
    "only-then": "it took nothing before the campaign or after it",
    "time-order": "no note leaves before it came, and no more leave than came",
    FORM: "more recipients took as many notes in such a rhythm than the pool usually sees",
    TOGETHER: "more of them began about then than the pool usually sees",
    WHOLE_BATCH: "with others, or alone, it took exactly what accounts of the campaign had paid in, ten notes at least",
}
"""What can speak for a candidate. The first three hold for every one."""
LEAST = 50
"""The score of a candidate; who is settled with less is unlikely."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account that can have taken notes of the campaign out of a pool.

    ``notes``   how many; ``events`` these themselves, in order of time.
    ``score``   0 to 99: the rules' own word and no probability.
    ``rules``   what speaks for it, of ``RULES``.
    ``chance``  of a hundred recipients of its form that began when it did, how many would be there without the
                campaign, or are rivals that stand in its place as well; 1 is the least that is told.
    ``rivals``  recipients of as many notes, as likely or likelier, that the batch has no place for.
    ``payers``  the accounts of the campaign whose batch it is settled with, or batches if it took of several.
    """

    address: str
    score: int
    rules: tuple[str, ...]
    chance: int
    rivals: int
    payers: tuple[str, ...]
    form: str
    events: tuple[Note, ...]

    @property
    def notes(self) -> int:
        return len(self.events)

    @property
    def pool(self) -> Pool:
        return self.events[0].pool

    @property
    def amount(self) -> int:
        """What it was paid, in base units: the notes less what relayers kept."""
        return sum(note.pool.denomination - note.fee for note in self.events)

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold; amounts are base units as text."""
        return {
            "address": self.address,
            "notes": self.notes,
            "score": self.score,
            "rules": list(self.rules),
            "chance": self.chance,
            "rivals": self.rivals,
            "payers": list(self.payers),
            "form": self.form,
            "pool": self.pool.address,
            "asset": self.pool.asset,
            "amount": str(self.amount),
            "first": self.events[0].time,
            "last": self.events[-1].time,
            "tx_hashes": [note.tx_hash for note in self.events],
        }


@dataclass(frozen=True, slots=True)
class Lot:
    """A batch of the campaign, or several of which somebody took together, with those that are settled with it.
    ``whole``: these took exactly all of it. ``accounts``: who had paid in."""

    accounts: tuple[str, ...]
    deposits: tuple[Note, ...]
    candidates: tuple[Candidate, ...]
    whole: bool


@dataclass(frozen=True, repr=False)
class Demixed(Sequence[Candidate]):
    """Candidates with a score of 50 or more, the likeliest first.

    ``lots``   the campaign's batches, in order of time, each with everybody who is settled with it.
    ``doubt``  what cannot be known. ``notes``  what was not looked at.
    ``scores`` how the method did when it was measured.
    """

    lots: tuple[Lot, ...]
    doubt: str
    notes: tuple[str, ...] = ()
    scores: tuple[Score, ...] = ()

    def __len__(self) -> int:
        return len(self.candidates)

    def __getitem__(self, index: Any) -> Any:
        return self.candidates[index]

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        """The likeliest first."""
        return tuple(one for one in self._settled if one.score >= LEAST)

    @cached_property
    def unlikely(self) -> tuple[Candidate, ...]:
        """Who is settled with a batch for want of better, with a score below 50."""
        return tuple(one for one in self._settled if one.score < LEAST)

    @cached_property
    def _settled(self) -> list[Candidate]:
        every = (one for lot in self.lots for one in lot.candidates)
        return sorted(every, key=lambda one: (-one.score, one.chance, -one.notes, one.address))

    @property
    def paid_in(self) -> int:
        """Notes that the campaign paid in."""
        return sum(len(lot.deposits) for lot in self.lots)

    @property
    def taken_out(self) -> int:
        """Notes that the candidates took out."""
        return sum(one.notes for one in self.candidates)

    def links(self, above: int, transfers: Any) -> list[Link]:
        """A link for every note that candidates with a score above ``above`` took, for ``trace(links=…)``: the first
        deposit of a batch goes with the first note that was taken of it, and so on. Which is which cannot be known, and
        it is the same money for all but the order within a batch.

        ``transfers``  what is traced: ``Transfers`` or a ``TransferGraph``. Rows that moved a note are linked;
                       where none shows its withdrawal, what the candidate was paid is asserted. Deposits that no
                       row shows have no link, nor have notes that would not come after their deposit.
        MethodError for what is neither.
        """
        from chaintrace.graph.graph import TransferGraph
        from chaintrace.heuristics.demix.linking import links_of
        from chaintrace.model.transfer import Transfers

        if type(above) is not int:
            raise MethodError(f"above={above!r}", "is no whole number", "candidates have scores from 0 to 99")
        if not isinstance(transfers, (Transfers, TransferGraph)):
            what = type(transfers).__name__
            raise MethodError(
                "transfers", f"are {what}", "give what is traced: case.graph, or what read_transfers gives"
            )
        return links_of(self.lots, above, transfers)

    def to_pandas(self) -> pd.DataFrame:
        """address, notes, score, rules, chance, payers, form, amount (base units), asset, pool, first and last (unix
        seconds)."""
        import pandas as pd

        names = ["address", "notes", "score", "rules", "chance", "payers", "form"]
        names += ["amount", "asset", "pool", "first", "last"]
        lines = [one.to_dict() | {"amount": one.amount} for one in self]
        return pd.DataFrame([[line[name] for name in names] for line in lines], columns=names, dtype=object)

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        from dataclasses import asdict

        return {
            "candidates": [one.to_dict() for one in self],
            "batches": [
                {
                    "accounts": list(lot.accounts),
                    "pool": lot.deposits[0].pool.address,
                    "first": lot.deposits[0].time,
                    "last": lot.deposits[-1].time,
                    "paid_in": len(lot.deposits),
                    "taken_out": sum(one.notes for one in lot.candidates),
                    "whole": lot.whole,
                    "candidates": [one.address for one in lot.candidates],
                }
                for lot in self.lots
            ],
            "unlikely": [one.to_dict() for one in self.unlikely],
            "paid_in": self.paid_in,
            "taken_out": self.taken_out,
            "doubt": self.doubt,
            "notes": list(self.notes),
            "scores": [asdict(score) for score in self.scores],
        }

    def __repr__(self) -> str:
        whole = sum(lot.whole for lot in self.lots)
        told = f"{len(self)} candidates took {self.taken_out:,} of {self.paid_in:,} notes"
        return f"<Demixed: {told}; {whole} of {len(self.lots)} batches to the last>"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>{self.to_pandas().head(50).to_html(escape=True)}"
