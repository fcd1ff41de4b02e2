"""Patterns and filters answer as MM2's own classes do. Needs only the toolchain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import strategies as st

from settings.filters import GROUPS_EXCLUDE_DEFAULT, TOPICS_EXCLUDE_DEFAULT
from settings.patterns import fault, literal, matches
from tests.lab.support.mirror_filters import Ask, drawn, hexed

NAMES = (
    *(
        "orders",
        "orders-1",
        "orders-a0",
        "orders.v1",
        "ORDERS",
        "payments.eu",
        "device-heartbeats",
        "a",
        "aa",
    ),
    *(
        "aaa",
        "ab",
        "aab",
        "b",
        "byb",
        "axa",
        "x",
        "xa",
        "x[",
        "^a",
        "a^",
        "-",
        "a-b",
        "a_b",
        "a.b",
        "&",
        "a&b",
        "]",
    ),
    *(
        "a}",
        "1",
        "12",
        "zürich",
        "ß",
        "K",
        "__x",
        "mm2-x.internal",
        "a.replica",
        "connect-s3",
        "console-consumer-1",
    ),
)
"""Of topics, and of groups, whose names may have any character."""


HAND_PICKED = (
    *(
        "orders",
        "orders.*",
        r"orders\.v[0-9]+",
        "(a|b)-.*",
        "(?i:orders)",
        "[^_].*",
        "a{3}",
        r"\w+-\d",
        "a|b",
        "x++",
    ),
    *(
        "^orders$",
        r"^orders\..*",
        r"(orders|payments)\..*",
        "a|",
        "(|a)+",
        "(a|b*)*",
        "(a*)*b",
        "(?>a|ab)b",
        "(a?){2}b",
    ),
    *(
        "[a-c-e]+",
        "[-a]+",
        "[a-]+",
        "[a-z0-9-_]+",
        r"[\^a]+",
        r"[a\^]+",
        r"[\-a]+",
        r"[\]]",
        "[a&b]+",
        "[.]",
        "[{]",
        "[a|b]+",
    ),
    *(
        "(?i:[Z-a])",
        "(?i:k)",
        "(?i:ß)",
        "(?s:.*)",
        "(?i-s:A)",
        "(?=a).*",
        "(?!a).*",
        ".*(?<=b)",
        ".*(?<!b)",
        r"\bab\b",
        r"a\B.*",
    ),
    *(
        "a}",
        "]",
        r"x\[",
        r"\W+",
        r"[\w.]+",
        "[^a-z]+",
        r"[^\d]",
        ".*?b",
        "a??b",
        "a{2}+b",
        "[!-/]+",
        "(?:a|(?:b))+",
        "a$",
        "$a",
        "a^b",
    ),
    *(
        "(a+)+",
        "(a|ab)(c|bcd)?",
        "(?:a+)++b",
        "(ab?)*+",
        "(?:a|ab)++",
        "(?:a|ab)?+b",
        "(?:ab|a)*+b",
        "a{02}",
        "a{0}b",
    ),
)


REFUSED = (
    *(
        "x[a[]",
        "orders-[a-z[0-9]]*",
        r"(a)x\1",
        "a{1,3}",
        "a{2,}",
        "[a-z&&[^b]]",
        "[a[^b]]",
        r"\Qa.b\E",
        r"\p{Alpha}+",
        "(?<n>a)",
    ),
    *(
        "{a",
        "a{x",
        "(?P<n>a)",
        "(?#c)a",
        "[]a]",
        "[a^b]",
        r"\Z",
        r"\h",
        r"\x",
        "a{99999999999}",
        "(?x: a )",
        "(?u:a)",
        r"\01",
    ),
)


pieces = st.sampled_from(
    [
        *(
            "a",
            "b",
            "x",
            "-",
            ".",
            r"\.",
            ".*",
            "[ab]",
            "[^a]",
            "[a-c]",
            "[a-z0-9]",
            r"[\w-]",
            r"\d",
            r"\w",
            r"\W",
            "^",
            "$",
            "|",
        ),
        *(
            "(a|b)",
            "(?:ab)",
            "(a",
            ")",
            "(?i:B)",
            "(?=a)",
            "(?!b)",
            "(?>ab|a)",
            "*",
            "+",
            "?",
            "{2}",
            "++",
            "*?",
            "[",
            "]",
            "{",
            "}",
        ),
        *("&&", "&", r"\\", r"\1", "é", r"\-", "[a[b]]", "[a^]", r"[\^a]", "(?s:.)", r"\b"),
    ]
)


drawn_patterns = st.lists(pieces, min_size=1, max_size=6).map("".join)


drawn_names = st.text("abx-.019_^&[]AÉé", min_size=1, max_size=6)


def lists_of_patterns() -> Iterator[tuple[list[str], list[str]]]:
    """Patterns that settings take, with names: alone, and in a list."""
    for pattern in HAND_PICKED:
        assert fault(pattern) is None, pattern
        yield [pattern], list(NAMES)
        yield ["(b)y", pattern, "x|y"], list(NAMES)
    for patterns, names in drawn(
        3000, st.lists(drawn_patterns, min_size=1, max_size=3), st.lists(drawn_names, max_size=8)
    ):
        usable = [pattern for pattern in patterns if fault(pattern) is None]
        if usable:
            yield list(dict.fromkeys(usable)), [*names, *NAMES]


def line(kind: str, include: Sequence[str], exclude: Sequence[str] | None, names: Sequence[str]) -> str:
    left_out = "-" if exclude is None else hexed(",".join(exclude))
    return " ".join([kind, hexed(",".join(include)), left_out, *map(hexed, names)])


def test_patterns_that_settings_take_match_the_same_names(mirror_filters: Ask) -> None:
    cases = list(lists_of_patterns())
    assert len(cases) > 500
    told = mirror_filters([line("groups", patterns, [], names) for patterns, names in cases])
    for (patterns, names), answer in zip(cases, told, strict=True):
        ours = "".join("01"[matches(patterns, name)] for name in names)
        wrong = [name for name, one, other in zip(names, ours, answer, strict=False) if one != other]
        assert ours == answer, (patterns, wrong)


def test_a_quoted_name_excludes_itself_and_no_other(mirror_filters: Ask) -> None:
    """What a part has moved is excluded by name, whatever characters the name of a group has."""
    strange = ("a, b", " a ", "a\tb", "a\\b", "a{1,3}", "(a|b)*", "[a-z]", "$^", "\U0001f600", "a\nb")
    names = [*NAMES, *strange]
    told = mirror_filters([line("groups", ["(?s:.*)"], [literal(name)], names) for name in names])
    for name, answer in zip(names, told, strict=True):
        left_out = [other for other, one in zip(names, answer, strict=True) if one == "0"]
        assert left_out == [name], literal(name)


@pytest.mark.parametrize("pattern", REFUSED)
def test_other_patterns_are_refused(pattern: str) -> None:
    assert fault(pattern) is not None


def test_javas_union_and_numbering_are_why(mirror_filters: Ask) -> None:
    """Python would read each of these otherwise, or Java not at all."""
    cases = [
        (["x[a[]"], ""),
        ([r"(b)y\1"], "byb"),
        ([r"(a)x\1", r"(b)y\1"], "byb"),
        (["orders-[a-z[0-9]]*"], "orders-a0"),
    ]
    assert mirror_filters([line("topics", patterns, [], [name]) for patterns, name in cases]) == [
        "refused",
        "1",
        "0",
        "1",
    ]


def test_defaults_are_excluded_as_mm2_excludes_them(mirror_filters: Ask) -> None:
    for kind, defaults in (("topics", TOPICS_EXCLUDE_DEFAULT), ("groups", GROUPS_EXCLUDE_DEFAULT)):
        names = [*NAMES, "mm2.internal", "mm2x-internal", "x.replica", "replica", "_x", "connect", "a__x"]
        expected = "".join("01"[not matches(defaults, name)] for name in names)
        assert mirror_filters([line(kind, [".*"], None, names)]) == [expected], kind
