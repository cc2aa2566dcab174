"""Bridges without identifiers: a payment into one, and one out of it on another chain, by amount and time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from chaintrace.graph.link import Link
from chaintrace.heuristics.bridge import BY, BridgeThresholds
from chaintrace.heuristics.crossings import crossings
from chaintrace.heuristics.exchanges import ids
from chaintrace.heuristics.finding import Finding
from chaintrace.heuristics.moves import Moves
from chaintrace.heuristics.parties import timed
from chaintrace.heuristics.registry import heuristic
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.transactions import Ints
from chaintrace.labels.label import Label
from chaintrace.model.asset import chain_of, contract_of, native
from chaintrace.model.wrapped import wrapper

BRIDGE = "bridge"


@dataclass(frozen=True)
class AmountTimeThresholds:
    """Of links by amount and time.

    ``windows``      by a word in the name of a bridge's label, seconds within which it pays out; ``other`` of all else:
                     graphsense ``defi/bridging``.
    ``least``        confidence: 40 for the bridge, 40 for the sum and 20 for the time, and that 80 is high, are of the
                     same origin; that nothing below is shown is our own, as is how each part is reckoned.
    ``most_fee``     hundredths of a percent by which less may arrive than was sent; our own.
    ``most_rivals``  other payments in, or out, that fit as well; our own.
    ``alike``        groups of tokens that are one asset on different chains. Coins and their wrapped tokens need none.
    """

    windows: tuple[tuple[str, int], ...] = (
        ("stargate", 180),
        ("layerzero", 180),
        ("across", 300),
        ("wormhole", 1_800),
        ("arbitrum", 1_500),
        ("optimism", 1_500),
        ("base", 1_500),
        ("polygon", 3_600),
        ("plasma", 604_800),
    )
    other: int = 600
    least: int = 80
    most_fee: int = 100
    most_rivals: int = 0
    alike: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Ways:
    """Payments into or out of bridges, by time: rows, seconds, the group of the asset, the chain, the bridge's word (an
    index, -1 for none), and the number of its account."""

    row: Ints
    time: Ints
    group: Ints
    chain: Ints
    word: Ints
    account: Ints


@heuristic(
    "bridge-amount-time",
    AmountTimeThresholds(),
    doubt="Whoever sends about as much by the same bridge at about the same time looks alike; those whose rows are not "
    "here cannot be counted.",
)
def bridge_amount_time(rows: Rows, labels: Known, at: AmountTimeThresholds) -> Iterator[Finding]:
    """A payment to an account that is labelled a bridge, and one from such an account on another chain, of about as
    much, soon after, where no other payment fits."""
    moves = rows.moves
    spoken_for = crossings(rows, BridgeThresholds().named_within)
    taken = {row for one in spoken_for for row in (one.source, one.target) if row is not None}
    into, out = _ways(rows, labels, at, True), _ways(rows, labels, at, False)
    pairs = [(n, m) for n in range(len(into.row)) for m in _fitting(moves, into, out, n, at)]
    rivals_in, rivals_out = (np.bincount([pair[side] for pair in pairs], minlength=1) for side in (0, 1))
    used: set[int] = set()
    for n, m in pairs:
        rivals = int(max(rivals_in[n], rivals_out[m])) - 1
        source, target = int(into.row[n]), int(out.row[m])
        confidence, parts = _confidence(moves, into, out, n, m, at)
        # THRESHOLD
        if rivals > at.most_rivals or confidence < at.least or {n, ~m} & used:
            continue
        if source in taken or moves.row(target) in taken:
            continue
        used |= {n, ~m}
        # CLAIM, EVIDENCE, DOUBT
        yield _guessed(moves, source, target, confidence, parts | {"rivals": rivals})


def _guessed(moves: Moves, source: int, target: int, confidence: int, parts: dict[str, int]) -> Finding:
    said, arrives = ids(moves, (source, target))
    evidence = {
        "given": int(moves.amount[source]),
        "gives": moves.asset_id(int(moves.asset[source])),
        "got": int(moves.amount[target]),
        "gets": moves.asset_id(int(moves.asset[target])),
        "paid_to": moves.account(int(moves.receiver[target])),
        "seconds": int(moves.time[target] - moves.time[source]),
        **parts,
    }
    link = Link(
        [said],
        [arrives],
        id=f"bridge {said[0]} {said[1]} {said[2]}",
        kind="bridge",
        by=BY,
        confidence=f"{confidence} of 100",
        evidence=f"{evidence['got']} arrive {evidence['seconds']} seconds after {evidence['given']} left",
    )
    return Finding(
        subject=moves.account(int(moves.sender[source])),
        claim="crosses to another chain by a bridge, by amount and time",
        tx_hashes=(said[0], arrives[0]),
        confidence=confidence,
        evidence=evidence,
        rows=(said, arrives),
        links=(link,),
    )


def _ways(rows: Rows, labels: Known, at: AmountTimeThresholds, into: bool) -> Ways:
    moves = rows.moves
    numbers = moves.numbers(labels.accounts(BRIDGE))
    bridge, other = (moves.receiver, moves.sender) if into else (moves.sender, moves.receiver)
    numbers = numbers[numbers >= 0]
    here = np.flatnonzero(moves.pays & timed(moves) & np.isin(bridge, numbers) & ~np.isin(other, numbers))
    found = [(n, label) for n in here.tolist() if (label := _label(moves, labels, int(bridge[n]), n)) is not None]
    kept = np.array([n for n, _ in found], dtype=np.int64)
    words = np.array([_word(label, at) for _, label in found], dtype=np.int64)
    group, chain = _groups(moves, at)
    order = np.argsort(moves.time[kept], kind="stable")
    kept, words = kept[order], words[order]
    return Ways(kept, moves.time[kept], group[moves.asset[kept]], chain[moves.asset[kept]], words, bridge[kept])


def _label(moves: Moves, labels: Known, account: int, n: int) -> Label | None:
    return labels.find(moves.account(account), BRIDGE, **moves.moment(n))


def _word(label: Label, at: AmountTimeThresholds) -> int:
    name = f"{label.name} {label.actor}".lower()
    return next((n for n, (word, _) in enumerate(at.windows) if word in name), -1)


def _groups(moves: Moves, at: AmountTimeThresholds) -> tuple[Ints, Ints]:
    """Of each asset the number of what it is on every chain, and of its chain."""
    groups = {asset: f"alike {n}" for n, alike in enumerate(at.alike) for asset in alike}
    names, chains = [], []
    for n in range(len(moves.assets)):
        asset = moves.asset_id(n)
        chain = chain_of(asset)
        contract = contract_of(asset)
        coin = contract is None or contract in wrapper(chain)
        names.append(groups.get(asset, native(chain).partition("/")[2] if coin else asset))
        chains.append(chain)
    return _coded(names), _coded(chains)


def _coded(names: list[str]) -> Ints:
    numbers = {name: n for n, name in enumerate(dict.fromkeys(names))}
    return np.array([numbers[name] for name in names], dtype=np.int64)


def _window(word: int, at: AmountTimeThresholds) -> int:
    return at.windows[word][1] if word >= 0 else at.other


def _fitting(moves: Moves, into: Ways, out: Ways, n: int, at: AmountTimeThresholds) -> list[int]:
    """Payments out that may be what a payment in became."""
    start, amount = int(into.time[n]), int(moves.amount[into.row[n]])
    first, last = np.searchsorted(out.time, [start, start + _window(int(into.word[n]), at)], "right")
    first = np.searchsorted(out.time, start, "left")
    part = slice(int(first), int(last))
    sums = moves.amount[out.row[part]]
    least = -(-amount * (10_000 - at.most_fee) // 10_000)
    word = int(into.word[n])
    fits = (out.group[part] == into.group[n]) & (out.chain[part] != into.chain[n])
    fits &= (out.word[part] == word) | (out.word[part] < 0) | (word < 0)
    fits &= (sums <= amount).astype(bool) & (sums >= least).astype(bool) & (out.row[part] > into.row[n])
    return (np.flatnonzero(fits) + part.start).tolist()


def _confidence(
    moves: Moves, into: Ways, out: Ways, n: int, m: int, at: AmountTimeThresholds
) -> tuple[int, dict[str, int]]:
    """40 where both accounts are one bridge's by name, or one account, else 20; 40 for the sum, less by what is
    missing of the most that may be; 20 for the time, less by what has passed of the window."""
    given, got = int(moves.amount[into.row[n]]), int(moves.amount[out.row[m]])
    same = into.word[n] == out.word[m] >= 0 or into.account[n] == out.account[m]
    lost = 40 * (given - got) * 10_000 // max(given * at.most_fee, 1)
    passed = 20 * int(out.time[m] - into.time[n]) // max(_window(int(into.word[n]), at), 1)
    parts = {"bridge": 40 if same else 20, "sum": max(40 - lost, 0), "time": max(20 - passed, 0)}
    return sum(parts.values()), parts
