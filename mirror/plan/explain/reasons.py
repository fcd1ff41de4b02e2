"""Origins and reasons of the properties that no profile sets: a no-loss rule, or a setting."""

from __future__ import annotations

NO_LOSS = "no-loss rule"

_SHARED = {
    "replication.policy.class": (
        "mirror.replication_policy",
        "topic names on the target; equal in both connectors, else checkpoints name other topics",
    ),
    "replication.policy.separator": (
        "mirror.replication_policy_separator",
        "must be equal in both connectors",
    ),
    "offset-syncs.topic.location": (
        "mirror.offset_syncs_topic_location",
        "on the target, the source's user needs no Write permission (KIP-716)",
    ),
    "topic.filter.class": (NO_LOSS, "must be equal in both connectors; verification applies the same filter"),
}

_FACTOR = "-1 uses the target brokers' default.replication.factor (KIP-464) instead of a fixed 3"

WORKER = {
    "config.storage.replication.factor": (NO_LOSS, _FACTOR),
    "offset.storage.replication.factor": (NO_LOSS, _FACTOR),
    "status.storage.replication.factor": (NO_LOSS, _FACTOR),
    "exactly.once.source.support": ("mirror.exactly_once", "every record is mirrored exactly once (KIP-618)"),
}

SOURCE = {
    **_SHARED,
    "replication.factor": (
        "mirror.replication_factor",
        "for mirrored topics; -1 uses the target brokers' default.replication.factor",
    ),
    "offset-syncs.topic.replication.factor": (NO_LOSS, _FACTOR),
    "offset.lag.max": (
        "mirror.offset_lag_max",
        "each commit syncs offsets anyway; a low value loses a partition's first sync (OffsetSyncWriter)",
    ),
    "heartbeats.replication.enabled": (
        NO_LOSS,
        "true would mirror topics named heartbeats without a matching pattern",
    ),
    "refresh.topics.enabled": (NO_LOSS, "new topics and partitions are mirrored"),
    "refresh.topics.interval.seconds": (
        "mirror.refresh_topics_interval_seconds",
        "longest delay before a new topic or partition is mirrored",
    ),
    "sync.topic.configs.enabled": (
        NO_LOSS,
        "mirrored topics keep the cleanup policy and retention of the source",
    ),
    "sync.topic.configs.interval.seconds": (
        "mirror.sync_topic_configs_interval_seconds",
        "longest delay before a changed topic configuration is copied",
    ),
    "sync.topic.acls.enabled": (
        NO_LOSS,
        "the User Operator owns the ACLs and would delete those of MM2; KafkaUsers are copied instead",
    ),
    "source.consumer.allow.auto.create.topics": (
        NO_LOSS,
        "a topic that is deleted on the source stays deleted, also where every user may create topics",
    ),
    "source.consumer.isolation.level": (NO_LOSS, "records of aborted transactions are not mirrored"),
    "producer.override.acks": (NO_LOSS, "an acknowledged record survives the loss of a broker"),
    "exactly.once.support": (
        "mirror.exactly_once",
        "Connect refuses the connector if exactly-once is not possible (KIP-618)",
    ),
    "config.properties.exclude": (
        "mirror.topic_configs_exclude",
        "topic configurations that are not copied, including MM2's default list",
    ),
    "topics": ("mirror.topics", "topics that are mirrored"),
    "topics.exclude": ("mirror.topics_exclude", "topics that are not mirrored, including MM2's default list"),
}

CHECKPOINT = {
    **_SHARED,
    "tasks.max": (
        "mirror.checkpoint_tasks_max",
        "groups are distributed over the tasks; each task reads all offset syncs",
    ),
    "checkpoints.topic.replication.factor": (NO_LOSS, _FACTOR),
    "refresh.groups.enabled": (NO_LOSS, "new groups are translated"),
    "refresh.groups.interval.seconds": (
        "mirror.refresh_groups_interval_seconds",
        "longest delay before a new consumer group is translated",
    ),
    "emit.checkpoints.enabled": (NO_LOSS, "group offsets are translated"),
    "emit.checkpoints.interval.seconds": (
        "mirror.emit_checkpoints_interval_seconds",
        "largest age of a translation",
    ),
    "sync.group.offsets.enabled": (
        NO_LOSS,
        "translated offsets are written to the groups on the target (KIP-545)",
    ),
    "sync.group.offsets.interval.seconds": (
        "mirror.sync_group_offsets_interval_seconds",
        "largest age of a group's offsets on the target",
    ),
    "topics": SOURCE["topics"],
    "topics.exclude": SOURCE["topics.exclude"],
    "groups": ("mirror.groups", "groups whose offsets are translated"),
    "groups.exclude": (
        "mirror.groups_exclude",
        "groups that are not translated, including MM2's default list",
    ),
}
