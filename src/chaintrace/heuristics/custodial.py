"""Custodial mixers, which take coins in and pay others out: by list, and what may have come out for what went in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from chaintrace.heuristics.consensus import looks_joint
from chaintrace.heuristics.finding import Finding
from chaintrace.heuristics.listed import Dealing, books, dealings, find_in
from chaintrace.heuristics.payouts import SuggestionThresholds, suggestions
from chaintrace.heuristics.registry import heuristic
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.labels.category import SANCTIONED
from chaintrace.model.address import transaction_account


@dataclass(frozen=True)
class MixerThresholds:
    """``bundled``: the lists that come with chaintrace count too, beneath the labels that are given. Blender.io and
    Sinbad are OFAC's; ChipMixer and others are those of Pakki et al., FC'21, and WalletExplorer, by GraphSense's
    TagPacks."""

    bundled: bool = True


@heuristic(
    "custodial-mixer",
    MixerThresholds(),
    doubt="A list says whose account it is, and may err. A mixer has many accounts that no list names.",
)
def custodial_mixer(rows: Rows, labels: Known, at: MixerThresholds) -> Iterator[Finding]:
    """Payments into, and out of, accounts that a list calls a custodial mixer's."""
    txs = rows.transactions
    # THRESHOLD
    found = dealings(rows, labels, at.bundled)
    several = looks_joint(rows, labels) if found else np.zeros(0, bool)
    for one in found:
        joint = bool(several[one.tx])
        where = "is paid by" if one.gave else "pays into"
        sanction = _sanction(rows, labels, at, one)
        # CLAIM, EVIDENCE
        yield Finding(
            subject=min(one.labels),
            claim=f"a transaction {where} a custodial mixer that a list names{_when(sanction)}",
            tx_hashes=(txs.name(one.tx),),
            confidence=50 if joint else 90,
            evidence=_evidence(one) | sanction,
            rows=txs.rows(one.tx),
            # DOUBT
            doubt="Several owners may pay in this transaction." if joint else "",
        )


@heuristic(
    "custodial-suggestion",
    SuggestionThresholds(),
    doubt="A suggestion and no link: amount and time fit, and nothing else is known. What came out in pieces, or was "
    "not fetched, is not among these; and of many payments some have a candidate that beats chance by chance.",
)
def custodial_suggestion(rows: Rows, labels: Known, at: SuggestionThresholds) -> Iterator[Finding]:
    """For each payment into a listed mixer: the later outputs that it can have come out as, and how many a payment that
    never was would have."""
    txs = rows.transactions
    # THRESHOLD
    found = dealings(rows, labels, at.bundled)
    for one, said in suggestions(rows, labels, found, at):
        best = said.candidates[0]["chance"] if said.candidates else 1_000
        beaten = best <= at.most_chance
        how = "more rarely than chance brings" if beaten else "no more rarely than chance brings"
        # CLAIM, EVIDENCE
        yield Finding(
            subject=transaction_account(txs.name(one.tx)),
            claim=f"went into a custodial mixer; outputs of a fitting amount came later, {how}",
            tx_hashes=(txs.name(one.tx), *dict.fromkeys(str(line["tx_hash"]) for line in said.candidates)),
            confidence=(50 if said.candidates[0]["listed"] else 10) if beaten else 5,
            evidence=_evidence(one) | {"fits": said.fits, "decoys": said.decoys, "candidates": said.candidates},
            rows=tuple((str(line["tx_hash"]), "output", int(line["seq"])) for line in said.candidates),
            # DOUBT
            doubt="" if beaten else "Chance is not beaten: these outputs say nothing.",
        )


def _evidence(one: Dealing) -> dict[str, Any]:
    first = next(iter(one.labels.values()))
    told = {"direction": "out of" if one.gave else "into", "mixer": one.name, "list": first.source}
    return told | {"got": one.got, "gave": one.gave, "accounts": list(one.labels)}


def _sanction(rows: Rows, labels: Known, at: MixerThresholds, one: Dealing) -> dict[str, Any]:
    """Who designated the mixer, since and until when, and whether that was so when it paid: None where the rows do not
    say when."""
    where, moment = books(labels, at.bundled), rows.transactions.moment(one.tx)
    then = [find_in(where, account, SANCTIONED, **moment) for account in one.labels]
    ever = [find_in(where, account, SANCTIONED, None, None) for account in one.labels]
    label = next((label for label in (*then, *ever) if label is not None), None)
    if label is None:
        return {}
    dates = {"designated": label.since, "designated_until": label.until, "designated_by": label.source}
    return dates | {"programme": label.programme, "designated_then": any(then) if moment["time"] is not None else None}


def _when(sanction: dict[str, Any]) -> str:
    if not sanction:
        return ""
    words = {True: ", which was sanctioned then", False: ", which was not sanctioned then"}
    return words.get(sanction["designated_then"], ", which is or was sanctioned")
