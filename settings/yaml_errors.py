"""Errors of PyYAML as one line that quotes nothing of the file."""

from __future__ import annotations

import re

import yaml

UNREADABLE = (yaml.YAMLError, ValueError, RecursionError)
"""What PyYAML raises. ValueError: a number or a date that is none, such as `!!int x`, or 2026-02-30 for other
loaders than those of `yaml_text`. RecursionError: lists in lists, a thousand deep, or a list that contains
itself (`&a [*a]`).
"""
_NAMED_BY_THE_FILE = re.compile(r"(alias|anchor|tag handle|the tag) '.*'")


def place_and_problem(error: Exception) -> str:
    """Return `line 3, column 5: found ...` of an UNREADABLE.

    The text of the error itself quotes the line, which may contain a password. A password that begins with *,
    & or ! is an alias, an anchor or a tag to YAML, and the error names these, too.
    """
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if not isinstance(error, yaml.YAMLError):
        return "a value with the tag of a number or a date is none"  # the error quotes the value
    mark, begin = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    problem, named = _NAMED_BY_THE_FILE.subn(r"\1", getattr(error, "problem", None) or "not readable")
    if named:
        problem += "; put a text that begins with *, & or ! in quotes"
    if begin and mark and begin.line != mark.line:
        context = _NAMED_BY_THE_FILE.sub(r"\1", getattr(error, "context", None) or "in the part")
        problem += f" ({context} that begins in line {begin.line + 1})"
    return place + problem
