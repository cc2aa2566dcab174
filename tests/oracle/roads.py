"""FIFO and LIFO, both directions: every unit walks its whole road once, and a trace reads the roads.

The walk knows nothing of taint. Units with one road are kept together as an atom; ``unit_by_unit`` keeps every unit
apart, which is slow and as plain as it gets.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from tests.oracle.words import (
    Answer,
    Pot,
    Question,
    Row,
    Since,
    cut,
    end_of,
    followed_stops,
    further,
    heads,
    held_hops,
    holdings_by_moment,
    in_order,
    is_held_by,
    moves,
    seeds_by_row,
    source,
    target,
    until,
)


@dataclass(frozen=True)
class Atom:
    """Units with one road. ``born``: the pot in which they appear unexplained, or None when a row issues them.

    ``road`` is ((row, coordinate on it), …); ``waits``: they stood at the head of their pot before the first row.
    """

    amount: int
    born: Pot | None
    waits: bool
    road: tuple[tuple[int, int], ...] = ()

    def split(self, at: int) -> tuple[Atom, Atom]:
        later = tuple((row, coordinate + at) for row, coordinate in self.road)
        return Atom(at, self.born, self.waits, self.road), Atom(self.amount - at, self.born, self.waits, later)

    def on(self, row: int, coordinate: int) -> Atom:
        return Atom(self.amount, self.born, self.waits, (*self.road, (row, coordinate)))


def walk(rows: list[Row], order: str, head: dict[Pot, int], unit_by_unit: bool = False) -> list[Atom]:
    """All atoms after all rows have moved. ``order`` is fifo (queues) or lifo (stacks)."""
    pots: defaultdict[Pot, list[Atom]] = defaultdict(list)
    gone: list[Atom] = []

    def new(amount: int, born: Pot | None, waits: bool) -> list[Atom]:
        return [Atom(1, born, waits)] * amount if unit_by_unit else [Atom(amount, born, waits)]

    for pot, amount in head.items():
        pots[pot] = new(amount, pot, True)
    for i, row in enumerate(rows):
        if not moves(row):
            continue
        if (pot := source(row)) is None:
            leaving = new(row.amount, None, False)
        else:
            missing = row.amount - sum(atom.amount for atom in pots[pot])
            if missing > 0:
                pots[pot] += new(missing, pot, False)
            leaving, pots[pot] = _take(pots[pot], row.amount, order)
        arrived, coordinate = [], 0
        for atom in leaving:
            arrived.append(atom.on(i, coordinate))
            coordinate += atom.amount
        to = target(row)
        (gone if to is None else pots[to]).extend(arrived)
    return gone + [atom for lots in pots.values() for atom in lots]


def _take(lots: list[Atom], amount: int, order: str) -> tuple[list[Atom], list[Atom]]:
    """(what leaves, what stays): from the front of a queue, or from the end of a stack with the order inside kept."""
    whole = sum(atom.amount for atom in lots)
    front, back = _cut_at(lots, amount if order == "fifo" else whole - amount)
    return (front, back) if order == "fifo" else (back, front)


def _cut_at(lots: list[Atom], at: int) -> tuple[list[Atom], list[Atom]]:
    front: list[Atom] = []
    for n, atom in enumerate(lots):
        if atom.amount <= at:
            front.append(atom)
            at -= atom.amount
        elif at:
            left, right = atom.split(at)
            return [*front, left], [right, *lots[n + 1 :]]
        else:
            return front, lots[n:]
    return front, []


@dataclass
class Owner:
    """Who has an atom: its seed, the hops of its piece, and which piece it is part of."""

    seed: int
    hops: int
    piece: int


class Trace:
    """One question read off the roads."""

    def __init__(self, rows: list[Row], question: Question, unit_by_unit: bool = False) -> None:
        self.question, self.rows = question, until(rows, question)
        self.atoms = walk(self.rows, question.method, heads(rows, question), unit_by_unit)
        self.owner: dict[int, Owner] = {}
        self.begun: set[int] = set()
        self.answer = Answer()
        self.pieces = 0
        self.on_row: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for n, atom in enumerate(self.atoms):
            for row, coordinate in atom.road:
                self.on_row[row].append((coordinate, n))

    def run(self) -> Answer:
        seeds, holdings = seeds_by_row(self.rows, self.question), holdings_by_moment(self.rows, self.question)
        stops = followed_stops(self.rows, self.question)
        for what, at in in_order(len(self.rows), self.question.direction):
            if what == "moment":
                for seed, since in holdings.get(at, ()):
                    self.seed_holding(at, seed, since)
            elif moves(self.rows[at]):
                self.pass_row(at, seeds.get(at, []), stops)
        if self.question.direction == "forward":
            for n, owner in self.owner.items():
                pot = self.where(n, len(self.rows))
                assert pot is not None
                self.rest(n, pot, owner.seed)
        return self.answer.tidy()

    def where(self, n: int, moment: int) -> Pot | None:
        """The pot an atom is in just before row ``moment``; None: nowhere yet, or gone."""
        atom = self.atoms[n]
        before = [row for row, _ in atom.road if row < moment]
        if before:
            return target(self.rows[before[-1]])
        return atom.born if atom.waits else None

    def pass_row(self, i: int, seeds: list[int], stops: Mapping[str, str]) -> None:
        row, question, answer = self.rows[i], self.question, self.answer
        here = [n for _, n in sorted(self.on_row[i])]
        for piece in self.pieces_of(here):
            owner, amount = self.owner[piece[0]], self.amount(piece)
            hops = further(owner.hops, row, question.direction)
            if (bucket := cut(question, hops, amount)) is not None:
                answer.ledger[row.asset, bucket, ""] += amount
                self.disown(piece)
            else:
                self.own(piece, owner.seed, hops)
        for seed in seeds:  # the seed is where following begins: no limit cuts it there
            self.fill(here, seed, row.asset)
        end = end_of(row, question, stops)
        for n in [n for n in here if n in self.owner]:
            seed, amount = self.owner[n].seed, self.atoms[n].amount
            answer.tainted[i, seed] += amount
            if end is not None:
                answer.ledger[(row.asset, *end)] += amount
                if end[0] == "exit":
                    account = row.receiver if question.direction == "forward" else row.sender
                    answer.exits[end[1], str(account), row.asset, seed] += amount
                del self.owner[n]
            elif question.direction == "backward" and self.atoms[n].road[0][0] == i:
                self.begin(n)

    def seed_holding(self, moment: int, seed: int, since: Since) -> None:
        pots: defaultdict[Pot, list[tuple[tuple[int, int], int]]] = defaultdict(list)
        for n, atom in enumerate(self.atoms):
            pot = self.where(n, moment)
            if pot is not None and is_held_by(pot, since):
                arrived = max((place for place in atom.road if place[0] < moment), default=(-1, n))
                pots[pot].append((arrived, n))
        for pot, held in pots.items():
            here = [n for _, n in sorted(held)]
            for piece in self.fill(here, seed, pot[1], held_hops(self.question.direction)):
                for n in piece:
                    if self.question.direction == "backward" and all(row >= moment for row, _ in self.atoms[n].road):
                        self.begin(n)

    def begin(self, n: int) -> None:
        """Backwards: the atom appeared unexplained here, there is no row before."""
        pot = self.atoms[n].born
        assert pot is not None
        self.begun.add(n)
        self.rest(n, pot, self.owner.pop(n).seed)

    def rest(self, n: int, pot: Pot, seed: int) -> None:
        self.answer.rest(self.question, pot, seed, self.atoms[n].amount)

    def fill(self, here: list[int], seed: int, asset: str, hops: int = 0) -> list[list[int]]:
        """Give every unit that nobody has to the seed; neighbours become one piece."""
        runs: list[list[int]] = [[]]
        for n in here:
            if n in self.owner or n in self.begun:
                runs.append([])
            else:
                runs[-1].append(n)
        runs = [run for run in runs if run]
        for run in runs:
            self.own(run, seed, hops)
            self.answer.seeded[asset] += self.amount(run)
        return runs

    def pieces_of(self, here: list[int]) -> list[list[int]]:
        pieces: defaultdict[int, list[int]] = defaultdict(list)
        for n in here:
            if n in self.owner:
                pieces[self.owner[n].piece].append(n)
        return list(pieces.values())

    def own(self, piece: list[int], seed: int, hops: int) -> None:
        self.pieces += 1
        for n in piece:
            self.owner[n] = Owner(seed, hops, self.pieces)

    def disown(self, piece: list[int]) -> None:
        for n in piece:
            del self.owner[n]

    def amount(self, piece: list[int]) -> int:
        return sum(self.atoms[n].amount for n in piece)


def trace(rows: list[Row], question: Question, unit_by_unit: bool = False) -> Answer:
    """FIFO or LIFO by roads, forwards or backwards."""
    return Trace(rows, question, unit_by_unit).run()
