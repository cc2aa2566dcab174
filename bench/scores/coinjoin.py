"""CoinJoins: measured on real transactions whose kind others have told.

``coinjoin/`` holds Bitcoin transactions by kind, gathered and marked by crocs-muni (pets26_coinjoin_analysis). A
transaction is in one half or the other by a hash of its id. Rules were adjusted on the first half and are scored on the
second; Wasabi 2.0, which was adjusted on the second, is scored on the first.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from chaintrace.fetch.files import read_transfers
from chaintrace.heuristics.consensus import TO_SCRIPT, consensus, looks_joint
from chaintrace.heuristics.finding import Score
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.scorecard import wilson
from chaintrace.heuristics.transactions import Transactions
from chaintrace.heuristics.whirlpool import Tx0Thresholds, tx0s

PAGE = "methods/coinjoin.md"
NEEDS_DATA = True
POSTMIX = ("whirlpool_postmix", "wasabi_postmix", "other_postmix")
FILES = ("whirlpool_mix", "whirlpool_tx0", "wasabi1", "wasabi1_end", "wasabi2", "other_candidates", *POSTMIX)
CLUSTERS = "ct.clusters"
"""No heuristic; an alarm is a transaction whose inputs it takes for one owner's."""
RULES = (
    "whirlpool-tx0",
    "coinjoin-whirlpool",
    TO_SCRIPT,
    "coinjoin-wasabi-1.0",
    "coinjoin-wasabi-1.1",
    "coinjoin-wasabi-2.0",
    "coinjoin-joinmarket",
    CLUSTERS,
)
SCORED_ON_FIRST = ("coinjoin-wasabi-2.0",)
RECALL, ALARMS = "recall", "false alarms"
SEED = 20_260_000


def is_second(txid: str) -> bool:
    """Which half a transaction is in: the first byte of the SHA-256 of its id in hexadecimal is odd in the second."""
    return sha256(txid.encode()).digest()[0] % 2 == 1


@dataclass(frozen=True)
class Sample:
    """Transactions of one file: their ids, what each rule flags, whether each carries data, and the coins it spends and
    makes."""

    txids: list[str]
    flags: Mapping[str, Any]
    data: Any
    spent: list[set[str]]
    made: list[set[str]]

    @classmethod
    def of(cls, rows: Rows) -> Sample:
        txs, said = rows.transactions, consensus(rows, Known())
        flags = {rule if rule == TO_SCRIPT else f"coinjoin-{rule}": said.best_of(rule) for rule in said.claims}
        flags["whirlpool-tx0"] = tx0s(txs, Tx0Thresholds())[0]
        flags[CLUSTERS] = ~looks_joint(rows, Known()) & (txs.accounts_in > 1)
        return cls([str(name) for name in txs.names.to_pylist()], flags, txs.burns > 0, *coins(txs))

    @cached_property
    def second(self) -> Any:
        return np.array([is_second(txid) for txid in self.txids])

    def among(self, ids: Collection[str]) -> Any:
        return np.array([txid in ids for txid in self.txids])


