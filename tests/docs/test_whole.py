"""Lists in the documentation are whole: formats, reasons, laws, public names, errors, columns."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import chaintrace as ct
from chaintrace import errors
from chaintrace.fetch.formats import FORMATS
from chaintrace.model.transfer import KINDS, SCHEMA
from chaintrace.taint import question
from chaintrace.taint.reference import METHODS
from tests.docs.blocks import DOCS, ROOT
from tests.laws.table import LAWS

CALLS = {"Bad": 0, "reject": 1, "reject_row": 1, "Rejection": 2}


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    return text.partition(f"## {heading}\n")[2].partition("\n## ")[0]


def first_cells(table: str) -> set[str]:
    return set(re.findall(r"^\| `([^`]+)`", table, re.MULTILINE))


def reasons_in_code() -> set[str]:
    """What the readers give as a reason, where it is written as it stands."""
    found = set()
    for path in Path(ROOT / "src" / "chaintrace" / "fetch").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                place = CALLS.get(called)
                if place is not None and len(node.args) > place:
                    reason = node.args[place]
                    found |= {reason.value} if isinstance(reason, ast.Constant) else set()
    return found - {""}


def test_reading_lists_every_reason() -> None:
    listed = first_cells(section(page("reading.md"), "Reasons for which a row is rejected"))
    assert reasons_in_code() - listed == set()
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src" / "chaintrace").rglob("*.py"))
    gone = {reason for reason in listed if reason not in code}
    assert gone == {"sender not allowed", "receiver not allowed"}, "those two are put together from parts"


def test_reading_lists_every_format_and_its_columns() -> None:
    text = page("reading.md")
    for known in FORMATS:
        about = section(text.replace("### ", "## "), known.name)
        assert about, known.name
        columns = [
            name for need in (*known.needs, *known.uses) for name in ((need,) if isinstance(need, str) else need)
        ]
        assert [name for name in columns if f"`{name}`" not in about] == [], known.name


def test_reference_lists_the_table() -> None:
    assert first_cells(section(page("reference.md"), "The one table")) == set(SCHEMA.names)
    assert first_cells(section(page("reference.md"), "Kinds")) == set(KINDS)


def test_reference_names_what_is_public() -> None:
    text = page("reference.md")
    assert [name for name in ct.__all__ if f"`ct.{name}" not in text] == []
    tables = [name for name, _ in inspect.getmembers(ct.Trace) if not name.startswith("_")]
    assert [name for name in tables if f"`{name}" not in text] == []
    for kind in (ct.TransferGraph, ct.Case, ct.Transfers, ct.Ranking):
        public = [name for name in vars(kind) if not name.startswith("_")]
        assert [name for name in public if f"`{name}" not in text] == [], kind


def test_reference_lists_every_error() -> None:
    kinds = {name for name, kind in vars(errors).items() if inspect.isclass(kind) and issubclass(kind, Exception)}
    assert first_cells(section(page("reference.md"), "Errors")) == kinds


def test_reference_lists_every_bucket() -> None:
    buckets = {*question.BUCKETS, question.SEEDED}
    assert first_cells(section(page("reference.md"), "Buckets")) == buckets


def laws_told(table: str) -> dict[str, set[str]]:
    """For each law, the rows of a table that say "yes" to it; the first line names the laws."""
    lines = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("|")]
    heads, _, *rows = ([cell.strip() for cell in line] for line in lines)
    return {law: {row[0] for row in rows if row[n] == "yes"} for n, law in enumerate(heads) if n}


def test_every_law_is_told() -> None:
    claimed = {
        law: {f"{method} {way}" for method, said in ways for way in ("forward", "backward") if said in (way, "both")}
        for law, ways in LAWS.items()
    }
    assert laws_told(section(page("methods/index.md"), "Laws")) == claimed
    for method in METHODS:
        told = laws_told(section(page(f"methods/{method}.md"), "Laws"))
        ours = {law: {way.split()[1] for way in ways if way.split()[0] == method} for law, ways in claimed.items()}
        assert told == ours, method
