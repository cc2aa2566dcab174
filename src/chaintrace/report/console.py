"""Where text goes: results to stdout, progress to stderr."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType

PLAIN_WIDTH = 150
PATIENCE_SECONDS = 1


def render(view: RenderableType) -> str:
    """A view as text: as wide as the terminal, or 150 columns and without colours where there is none."""
    terminal = sys.stdout.isatty()
    console = Console(width=None if terminal else PLAIN_WIDTH, force_terminal=terminal, highlight=False)
    with console.capture() as captured:
        console.print(view)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


@contextmanager
def progress(doing: str) -> Iterator[Callable[[int, int], None]]:
    """Says on stderr what is being done once it takes longer than a second; on a terminal also how much of it is done,
    if what is yielded is told."""
    console = Console(stderr=True)
    status = console.status(f"{doing} …")
    begin = status.start if console.is_terminal else lambda: console.print(f"{doing} …")
    timer = threading.Timer(PATIENCE_SECONDS, begin)
    timer.daemon = True
    timer.start()

    def tell(done: int, whole: int) -> None:
        if console.is_terminal:
            status.update(f"{doing}: {done:,} of {whole:,} …")

    try:
        yield tell
    finally:
        timer.cancel()
        timer.join()
        status.stop()
