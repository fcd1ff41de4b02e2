"""The ACL scopes of patterns: as narrow as can be told, and never narrower than what is mirrored."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings.patterns import EVERYTHING, Scope, fault, matches, scopes


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
        (["(a|b)c"], {EVERYTHING}),
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
    ["a", "b", "-", r"\.", ".", ".*", "a?", "b*", "a+", "[ab]", "(a|b)", "|", "(?:ab)?", "a{2}", r"\d"]
)


@given(
    st.lists(st.lists(pieces, min_size=1, max_size=5).map("".join), min_size=1, max_size=3),
    st.text("ab-.1", max_size=6),
)
def test_whatever_matches_lies_in_a_scope(patterns: list[str], name: str) -> None:
    usable = [pattern for pattern in patterns if fault(pattern) is None]
    if name and matches(usable, name):
        assert any(holds(scope, name) for scope in scopes(usable)), (usable, name)


def holds(scope: Scope, name: str) -> bool:
    """Tell whether Kafka's authorizer would find the name in the scope."""
    if scope == EVERYTHING:
        return True
    return name.startswith(scope.name) if scope.pattern_type == "prefix" else name == scope.name


def test_a_literal_scope_is_no_regular_expression() -> None:
    for scope in scopes([r"a\.b", r"c\-d"]):
        assert re.fullmatch(r"[a-d.\-]+", scope.name)
