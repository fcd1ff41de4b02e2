"""Patterns and filters answer as MM2's own classes do. Needs only the toolchain."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from settings.filters import GROUPS_EXCLUDE_DEFAULT, TOPICS_EXCLUDE_DEFAULT
from settings.patterns import fault, literal, matches
from tests.lab.support.mirror_filters import Ask, hexed
from tests.lab.support.patterns_to_try import NAMES, REFUSED, lists_of_patterns


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
