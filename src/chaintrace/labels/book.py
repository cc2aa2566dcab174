"""LabelBook: labels of any number of lists, by address and moment, one layer over the other."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from pathlib import Path

from chaintrace.errors import AddressError, InputError, UserError
from chaintrace.labels.account import OTHER, canonical, chain_named
from chaintrace.labels.actor import Actor
from chaintrace.labels.answer import Answer
from chaintrace.labels.category import categories, checked, is_a, is_standing
from chaintrace.labels.edition import Edition
from chaintrace.labels.label import Label
from chaintrace.labels.labellist import LabelList, Unusable, Withdrawal
from chaintrace.labels.span import Standing, next_day, seconds, standing
from chaintrace.model.address import is_account
from chaintrace.model.moment import Moment

OWN = "own labels"


class LabelBook:
    """Labels by address. Each layer is a ``LabelList``, or labels of one's own; later ones lie over earlier ones.

    A lookup tells what all layers say. A layer takes back what those below it say by its withdrawals. Of a list that is
    there in several editions, what a later one lacks has left it between the two. ``lists`` names every list with its
    date, SHA-256 and count, lowest layer first; ``speaks`` each sanctions list with the first day of which it speaks.
    InputError for a label whose address is none, whose dates are blocks, or whose category is one of the tree but for
    its case or blanks; other words stand alone.
    """

    def __init__(self, *layers: LabelList | Iterable[Label]) -> None:
        self.layers = tuple(one if isinstance(one, LabelList) else _own(one) for one in layers)
        self.lists: tuple[Edition, ...] = tuple(layer.edition for layer in self.layers)
        self._labels: list[Label] = []
        self._starts: list[int] = []
        self._at: dict[str, int | list[int]] = {}
        self._withdrawals: dict[str, list[tuple[int, Withdrawal]]] = {}
        self._lost: dict[str, list[tuple[int, Unusable]]] = {}
        for number, layer in enumerate(self.layers):
            self._starts.append(len(self._labels))
            for label in layer.labels:
                self._add(label)
            for withdrawal in layer.withdrawals:
                key = _key(withdrawal.address, "")
                self._withdrawals.setdefault(key, []).append((number, withdrawal))
            for row in layer.unusable:
                self._lost.setdefault(row.text.lower(), []).append((number, row))
        self._later = _later_editions(self.layers)
        self.speaks = tuple(sorted(_speaks(self.layers).items()))

    @classmethod
    def open(cls, folder: str | Path | None = None) -> LabelBook:
        """The bundled lists, the editions that ``chaintrace labels update`` fetched, and the user's own labels on top;
        see ``labels.folder.open_book``. ``folder``: the user's, if another than the usual one; InputError if
        it is not there."""
        from chaintrace.labels.folder import open_book

        return open_book(folder)

    @property
    def unusable(self) -> int:
        """Rows of all lists that are about an address which cannot be known."""
        return sum(len(layer.unusable) for layer in self.layers)

    def __len__(self) -> int:
        return len(self._labels)

    def __iter__(self) -> Iterator[Label]:
        """All labels but those withdrawn, of every time, lowest layer first."""
        for number, label in enumerate(self._labels):
            if self._withdrawn(number, _key(label.address, label.chain)) is None:
                yield label

    def __repr__(self) -> str:
        return f"<LabelBook of {len(self):,} labels in {len(self.layers)} lists>"

    def addresses(self) -> Iterator[str]:
        """Every address about which there is a label, in the form that ``look`` gives it, withdrawn ones included."""
        return iter(self._at)

    def over(self, layer: LabelList | Iterable[Label]) -> LabelBook:
        """A new book with one more layer on top."""
        return LabelBook(*self.layers, layer)

    def look(self, address: str, at: Moment | None = None, chain: str = "") -> Answer:
        """What is said about an address at a moment (a time or a date, UTC; None: now).

        The address may be in any form that its chain knows. Without ``chain`` labels about every chain count; with one,
        those that name another are told apart. AddressError for what is no address and stands in no list as it is.
        """
        when = int(time.time()) if at is None else seconds(at)
        chain = chain_named(chain)
        key = self._find(address, chain)
        parts: dict[str, list[Label]] = {"labels": [], "doubtful": [], "outside": [], "elsewhere": []}
        withdrawn = []
        for number in self._numbers(key):
            label = self._labels[number]
            taken = self._withdrawn(number, key)
            if chain and label.chain and chain_named(label.chain) != chain:
                parts["elsewhere"].append(label)
            elif taken is not None:
                withdrawn.append((label, taken))
            else:
                parts[_PART[self._standing(number, key, when)]].append(label)
        lost = tuple(row for _, row in self._lost.get(key.lower(), ()))
        told = {name: tuple(found) for name, found in parts.items()}
        return Answer(
            key, chain, when, **told, withdrawn=tuple(withdrawn), unusable=lost,
            actors=self._behind((*told["labels"], *told["doubtful"])), lists=self.lists, speaks=self.speaks,
        )  # fmt: skip

    def find(self, name: str) -> list[Actor]:
        """Actors one of whose names contains the words of ``name``, in any case."""
        words = name.casefold().split()
        return [
            actor
            for layer in self.layers
            for actor in layer.actors
            if any(all(word in known.casefold() for word in words) for known in (actor.name, *actor.aliases))
        ]

    def stops(self, categories: Iterable[str], chains: Collection[str] = ()) -> list[Label]:
        """Labels of the categories, or below them, on one of the chains (CAIP-2 or alias; none: on every chain that
        chaintrace knows), for ``stop_at``."""
        wanted, ids = tuple(categories), {chain_named(one) for one in chains}
        found = []
        for label in self:
            named = chain_named(label.chain)
            if named.startswith(OTHER) or not any(is_a(label.category, one) for one in wanted):
                continue
            if not ids or named in ids or (not named and any(is_account(label.address, one) for one in ids)):
                found.append(label)
        return found

    def _add(self, label: Label) -> None:
        try:
            key = _key(label.address, label.chain)
            if label.category.strip().lower() in categories():
                checked(label.category)
            for moment in (label.since, label.until, label.last_seen):
                if moment is not None:
                    seconds(moment)
        except UserError as error:
            raise InputError(f"a label of {label.address}", error.message, error.hint) from error
        number = len(self._labels)
        self._labels.append(label)
        there = self._at.setdefault(key, number)
        if isinstance(there, list):
            there.append(number)
        elif there != number:
            self._at[key] = [there, number]

    def _numbers(self, key: str) -> list[int]:
        found = self._at.get(key, [])
        return [found] if isinstance(found, int) else found

    def _behind(self, labels: Iterable[Label]) -> tuple[Actor, ...]:
        """Actors of the very names that labels of standings give, and of several on the label's own list the one with
        the label's id; of several editions of a list the newest."""
        told = [label for label in labels if label.name and is_standing(label.category)]
        ids: dict[tuple[str, str], set[str]] = {}
        for label in told:
            if label.actor:
                ids.setdefault((label.source, label.name.casefold()), set()).add(label.actor)
        found: dict[tuple[str | None, ...], Actor] = {}
        for name in sorted({label.name.casefold() for label in told}):
            for one in self._actors.get(name, ()):
                if one.reference in ids.get((one.source, name), (one.reference,)):
                    found[one.source, one.reference, one.name, one.programme] = one
        return tuple(found.values())

    @cached_property
    def _actors(self) -> dict[str, list[Actor]]:
        found: dict[str, list[Actor]] = {}
        for layer in self.layers:
            for actor in layer.actors:
                found.setdefault(actor.name.casefold(), []).append(actor)
        return found

    def _find(self, address: str, chain: str) -> str:
        """The key of an address. What is an address of no known chain is one if a list has it as it is."""
        try:
            return canonical(address, chain)
        except AddressError:
            if not chain and address in self._at:
                return address
            raise

    def _layer(self, number: int) -> int:
        return bisect_right(self._starts, number) - 1

    def _withdrawn(self, number: int, key: str) -> Withdrawal | None:
        """The highest withdrawal of a label from a layer above its own."""
        if not self._withdrawals or key not in self._withdrawals:
            return None
        label, own, found = self._labels[number], self._layer(number), None
        for layer, one in self._withdrawals[key]:
            fits = not one.category or is_a(label.category, one.category)
            if layer > own and fits and one.source in ("", label.source):
                found = one
        return found

    def _standing(self, number: int, key: str, at: int) -> Standing:
        label = self._labels[number]
        found = standing(label.since, label.until, label.since_at_latest, label.last_seen, at)
        later = self._later.get(self._layer(number), ())
        if found is not Standing.IN_FORCE or label.until is not None or not later:
            return found
        seen = self.layers[self._layer(number)].edition.published
        for layer, published in later:
            if self._holds(layer, key):
                seen = published
            elif at >= seconds(published):
                return Standing.NOT_IN_FORCE
            else:
                return Standing.IN_FORCE if at < seconds(next_day(seen)) else Standing.UNKNOWN
        return found

    def _holds(self, layer: int, key: str) -> bool:
        """Whether a layer has the address, if only in a row that lost its capitals."""
        held = any(self._layer(number) == layer for number in self._numbers(key))
        return held or any(number == layer for number, _ in self._lost.get(key.lower(), ()))


