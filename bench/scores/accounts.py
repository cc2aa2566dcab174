"""Accounts: measured in a made-up town, whose truth is simulated, and on the published lists of the Nomad incident.

What is found of thieves says how much wider they drew than the thresholds are; what is said of honest people depends on
how the town was made up. Of the Nomad bridge's incident white hats are known, which no rule should flag.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from itertools import combinations
from pathlib import Path

import pyarrow as pa

from chaintrace.case.case import Case
from chaintrace.heuristics.finding import Finding, Score
from chaintrace.heuristics.registry import Heuristic, known_heuristics
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.scorecard import wilson
from chaintrace.model.amount import to_bytes
from chaintrace.model.chain import get_chain
from scores._thieves import Thieves
from scores._town import Town, made_of

PAGE = "methods/accounts.md"
NEEDS_DATA = True
RULES = (
    "deposit-reuse",
    "common-funder",
    "fan-out",
    "fan-in",
    "structuring",
    "round-amount",
    "probing",
    "pass-through",
    "wash-loop",
    "dormancy",
    "dust",
    "address-poisoning",
    "counterfeit-token",
)
OWNERSHIP = ("deposit-reuse", "common-funder")
OF_INCIDENT = ("fan-out", "fan-in", "structuring", "round-amount", "probing", "pass-through", "wash-loop")
"""Those that payments of tokens within some days can set off."""
SEED = 20_261_129
"""The rules were looked at in a town of another seed, 20,261,128; pass-through was adjusted there."""
SIMULATED = "(simulated)"
ETHEREUM = get_chain("ethereum")
BRIDGE = "0x" + "b1" * 20
"""Stands for the bridge, which the lists do not name."""
BLOCK_SECONDS = 13


def scores(data: Path | None, date: str) -> list[Score]:
    """By rule."""
    town = Town(SEED)
    Thieves(town)
    known = Known(town.labels)
    rows = Rows(town.table(), tokens=town.tokens)
    dealt = Rows(town.table(town.dealt()), tokens=town.tokens)
    found: list[Score] = []
    for rule in RULES:
        heuristic = known_heuristics()[rule]
        said, by_chance = heuristic(rows, known), _subjects(heuristic(dealt, known))
        subjects, planted = _subjects(said), town.planted[rule]
        told = [
            ("recall", f"{what} {SIMULATED}", sum(bool(one & subjects) for one in some), len(some))
            for what, some in _groups(rule, town)
        ]
        told += [
            _alarms(rule, town, planted, subjects),
        ]
        if rule in OWNERSHIP:
            told.append(("precision", f"pairs of accounts {SIMULATED}", *_pairs(said, town)))
        if rule != "counterfeit-token":
            accounts = {account for row in town.rows for account in row[1:3]}
            told.append(("chance", f"accounts, payments dealt anew {SIMULATED}", len(by_chance), len(accounts)))
        if rule in OF_INCIDENT and data:
            told.append(_of_white_hats(heuristic, data / "nomad"))
        if rule == "structuring":
            told.append(_of_depositors(heuristic))
        found += [Score(rule, measure, what, k, n, *wilson(k, n), date) for measure, what, k, n in told]
    return found


def _of_white_hats(heuristic: Heuristic, folder: Path) -> tuple[str, str, int, int]:
    rows, white = Rows(incident(folder)), white_hats(folder)
    white &= {str(one) for one in rows.moves.accounts.to_pylist()}
    flagged = _subjects(heuristic(rows, Known())) & white
    return "false alarms", "white hats of the Nomad incident, not labelled as such", len(flagged), len(white)


def _of_depositors(heuristic: Heuristic) -> tuple[str, str, int, int]:
    """Of the Ronin case those who paid into the pool, where nobody says that it is one."""
    case = Case.open("ronin")
    depositors = {label.address for label in case.labels if label.role == "depositor"}
    flagged = _subjects(heuristic(Rows(case.graph.table), Known())) & depositors
    return "false alarms", "asserted depositors of the Ronin case, its pool not labelled", len(flagged), len(depositors)


def _groups(rule: str, town: Town) -> list[tuple[str, list[frozenset[str]]]]:
    """What should be found, and of what thieves do the part that keeps to the thresholds."""
    what, planted, within = _what(rule), town.planted[rule], town.within[rule]
    if not within:
        return [(what, planted)]
    return [(f"{what}, drawn wider than the thresholds", planted), (f"{what}, within the thresholds", within)]


def _what(rule: str) -> str:
    return {
        "deposit-reuse": "addresses of deposit that one owner's accounts share",
        "common-funder": "owners who gave several accounts their gas",
        "counterfeit-token": "counterfeits of USDT",
        "address-poisoning": "look-alikes in histories",
        "pass-through": "accounts through which money is passed",
    }.get(rule, "habits of thieves")


def _alarms(
    rule: str, town: Town, planted: Sequence[frozenset[str]], subjects: Collection[str]
) -> tuple[str, str, int, int]:
    """Honest accounts that are flagged and should not be, of all honest ones."""
    meant = frozenset[str]().union(*planted)
    contracts = {asset.rpartition(":")[2] for asset in town.tokens}
    asked = {one for one in town.honest - meant if (one in contracts) == (rule == "counterfeit-token")}
    what = "tokens of other symbols" if rule == "counterfeit-token" else "honest accounts"
    return "false alarms", f"{what} {SIMULATED}", len(asked & set(subjects)), len(asked)


def _pairs(said: Iterable[Finding], town: Town) -> tuple[int, int]:
    """How many pairs of accounts that are said to be one owner's are, and how many are said to be."""
    pairs = {pair for one in said for pair in combinations(sorted(one.evidence["accounts"]), 2)}
    return sum(town.owner[one] == town.owner[other] for one, other in pairs), len(pairs)


