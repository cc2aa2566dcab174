"""Text of strangers made harmless, one escaper a sink."""

from __future__ import annotations

import unicodedata

from rich.text import Text

LINE_BREAKS = "\n\t"


def plain(text: str, style: str = "") -> Text:
    """Text for a terminal that stays text: markup is not read, and what could steer the terminal or reorder the line
    (control, format and bidirectional characters, Unicode categories Cc and Cf) is shown as its code point."""
    shown = "".join(
        one if one in LINE_BREAKS or unicodedata.category(one) not in ("Cc", "Cf") else _code(one) for one in text
    )
    return Text(shown.strip(), style=style)


FORMULA_LEADS = ("=", "+", "-", "@", "\t", "\r", "\0")


def cell(text: str) -> str:
    """Text for a cell of a table that a spreadsheet may open: what could be a formula gets an apostrophe before it
    (CWE-1236), and no character of it steers or reorders (as ``plain``, line breaks included)."""
    shown = "".join(one if unicodedata.category(one) not in ("Cc", "Cf") else _code(one) for one in text)
    return f"'{shown}" if text.lstrip(" ").startswith(FORMULA_LEADS) else shown


def _code(one: str) -> str:
    return f"\\u{ord(one):04x}"
