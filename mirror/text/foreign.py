"""Text that others wrote (group ids, client ids, topic configs), made safe for terminals and files.

Kafka restricts the names of topics, but a group id may contain any character: control sequences of a
terminal, Markdown, a formula of a spreadsheet.
"""

from __future__ import annotations

import json
from typing import Any

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_FORMULA = tuple("=+-@\t\r")
"""First characters that make a spreadsheet compute a cell (OWASP, CSV Injection)."""


def printable(text: str, keep: str = "") -> str:
    """Replace characters that a terminal would interpret, and invisible ones (`str.isprintable`); not those
    in `keep`.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in keep else REPLACEMENT for char in text)


def printable_lines(text: str) -> str:
    """Replace them in a text of several lines."""
    return printable(text, keep="\n")


def json_text(value: Any, indent: int | None = None) -> str:
    """Return JSON without unprintable characters: they are written as `\\uXXXX`, so that no value changes."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    if text.isprintable():
        return text
    # Outside its strings JSON has no unprintable character but the line breaks of `indent`.
    return "".join(char if char.isprintable() or char == "\n" else json.dumps(char)[1:-1] for char in text)


def csv_cell(text: str) -> str:
    """Return a cell that no spreadsheet computes: an apostrophe before text that would be a formula.
    `csv_text` is the inverse.
    """
    return f"'{text}" if _is_formula(text.lstrip("'")) else text


def csv_text(cell: str) -> str:
    """Return the text of a cell that `csv_cell` has written."""
    return cell[1:] if cell.startswith("'") and _is_formula(cell.lstrip("'")) else cell


def _is_formula(text: str) -> bool:
    return text.startswith(_FORMULA)
