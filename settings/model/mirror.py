"""Section `mirror`: one source-to-target flow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from settings import rules
from settings.model.fields import interval, meta

ReplicationPolicy = Literal["identity", "default"]
OffsetSyncsLocation = Literal["target", "source"]
State = Literal["running", "paused", "stopped"]
Profile = Literal["balanced", "throughput", "low-latency", "wan"]


@dataclass(frozen=True, slots=True)
class Overrides:
    """Raw properties, handed on as they are. They win over what region-mirror renders, but may not contradict
    a no-loss default unless `mirror.allow_data_loss` names the rule.
    """

    source_connector: Mapping[str, str] = field(
        default_factory=dict,
        metadata=meta("Of MirrorSourceConnector (`sourceConnector.config`)."),
    )
    checkpoint_connector: Mapping[str, str] = field(
        default_factory=dict,
        metadata=meta("Of MirrorCheckpointConnector (`checkpointConnector.config`)."),
    )
    worker: Mapping[str, str] = field(
        default_factory=dict, metadata=meta("Of the Connect workers (`target.config`).")
    )
    source_client: Mapping[str, str] = field(
        default_factory=dict,
        metadata=meta("Of the clients that connect to the source (`source.config`)."),
    )


@dataclass(frozen=True, slots=True)
class MirrorSettings:
    """One source-to-target flow.

    There is no setting for `sync.topic.acls.enabled`: it is always false. MM2 would write ACLs that Strimzi's
    User Operator deletes again on its next pass; KafkaUsers are copied instead, ACLs and all.
    """

    name: str = field(
        metadata=meta(
            "Name of the KafkaMirrorMaker2; Connect's group, topics and users derive from it.",
            rule=rules.mirror_name,
        )
    )
    topics: tuple[str, ...] = field(
        metadata=meta(
            "Topics to mirror: Java regular expressions, each for a whole name.",
            rule=rules.pattern,
            filled=True,
        )
    )
    topics_exclude: tuple[str, ...] = field(
        default=(),
        metadata=meta(
            "Topics to leave out although `topics` matches, besides what MM2 itself leaves out.",
            rule=rules.pattern,
        ),
    )
    groups: tuple[str, ...] = field(
        default=(".*",),
        metadata=meta(
            "Consumer groups whose offsets are translated: Java regular expressions.",
            rule=rules.pattern,
            filled=True,
        ),
    )
    groups_exclude: tuple[str, ...] = field(
        default=(),
        metadata=meta(
            "Groups to leave out although `groups` matches, besides what MM2 itself leaves out.",
            rule=rules.pattern,
        ),
    )
    replication_policy: ReplicationPolicy = field(
        default="identity",
        metadata=meta(
            "`identity` keeps topic names, so that clients need no change; `default` puts the source's alias "
            "before them, which mirroring in both directions needs."
        ),
    )
    replication_policy_separator: str = field(
        default=".",
        metadata=meta(
            "Stands between alias and topic name, and in the names of MM2's internal topics.",
            rule=rules.separator,
        ),
    )
    profile: Profile = field(
        default="balanced",
        metadata=meta(
            "What the mirror is tuned for; `python -m mirror explain` prints every value, Kafka's default "
            "beside it and the reason."
        ),
    )
    expected_partitions: int | None = field(
        default=None,
        metadata=meta(
            "Partitions that the patterns match, where known: the profile computes tasks from it.",
            minimum=1,
            maximum=1_000_000,
        ),
    )
    expected_record_bytes: int | None = field(
        default=None,
        metadata=meta(
            "Bytes of a usual record, where known: the profile computes batches and polls from it.",
            minimum=1,
            maximum=2**30,
        ),
    )
    expected_round_trip_ms: int | None = field(
        default=None,
        metadata=meta(
            "Milliseconds of a round trip between the regions, where known: the profile computes fetches and "
            "socket buffers from it.",
            minimum=0,
            maximum=60_000,
        ),
    )
    tasks_max: int | None = field(
        default=None,
        metadata=meta(
            "Most tasks of the source connector; partitions are spread over them. The fewer partitions a "
            "task has, the less likely it loses a partition's first offset sync (see `offset_lag_max`). "
            "Absent: the profile decides.",
            minimum=1,
            maximum=10_000,
        ),
    )
    checkpoint_tasks_max: int = field(
        default=1,
        metadata=meta(
            "Most tasks of the checkpoint connector; groups are spread over them, each reads all syncs.",
            minimum=1,
            maximum=1000,
        ),
    )
    exactly_once: bool = field(
        default=True,
        metadata=meta(
            "Every record exactly once on the target (KIP-618). "
            "False: at least once; a worker's crash repeats records."
        ),
    )
    offset_syncs_topic_location: OffsetSyncsLocation = field(
        default="target",
        metadata=meta(
            "Where MM2 keeps its offset syncs. `target`: the source user needs no write right; `source`: "
            "it needs Create, Write and Read on the topic (KIP-716)."
        ),
    )
    offset_lag_max: int = field(
        default=2**31 - 1,
        metadata=meta(
            "Records between two offset syncs of a partition, besides the sync that every commit brings: low "
            "values do not make translation exact. MM2 keeps one pending sync a partition and ten in flight "
            "(`OffsetSyncWriter`), so during the first copy low values overwrite a partition's first sync "
            "before it is sent, and groups that stand before the next one get no translation at all.",
            minimum=0,
            maximum=2**31 - 1,
        ),
    )
    replication_factor: int = field(
        default=-1,
        metadata=meta(
            "Replication factor of topics that MM2 creates; -1 is the target's `default.replication.factor`. "
            "The source's is not copied.",
            minimum=-1,
            maximum=2**15 - 1,
            forbidden=(0,),
        ),
    )
    refresh_topics_interval_seconds: int = interval(
        30, "Seconds between looks for new topics and partitions."
    )
    refresh_groups_interval_seconds: int = interval(30, "Seconds between looks for new consumer groups.")
    sync_topic_configs_interval_seconds: int = interval(
        60, "Seconds between copies of the topics' configuration."
    )
    sync_group_offsets_interval_seconds: int = interval(
        10, "Seconds between writes of translated offsets to the target's consumer groups."
    )
    emit_checkpoints_interval_seconds: int = interval(
        10, "Seconds between translations of the groups' offsets."
    )
    state: State = field(
        default="running",
        metadata=meta(
            "What the connectors do; `stopped` also frees their tasks. Only a running mirror can be verified."
        ),
    )
    start_from: str = field(
        default="earliest",
        metadata=meta(
            "Where the first copy of a topic begins: `earliest`, `latest`, or a moment "
            "(`2026-11-01T00:00:00Z`). It holds for partitions that exist at the first deployment; what is "
            "created later is mirrored from its beginning.",
            rule=rules.start,
        ),
    )
    start_from_by_topic: Mapping[str, str] = field(
        default_factory=dict,
        metadata=meta(
            "Topics that begin elsewhere: a pattern, and `earliest`, `latest` or a moment. The first that "
            "matches counts.",
            key_rule=rules.pattern,
            rule=rules.start,
        ),
    )
    topic_configs_exclude: tuple[str, ...] = field(
        default=(),
        metadata=meta(
            "Topic configurations that are not copied, besides those that MM2 itself leaves out: regular "
            "expressions (`config.properties.exclude`).",
            rule=rules.pattern,
        ),
    )
    auto_restart_max: int | None = field(
        default=None,
        metadata=meta(
            "Most automatic restarts of a failed connector or task. Absent: without end.",
            minimum=0,
            maximum=1_000_000,
        ),
    )
    heartbeats_interval_seconds: int = field(
        default=0,
        metadata=meta(
            "Seconds between heartbeats that are written to the source and mirrored with the rest; 0: none. "
            "They need a Kafka Connect beside the mirror and, on the source, a write right on their topic.",
            minimum=0,
            maximum=86_400,
        ),
    )
    group_id: str | None = field(
        default=None,
        metadata=meta(
            "Connect's `group.id`. Absent: the mirror's name. Set it, and the three topics below, to take "
            "over a mirror that was deployed by other means.",
            rule=rules.not_blank,
        ),
    )
    configs_topic: str | None = field(
        default=None,
        metadata=meta("Connect's `config.storage.topic`. Absent: `__<name>-config`.", rule=rules.topic_name),
    )
    offsets_topic: str | None = field(
        default=None,
        metadata=meta("Connect's `offset.storage.topic`. Absent: `__<name>-offset`.", rule=rules.topic_name),
    )
    status_topic: str | None = field(
        default=None,
        metadata=meta("Connect's `status.storage.topic`. Absent: `__<name>-status`.", rule=rules.topic_name),
    )
    leftovers: Literal["refuse", "adopt"] = field(
        default="refuse",
        metadata=meta(
            "What to do with internal topics of an earlier mirror under the same names at the first "
            "deployment: they would make MM2 skip what that mirror had copied. `adopt` goes on from them."
        ),
    )
    identity_change: Literal["refuse", "allow"] = field(
        default="refuse",
        metadata=meta(
            "Whether aliases, Connect's group and topics, and the replication policy of a deployed mirror "
            "may change. With new ones MM2 starts anew: it copies every record again."
        ),
    )
    config: Overrides = field(
        default_factory=Overrides,
        metadata=meta("Raw properties of Kafka Connect and MM2 that have no setting."),
    )
    allow_data_loss: tuple[str, ...] = field(
        default=(),
        metadata=meta(
            "No-loss rules that `config` may break, by name. The preview prints each.",
            rule=rules.not_blank,
        ),
    )
