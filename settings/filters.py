"""The topics and groups that MM2 mirrors: `DefaultTopicFilter`, `DefaultGroupFilter` and
`MirrorSourceConnector.shouldReplicateTopic` (4.3.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from settings import replication_policy
from settings.model import MirrorSettings, Settings
from settings.patterns import literal, matches
from settings.replication_policy import HEARTBEATS

TOPIC_FILTER_CLASS = "org.apache.kafka.connect.mirror.DefaultTopicFilter"
TOPICS_EXCLUDE_DEFAULT = (r"mm2.*\.internal", r".*\.replica", "__.*")
"""`DefaultTopicFilter.TOPICS_EXCLUDE_DEFAULT`."""
GROUPS_EXCLUDE_DEFAULT = ("console-consumer-.*", "connect-.*", "__.*")
"""`DefaultGroupFilter.GROUPS_EXCLUDE_DEFAULT`."""
LEFT_BEHIND = GROUPS_EXCLUDE_DEFAULT[1:]
"""Those of them whose groups somebody may want to move: groups of the console consumer are used once."""

TOPIC_CONFIGS_EXCLUDE_DEFAULT = (
    "follower.replication.throttled.replicas",
    "leader.replication.throttled.replicas",
    "message.timestamp.difference.max.ms",
    "log.message.timestamp.before.max.ms",
    "log.message.timestamp.after.max.ms",
    "message.timestamp.type",
    "unclean.leader.election.enable",
    "min.insync.replicas",
)
"""`DefaultConfigPropertyFilter.CONFIG_PROPERTIES_EXCLUDE_DEFAULT`."""


def topic_patterns(mirror: MirrorSettings) -> tuple[str, ...]:
    """Return every pattern of mirrored topics: those of the stack, and the heartbeats topic if heartbeats are
    on.

    It is a pattern, because `heartbeats.replication.enabled` would mirror every topic with a similar name.
    """
    heartbeats = mirror.heartbeats_interval_seconds and not matches(mirror.topics, HEARTBEATS)
    return (*mirror.topics, HEARTBEATS) if heartbeats else mirror.topics


def topic_excludes(mirror: MirrorSettings) -> tuple[str, ...]:
    """Return every pattern of excluded topics: MM2's own, which its setting replaces, and the stack's."""
    return tuple(dict.fromkeys((*TOPICS_EXCLUDE_DEFAULT, *own_topic_excludes(mirror))))


def own_topic_excludes(mirror: MirrorSettings) -> tuple[str, ...]:
    """Return the stack's patterns of excluded topics, and one for each topic that was moved already."""
    return (*mirror.topics_exclude, *map(literal, sorted(mirror.moved.topics)))


def topic_config_excludes(mirror: MirrorSettings) -> tuple[str, ...]:
    """Return every pattern of topic configurations that are not copied: MM2's own and the stack's."""
    return tuple(dict.fromkeys((*TOPIC_CONFIGS_EXCLUDE_DEFAULT, *mirror.topic_configs_exclude)))


def group_excludes(mirror: MirrorSettings) -> tuple[str, ...]:
    """Return every pattern of excluded groups: MM2's own, which its setting replaces, the stack's, and one
    for each group that was moved already.
    """
    moved = map(literal, sorted(mirror.moved.groups))
    return tuple(dict.fromkeys((*GROUPS_EXCLUDE_DEFAULT, *mirror.groups_exclude, *moved)))


def topic_matches(
    mirror: MirrorSettings,
    topic: str,
    *,
    source_alias: str = "",
    target_alias: str | None = None,
    workers_version: str | None = None,
) -> bool:
    """Tell whether MM2 mirrors the source's topic.

    Pass the aliases if mirrors exist in both directions: topics that came from the target are excluded.
    `workers_version`: Kafka's version of the workers; None for the operator's default.
    """
    policy, separator = mirror.replication_policy, mirror.replication_policy_separator
    return (
        topic not in mirror.moved.topics
        and patterns_match(topic_patterns(mirror), mirror.topics_exclude, separator, topic, workers_version)
        and (
            target_alias is None
            or not replication_policy.is_cycle(policy, separator, source_alias, target_alias, topic)
        )
    )


def patterns_match(
    topics: Sequence[str],
    topics_exclude: Sequence[str],
    separator: str,
    topic: str,
    workers_version: str | None = None,
) -> bool:
    """Tell whether a topic is mirrored as far as the patterns say. MM2's own exclusions are added to
    `topics_exclude`.
    """
    return (
        matches(topics, topic)
        and not matches((*TOPICS_EXCLUDE_DEFAULT, *topics_exclude), topic)
        and not replication_policy.is_internal(separator, topic, workers_version)
    )


def mirrored(settings: Settings, topic: str, mirror: MirrorSettings | None = None) -> bool:
    """Tell whether MM2 mirrors the source's topic; `mirror`: other patterns than the stack's."""
    return topic_matches(
        settings.mirror if mirror is None else mirror,
        topic,
        source_alias=settings.source.alias,
        target_alias=settings.target.alias,
        workers_version=settings.workers.version,
    )


def group_matches(mirror: MirrorSettings, group: str) -> bool:
    """Tell whether MM2 translates the consumer group's offsets."""
    return (
        group not in mirror.moved.groups
        and matches(mirror.groups, group)
        and not matches((*GROUPS_EXCLUDE_DEFAULT, *mirror.groups_exclude), group)
    )


def never_translated(mirror: MirrorSettings, groups: Iterable[str]) -> list[str]:
    """Return the groups that `mirror.groups` matches and MM2 leaves out for their names only, such as those
    of sink connectors (`connect-orders-s3`), in their order; none that was moved already.
    """
    return [
        group
        for group in groups
        if group not in mirror.moved.groups
        and matches(mirror.groups, group)
        and matches(LEFT_BEHIND, group)
        and not matches(mirror.groups_exclude, group)
    ]
