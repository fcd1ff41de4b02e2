"""What was moved as a part is literally excluded, behind MM2's own exclusions, and nothing else is."""

from __future__ import annotations

import re

import pytest

from manifests.strimzi.kafka_user import copied_user
from settings.consistency.mirrors import flow
from settings.filters import (
    GROUPS_EXCLUDE_DEFAULT,
    TOPICS_EXCLUDE_DEFAULT,
    group_excludes,
    group_matches,
    mirrored,
    topic_excludes,
)
from settings.patterns import fault, literal
from settings.problems import SettingsError
from tests.unit.settings.sample import settings

MOVED = {"topics": ["orders.eu", "bills"], "groups": ["a.b"]}


@pytest.mark.parametrize(
    "name", ["orders", "a.b-c_d", "a,b", " x y ", "a[b]|(c)$^*+?{2}", "é.ß", "a\\b", "\t"]
)
def test_a_name_is_quoted_so_that_it_matches_itself_alone(name: str) -> None:
    pattern = literal(name)
    assert re.fullmatch(pattern, name, re.ASCII)
    assert pattern == pattern.strip()
    assert "," not in pattern
    assert not re.fullmatch(pattern, f"{name}x", re.ASCII)


def test_a_dot_matches_no_other_character() -> None:
    assert literal("orders.eu") == r"orders\.eu"
    assert fault(literal("orders.eu")) is None
    stack = settings(mirror__topics=["orders.*"], mirror__moved={"topics": ["orders.eu"], "groups": []})
    assert not mirrored(stack, "orders.eu")
    assert mirrored(stack, "orders-eu")
    assert mirrored(stack, "orders.eu2")


def test_mm2s_own_exclusions_remain() -> None:
    mirror = settings(mirror__moved=MOVED, mirror__topics_exclude=["tmp"]).mirror
    assert topic_excludes(mirror) == (*TOPICS_EXCLUDE_DEFAULT, "tmp", "bills", r"orders\.eu")
    assert group_excludes(mirror) == (*GROUPS_EXCLUDE_DEFAULT, r"a\.b")
    assert not group_matches(mirror, "a.b")
    assert group_matches(mirror, "aXb")
    assert not flow(settings(mirror__moved=MOVED)).takes("bills")


def test_the_heartbeats_cannot_be_moved() -> None:
    with pytest.raises(SettingsError, match="excludes the topic heartbeats"):
        settings(
            mirror__heartbeats_interval_seconds=5, mirror__moved={"topics": ["heartbeats"], "groups": []}
        )


def test_a_name_that_no_topic_can_have_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"mirror\.moved\.topics\[0\]"):
        settings(mirror__moved={"topics": ["orders.*"]})


def denies(policy: str, *topics: tuple[str, str]) -> list[str]:
    stack = settings(
        mirror__topics=["orders.*", "bills"],
        mirror__replication_policy=policy,
        users__standby_writes="refuse",
        mirror__moved={"topics": ["orders-a"], "groups": []},
    )
    acls = [
        {"operations": ["Write"], "resource": {"type": "topic", "name": name, "patternType": kind}}
        for name, kind in topics
    ]
    spec = copied_user(stack, "shop", {"authorization": {"type": "simple", "acls": acls}})["spec"]
    return [one["resource"]["name"] for one in spec["authorization"]["acls"] if one.get("type") == "deny"]


@pytest.mark.parametrize(("policy", "prefix"), [("identity", ""), ("default", "east.")])
def test_a_copied_user_may_write_to_moved_topics_only(policy: str, prefix: str) -> None:
    literal_topics = [("orders-a", "literal"), ("orders-b", "literal"), ("bills", "literal")]
    assert denies(policy, *literal_topics) == [f"{prefix}orders-b", f"{prefix}bills"]
    # A DENY of the prefix would also take the moved topic.
    assert denies(policy, ("orders-", "prefix"), ("bills", "literal")) == [f"{prefix}bills"]
    assert denies(policy, ("orders-b", "prefix")) == [f"{prefix}orders-b"]


def test_copied_users_of_a_partly_moved_mirror_remain() -> None:
    assert not settings().users_remain
    assert settings(mirror__moved=MOVED).users_remain
