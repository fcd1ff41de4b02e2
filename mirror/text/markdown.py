"""GitHub-flavoured Markdown in which text that others wrote stays text.

Messages mix our own words, with commands in backticks, and names from both clusters. So code spans remain
code spans, in which nothing is interpreted, and everything else is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from mirror.text.foreign import printable
from settings.markdown import table_row

# CommonMark 0.31, section 6.1: a code span ends with as many backticks as it begins with.
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
# Forges search the text for these after Markdown, so an escape does not help, but a code span does: a
# mention, which notifies a person, a bare address, which becomes a link, and a reference (GitHub: #1, GH-1;
# GitLab: !1, $1, %1, &1, ~label), which also shows on the page that it names.
_MENTION = re.compile(r"\S*(?:@|://|www\.|[#!$%&][0-9]|GH-[0-9]|~[^\W_])\S*", re.IGNORECASE)
# An underscore inside a word is no emphasis (GitHub Flavored Markdown), and > quotes only at the start.
_SPECIAL = re.compile(r"[\\`*\[\]<&#~|]|(?<![^\W_])_|_(?![^\W_])|^>")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}


def prose(text: str) -> str:
    """Return a message as one line of Markdown, also as a cell of a table. Its code spans remain."""
    line = _one_line(text)
    parts, position = [], 0
    for found in _CODE.finditer(line):
        parts += [_plain(line[position : found.start()]), code(found[2])]
        position = found.end()
    return "".join([*parts, _plain(line[position:])])


def code(text: str) -> str:
    """Return a name as a code span, also as a cell of a table: there a pipe is escaped in code, too."""
    line = _one_line(text)
    longest = max(map(len, re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    # One space at both ends is no part of the code; without it, a backtick of the name would end the fence.
    space = " " if line[:1] in ("`", " ") or line[-1:] in ("`", " ") or not line else ""
    return f"{fence}{space}{line}{space}{fence}".replace("|", "\\|")


def prose_table(columns: Collection[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """Return the lines of a table, whose cells are prose, and an empty line after it."""
    head = [table_row(columns), table_row(["---"] * len(columns))]
    return [*head, *(table_row(map(prose, row)) for row in rows), ""]


def _one_line(text: str) -> str:
    return printable(re.sub(r"[\r\n]+", " ", text))


def _plain(text: str) -> str:
    parts, position = [], 0
    for found in _MENTION.finditer(text):
        parts += [_escaped(text[position : found.start()]), code(found[0])]
        position = found.end()
    return "".join([*parts, _escaped(text[position:])])


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda found: _ENTITIES.get(found[0], f"\\{found[0]}"), text)
