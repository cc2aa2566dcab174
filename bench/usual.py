"""How many recipients of each form pools of Tornado Cash usually see, as `chaintrace demix` takes it.

    python bench/usual.py [--data FOLDER] [--write]

FOLDER (``CHAINTRACE_DATA`` by default) holds ``tornado/events``. Counted is the year before the Ronin theft, so that
nothing of that campaign is usual.
"""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path

from chaintrace.heuristics.demix.recipient import known_of
from chaintrace.heuristics.demix.usual import FILE, Usual, count, write_usual
from chaintrace.heuristics.tornado.read import read_notes
from chaintrace.model.note import Note

ROOT = Path(__file__).parents[1]
DAYS = ("2021-03-23", "2022-03-23")
ORIGIN = "pool events published with tornadocash.cash-cli (MIT)"


def counted(data: Path) -> dict[tuple[str, str], Usual]:
    """What is usual, by chain and pool, of every pool whose events are all there."""
    since, until = (int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) for day in DAYS)
    by_pool: dict[tuple[str, str], list[Note]] = {}
    every = read_notes(data / "tornado" / "events")
    known = known_of(every)
    for note in every:
        by_pool.setdefault((note.pool.chain, note.pool.address), []).append(note)
    found = {pool: count(notes, known, since, until, DAYS) for pool, notes in by_pool.items()}
    return {pool: one for pool, one in found.items() if one.deposits}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=os.environ.get("CHAINTRACE_DATA"))
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    if asked.data is None:
        parser.error("say where the data are: --data, or CHAINTRACE_DATA")
    text = write_usual(counted(Path(asked.data)), ORIGIN)
    if asked.write:
        (ROOT / "src" / "chaintrace" / "heuristics" / "demix" / FILE).write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
