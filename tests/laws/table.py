"""Which method and direction has which law. A law that is not in a row here is not claimed."""

from __future__ import annotations

Way = tuple[str, str]  # method, direction

SHARES: tuple[Way, ...] = (
    ("fifo", "forward"),
    ("fifo", "backward"),
    ("lifo", "forward"),
    ("lifo", "backward"),
    ("haircut", "forward"),
    ("haircut", "backward"),
    ("dirty-first", "forward"),
    ("tiho", "forward"),
)
POISON: tuple[Way, ...] = (("poison", "forward"), ("poison", "backward"))
LINES: tuple[Way, ...] = SHARES[:4]  # fifo and lifo, whose units have one road each
BOTH_WAYS = ("fifo", "lifo", "haircut", "poison")

LAWS: dict[str, tuple[Way, ...]] = {
    "agreement": SHARES + POISON,
    "conservation": SHARES,
    "causality": SHARES + POISON,
    "bounds": SHARES + POISON,
    "permutation": SHARES + POISON,
    "renaming": SHARES + POISON,
    "disjoint money": SHARES + POISON,
    "nothing moved": SHARES + POISON,
    "support": SHARES,
    "additivity": LINES,
    "duality": tuple((method, "both") for method in BOTH_WAYS),
    "split ingest": SHARES + POISON,
}
