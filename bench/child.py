"""Runs measure.py in a fresh process and listens to it, within limits of time and memory."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from peers import PEERS

MEASURE = Path(__file__).with_name("measure.py")
SILENCE = 900.0  # seconds that what is not measured may take: imports, comparing answers
MEMORY = 0.8  # of the machine's


def listen(spec: dict[str, Any], limit: float) -> Iterator[dict[str, Any]]:
    """What the child says; last ``{"failed": name, "why": …}`` if it did not come to its end."""
    environment = os.environ | {"CHAINTRACE_KERNEL": PEERS[spec["peer"]][1] or "auto", "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, str(MEASURE), json.dumps(spec)]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace"
    ) as child:
        try:
            yield from _heard(child, limit)
        finally:
            child.kill()  # nothing goes on alone when whoever listens stops


def _heard(child: Any, limit: float) -> Iterator[dict[str, Any]]:
    heard, complaints = _lines(child.stdout), _lines(child.stderr)
    name, until, why = "", time.monotonic() + SILENCE, ""
    while not why:
        try:
            line = heard.get(timeout=0.2)
        except queue.Empty:
            why = _late(until, name, limit) or _large(child.pid)
            continue
        if line is None:
            break
        word = json.loads(line)
        name = word.get("begin", "")
        until = time.monotonic() + (limit if name else SILENCE)
        yield word
    if why:
        child.kill()
    if child.wait() or why:
        last = [text for text in iter(complaints.get, None) if text.strip()][-2:]
        yield {"failed": name, "why": why or " ".join("".join(last).split())[:240] or f"exit status {child.returncode}"}


def _lines(stream: Any) -> queue.Queue[str | None]:
    found: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        for line in stream:
            found.put(line)
        found.put(None)

    threading.Thread(target=read, daemon=True).start()
    return found


def _late(until: float, name: str, limit: float) -> str:
    return f"> {limit:.0f} s" if time.monotonic() > until and name else "no word" if time.monotonic() > until else ""


def _large(pid: int) -> str:
    most = os.sysconf("SC_PHYS_PAGES") * MEMORY
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError):
        return ""
    return f"> {most * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB" if pages > most else ""
