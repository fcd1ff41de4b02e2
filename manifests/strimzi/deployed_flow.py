"""The topics that any KafkaMirrorMaker2 copies, as the rules for loops and overlaps need them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from manifests.strimzi.resource import SOURCE_CONNECTOR, MirrorFlow
from settings import patterns
from settings.model import ReplicationPolicy
from settings.overlap import Flow

DEFAULT_POLICY = "org.apache.kafka.connect.mirror.DefaultReplicationPolicy"
"""MM2's default of `replication.policy.class`."""
AWS_POLICY = "com.amazonaws.kafka.samples.CustomMM2ReplicationPolicy"
"""Of AWS' guide for moving to MSK (aws-samples/mirrormaker2-msk-migration). It keeps every topic's name, also
those that end in `heartbeats`; MM2's own topics have the names of the default policy, which it extends.
"""
POLICIES: dict[str, ReplicationPolicy] = {
    DEFAULT_POLICY: "default",
    "org.apache.kafka.connect.mirror.IdentityReplicationPolicy": "identity",
    # Strimzi's own policy before 0.41 does the same.
    "io.strimzi.kafka.connect.mirror.IdentityReplicationPolicy": "identity",
    AWS_POLICY: "identity",
}


def policy_of(mirror: MirrorFlow) -> ReplicationPolicy | None:
    """Return the replication policy of the source connector; None for a class that is not known here."""
    return POLICIES.get(str(mirror.config(SOURCE_CONNECTOR).get("replication.policy.class", DEFAULT_POLICY)))


def topics_of(mirror: MirrorFlow) -> tuple[str, ...]:
    """Return the patterns of mirrored topics as they are written; MM2's default is `.*`."""
    return mirror.pattern_list("topicsPattern") or (".*",)


def left_out(mirror: MirrorFlow, topics: Iterable[str]) -> dict[str, list[str]]:
    """Return the topics that the patterns of the resource leave out, by the field that does: `topicsPattern`
    or `topicsExcludePattern`. A pattern that only Java can read leaves nothing out.
    """
    takes = tuple(_readable(topics_of(mirror), ".*"))
    excludes = tuple(_readable(mirror.pattern_list("topicsExcludePattern"), None))
    found: dict[str, list[str]] = {}
    for topic in topics:
        if not patterns.matches(takes, topic):
            found.setdefault("topicsPattern", []).append(topic)
        elif patterns.matches(excludes, topic):
            found.setdefault("topicsExcludePattern", []).append(topic)
    return found


def deployed_flow(
    name: str, mirror: MirrorFlow, target_alias: str, source_cluster: str = "", target_cluster: str = ""
) -> Flow | None:
    """Return the data of a mirror; None for a replication policy that is not known here.

    A pattern that only Java can read counts as `.*`; as an exclusion it excludes nothing.
    """
    policy = policy_of(mirror)
    if policy is None:
        return None
    config = mirror.config(SOURCE_CONNECTOR)
    return Flow(
        name=name,
        source=mirror.alias,
        target=target_alias,
        policy=policy,
        topics=tuple(_readable(topics_of(mirror), ".*")),
        topics_exclude=tuple(_readable(mirror.pattern_list("topicsExcludePattern"), None)),
        separator=str(config.get("replication.policy.separator", ".")),
        source_cluster=source_cluster,
        target_cluster=target_cluster,
    )


def _readable(given: Iterable[str], otherwise: str | None) -> Iterator[str]:
    for one in given:
        if patterns.fault(one) is None:
            yield one
        elif otherwise is not None:
            yield otherwise
