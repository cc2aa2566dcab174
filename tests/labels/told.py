"""Labels for properties: any that a reader could make."""

from __future__ import annotations

from hypothesis import strategies as st

from chaintrace.labels.account import BITCOIN
from chaintrace.labels.category import categories
from chaintrace.labels.label import Label
from tests.labels.lists import BLENDER, LITECOIN, RONIN, TRON

PLACES = [
    (RONIN.lower(), ""),
    (RONIN.lower(), "eip155:1"),
    ("0x" + "1" * 40, "eip155:56"),
    (BLENDER, BITCOIN),
    (TRON, ""),
    (LITECOIN, "other:LTC"),
]
# Tab and line breaks are text too; a NUL is what no CSV can hold.
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=20)
DAYS = st.dates().map(lambda day: day.isoformat())


@st.composite
def labels(draw: st.DrawFn) -> Label:
    address, chain = draw(st.sampled_from(PLACES))
    begin, end = sorted(draw(st.lists(DAYS, min_size=2, max_size=2, unique=True)))
    return Label(
        address,
        draw(st.sampled_from([*categories()])),
        chain=chain,
        since=draw(st.none() | st.just(begin)),
        until=draw(st.none() | st.just(end)),
        last_seen=draw(st.none() | DAYS),
        since_at_latest=draw(st.booleans()),
        **{name: draw(TEXTS) for name in ("name", "role", "source", "confidence", "origin", "programme", "actor")},
    )
