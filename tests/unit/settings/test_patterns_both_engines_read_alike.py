"""Patterns are Java's: what Python would read differently is refused, and matching is MM2's."""

from __future__ import annotations

import pytest

from settings.patterns import fault, matches


@pytest.mark.parametrize(
    "pattern",
    [
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
        "[a-z0-9-_]+",
        r"[\[{]",
        r"a\\1",
        "a&b",
    ],
)
def test_what_both_read_alike_is_taken(pattern: str) -> None:
    assert fault(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "rule"),
    [
        ("", "empty"),
        (" orders", "space"),
        ("orders ", "space"),
        ("a{1,3}", "braces with a comma"),
        ("a{2,}", "braces with a comma"),
        ("a,b", "comma"),
        ("(?i)orders", "set flags for the rest"),
        ("(?i-s)orders", "set flags for the rest"),
        ("(orders", "Java and Python read in the same way"),
        ("[a-z", "Java and Python read in the same way"),
        ("*", "Java and Python read in the same way"),
        (r"\p{Alpha}+", "Java and Python read in the same way"),
        (r"\Qa.b\E", "Java and Python read in the same way"),
        ("[a-z&&[^b]]", "Java and Python read in the same way"),
        ("(?<name>a)", "Java and Python read in the same way"),
        ("(?P<name>a)", "Java regular expression"),
        ("(?#comment)a", "Java regular expression"),
        ("a{x", "Java regular expression"),
        ("orders-[a-z[0-9]]*", "unescaped ["),  # a union in Java
        ("x[a[]", "unescaped ["),  # a PatternSyntaxException in Java
        (r"(a)x\1", "refer to a group by its number"),
        (r"(a)\\\\\1", "refer to a group by its number"),
        ("[a^b]", "unescaped ["),
        ("[]a]", "unescaped ["),
        (r"\h", "Java and Python read in the same way"),
        (r"\Z", "Java and Python read in the same way"),
    ],
)
def test_what_they_read_differently_is_refused(pattern: str, rule: str) -> None:
    found = fault(pattern)
    assert found is not None
    assert rule in found[0]
    assert found[1]


def test_a_pattern_has_to_match_the_whole_name() -> None:
    assert matches(["orders"], "orders")
    assert not matches(["orders"], "orders-v2")
    assert not matches(["orders"], "my-orders")


def test_no_pattern_matches_nothing() -> None:
    assert not matches([], "orders")


def test_digits_are_those_of_java() -> None:
    assert not matches([r"\d"], "\N{ARABIC-INDIC DIGIT ONE}")


@pytest.mark.parametrize(
    ("pattern", "remedy"),
    [
        ("a{1,3}", "Write the repetition out: aa?a? for a{1,3}, aaa* for a{2,}"),
        ("orders.*,payments.*", "Write it as two entries of the list"),
        (r"(a|b)\1", r"Write the alternatives out: aa|bb for (a|b)\1"),
        (
            "[a-z[0-9]]",
            "Write one class for all characters: [a-z0-9] for [a-z[0-9]]; escape a literal [ as \\[",
        ),
    ],
)
def test_the_remedy_is_a_way_out(pattern: str, remedy: str) -> None:
    found = fault(pattern)
    assert found is not None
    assert found[1] == remedy
