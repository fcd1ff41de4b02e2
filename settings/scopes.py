"""The ACL scopes of patterns: names, prefixes, or all names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from settings.patterns import TOKEN

_PLAIN = re.compile(r"[A-Za-z0-9_\-%:/@ ]")
_QUANTIFIER = re.compile(r"[*+?{]")
_MOST = 64
"""Alternatives at the head of a pattern that are expanded; each becomes an ACL."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The resources of one ACL: a literal name, all names with a prefix, or `*` (literal) for all."""

    name: str
    pattern_type: Literal["literal", "prefix"]

    def covers(self, other: Scope) -> bool:
        """Tell whether this scope contains every resource of the other one."""
        if self in (EVERYTHING, other):
            return True
        return self.pattern_type == "prefix" and other != EVERYTHING and other.name.startswith(self.name)


EVERYTHING = Scope("*", "literal")


def scopes(patterns: Sequence[str]) -> tuple[Scope, ...]:
    """Find the narrowest ACL scopes that hold everything the patterns can match.

    A pattern without any regular expression is its literal name; one that begins with literal characters is
    that prefix (`orders\\..*` is the prefix `orders.`); all else is `*`. `^` and `$` at the ends change
    nothing, because MM2 asks for a full match; alternatives at the head (`(orders|payments)\\..*`) are
    expanded. Never narrower than the pattern: a topic that MM2 mirrors but may not write fails its task.
    """
    return _widest(_scope(branch) for pattern in patterns for branch in _branches(pattern))


def scopes_ending_with(patterns: Sequence[str], ending: str) -> tuple[Scope, ...]:
    """Find scopes that hold every name which the patterns can match and which has the ending."""
    found = [branch for pattern in patterns for branch in _branches(pattern) if _may_end(branch, ending)]
    return _widest(_scope(branch) for branch in found)


def literal_names(pattern: str) -> tuple[str, ...]:
    """Return the names that a pattern lists; none if it can match any other name too."""
    found = [_scope(branch) for branch in _branches(pattern)]
    listed = all(scope.pattern_type == "literal" and scope != EVERYTHING for scope in found)
    return tuple(scope.name for scope in found) if listed else ()


def _widest(found: Iterable[Scope]) -> tuple[Scope, ...]:
    """Leave out scopes that another one covers. No name is empty, so no ACL is for the empty name."""
    distinct = dict.fromkeys(scope for scope in found if scope.name)
    return tuple(one for one in distinct if not any(o != one and o.covers(one) for o in distinct))


def _branches(pattern: str) -> list[list[str]]:
    """Split a pattern into alternatives, each a list of tokens: at each `|` outside of groups, and a group
    of alternatives at the head. Their union matches what the pattern matches.
    """
    parts = [part[0] for part in TOKEN.finditer(pattern)]
    if "".join(parts) != pattern:
        return [[pattern]]  # of a deployed mirror, with syntax that only Java reads
    found = _split(parts)
    while True:
        more = [one for branch in found for one in _expanded(branch)]
        if more == found or len(more) > _MOST:
            return found
        found = more


def _expanded(branch: list[str]) -> list[list[str]]:
    """Expand a group at the head; without one, return the branch without `^` at its head."""
    if branch[:1] == ["^"]:
        return _expanded(branch[1:])
    if not branch or branch[0] not in ("(", "(?:"):
        return [branch]
    depth = 0
    for at, part in enumerate(branch):
        depth += part.startswith("(") - (part == ")")
        if depth == 0:
            rest = branch[at + 1 :]
            if rest and _QUANTIFIER.match(rest[0]):
                return [branch]
            return [[*one, *rest] for one in _split(branch[1:at])]
    return [branch]


def _split(tokens: list[str]) -> list[list[str]]:
    found: list[list[str]] = [[]]
    depth = 0
    for part in tokens:
        depth += part.startswith("(") - (part == ")")
        if part == "|" and depth == 0:
            found.append([])
        else:
            found[-1].append(part)
    return found


def _scope(branch: list[str]) -> Scope:
    literal: list[str] = []
    for at, part in enumerate(branch):
        char = _character(part)
        if char is not None:
            literal.append(char)
        elif part == "$" and at + 1 == len(branch):
            break
        else:
            if part[0] in "*?{" and literal:
                literal.pop()  # the quantifier makes the character before it optional
            prefix = "".join(literal)
            return Scope(prefix, "prefix") if prefix else EVERYTHING
    return Scope("".join(literal), "literal")


def _character(part: str) -> str | None:
    """Return the one character that a part matches; None for other tokens."""
    if len(part) == 2 and part[0] == "\\" and not part[1].isalnum():
        return part[1]
    return part if _PLAIN.fullmatch(part) else None


def _may_end(branch: list[str], ending: str) -> bool:
    """Tell whether a name that the branch matches can have the ending. The answer "no" is certain."""
    end = branch[:-1] if branch[-1:] == ["$"] else branch
    tail = ""
    for part in reversed(end):
        char = _character(part)
        if char is None:
            return tail.endswith(ending) or ending.endswith(tail)
        tail = char + tail
    return tail.endswith(ending)
