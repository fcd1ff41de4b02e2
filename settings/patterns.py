"""MM2's topic and group patterns: Java regular expressions that this program has to understand as MM2 does.

MM2 joins a list of patterns with `|` and asks for a full match (`MirrorUtils.compilePatternList`, Kafka
4.3.1). Here they are evaluated by Python's `re`; only patterns that both engines read in the same way are
accepted.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

_PYTHON_ONLY = re.compile(r"\(\?[P(#]")
_GLOBAL_FLAGS = re.compile(r"\(\?[a-zA-Z]+(-[a-zA-Z]+)?\)")
_BARE_BRACE = re.compile(r"(?<!\\)\{(?!\d+\})")
_PLAIN = re.compile(r"[A-Za-z0-9_\-%:/@ ]")


def fault(pattern: str) -> tuple[str, str] | None:
    """Return the rule that a pattern breaks as (rule, remedy); None if it can be used."""
    if not pattern or pattern != pattern.strip():
        return "must not be empty, nor begin or end with a space", "Remove the space"
    if "," in pattern:
        # Strimzi takes one string, Kafka splits it at commas: `a{1,3}` would become two broken patterns.
        return (
            "must not contain a comma: Kafka splits the list of patterns at commas",
            "Write it as two entries of the list",
        )
    if _GLOBAL_FLAGS.search(pattern):
        # MM2 joins the patterns with `|`, so in Java the flag would reach into the patterns after this one.
        return (
            "must not set flags for the rest of the pattern, because MM2 joins the patterns",
            "Write (?i:...) instead",
        )
    try:
        _compile(pattern)
    except (re.error, Warning) as problem:
        return (
            f"must be a regular expression that Java and Python read in the same way ({problem})",
            "Correct it; replace constructs that only Java has, e.g. \\p{Alpha} by [A-Za-z]",
        )
    if _PYTHON_ONLY.search(pattern) or _BARE_BRACE.search(pattern):
        return "must be a Java regular expression", "Use the syntax of java.util.regex.Pattern"
    return None


def matches(patterns: Sequence[str], name: str) -> bool:
    """Tell whether one of the patterns matches the whole name; no pattern matches nothing
    (DefaultTopicFilter).
    """
    return any(_compile(pattern).fullmatch(name) for pattern in patterns)


@lru_cache(maxsize=1024)
def _compile(pattern: str) -> re.Pattern[str]:
    with warnings.catch_warnings():
        # "Possible nested set" and its kin: `[a-z&&[^b]]` means something else in Java.
        warnings.simplefilter("error")
        return re.compile(pattern, re.ASCII)  # Java's \w and \d are ASCII


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
    that prefix (`orders\\..*` is the prefix `orders.`); all else is `*`. Never narrower than the pattern: a
    topic that MM2 mirrors but may not write fails its task.
    """
    found = dict.fromkeys(_scope(branch) for pattern in patterns for branch in _alternatives(pattern))
    return tuple(scope for scope in found if not any(o != scope and o.covers(scope) for o in found))


def _scope(branch: str) -> Scope:
    literal: list[str] = []
    at = 0
    while at < len(branch):
        char = branch[at]
        if _PLAIN.match(char):
            literal.append(char)
            at += 1
        elif char == "\\" and at + 1 < len(branch) and not branch[at + 1].isalnum():
            literal.append(branch[at + 1])
            at += 2
        else:
            if char in "*?{" and literal:
                literal.pop()  # the quantifier makes the character before it optional
            prefix = "".join(literal)
            return Scope(prefix, "prefix") if prefix else EVERYTHING
    return Scope("".join(literal), "literal")


def _alternatives(pattern: str) -> Iterator[str]:
    """Split a pattern at each `|` outside of groups and character classes."""
    depth, in_class, start, at = 0, False, 0, 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            at += 1
        elif in_class:
            in_class = char != "]"
        elif char == "[":
            in_class = True
            if pattern[at + 1 : at + 2] == "]" or pattern[at + 1 : at + 3] == "^]":
                at += 1 if pattern[at + 1] == "]" else 2  # a `]` in first place is a literal one
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
        elif char == "|" and depth == 0:
            yield pattern[start:at]
            start = at + 1
        at += 1
    yield pattern[start:]
