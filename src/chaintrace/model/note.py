"""Note: what goes into a pool of Tornado Cash and comes out of it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chaintrace.model.pool import Pool


@dataclass(frozen=True, slots=True)
class Note:
    """One event of a Tornado Cash pool: a note paid in, or taken out.

    ``account``    of a deposit who paid: the sender of the transaction, through the router too; of a withdrawal who
                   was paid.
    ``time``       unix seconds, UTC.
    ``fee``        what the relayer kept of a withdrawal, in base units; 0 says that nothing was kept, not that it is
                   not told.
    ``relayer``    who kept it; None: not told.
    ``sender``     who sent the transaction of a withdrawal; None: not told.
    ``leaf``       the number of a deposit in its pool, from 0.
    ``mark``       the commitment of a deposit, the nullifier hash of a withdrawal, in hexadecimal.
    """

    pool: Pool
    kind: Literal["deposit", "withdrawal"]
    account: str
    time: int
    block: int | None
    tx_hash: str
    log_index: int | None
    fee: int = 0
    relayer: str | None = None
    sender: str | None = None
    leaf: int | None = None
    mark: str = ""