_PART = {Standing.IN_FORCE: "labels", Standing.UNKNOWN: "doubtful", Standing.NOT_IN_FORCE: "outside"}


def _key(address: str, chain: str) -> str:
    return canonical(address, chain_named(chain))


def _own(labels: Iterable[Label]) -> LabelList:
    kept = tuple(labels)
    return LabelList(Edition(OWN, count=len(kept)), kept)


def _speaks(layers: tuple[LabelList, ...]) -> dict[str, str]:
    """Of each sanctions list, by name, the first day that one of its editions speaks of."""
    found: dict[str, str] = {}
    for layer in layers:
        if (first := layer.speaks_from) is not None:
            found[layer.name] = min(found.get(layer.name, first), first, key=seconds)
    return found


def _later_editions(layers: tuple[LabelList, ...]) -> dict[int, list[tuple[int, str]]]:
    """For each layer, the later snapshots of the same list as (layer, date), oldest first."""
    dated = [(n, one.edition) for n, one in enumerate(layers) if one.edition.published]
    found = {}
    for number, edition in dated:
        later = [
            (other, one.published)
            for other, one in dated
            if one.snapshot and one.name == edition.name and seconds(one.published) > seconds(edition.published)
        ]
        if later:
            found[number] = sorted(later, key=lambda pair: seconds(pair[1]))
    return found