class Scorer:
    """Scores of the rules over the files in ``folder``."""

    def __init__(self, folder: Path, date: str) -> None:
        self.date = date
        rows = {name: Rows(read_transfers(folder / f"{name}.jsonl.gz", chain="bitcoin").table) for name in FILES}
        self.samples = {name: Sample.of(one) for name, one in rows.items()}
        self.samples["decoys"] = Sample.of(decoys(list(rows.values())))
        self.marked = marked(folder)
        of_mixes, of_tx0s = self.samples["whirlpool_mix"], self.samples["whirlpool_tx0"]
        self.mixed = set().union(*of_mixes.spent)
        self.cut = set().union(*(made for made, data in zip(of_tx0s.made, of_tx0s.data, strict=True) if data))

    def scores(self) -> list[Score]:
        """By rule."""
        mix, tx0, two = "coinjoin-whirlpool", "whirlpool-tx0", "coinjoin-wasabi-2.0"
        both = ("coinjoin-wasabi-1.0", "coinjoin-wasabi-1.1")
        found = [
            self._score(mix, RECALL, "mixes", ["whirlpool_mix"]),
            self._score(mix, ALARMS, "Whirlpool's post-mix transactions as filed", ["whirlpool_postmix"]),
            self._score(mix, ALARMS, "post-mix transactions of other kinds", POSTMIX[1:]),
            *self._to_script(),
            self._score(tx0, RECALL, "transactions filed as Tx0", ["whirlpool_tx0"]),
            self._score(
                tx0, RECALL, "transactions filed as Tx0 that carry data", ["whirlpool_tx0"], lambda one: one.data
            ),
            self._score(
                tx0,
                RECALL,
                f"transactions filed as Tx0, by it or by {TO_SCRIPT}",
                ["whirlpool_tx0"],
                None,
                (tx0, TO_SCRIPT),
            ),
            self._score(tx0, ALARMS, "post-mix transactions", POSTMIX),
        ]
        rounds, what = ["wasabi1", "wasabi1_end"], "rounds of Wasabi 1, by 1.0 or 1.1"
        for rule in both:
            found.append(self._score(rule, RECALL, what, rounds, self._true, both))
            found.append(self._score(rule, ALARMS, "post-mix transactions", POSTMIX))
        found.append(self._score(two, RECALL, "rounds of Wasabi 2", ["wasabi2"], self._true))
        found += [self._score(rule, ALARMS, "post-mix transactions", POSTMIX) for rule in (two, "coinjoin-joinmarket")]
        cut = "transactions filed as Tx0 that carry data"
        found.append(self._score("coinjoin-joinmarket", ALARMS, cut, ["whirlpool_tx0"], lambda one: one.data))
        found += [self._score(rule, "chance", "decoys", ["decoys"]) for rule in RULES[:-1]]
        what = "transactions marked by hand as no CoinJoins, in both halves"
        found += [self._score(rule, ALARMS, what, FILES, self._false, whole=True) for rule in RULES[1:-1]]
        joint = ["whirlpool_mix", *rounds]
        found.append(self._score(CLUSTERS, ALARMS, "mixes of Whirlpool and rounds of Wasabi 1", joint, self._true))
        return sorted(found, key=lambda score: RULES.index(score.rule))

    def _score(
        self,
        rule: str,
        measure: str,
        data: str,
        names: Sequence[str],
        keep: Callable[[Sample], Any] | None = None,
        rules: Sequence[str] = (),
        *,
        whole: bool = False,
    ) -> Score:
        """Of the transactions in these files that ``keep`` keeps, those that the rule, or any of ``rules``, flags."""
        count = n = 0
        for sample in (self.samples[name] for name in names):
            half = ~sample.second if rule in SCORED_ON_FIRST else sample.second
            here = (half | whole) & (True if keep is None else keep(sample))
            flagged = np.logical_or.reduce([sample.flags[one] for one in rules or (rule,)])
            count, n = count + int((flagged & here).sum()), n + int(here.sum())
        return Score(rule, measure, data, count, n, *wilson(count, n), self.date)

    def _to_script(self) -> list[Score]:
        """Whether what it flags among the post-mix is of Whirlpool, by what other files say."""
        post, what = ["whirlpool_postmix"], "Whirlpool's post-mix transactions"
        filed = self._score(TO_SCRIPT, ALARMS, f"{what} as filed", post)
        tied = "that spend a coin that a Tx0 cut, or pay a mix, filed as such"
        found, others = (
            int(sum((sample.flags[TO_SCRIPT] == flagged) & sample.second & self._tied(sample)))
            for sample in (self.samples[post[0]],)
            for flagged in (True, False)
        )
        n, rest = filed.count, filed.n - filed.count
        return [
            filed,
            Score(
                TO_SCRIPT,
                "precision",
                f"flagged of these {tied}: at least so many are right",
                found,
                n,
                *wilson(found, n),
                self.date,
            ),
            Score(TO_SCRIPT, "chance", f"others of these {tied}", others, rest, *wilson(others, rest), self.date),
        ]

    def _tied(self, sample: Sample) -> Any:
        both = zip(sample.spent, sample.made, strict=True)
        return np.array([bool(spent & self.cut or made & self.mixed) for spent, made in both])

    def _false(self, sample: Sample) -> Any:
        return sample.among(self.marked)

    def _true(self, sample: Sample) -> Any:
        return ~self._false(sample)


def coins(txs: Transactions) -> tuple[list[set[str]], list[set[str]]]:
    """The coins that each transaction spends, and those that it makes."""
    names = txs.table["outpoint"].to_pylist()
    sides = ((txs.ins, txs.inputs), (txs.outs, txs.outputs))
    spent, made = ([{names[row] for row in side.row[at(tx)]} for tx in range(len(txs))] for side, at in sides)
    return spent, made


def marked(folder: Path) -> set[str]:
    """Ids that were marked by hand as no CoinJoins."""
    files = [json.loads((folder / f"{name}_false_cjtxs.json").read_text()) for name in ("wasabi1", "wasabi2")]
    return {txid for file in files for ids in file.values() for txid in ids}


def decoys(rows: Sequence[Rows]) -> Rows:
    """Every transaction of the files with as many outputs as it has, dealt out at random from all outputs of all."""
    made = Rows(pa.concat_tables([one.table for one in rows]))
    txs = made.transactions
    order = np.random.default_rng(SEED).permutation(len(txs.outs.tx))
    outs = txs.outs._replace(value=txs.outs.value[order], account=txs.outs.account[order])
    made.__dict__["transactions"] = replace(txs, outs=outs)
    return made


def scores(data: Path, date: str) -> list[Score]:
    """By rule."""
    return Scorer(data / "coinjoin", date).scores()
