"""The settings of one stack, as they are after every rule has been kept.

A field's name is its key in the stack file. Its metadata hold `doc` (for people: the reference page is
generated from it) and what has to be true of it: `rule` for text and for the elements of a list, `minimum`
and `maximum` for numbers, `filled` for lists that must not be empty.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from settings import rules

Authentication = Literal["scram-sha-512", "tls"]
ReplicationPolicy = Literal["identity", "default"]
OffsetSyncsLocation = Literal["target", "source"]
State = Literal["running", "paused", "stopped"]


def _meta(doc: str, **rule: Any) -> dict[str, Any]:
    return {"doc": doc, **rule}


def _interval(default: int, doc: str) -> int:
    value: int = field(default=default, metadata=_meta(doc, minimum=1, maximum=86_400))
    return value


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """The cluster that is copied. It is only read, unless `mirror.offset_syncs_topic_location` is
    `source`.
    """

    alias: str = field(metadata=_meta("MM2's name for the source cluster.", rule=rules.alias))
    cluster: str = field(
        metadata=_meta("`metadata.name` of the source's Strimzi `Kafka` resource.", rule=rules.resource_name)
    )
    namespace: str = field(
        metadata=_meta(
            "Kubernetes namespace of the source's Kafka, its users and Secrets.", rule=rules.namespace
        )
    )
    user: str = field(
        metadata=_meta(
            "The source's KafkaUser that MM2 reads with (the runbook's `sourceuser`). "
            "It needs no write right.",
            rule=rules.resource_name,
        )
    )
    kubeconfig: str | None = field(
        default=None,
        metadata=_meta(
            "Kubeconfig of the source's Kubernetes; a relative path starts at the project folder. "
            "Absent: `KUBECONFIG`, `~/.kube/config` or the pod's own account.",
            rule=rules.not_blank,
        ),
    )
    context: str | None = field(
        default=None,
        metadata=_meta("Context in that kubeconfig. Absent: its current context.", rule=rules.not_blank),
    )
    listener: str | None = field(
        default=None,
        metadata=_meta(
            "Listener of the `Kafka` resource that MM2 connects to; its status gives the bootstrap servers. "
            "This or `bootstrap_servers` is needed.",
            rule=rules.listener,
        ),
    )
    bootstrap_servers: str | None = field(
        default=None,
        metadata=_meta(
            "Bootstrap servers as the target's region reaches them, instead of the listener's status.",
            rule=rules.bootstrap_servers,
        ),
    )
    authentication: Authentication = field(
        default="scram-sha-512", metadata=_meta("How `user` logs in to the source.")
    )


@dataclass(frozen=True, slots=True)
class TargetSettings:
    """The cluster that is copied to. MirrorMaker 2 runs beside it."""

    alias: str = field(
        metadata=_meta("MM2's name for the target cluster; not the source's alias.", rule=rules.alias)
    )
    cluster: str = field(
        metadata=_meta("`metadata.name` of the target's Strimzi `Kafka` resource.", rule=rules.resource_name)
    )
    namespace: str = field(
        metadata=_meta(
            "Kubernetes namespace of the target's Kafka; everything is declared here.", rule=rules.namespace
        )
    )
    listener: str = field(
        metadata=_meta("Listener of the target's `Kafka` resource that MM2 connects to.", rule=rules.listener)
    )
    kubeconfig: str | None = field(
        default=None,
        metadata=_meta(
            "Kubeconfig of the target's Kubernetes, as `source.kubeconfig`.", rule=rules.not_blank
        ),
    )
    context: str | None = field(
        default=None,
        metadata=_meta("Context in that kubeconfig. Absent: its current context.", rule=rules.not_blank),
    )
    authentication: Authentication = field(
        default="scram-sha-512",
        metadata=_meta("How the mirror's own users log in to the target; what `listener` asks for."),
    )


@dataclass(frozen=True, slots=True)
class MirrorSettings:
    """One source-to-target flow.

    There is no setting for `sync.topic.acls.enabled`: it is always false. MM2 would write ACLs that Strimzi's
    User Operator deletes again on its next pass; KafkaUsers are copied instead, ACLs and all.
    """

    name: str = field(
        metadata=_meta(
            "Name of the KafkaMirrorMaker2; Connect's group, topics and users derive from it.",
            rule=rules.mirror_name,
        )
    )
    topics: tuple[str, ...] = field(
        metadata=_meta(
            "Topics to mirror: Java regular expressions, each for a whole name.",
            rule=rules.pattern,
            filled=True,
        )
    )
    topics_exclude: tuple[str, ...] = field(
        default=(),
        metadata=_meta(
            "Topics to leave out although `topics` matches, besides what MM2 itself leaves out.",
            rule=rules.pattern,
        ),
    )
    groups: tuple[str, ...] = field(
        default=(".*",),
        metadata=_meta(
            "Consumer groups whose offsets are translated: Java regular expressions.",
            rule=rules.pattern,
            filled=True,
        ),
    )
    groups_exclude: tuple[str, ...] = field(
        default=(),
        metadata=_meta(
            "Groups to leave out although `groups` matches, besides what MM2 itself leaves out.",
            rule=rules.pattern,
        ),
    )
    replication_policy: ReplicationPolicy = field(
        default="identity",
        metadata=_meta(
            "`identity` keeps topic names, so that clients need no change; `default` puts the source's alias "
            "before them, which mirroring in both directions needs."
        ),
    )
    replication_policy_separator: str = field(
        default=".",
        metadata=_meta(
            "Stands between alias and topic name, and in the names of MM2's internal topics.",
            rule=rules.separator,
        ),
    )
    replicas: int = field(
        default=2, metadata=_meta("Connect workers. Two survive the loss of one.", minimum=1, maximum=1000)
    )
    tasks_max: int = field(
        default=4,
        metadata=_meta(
            "Most tasks of the source connector; partitions are spread over them. The fewer partitions a "
            "task has, the less likely it loses a partition's first offset sync (see `offset_lag_max`).",
            minimum=1,
            maximum=10_000,
        ),
    )
    checkpoint_tasks_max: int = field(
        default=1,
        metadata=_meta(
            "Most tasks of the checkpoint connector; groups are spread over them, each reads all syncs.",
            minimum=1,
            maximum=1000,
        ),
    )
    exactly_once: bool = field(
        default=True,
        metadata=_meta(
            "Every record exactly once on the target (KIP-618). "
            "False: at least once; a worker's crash repeats records."
        ),
    )
    offset_syncs_topic_location: OffsetSyncsLocation = field(
        default="target",
        metadata=_meta(
            "Where MM2 keeps its offset syncs. `target`: the source user needs no write right; `source`: "
            "it needs Create, Write and Read on the topic (KIP-716)."
        ),
    )
    offset_lag_max: int = field(
        default=2**31 - 1,
        metadata=_meta(
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
        metadata=_meta(
            "Replication factor of topics that MM2 creates; -1 is the target's `default.replication.factor`. "
            "The source's is not copied.",
            minimum=-1,
            maximum=2**15 - 1,
            forbidden=(0,),
        ),
    )
    refresh_topics_interval_seconds: int = _interval(
        30, "Seconds between looks for new topics and partitions."
    )
    refresh_groups_interval_seconds: int = _interval(30, "Seconds between looks for new consumer groups.")
    sync_topic_configs_interval_seconds: int = _interval(
        60, "Seconds between copies of the topics' configuration."
    )
    sync_group_offsets_interval_seconds: int = _interval(
        10, "Seconds between writes of translated offsets to the target's consumer groups."
    )
    emit_checkpoints_interval_seconds: int = _interval(
        10, "Seconds between translations of the groups' offsets."
    )
    state: State = field(
        default="running",
        metadata=_meta(
            "What the connectors do; `stopped` also frees their tasks. Only a running mirror can be verified."
        ),
    )


@dataclass(frozen=True, slots=True)
class UsersSettings:
    """The users that find the same credentials and rights on the target."""

    copy: tuple[str, ...] = field(
        default=(),
        metadata=_meta("The source's KafkaUsers to create on the target.", rule=rules.resource_name),
    )


@dataclass(frozen=True, slots=True)
class VerificationSettings:
    """What has to be proven before `pulumi up` succeeds."""

    enabled: bool = field(default=True, metadata=_meta("Verify the mirror at the end of each change."))
    deadline_seconds: int = field(
        default=300,
        metadata=_meta("Seconds that `pulumi up` waits for a proven mirror.", minimum=0, maximum=604_800),
    )
    max_lag_seconds: int = field(
        default=30,
        metadata=_meta("Seconds that the mirror may be behind its source.", minimum=1, maximum=604_800),
    )
    certificate_margin_days: int = field(
        default=14,
        metadata=_meta("Days that every certificate has to remain valid.", minimum=0, maximum=3650),
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """All that one stack file says about one mirror."""

    source: SourceSettings
    target: TargetSettings
    mirror: MirrorSettings
    users: UsersSettings = field(default_factory=UsersSettings)
    verification: VerificationSettings = field(default_factory=VerificationSettings)
