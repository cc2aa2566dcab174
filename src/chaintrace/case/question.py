"""Question: a case.toml written from what a caller asks."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from chaintrace.case.folder import QUESTION
from chaintrace.errors import CannotWrite, CaseError, SeedError
from chaintrace.labels.label import Label, labels_text
from chaintrace.taint.seeds import AddressSince, Rows, Seed, Theft


def write_question(
    path: Path,
    seeds: Seed | Sequence[Seed],
    *,
    title: str = "",
    stop_at: Iterable[Label] = (),
    fetch: dict[str, Any] | None = None,
) -> list[Path]:
    """Writes ``case.toml``, and ``labels.csv`` where there are stops, into a new folder; the files written.

    CaseError if the folder has a case already, SeedError for seeds that cannot be fetched (row numbers), CannotWrite.
    """
    seeds = [seeds] if isinstance(seeds, Theft | AddressSince | Rows) else list(seeds)
    if not seeds:
        raise SeedError("(none)", "a case needs at least one seed", "use ct.theft(tx=…) or ct.address(…)")
    stops = sorted(set(stop_at), key=lambda one: (one.address, one.category, one.source, one.name))
    told = [f"name = {_text(path.name)}", f"title = {_text(title or path.name)}", 'question = "Where is the money?"']
    if stops:
        categories = ", ".join(_text(one) for one in sorted({one.category for one in stops}))
        told += ['labels = "labels.csv"', f"stop_categories = [{categories}]"]
    told += ["", "[fetch]", *(f"{name} = {_value(value)}" for name, value in (fetch or {}).items())]
    for seed in seeds:
        told += ["", "[[seeds]]", *_seed(seed)]
    text = "\n".join(told) + "\n"
    tomllib.loads(text)
    if (path / QUESTION).exists():
        raise CaseError(path.name, "is there already", "open it with ct.Case.open, or choose another folder")
    files = {"labels.csv": labels_text(stops), QUESTION: text} if stops else {QUESTION: text}
    try:
        path.mkdir(parents=True, exist_ok=True)
        for name, written in files.items():
            (path / name).write_text(written, encoding="utf-8", newline="")
    except OSError as error:
        raise CannotWrite(str(path), f"the case cannot be written: {error.strerror}", "check the folder") from None
    return [path / name for name in files]


def _seed(seed: Seed) -> list[str]:
    if isinstance(seed, Theft):
        said: dict[str, Any] = {"theft": seed.tx, "victim": seed.victim}
    elif isinstance(seed, AddressSince):
        since = seed.since.isoformat() if isinstance(seed.since, datetime) else seed.since
        said = {"address": seed.address, "since": since, "asset": seed.asset}
    else:
        refs = [list(ref) if isinstance(ref, tuple) else ref for ref in seed.refs]
        if any(isinstance(ref, int) for ref in refs):
            raise SeedError(seed.name, "row numbers name nothing before rows are there", "name transactions")
        return [f"rows = {json.dumps(refs)}"]
    return [f"{name} = {_value(value)}" for name, value in said.items() if value is not None]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_value, value))}]"
    return str(value) if isinstance(value, int) else _text(str(value))


def _text(text: str) -> str:
    """A basic string of TOML: JSON's, with DEL escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
