"""Why the properties that no profile sets are what they are: a no-loss rule, or a setting."""

from __future__ import annotations

NO_LOSS = "no-loss rule"

_SHARED = {
    "replication.policy.class": (
        "mirror.replication_policy",
        "names of the copies; equal in both connectors, else checkpoints do not fit what was mirrored",
    ),
    "replication.policy.separator": ("mirror.replication_policy_separator", "equal in both connectors"),
    "offset-syncs.topic.location": (
        "mirror.offset_syncs_topic_location",
        "on the target the source's user needs no write right (KIP-716)",
    ),
    "topic.filter.class": (NO_LOSS, "equal in both connectors; verification reads patterns as it does"),
}

_FACTOR = "what the target's brokers have as default.replication.factor (KIP-464), not a fixed 3"

WORKER = {
    "config.storage.replication.factor": (NO_LOSS, _FACTOR),
    "offset.storage.replication.factor": (NO_LOSS, _FACTOR),
    "status.storage.replication.factor": (NO_LOSS, _FACTOR),
    "exactly.once.source.support": ("mirror.exactly_once", "every record exactly once (KIP-618)"),
}

SOURCE = {
    **_SHARED,
    "replication.factor": ("mirror.replication_factor", "of the copies; -1: as the target's brokers have it"),
    "offset-syncs.topic.replication.factor": (NO_LOSS, _FACTOR),
    "offset.lag.max": (
        "mirror.offset_lag_max",
        "a commit syncs offsets anyway; low values lose a partition's first sync (OffsetSyncWriter)",
    ),
    "heartbeats.replication.enabled": (
        NO_LOSS,
        "else topics named heartbeats are mirrored although no pattern asks for them",
    ),
    "refresh.topics.enabled": (NO_LOSS, "new topics and partitions are mirrored"),
    "refresh.topics.interval.seconds": (
        "mirror.refresh_topics_interval_seconds",
        "how long a new topic or partition waits",
    ),
    "sync.topic.configs.enabled": (NO_LOSS, "copies are compacted and kept as the originals are"),
    "sync.topic.configs.interval.seconds": (
        "mirror.sync_topic_configs_interval_seconds",
        "how long a changed topic configuration waits",
    ),
    "sync.topic.acls.enabled": (
        NO_LOSS,
        "the User Operator owns the ACLs and would delete what MM2 writes; KafkaUsers are copied instead",
    ),
    "source.consumer.isolation.level": (NO_LOSS, "aborted transactions of the source stay on the source"),
    "producer.override.acks": (NO_LOSS, "no acknowledged record is lost with a broker"),
    "exactly.once.support": ("mirror.exactly_once", "the connector is refused where it cannot be (KIP-618)"),
    "config.properties.exclude": (
        "mirror.topic_configs_exclude",
        "topic configurations that are not copied, MM2's own list included",
    ),
    "topics": ("mirror.topics", "what is mirrored"),
    "topics.exclude": ("mirror.topics_exclude", "what is left out, MM2's own list included"),
}

CHECKPOINT = {
    **_SHARED,
    "tasks.max": ("mirror.checkpoint_tasks_max", "groups are spread over the tasks; each reads all syncs"),
    "checkpoints.topic.replication.factor": (NO_LOSS, _FACTOR),
    "refresh.groups.enabled": (NO_LOSS, "new groups are translated"),
    "refresh.groups.interval.seconds": (
        "mirror.refresh_groups_interval_seconds",
        "how long a new consumer group waits",
    ),
    "emit.checkpoints.enabled": (NO_LOSS, "group offsets are translated"),
    "emit.checkpoints.interval.seconds": (
        "mirror.emit_checkpoints_interval_seconds",
        "how old a translation is at most",
    ),
    "sync.group.offsets.enabled": (NO_LOSS, "groups find their offsets on the target (KIP-545)"),
    "sync.group.offsets.interval.seconds": (
        "mirror.sync_group_offsets_interval_seconds",
        "how old a group's offsets on the target are at most",
    ),
    "topics": SOURCE["topics"],
    "topics.exclude": SOURCE["topics.exclude"],
    "groups": ("mirror.groups", "groups whose offsets are translated"),
    "groups.exclude": ("mirror.groups_exclude", "groups that are left out, MM2's own list included"),
}
