"""The names of topics that MM2 creates on the target: `DefaultReplicationPolicy` and
`IdentityReplicationPolicy` of Kafka 4.3.1.

With `replication.policy.internal.topic.separator.enabled` at its default (true), the separator is part of the
internal topics' names too, whichever policy is used.
"""

from __future__ import annotations

from settings.model import ReplicationPolicy

_CLASSES: dict[ReplicationPolicy, str] = {
    "identity": "org.apache.kafka.connect.mirror.IdentityReplicationPolicy",
    "default": "org.apache.kafka.connect.mirror.DefaultReplicationPolicy",
}
HEARTBEATS = "heartbeats"


def java_class(policy: ReplicationPolicy) -> str:
    """Return the value of `replication.policy.class`."""
    return _CLASSES[policy]


def remote_topic(policy: ReplicationPolicy, separator: str, alias: str, topic: str) -> str:
    """Name the target's copy of a source's topic (`formatRemoteTopic`).

    Beware: the identity policy renames topics whose name ends with `heartbeats`, whoever made them.
    """
    if policy == "identity" and not topic.endswith(HEARTBEATS):
        return topic
    return f"{alias}{separator}{topic}"


def topic_source(policy: ReplicationPolicy, separator: str, alias: str, topic: str) -> str | None:
    """Name the cluster that a topic was mirrored from, as far as its name tells (`topicSource`)."""
    if policy == "identity" and not topic.endswith(HEARTBEATS):
        return alias
    # Java splits at an empty separator after each character; Python does not split at all.
    parts = topic.split(separator) if separator else list(topic)
    while parts and not parts[-1]:  # Java's Pattern.split drops empty strings at the end
        parts.pop()
    return parts[0] if len(parts) >= 2 else None


def upstream_topic(policy: ReplicationPolicy, separator: str, alias: str, topic: str) -> str | None:
    """Name the topic that a topic is the copy of, one hop up (`upstreamTopic`)."""
    if policy == "identity" and not topic.endswith(HEARTBEATS):
        return topic
    source = topic_source(policy, separator, alias, topic)
    return None if source is None else topic[len(source) + len(separator) :]


def is_cycle(policy: ReplicationPolicy, separator: str, source: str, target: str, topic: str) -> bool:
    """Tell whether a source's topic came from the target (`MirrorSourceConnector.isCycle`)."""
    while True:
        origin = topic_source(policy, separator, source, topic)
        if origin is None:
            return False
        if origin == target:
            return True
        upstream = upstream_topic(policy, separator, source, topic)
        if upstream is None or upstream == topic:
            return False
        topic = upstream


def is_internal(separator: str, topic: str, workers_version: str | None = None) -> bool:
    """Tell whether MM2 never mirrors the topic, whatever the patterns are (`isInternalTopic`).

    Before Kafka 4.0 also every topic that ends in `internal` behind a dot, a hyphen or the separator is
    internal (KIP-1074, read in 3.9.1). Without a version the workers are newer.
    """
    endings = (".internal", "-internal", f"{separator}internal")
    if is_before_kip_1074(workers_version) and topic.endswith(endings):
        return True
    return (
        topic.startswith(("__", "."))
        or (topic.startswith("mm2") and topic.endswith(f"{separator}internal"))
        or topic.endswith(checkpoints_topic(separator, ""))
    )


def is_before_kip_1074(workers_version: str | None) -> bool:
    """Tell whether workers of a version (`3.9.1`) take users' topics for internal by their ending."""
    return workers_version is not None and int(workers_version.partition(".")[0]) < 4


def checkpoints_topic(separator: str, alias: str) -> str:
    """Name the topic on the target with the checkpoints of the source `alias`."""
    return f"{alias}{separator}checkpoints{separator}internal"


def offset_syncs_topic(separator: str, alias: str) -> str:
    """Name the topic with the offset syncs; `alias` is the cluster on which the topic is not."""
    return f"mm2-offset-syncs{separator}{alias}{separator}internal"
