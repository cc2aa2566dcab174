"""Parts: amounts, names, chains and addresses."""

from __future__ import annotations

from hypothesis import strategies as st

from chaintrace.model.amount import MAX
from chaintrace.model.base58 import encode_check
from chaintrace.model.chain import CHAINS, Chain, Family, get_chain
from chaintrace.testing.naming import FORMS, address_of

BOUNDARIES = (0, 1, 2, 3, *(2**n + d for n in (53, 63, 64, 128) for d in (-1, 0, 1)), MAX)
"""Where floats, words and amounts end."""

HOSTILE = (
    "<script>alert(1)</script>",
    "\x1b[31mred\x1b[0m",
    "\u202egnp.exe",
    "=HYPERLINK(1)",
    "[bold]x[/bold]",
    "a\nb",
    "\0",
    "../../etc/passwd",
    "'; DROP TABLE transfers; --",
    "U\u0405DC",  # a Cyrillic letter in it
    "ta\u200bble",
    "{0.__class__}",
    "x" * 300,
)


def amounts(least: int = 0, most: int = MAX) -> st.SearchStrategy[int]:
    """Base units from ``least`` to ``most``, often at a boundary, and often small."""
    ends = [one for one in dict.fromkeys((least, *BOUNDARIES, most)) if least <= one <= most]
    return st.one_of(st.integers(least, min(most, least + 12)), st.sampled_from(ends), st.integers(least, most))


def names() -> st.SearchStrategy[str]:
    """Text that a stranger may have chosen: markup, escapes, formulas, look-alikes, any character."""
    return st.one_of(st.sampled_from(HOSTILE), st.text(min_size=1, max_size=20))


def chains(family: Family | None = None) -> st.SearchStrategy[Chain]:
    """Known chains, of one family or of any."""
    return st.sampled_from([one for one in CHAINS if family in (None, one.family)])


def addresses(chain: str | Chain = "ethereum") -> st.SearchStrategy[str]:
    """Accounts of a chain in canonical form; on Bitcoin of every kind."""
    one = get_chain(chain)
    if one.family == "utxo":
        return st.builds(address_of, st.integers(0, 2**32).map(str), st.just(one), st.sampled_from(FORMS))
    digits = st.binary(min_size=20, max_size=20).filter(any)
    if one.family == "tron":
        return digits.map(lambda raw: encode_check(b"\x41" + raw))
    return digits.map(lambda raw: "0x" + raw.hex())
