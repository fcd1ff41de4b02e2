"""Section `mirror`: one source-to-target flow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from settings.model.fields import interval, meta
from settings.model.moved import MovedSettings
from settings.rules import kafka, kubernetes, text

ReplicationPolicy = Literal["identity", "default"]
OffsetSyncsLocation = Literal["target", "source"]
State = Literal["running", "paused", "stopped"]
Phase = Literal["replicate", "promoted", "retired"]
Profile = Literal["balanced", "throughput", "low-latency", "wan"]


@dataclass(frozen=True, slots=True)
class Overrides:
    """Raw properties, passed on unchanged. They override the properties that region-mirror renders. They must
    not break a no-loss rule, unless `mirror.allow_data_loss` names it.
    """

    source_connector: Mapping[str, str] = field(
        default_factory=dict,
        metadata=meta("Properties of MirrorSourceConnector (`sourceConnector.config`)."),
    )
    checkpoint_connector: Mapping[str, str] = field(
        default_factory=dict,
        metadata=meta("Properties of MirrorCheckpointConnector (`checkpointConnector.config`)."),
    )
    worker: Mapping[str, str] = field(
        default_factory=dict, metadata=meta("Properties of the Connect workers (`target.config`).")
    )
    source_client: Mapping[str, str] = field(
        default_factory=dict,
        metadata=meta("Properties of the clients that connect to the source (`source.config`)."),
    )


@dataclass(frozen=True, slots=True)
class MirrorSettings:
    """One source-to-target flow.

    There is no setting for `sync.topic.acls.enabled`: it is always false, because Strimzi's User Operator
    would delete the ACLs that MM2 writes at its next reconciliation. KafkaUsers are copied instead, with
    their ACLs.
    """

    name: str = field(
        metadata=meta(
            "Name of the KafkaMirrorMaker2. The names of Connect's group, topics and users derive from it.",
            rule=kubernetes.mirror_name,
        )
    )
    topics: tuple[str, ...] = field(
        metadata=meta(
            "Topics to mirror: a list of Java regular expressions. Each has to match a whole topic name.",
            rule=kafka.pattern,
            filled=True,
        )
    )
    topics_exclude: tuple[str, ...] = field(
        default=(),
        metadata=meta(
            "Topics to leave out even if `topics` matches them. MM2's own exclusions always apply too.",
            rule=kafka.pattern,
        ),
    )
    groups: tuple[str, ...] = field(
        default=(".*",),
        metadata=meta(
            "Consumer groups whose offsets are translated: a list of Java regular expressions. "
            "Each has to match a whole group name.",
            rule=kafka.pattern,
            filled=True,
        ),
    )
    groups_exclude: tuple[str, ...] = field(
        default=(),
        metadata=meta(
            "Consumer groups to leave out even if `groups` matches them. MM2's own exclusions "
            "always apply too.",
            rule=kafka.pattern,
        ),
    )
    replication_policy: ReplicationPolicy = field(
        default="identity",
        metadata=meta(
            "How topics are named on the target. `identity` keeps their names, so that clients "
            "need no change. `default` puts the source's alias before each name; mirroring in "
            "both directions needs it."
        ),
    )
    replication_policy_separator: str = field(
        default=".",
        metadata=meta(
            "Text between the alias and the topic name. It is also part of the names of MM2's "
            "internal topics.",
            rule=kafka.separator,
        ),
    )
    profile: Profile = field(
        default="balanced",
        metadata=meta(
            "The goal for which the mirror is tuned. `region-mirror explain` prints every "
            "value with Kafka's default and the reason."
        ),
    )
    expected_partitions: int | None = field(
        default=None,
        metadata=meta(
            "Number of partitions that the patterns match, if known. The profile computes the "
            "number of tasks from it.",
            minimum=1,
            maximum=1_000_000,
        ),
    )
    expected_record_bytes: int | None = field(
        default=None,
        metadata=meta(
            "Size of a typical record in bytes, if known. The profile computes batch and poll sizes from it.",
            minimum=1,
            maximum=2**30,
        ),
    )
    expected_round_trip_ms: int | None = field(
        default=None,
        metadata=meta(
            "Round-trip time between the regions in milliseconds, if known. The profile computes "
            "fetch sizes and socket buffers from it.",
            minimum=0,
            maximum=60_000,
        ),
    )
    tasks_max: int | None = field(
        default=None,
        metadata=meta(
            "Maximum number of tasks of the source connector; the partitions are spread over "
            "them. With fewer partitions a task is less likely to lose a partition's first offset"
            " sync (see `offset_lag_max`). Absent: the profile decides.",
            minimum=1,
            maximum=10_000,
        ),
    )
    checkpoint_tasks_max: int = field(
        default=1,
        metadata=meta(
            "Maximum number of tasks of the checkpoint connector. The groups are spread over "
            "them; each task reads all offset syncs.",
            minimum=1,
            maximum=1000,
        ),
    )
    exactly_once: bool = field(
        default=True,
        metadata=meta(
            "Whether every record is written exactly once to the target (KIP-618). False: at "
            "least once; records are repeated after the crash of a worker."
        ),
    )
    offset_syncs_topic_location: OffsetSyncsLocation = field(
        default="target",
        metadata=meta(
            "Cluster on which MM2 keeps its offset syncs. `target`: the source user needs no "
            "write permission. `source`: it needs Create, Write and Read on the topic (KIP-716)."
        ),
    )
    offset_lag_max: int = field(
        default=2**31 - 1,
        metadata=meta(
            "Maximum number of records between two offset syncs of a partition; every commit "
            "brings a sync too. Low values do not make translation exact: MM2 keeps one pending "
            "sync for each partition and ten in flight (`OffsetSyncWriter`), so during the first "
            "copy a low value overwrites a partition's first sync before it is sent, and groups "
            "whose offset is before the next sync get no translation.",
            minimum=0,
            maximum=2**31 - 1,
        ),
    )
    replication_factor: int = field(
        default=-1,
        metadata=meta(
            "Replication factor of the topics that MM2 creates; -1 is the target's "
            "`default.replication.factor`. MM2 does not copy the source's replication factor.",
            minimum=-1,
            maximum=2**15 - 1,
            forbidden=(0,),
        ),
    )
    refresh_topics_interval_seconds: int = interval(
        30, "Interval in seconds at which MM2 looks for new topics and partitions."
    )
    refresh_groups_interval_seconds: int = interval(
        30, "Interval in seconds at which MM2 looks for new consumer groups."
    )
    sync_topic_configs_interval_seconds: int = interval(
        60, "Interval in seconds at which MM2 copies the configuration of topics."
    )
    sync_group_offsets_interval_seconds: int = interval(
        10, "Interval in seconds at which MM2 writes translated offsets to the target's consumer groups."
    )
    emit_checkpoints_interval_seconds: int = interval(
        10, "Interval in seconds at which MM2 translates the offsets of consumer groups."
    )
    state: State = field(
        default="running",
        metadata=meta(
            "State of the connectors: `paused` stops mirroring, `stopped` also removes their "
            "tasks. Only a running mirror can be verified."
        ),
    )
    phase: Phase = field(
        default="replicate",
        metadata=meta(
            "Phase of the migration. `replicate`: the mirror runs as `state` says. `promoted`: "
            "`region-mirror cutover` has moved the clients to the target; both connectors are stopped for "
            "good, and `pulumi destroy` keeps the copied users. `retired`: `pulumi destroy` is allowed, and "
            "deletes the mirror's internal topics as well. A phase that contradicts the deployed mirror is "
            "refused."
        ),
    )
    moved: MovedSettings = field(
        default_factory=MovedSettings,
        metadata=meta(
            "The part of the mirror that `region-mirror cutover --topic` has moved to the target. MM2 "
            "does not mirror these topics, and does not translate the offsets of these groups, any more. The "
            "command prints the lines, or writes them (`--write-stack-file`). A list that contradicts the "
            "deployed mirror is refused."
        ),
    )
    start_from: str = field(
        default="earliest",
        metadata=meta(
            "Position at which the first copy of a topic begins: `earliest`, `latest`, or a time "
            "(`2026-11-01T00:00:00Z`). It applies to partitions that exist at the first "
            "deployment; topics and partitions that are created later are mirrored from their "
            "beginning.",
            rule=kafka.start,
        ),
    )
    start_from_by_topic: Mapping[str, str] = field(
        default_factory=dict,
        metadata=meta(
            "Topics that begin at another position: a topic pattern, with `earliest`, `latest`, "
            "a time, or the first offset of each partition (`offsets 120,98`) as its value. The first "
            "pattern that matches is used. `region-mirror reverse` writes offsets.",
            key_rule=kafka.pattern,
            rule=kafka.topic_start,
        ),
    )
    topic_configs_exclude: tuple[str, ...] = field(
        default=(),
        metadata=meta(
            "Topic configurations that are not copied: regular expressions "
            "(`config.properties.exclude`). MM2's own exclusions always apply too.",
            rule=kafka.pattern,
        ),
    )
    auto_restart_max: int | None = field(
        default=None,
        metadata=meta(
            "Maximum number of automatic restarts of a failed connector or task. Absent: unlimited.",
            minimum=0,
            maximum=1_000_000,
        ),
    )
    heartbeats_interval_seconds: int = field(
        default=0,
        metadata=meta(
            "Interval in seconds at which heartbeats are written to the source; they are mirrored"
            " like any other topic. 0: no heartbeats. Heartbeats need a second Kafka Connect, "
            "which is deployed beside the mirror, and write permission on their topic on the "
            "source.",
            minimum=0,
            maximum=86_400,
        ),
    )
    group_id: str | None = field(
        default=None,
        metadata=meta(
            "Connect's `group.id`. Absent: the mirror's name. Set it, and the three topics below,"
            " to take over a mirror that was deployed by other means.",
            rule=text.not_blank,
        ),
    )
    configs_topic: str | None = field(
        default=None,
        metadata=meta("Connect's `config.storage.topic`. Absent: `__<name>-config`.", rule=kafka.topic_name),
    )
    offsets_topic: str | None = field(
        default=None,
        metadata=meta("Connect's `offset.storage.topic`. Absent: `__<name>-offset`.", rule=kafka.topic_name),
    )
    status_topic: str | None = field(
        default=None,
        metadata=meta("Connect's `status.storage.topic`. Absent: `__<name>-status`.", rule=kafka.topic_name),
    )
    leftovers: Literal["refuse", "adopt"] = field(
        default="refuse",
        metadata=meta(
            "What to do at the first deployment if internal topics of an earlier mirror with the "
            "same names exist: MM2 would skip the records that the earlier mirror copied. "
            "`refuse` stops the deployment; `adopt` continues from the positions of the earlier "
            "mirror."
        ),
    )
    identity_change: Literal["refuse", "allow"] = field(
        default="refuse",
        metadata=meta(
            "Whether the aliases, Connect's group and topics, and the replication policy of a "
            "deployed mirror may change. After a change MM2 starts from the beginning and copies "
            "every record again."
        ),
    )
    take_over: str | None = field(
        default=None,
        metadata=meta(
            "For a stack whose state was lost: the recorded owner of the deployed mirror of this "
            "name, as the refusal prints it (`project/stack/id`), or `unrecorded`. This stack then "
            "manages the mirror's objects: `pulumi up` overwrites their fields and records this "
            "stack as their owner, and `pulumi destroy` deletes them. The former stack is refused "
            "from then on. Leave the setting in the stack file: Kubernetes keeps the former stack as a "
            "second manager of each field that did not change, and only a forced apply changes such a "
            "field later.",
            rule=text.owner,
        ),
    )
    config: Overrides = field(
        default_factory=Overrides,
        metadata=meta("Raw properties of Kafka Connect and MM2 that have no setting of their own."),
    )
    allow_data_loss: tuple[str, ...] = field(
        default=(),
        metadata=meta(
            "Names of the no-loss rules that `config` may break. The preview prints each breach.",
            rule=text.not_blank,
        ),
    )

    @property
    def connector_state(self) -> State:
        """State in which both connectors are declared: a promoted mirror is stopped for good."""
        return self.state if self.phase == "replicate" else "stopped"

    @property
    def declared_state(self) -> str:
        """For messages, what decides whether the connectors run: the phase once promoted, else the state."""
        return self.state if self.phase == "replicate" else self.phase
