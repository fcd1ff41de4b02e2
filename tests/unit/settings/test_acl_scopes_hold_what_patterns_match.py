"""The ACL scopes of patterns: as narrow as can be told, and never narrower than what is mirrored."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings.patterns import fault, matches
from settings.scopes import EVERYTHING, Scope, literal_names, scopes, scopes_ending_with


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["orders"], {Scope("orders", "literal")}),
        (["orders", "payments"], {Scope("orders", "literal"), Scope("payments", "literal")}),
        (["orders.*"], {Scope("orders", "prefix")}),
        ([r"orders\..*"], {Scope("orders.", "prefix")}),
        ([r"orders\.v1"], {Scope("orders.v1", "literal")}),
        (["orders.v1"], {Scope("orders", "prefix")}),  # the dot is any character
        (["orders?"], {Scope("order", "prefix")}),
        (["orders*"], {Scope("order", "prefix")}),
        (["ab{3}"], {Scope("a", "prefix")}),
        (["a|b.*"], {Scope("a", "literal"), Scope("b", "prefix")}),
        (["[a|b]"], {EVERYTHING}),
        (["(a|b)c"], {Scope("ac", "literal"), Scope("bc", "literal")}),
        ([r"(orders|payments)\..*"], {Scope("orders.", "prefix"), Scope("payments.", "prefix")}),
        (["((a|b)|c)d"], {Scope("ad", "literal"), Scope("bd", "literal"), Scope("cd", "literal")}),
        (["(?:a|)b.*"], {Scope("ab", "prefix"), Scope("b", "prefix")}),
        (["(a|b)?c"], {EVERYTHING}),
        (["(?i:a|b)c"], {EVERYTHING}),  # A and B too
        ([r"^orders\..*"], {Scope("orders.", "prefix")}),
        (["^orders$"], {Scope("orders", "literal")}),
        (["(^a|b)$"], {Scope("a", "literal"), Scope("b", "literal")}),
        ([r"orders\.$"], {Scope("orders.", "literal")}),
        (["a$b"], {Scope("a", "prefix")}),
        (["^$"], set()),  # no name is empty
        ([".*"], {EVERYTHING}),
        (["orders", ".*"], {EVERYTHING}),
        (["orders-eu", "orders-.*"], {Scope("orders-", "prefix")}),
        ([r"\d+"], {EVERYTHING}),
        (["x?"], {EVERYTHING}),
    ],
)
def test_the_scope_of(patterns: list[str], expected: set[Scope]) -> None:
    assert set(scopes(patterns)) == expected


pieces = st.sampled_from(
    [
        *("a", "b", "-", r"\.", ".", ".*", "a?", "b*", "a+", "[ab]", "(a|b)", "|", "(?:ab)?", "a{2}", r"\d"),
        *("^", "$", "(", "(?:", ")", "(?i:b)", "?", "(|a)", "(a|b.*)"),
    ]
)
usable = st.lists(pieces, min_size=1, max_size=5).map("".join).filter(lambda pattern: fault(pattern) is None)
# All short names: a random name matches random patterns in one of ten cases, and has an ending in fewer.
NAMES = ["".join(letters) for length in range(1, 5) for letters in product("ab-.1", repeat=length)]


@given(st.lists(usable, min_size=1, max_size=3))
def test_whatever_matches_lies_in_a_scope(patterns: list[str]) -> None:
    found = scopes(patterns)
    for name in NAMES:
        if matches(patterns, name):
            assert any(holds(scope, name) for scope in found), name


def holds(scope: Scope, name: str) -> bool:
    """Tell whether Kafka's authorizer would find the name in the scope."""
    if scope == EVERYTHING:
        return True
    return name.startswith(scope.name) if scope.pattern_type == "prefix" else name == scope.name


def test_a_literal_scope_is_no_regular_expression() -> None:
    assert sorted(scope.name for scope in scopes([r"a\.b", r"c\-d"])) == ["a.b", "c-d"]


@given(usable)
def test_listed_names_are_all_that_match(pattern: str) -> None:
    names = literal_names(pattern)
    assert not names or {one for one in NAMES if matches([pattern], one)} <= set(names)
    assert all(matches([pattern], one) for one in names)


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["orders", "device-heartbeats"], {Scope("device-heartbeats", "literal")}),
        (["device-.*"], {Scope("device-", "prefix")}),
        (["device-[0-9]"], {Scope("device-", "prefix")}),  # cannot be told
        ([".*beats"], {EVERYTHING}),
        ([r"orders-\d-dlq", "payments.*-dlq$"], set()),
        (["a|b.*"], {Scope("b", "prefix")}),
    ],
)
def test_scopes_of_the_names_with_an_ending(patterns: list[str], expected: set[Scope]) -> None:
    assert set(scopes_ending_with(patterns, "heartbeats")) == expected


@given(st.lists(usable, min_size=1, max_size=3))
def test_names_with_an_ending_lie_in_a_scope(patterns: list[str]) -> None:
    matching = [name for name in NAMES if matches(patterns, name)]
    for ending in ("a", "b", "ab", "ba", "bb"):
        found = scopes_ending_with(patterns, ending)
        for name in matching:
            if name.endswith(ending):
                assert any(holds(scope, name) for scope in found), (name, ending)
