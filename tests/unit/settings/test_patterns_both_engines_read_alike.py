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
        ("a{1,3}", "comma"),
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
