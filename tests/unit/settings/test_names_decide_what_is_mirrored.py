"""Names that MM2 mirrors, never translates or takes for copies, and patterns that stand for one name."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from settings.filters import (
    TOPIC_CONFIGS_EXCLUDE_DEFAULT,
    mirrored,
    never_translated,
    topic_config_excludes,
    topic_patterns,
)
from settings.loops import loops
from settings.overlap import both_write, flows_on, written_within
from settings.patterns import fault, literal
from settings.scopes import EVERYTHING, Scope
from tests.unit.settings.test_loops import default, flow
from tests.unit.support.made_up import settings


def test_heartbeats_are_mirrored_where_they_are_written_and_named_once() -> None:
    def patterns(*topics: str, seconds: int) -> tuple[str, ...]:
        mirror = settings().mirror
        return topic_patterns(replace(mirror, topics=topics, heartbeats_interval_seconds=seconds))

    assert patterns("orders", seconds=10) == ("orders", "heartbeats")
    assert patterns("orders", seconds=0) == ("orders",)
    assert patterns("heart.*", seconds=10) == ("heart.*",)


def test_configurations_that_are_not_copied_are_listed_once() -> None:
    own = settings(topic_configs_exclude=["retention.ms", "min.insync.replicas"]).mirror
    assert topic_config_excludes(own) == (*TOPIC_CONFIGS_EXCLUDE_DEFAULT, "retention.ms")


def test_a_topic_that_came_from_the_target_is_no_topic_of_the_mirror() -> None:
    given = settings(replication_policy="default", topics=[".*"])
    assert mirrored(given, "orders")
    assert mirrored(given, "east.orders"), "of this alias, but not of the target"
    for topic in ("west.orders", "north.west.orders"):
        assert not mirrored(given, topic)
    kept = settings(topics=[".*"])
    assert mirrored(kept, "west.orders"), "a name like any other"
    assert not mirrored(kept, "west.heartbeats")
    assert not mirrored(given, "orders", replace(given.mirror, topics=("payments",)))


def test_groups_that_mm2_leaves_out_for_their_names_only() -> None:
    mirror = replace(settings(groups=[".*-s3"]).mirror, groups_exclude=(".*-old-s3",))
    names = [
        "connect-b-s3",
        "connect-a-s3",
        "connect-old-s3",
        "connect-other",
        "b-s3",
        "__own",
        "console-consumer-s3",
    ]
    assert never_translated(mirror, names) == ["connect-b-s3", "connect-a-s3"]
    moved = settings(groups=[".*-s3"], moved={"topics": ["orders"], "groups": ["connect-a-s3"]}).mirror
    assert never_translated(moved, names) == ["connect-b-s3", "connect-old-s3"]


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("orders", "orders"),
        ("orders.eu", r"orders\.eu"),
        ("a_b-c", "a_b-c"),
        ("a b,c", r"a\x20b\x2Cc"),
        ("a\tb", r"a\x09b"),
        ("a\x1fb", r"a\x1Fb"),
        ("a!b", r"a\!b"),
        ("größe", "größe"),
        ("a\x80b", "a\x80b"),
        ("[x]*", r"\[x\]\*"),
    ],
)
def test_a_literal_pattern_matches_its_name_and_no_other(name: str, pattern: str) -> None:
    assert literal(name) == pattern
    assert re.fullmatch(pattern, name)
    assert not re.fullmatch(pattern, f"{name}x")


def test_what_the_engines_read_differently_is_quoted() -> None:
    found = fault("orders(?<name>x)")
    assert found is not None
    assert "(?<n" not in found[0]
    assert found[0].endswith("((?<)")
    assert fault("a{x}b") is not None
    repeated = fault("a**")
    assert repeated is not None
    assert "multiple repeat" in repeated[0]


def test_two_mirrors_that_write_the_same_name_are_found() -> None:
    one, other = flow("east", "west", "orders", "bills"), flow("north", "west", "payments", "orders")
    assert both_write(one, other) == "topic 'orders'"
    assert both_write(one, flow("north", "west", "payments")) is None
    assert both_write(one, flow("north", "west", "pay.*", "ord.*")) == "topic 'orders'"
    assert both_write(flow("east", "west", r"ord\..*"), flow("north", "west", "ord.*")) == (
        "topics that begin with 'ord.'"
    )
    assert both_write(flow("east", "west"), flow("north", "west")) == "any topic"
    left_out = flow("north", "west", "ord.*", topics_exclude=("orders",))
    assert both_write(one, left_out) is None
    assert both_write(left_out, one) is None


def test_copies_with_prefixes_are_of_one_mirror_each() -> None:
    one = default("east", "west")
    assert both_write(one, default("north", "west")) is None
    assert both_write(one, default("east", "west", "orders")) == "topic 'east.orders'"
    assert both_write(one, flow("north", "west", r"east\.orders")) == "topic 'east.orders'"
    assert both_write(one, flow("north", "west", r"east\..*")) == "topics that begin with 'east.'"
    assert not one.makes("orders"), "it is no copy"
    assert not one.makes("east.west.orders"), "MM2 mirrors nothing back"
    assert one.makes("east.orders")


def test_what_a_mirror_writes_within_a_scope_is_never_wider() -> None:
    one = flow("east", "west", "orders", "ord.*", r"pay\..*")
    assert written_within(one, Scope("orders", "literal")) == (Scope("orders", "literal"),)
    assert written_within(one, Scope("bills", "literal")) == ()
    assert written_within(one, Scope("pay", "prefix")) == (Scope("pay.", "prefix"),)
    assert written_within(one, EVERYTHING) == (Scope("ord", "prefix"), Scope("pay.", "prefix"))
    excluded = flow("east", "west", "orders", "bills", topics_exclude=("bill.*x", "orders"))
    assert written_within(excluded, EVERYTHING) == (Scope("bills", "literal"),)
    internal = flow("east", "west", "__own", "bills")
    assert written_within(internal, EVERYTHING) == (Scope("bills", "literal"),), "MM2 mirrors no other"


def test_exclusions_count_as_far_as_they_are_names_and_prefixes() -> None:
    def common(*excluded: str) -> str | None:
        return flows_on(
            flow("east", "west", "orders", topics_exclude=excluded), flow("west", "north", "ord.*")
        )

    assert common() == "topic 'orders'"
    for pattern in ("orders", "ord.*", ".*", "x", "orders|payments", "orders$"):
        assert (common(pattern) is None) is (pattern != "x"), pattern
    prefix = flow("west", "north", "ord.*", topics_exclude=("ord|x.*",))
    assert flows_on(flow("east", "west", "ord.*"), prefix) == "topics that begin with 'ord'"


def test_every_loop_names_its_topics_and_the_way_out() -> None:
    ring = [flow("a", "b", "orders"), flow("b", "c", "ord.*"), flow("c", "a", "orders")]
    [found] = loops(ring)
    assert (len(found.flows), found.topics) == (3, "topic 'orders'")
    [separators] = loops([default("a", "b"), default("b", "a", separator="-")])
    assert separators.remedy == "Use one replication_policy_separator for all of them"
    [aliases] = loops([default("a", "b", target_cluster="B"), default("b2", "a", source_cluster="B")])
    assert aliases.remedy == "Use the same alias for each cluster in all mirrors"
    [mixed] = loops([flow("a", "b"), default("b", "a")])
    assert mixed.remedy.startswith("Use replication_policy default for all of them")
    for one in (separators, aliases, mixed):
        assert one.topics
    assert len(loops([ring[0], flow("b", "a", "orders"), flow("x", "y", "orders")])) == 1
