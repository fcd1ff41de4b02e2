"""Names that derive from the settings: of topics by the replication policy, and of everything else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings.names import Names, copy_of, original_of
from settings.replication_policy import is_cycle, java_class, remote_topic, topic_source, upstream_topic
from tests.unit.settings.sample import settings


@pytest.mark.parametrize(
    ("policy", "topic", "expected"),
    [
        ("identity", "orders", "orders"),
        ("identity", "heartbeats", "east.heartbeats"),
        ("identity", "user-heartbeats", "east.user-heartbeats"),  # so does MM2
        ("default", "orders", "east.orders"),
    ],
)
def test_the_name_of_a_copy(policy: str, topic: str, expected: str) -> None:
    assert remote_topic(policy, ".", "east", topic) == expected  # type: ignore[arg-type]


@given(st.text("ab", min_size=1), st.text("ab.", min_size=1).filter(lambda topic: topic.strip(".") != ""))
def test_the_default_policy_can_be_undone(alias: str, topic: str) -> None:
    remote = remote_topic("default", ".", alias, topic)
    assert topic_source("default", ".", alias, remote) == alias
    assert upstream_topic("default", ".", alias, remote) == topic
    assert is_cycle("default", ".", "source", alias, remote)


@pytest.mark.parametrize("policy", ["identity", "default"])
@given(
    alias=st.sampled_from(["east", "us.east"]), topic=st.text("as.-", min_size=1), heartbeats=st.booleans()
)
def test_the_original_of_a_copy_is_found_by_its_name(
    policy: str, alias: str, topic: str, heartbeats: bool
) -> None:
    mirror = settings(
        mirror__replication_policy=policy,
        source__alias=alias,
        mirror__replication_policy_separator="." if alias == "east" else "-",
    )
    topic = f"{topic}heartbeats" if heartbeats else topic
    assert original_of(mirror, copy_of(mirror, topic)) == topic


@pytest.mark.parametrize(
    ("policy", "topic"),
    [
        ("default", "orders"),
        ("default", "north.orders"),
        ("default", "east."),
        ("identity", "heartbeats"),
        ("identity", "north.heartbeats"),
    ],
)
def test_a_topic_that_is_no_copy_from_the_source_has_no_original(policy: str, topic: str) -> None:
    assert original_of(settings(mirror__replication_policy=policy), topic) is None


def test_the_policies_are_those_of_kafka() -> None:
    assert java_class("identity") == "org.apache.kafka.connect.mirror.IdentityReplicationPolicy"
    assert java_class("default") == "org.apache.kafka.connect.mirror.DefaultReplicationPolicy"


def test_all_names_derive_from_the_mirror_and_the_aliases() -> None:
    names = Names.of(settings())
    assert names.mirror == names.group_id == names.mirror_user == "east-to-west"
    assert (names.configs_topic, names.offsets_topic, names.status_topic) == (
        "__east-to-west-config",
        "__east-to-west-offset",
        "__east-to-west-status",
    )
    assert names.verifier_user == "east-to-west-verifier"
    assert names.source_ca_secret == "east-to-west-east-cluster-ca-cert"
    assert names.source_user_secret == "east-to-west-east-user"
    assert names.target_ca_secret == "west-cluster-ca-cert"
    assert names.password_secret("ann") == "east-to-west-ann-password"
    assert names.source_connector == "east->west.MirrorSourceConnector"
    assert names.checkpoint_connector == "east->west.MirrorCheckpointConnector"
    assert names.checkpoints_topic == "east.checkpoints.internal"


@pytest.mark.parametrize(
    ("location", "separator", "expected"),
    [
        ("target", ".", "mm2-offset-syncs.east.internal"),
        ("source", ".", "mm2-offset-syncs.west.internal"),
        ("target", "_", "mm2-offset-syncs_east_internal"),
    ],
)
def test_offset_syncs_are_named_after_the_other_cluster(location: str, separator: str, expected: str) -> None:
    given = settings(
        mirror__offset_syncs_topic_location=location, mirror__replication_policy_separator=separator
    )
    assert Names.of(given).offset_syncs_topic == expected


@pytest.mark.parametrize("alias", ["EAST", "us_east.1", "-east-", "..", "_"])
def test_an_alias_that_kubernetes_would_refuse_gives_legal_names(alias: str) -> None:
    names = Names.of(settings(source__alias=alias))
    for secret in (names.source_ca_secret, names.source_user_secret):
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", secret)


def test_the_longest_mirror_name_leaves_room_for_what_strimzi_appends() -> None:
    names = Names.of(settings(mirror__name="m" * 46))
    assert len(f"{names.mirror}-mirrormaker2-api") == 63
    assert len(names.verifier_user) <= 64