def _subjects(said: Iterable[Finding]) -> set[str]:
    return {one.subject for one in said}


def white_hats(folder: Path) -> set[str]:
    """The accounts of the white hats, as the lists of 2022-11-11 name them."""
    return {one.lower() for one in _read(folder, "white_hats_as_of_11112022.json")}


def incident(folder: Path) -> pa.Table:
    """What the bridge paid out and what was paid back. Of the former the lists tell blocks alone: its times are that of
    the first payment back, less 13 seconds a block."""
    back = _read(folder, "transfer_events.json")
    first = min(back, key=lambda row: int(row["blockNumber"]))
    block, time = int(first["blockNumber"]), int(first["timeStamp"])
    rows = []
    for n, row in enumerate(_read(folder, "receive_events.json")):
        at = time - BLOCK_SECONDS * (block - row["blockNumber"])
        parties = (BRIDGE, row["tokenRecipient"], row["tokenAddress"], row["amount"])
        rows.append(_row(row["blockNumber"], at, row["transactionHash"], row["transactionIndex"], n, *parties))
    for n, row in enumerate(back):
        parties = (row["from"], row["to"], row["contractAddress"], row["value"])
        at = int(row["blockNumber"]), int(row["timeStamp"])
        rows.append(_row(*at, row["transactionHash"], int(row["transactionIndex"]), n, *parties))
    return made_of({name: [row[name] for row in rows] for name in rows[0]}, len(rows))


def _row(
    block: int, time: int, tx: str, index: int, seq: int, sender: str, receiver: str, token: str, amount: str
) -> dict[str, object]:
    return {
        "chain": ETHEREUM.id,
        "block": block,
        "time": time,
        "tx_hash": tx,
        "tx_index": index,
        "seq": seq,
        "order": "known",
        "kind": "token",
        "sender": sender.lower(),
        "receiver": receiver.lower(),
        "asset": f"{ETHEREUM.id}/erc20:{token.lower()}",
        "amount": to_bytes(int(amount)),
    }


def _read(folder: Path, name: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads((folder / name).read_text(encoding="utf-8"))
    return found
