"""Reorg: what a provider said of blocks that are none any more counts no longer; nothing is deleted."""

from __future__ import annotations

from chaintrace.store import told
from chaintrace.store.base import Con

_ABOVE = f"""WITH {told.CUT}
SELECT count(*) FROM (
    SELECT DISTINCT r.chain, r.tx_hash, r.kind, r.seq FROM rows r JOIN cut USING (page)
    WHERE cut.provider = $provider AND block > $block AND (until IS NULL OR block <= until))"""


def above(con: Con, provider: str, block: int) -> tuple[int, bool]:
    """How many row identities a cut takes away, and whether it takes anything away at all."""
    rows = int(con.execute(_ABOVE, {"provider": provider, "block": block}).fetchall()[0][0])
    pages = con.execute(
        f"WITH {told.CUT} SELECT count(*) FROM pages JOIN cut USING (page) "
        "WHERE cut.provider = $provider AND least(last, until) > $block",
        {"provider": provider, "block": block},
    ).fetchall()
    return rows, rows > 0 or pages[0][0] > 0


def cut(con: Con, provider: str, block: int, rows: int) -> None:
    """Write it down: pages of the provider that are there now count up to ``block``."""
    con.execute(
        "INSERT INTO orphans SELECT (SELECT count(*) FROM orphans), ?, ?, ?, "
        "(SELECT coalesce(max(page), 0) + 1 FROM pages)",
        [provider, block, rows],
    )
