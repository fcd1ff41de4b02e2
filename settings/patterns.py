"""MM2's topic and group patterns: Java regular expressions that this program has to understand as MM2 does.

MM2 joins a list of patterns with `|` and asks for a full match (`MirrorUtils.compilePatternList`, Kafka
4.3.1). Here they are evaluated by Python's `re`; only the syntax that both engines read in the same way is
accepted. `tests/program/test_patterns_are_javas.py` compares both.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Collection, Sequence
from functools import lru_cache

_PYTHON_ONLY = re.compile(r"\(\?[P(#]")
_GLOBAL_FLAGS = re.compile(r"\(\?[a-zA-Z]+(-[a-zA-Z]+)?\)")
_BRACES_WITH_COMMA = re.compile(r"(?<!\\)\{\d*,\d*\}")
_BACK_REFERENCE = re.compile(r"(?:[^\\]|\\\D)*\\\d")

ESCAPED = r"\\[ -/:-@\[-`{-~]"
"""A backslash before a character that is neither letter nor digit: that character."""
_IN_CLASS = rf"(?:[^\[\]\\^&]|&(?!&)|{ESCAPED}|\\[dDwWsS])"
CLASS = rf"\[\^?{_IN_CLASS}+\]"
_GROUP = r"\((?!\?)|\(\?(?::|[is]*(?:-[is]+)?:|=|!|<=|<!|>)"
TOKEN = re.compile(rf"{ESCAPED}|\\[dDwWsSbB]|{CLASS}|{_GROUP}|\{{\d{{1,4}}\}}|[^\\\[({{]")
"""One element of the syntax that Java and Python have in common."""

_JAVA = ("must be a Java regular expression", "Use the syntax of java.util.regex.Pattern")
_PLAINER = "Correct it; replace constructs that only Java has, e.g. \\p{Alpha} by [A-Za-z]"


def fault(pattern: str) -> tuple[str, str] | None:
    """Return the rule that a pattern breaks as (rule, remedy); None if it can be used."""
    if not pattern or pattern != pattern.strip():
        return "must not be empty, nor begin or end with a space", "Remove the space"
    if _BRACES_WITH_COMMA.search(pattern):
        # Strimzi takes one string, Kafka splits it at commas: `a{1,3}` would become two broken patterns.
        return (
            "must not contain braces with a comma: Kafka splits the list of patterns at commas",
            "Write the repetition out: aa?a? for a{1,3}, aaa* for a{2,}",
        )
    if "," in pattern:
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
    if _BACK_REFERENCE.match(pattern):
        return (
            "must not refer to a group by its number: MM2 joins the patterns, which numbers the groups anew",
            "Write the alternatives out: aa|bb for (a|b)\\1",
        )
    if _PYTHON_ONLY.search(pattern):
        return _JAVA
    return _only_one_reads(pattern)


def _only_one_reads(pattern: str) -> tuple[str, str] | None:
    """Find the first element that is not in the common syntax, then ask Python for the rest of the syntax."""
    at = 0
    while at < len(pattern):
        token = TOKEN.match(pattern, at)
        if token is None:
            return _unlike(pattern[at:])
        at = token.end()
    try:
        _compile(pattern)
    except (re.error, Warning) as problem:
        return _not_alike(str(problem))
    return None


def _unlike(rest: str) -> tuple[str, str]:
    if rest.startswith("{"):
        return _JAVA
    if rest.startswith("["):
        rule, _ = _not_alike("a character class that is not closed, or that contains an unescaped [, ^ or &&")
        return rule, "Write one class for all characters: [a-z0-9] for [a-z[0-9]]; escape a literal [ as \\["
    return _not_alike(f"{rest[:3]}")


def _not_alike(what: str) -> tuple[str, str]:
    return f"must be a regular expression that Java and Python read in the same way ({what})", _PLAINER


def literal(name: str) -> str:
    """Return the pattern that matches this name and no other, in Java and in Python.

    Spaces and commas are written as `\\x20`: Kafka splits a list of patterns at commas, and trims each.
    """
    return "".join(map(_quoted, name))


def _quoted(char: str) -> str:
    if char in " ," or ord(char) < 32:
        return f"\\x{ord(char):02X}"
    return char if char.isalnum() or char in "_-" or ord(char) > 127 else f"\\{char}"


def matches(patterns: Sequence[str], name: str) -> bool:
    """Tell whether one of the patterns matches the whole name; no pattern matches nothing
    (DefaultTopicFilter).
    """
    return any(_compile(pattern).fullmatch(name) for pattern in patterns)


def unmatched(patterns: Sequence[str], names: Collection[str]) -> list[str]:
    """Return the patterns that match none of the names."""
    return [pattern for pattern in patterns if not any(matches((pattern,), name) for name in names)]


@lru_cache(maxsize=1024)
def _compile(pattern: str) -> re.Pattern[str]:
    with warnings.catch_warnings():
        # "Possible nested set" and its kin: `[a-z&&[^b]]` means something else in Java.
        warnings.simplefilter("error")
        return re.compile(pattern, re.ASCII)  # Java's \w and \d are ASCII
