"""Bridges: value that leaves one chain and arrives on another, by the identifier that both sides write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chaintrace.graph.link import Link
from chaintrace.heuristics.crossings import Crossing, crossings
from chaintrace.heuristics.exchanges import ids
from chaintrace.heuristics.finding import Finding
from chaintrace.heuristics.registry import heuristic
from chaintrace.heuristics.rows import Known, Rows

BY = "chaintrace"
UNBORNE = "No single row moves the sum on one of the sides, so that no link can be drawn."
NAMED = "Whoever else pays this address in time is taken for the bridge."


@dataclass(frozen=True)
class BridgeThresholds:
    """Of links by identifier. ``named_within``: seconds in which the address that a memo asks for has to be paid, where
    no payout names the memo's transaction; our own."""

    named_within: int = 21_600


@heuristic(
    "bridge-link",
    BridgeThresholds(),
    doubt="Events are what contracts write, and any contract can write them; that rows of the same transactions move "
    "these sums is all that is checked. The forms of events are untried on real bridges.",
)
def bridge_link(rows: Rows, labels: Known, at: BridgeThresholds) -> Iterator[Finding]:
    """A way in and a way out with one identifier: Circle's nonce, Across' deposit, LayerZero's guid, Wormhole's
    sequence, THORChain's memo."""
    for one in crossings(rows, at.named_within):
        # THRESHOLD
        whole = one.source is not None and one.target is not None
        confidence = (95 if one.out else 75) if whole else 60
        # CLAIM, EVIDENCE, DOUBT
        yield _crossed(rows, one, confidence, whole)


def _crossed(rows: Rows, one: Crossing, confidence: int, whole: bool) -> Finding:
    key = "/".join(map(_text, one.told.key))
    sources = ids(rows.moves, () if one.source is None else (one.source,))
    targets = () if one.target is None else (one.target,)
    arrives = one.out.tx_hash if one.out else "".join(name for name, _, _ in targets)
    link = Link(
        sources,
        targets,
        id=f"{one.told.bridge} {key}",
        kind="bridge",
        by=BY,
        confidence=f"{confidence} of 100",
        evidence=f"{one.told.bridge} {key}: {one.told.tx_hash} pays in, {arrives} pays out",
    )
    evidence = {
        "bridge": one.told.bridge,
        "key": key,
        "from": one.told.chain,
        "to": one.out.chain if one.out else None,
        "given": one.given,
        "got": one.got,
        "seconds": one.seconds,
    }
    by = "with one identifier on both sides" if one.out else "to the address that its memo asks for"
    return Finding(
        subject=one.payer,
        claim=f"crosses to another chain, {by}",
        tx_hashes=(one.told.tx_hash, arrives),
        confidence=confidence,
        evidence=evidence,
        rows=(*sources, *targets),
        links=(link,) if whole else (),
        doubt=UNBORNE if not whole else "" if one.out else NAMED,
    )


def _text(part: object) -> str:
    return "0x" + part.hex() if isinstance(part, bytes) else str(part)
