"""Which topics and groups MM2 takes: DefaultTopicFilter, DefaultGroupFilter and shouldReplicateTopic."""

from __future__ import annotations

import pytest

from settings.filters import group_excludes, group_matches, mirrored, topic_excludes, topic_matches
from tests.unit.settings.sample import settings

ALL = settings(mirror__topics=[".*"]).mirror


@pytest.mark.parametrize("topic", ["orders", "a.b.c", "my-internal", "x.internal", "_schemas", "heartbeats"])
def test_topics_that_all_patterns_take(topic: str) -> None:
    assert topic_matches(ALL, topic)


@pytest.mark.parametrize(
    "topic",
    [
        "__consumer_offsets",
        "__transaction_state",
        ".hidden",
        "orders.replica",
        "mm2-offset-syncs.west.internal",
        "mm2-configs.west.internal",
        "east.checkpoints.internal",
    ],
)
def test_topics_that_are_never_mirrored(topic: str) -> None:
    assert not topic_matches(ALL, topic)


def test_an_internal_topic_is_left_out_even_by_its_name() -> None:
    assert not topic_matches(settings(mirror__topics=["__x|orders"]).mirror, "__x")


@pytest.mark.parametrize(("version", "taken"), [("3.9.1", False), ("4.0.0", True), (None, True)])
def test_old_workers_take_users_topics_for_internal(version: str | None, taken: bool) -> None:
    """KIP-1074, in Kafka 4.0."""
    given = settings(mirror__topics=[".*"], workers__version=version)
    assert [mirrored(given, name) for name in ("payments-internal", "x.internal")] == [taken, taken]
    assert mirrored(given, "internal")


@pytest.mark.parametrize(("version", "taken"), [("3.9.1", False), ("4.0.0", True)])
def test_old_workers_do_so_behind_a_separator_of_ones_own_too(version: str, taken: bool) -> None:
    """`DefaultReplicationPolicy.isMM2InternalTopic` of 3.9: topics-present failed for ever."""
    given = settings(
        mirror__topics=[".*"], mirror__replication_policy_separator="_", workers__version=version
    )
    assert mirrored(given, "payments_internal") == taken
    assert mirrored(given, "payments_internally")


def test_internal_topics_carry_the_separator() -> None:
    mirror = settings(mirror__topics=[".*"], mirror__replication_policy_separator="-").mirror
    assert not topic_matches(mirror, "east-checkpoints-internal")
    assert topic_matches(mirror, "east.checkpoints.internal")


def test_excludes_are_added_to_those_of_mm2() -> None:
    mirror = settings(mirror__topics=[".*"], mirror__topics_exclude=["tmp-.*"]).mirror
    assert not topic_matches(mirror, "tmp-1")
    assert not topic_matches(mirror, "__x")
    assert topic_excludes(mirror) == (r"mm2.*\.internal", r".*\.replica", "__.*", "tmp-.*")


def test_a_topic_that_came_from_the_target_does_not_go_back() -> None:
    mirror = settings(mirror__topics=[".*"], mirror__replication_policy="default").mirror
    assert not topic_matches(mirror, "west.orders", source_alias="east", target_alias="west")
    assert not topic_matches(mirror, "north.west.orders", source_alias="east", target_alias="west")
    assert topic_matches(mirror, "north.orders", source_alias="east", target_alias="west")
    assert topic_matches(mirror, "west.", source_alias="east", target_alias="west")


def test_names_alone_show_no_cycle_with_the_identity_policy() -> None:
    assert topic_matches(ALL, "west.orders", source_alias="east", target_alias="west")


@pytest.mark.parametrize("group", ["orders", "a.b", "connector"])
def test_groups_that_all_patterns_take(group: str) -> None:
    assert group_matches(ALL, group)


@pytest.mark.parametrize("group", ["console-consumer-1234", "connect-cluster", "__internal"])
def test_groups_that_mm2_leaves_out(group: str) -> None:
    assert not group_matches(ALL, group)


def test_group_excludes_are_added_to_those_of_mm2() -> None:
    mirror = settings(mirror__groups_exclude=["tmp-.*"]).mirror
    assert not group_matches(mirror, "tmp-1")
    assert group_excludes(mirror) == ("console-consumer-.*", "connect-.*", "__.*", "tmp-.*")
