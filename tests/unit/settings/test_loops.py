"""Circles between mirrors: what MM2 stops itself, what certainly has nothing in common, and all the rest."""

from __future__ import annotations

from typing import Any

import pytest

from settings.loops import Loop, loops, opposite
from settings.overlap import Flow


def flow(source: str, target: str, *topics: str, policy: Any = "identity", **more: Any) -> Flow:
    return Flow(f"{source}-to-{target}", source, target, policy, topics or (".*",), **more)


def default(source: str, target: str, *topics: str, **more: Any) -> Flow:
    return flow(source, target, *topics, policy="default", **more)


def refused(one: Flow, other: Flow) -> Loop:
    loop = opposite(one, other)
    assert loop is not None
    assert opposite(other, one) is not None, "which one is named first makes no difference"
    assert {found.name for found in loop.flows} == {one.name, other.name}
    return loop


def test_default_policy_with_mirrored_aliases_is_what_mm2_stops() -> None:
    assert opposite(default("east", "west"), default("west", "east")) is None


@pytest.mark.parametrize(("source", "target"), [("west2", "east"), ("west", "east2"), ("w", "e")])
def test_default_policy_with_other_aliases_is_not(source: str, target: str) -> None:
    loop = refused(default("east", "west"), default(source, target))
    assert "the aliases differ" in loop.reason
    assert f"{source} -> {target}" in loop.reason


def test_default_policy_with_other_separators_is_not() -> None:
    loop = refused(default("east", "west"), default("west", "east", separator="-"))
    assert "'.' and '-'" in loop.reason


def test_identity_both_ways_is_refused() -> None:
    loop = refused(flow("east", "west"), flow("west", "east"))
    assert loop.topics == "any topic"
    assert "with the identity policy a copy has the same name as its original" in loop.reason
    assert "replication_policy default" in loop.remedy


@pytest.mark.parametrize(
    ("there", "back"),
    [
        (["orders"], ["payments"]),
        (["orders", "returns"], ["payments", r"west\..*"]),
        ([r"east\..*"], [r"west\..*"]),
        (["east-.*"], ["west-(a|b)"]),
        ([r"orders\.eu"], [r"orders\.us"]),
        (["orders-[0-9]+"], ["orders"]),
        (["orders-[0-9]+"], ["orders-new"]),  # a name is asked of the pattern itself
        ([r"mm2-x\.internal"], [".*"]),  # MM2 leaves it out
    ],
)
def test_identity_both_ways_with_disjoint_topics_is_fine(there: list[str], back: list[str]) -> None:
    assert opposite(flow("east", "west", *there), flow("west", "east", *back)) is None


@pytest.mark.parametrize(
    ("there", "back", "told"),
    [
        (["orders"], ["orders"], "topic 'orders'"),
        (["orders"], ["order.*"], "topic 'orders'"),
        ([r"east\..*"], [r"east\.eu\..*"], "topics that begin with 'east.eu.'"),
        ([".*"], [r"west\..*"], "topics that begin with 'west.'"),
        (["[a-m].*"], ["[n-z].*"], "any topic"),  # disjoint, but beyond names and prefixes
        (["(?i:orders)"], ["orders"], "topic 'orders'"),
    ],
)
def test_identity_both_ways_is_refused_unless_that_is_certain(
    there: list[str], back: list[str], told: str
) -> None:
    assert refused(flow("east", "west", *there), flow("west", "east", *back)).topics == told


@pytest.mark.parametrize("exclude", [r"eu\..*", "eu.*", ".*"])
@pytest.mark.parametrize("wide", [("east", "west"), ("west", "east")])
def test_exclusions_keep_topics_apart(exclude: str, wide: tuple[str, str]) -> None:
    one = flow(*wide, topics_exclude=(exclude,))
    assert opposite(one, flow(*reversed(wide), r"eu\..*")) is None


@pytest.mark.parametrize("exclude", [r"west\.eu\..*", r"west\.[a-z]*", r"west\.", r"west\.|x.*", "xwest.*"])
def test_exclusions_that_leave_something_do_not(exclude: str) -> None:
    one = flow("east", "west", topics_exclude=(exclude,))
    assert opposite(one, flow("west", "east", r"west\..*")) is not None


def test_topics_that_identity_renames_are_not_forgotten() -> None:
    """IdentityReplicationPolicy puts the alias before names that end with `heartbeats`."""
    assert refused(flow("east", "west", "o.*"), flow("west", "x", r"east\..*")).topics.endswith("'east.o'")


@pytest.mark.parametrize("identity_first", [True, False])
def test_mixed_policies_are_refused(identity_first: bool) -> None:
    one, other = (flow, default) if identity_first else (default, flow)
    assert (
        "keeps names and another one prefixes" in refused(one("east", "west"), other("west", "east")).reason
    )


def test_mixed_policies_with_disjoint_topics_are_fine() -> None:
    assert opposite(default("east", "west", "orders"), flow("west", "east", "payments")) is None


def test_records_that_only_come_back_once_are_refused_too() -> None:
    assert refused(default("east", "west", "orders"), flow("west", "east", r"east\..*"))


def test_one_way_is_no_loop() -> None:
    assert loops([flow("east", "west"), flow("west", "north"), flow("east", "north")]) == ()


def test_loops_finds_opposites() -> None:
    (loop,) = loops([flow("east", "west"), flow("east", "north"), flow("west", "east")])
    assert [found.name for found in loop.flows] == ["east-to-west", "west-to-east"]


def test_a_ring_of_identity_is_refused_once() -> None:
    ring = [flow("a", "b"), flow("b", "c"), flow("c", "a"), flow("a", "d")]
    (loop,) = loops(ring)
    assert {found.name for found in loop.flows} == {"a-to-b", "b-to-c", "c-to-a"}


def test_a_ring_of_identity_is_broken_by_one_disjoint_link() -> None:
    assert loops([flow("a", "b", "x"), flow("b", "c"), flow("c", "a", "y")]) == ()


def test_a_ring_of_the_default_policy_is_stopped_by_mm2() -> None:
    assert loops([default("a", "b"), default("b", "c"), default("c", "a")]) == ()


def test_every_region_to_every_other_with_the_default_policy_is_fine() -> None:
    regions = "abcdefghij"
    assert loops([default(one, other) for one in regions for other in regions if one != other]) == ()


def test_a_ring_with_one_wrong_alias_is_refused() -> None:
    ring = [default("a", "b"), default("b2", "c", source_cluster="b"), default("c", "a")]
    (loop,) = loops(ring)
    assert "the aliases differ" in loop.reason


def test_a_ring_with_one_identity_is_refused() -> None:
    (loop,) = loops([default("a", "b"), flow("b", "c"), default("c", "a")])
    assert "keeps names and another one prefixes" in loop.reason


def test_clusters_count_not_aliases() -> None:
    one = flow("east", "west", source_cluster="1", target_cluster="2")
    assert loops([one, flow("w", "e", source_cluster="2", target_cluster="1")])
    assert not loops([one, flow("west", "east", source_cluster="3", target_cluster="1")])
