"""The plan of one mirror and its inputs, as plain values.

A plan holds no secret: of a credential, it keeps only whether the value changes. Field names and Literals are
the keys and values of `plan --json`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from mirror.estate.seen import Seen
from mirror.mm2.phase import REPLICATE
from mirror.verify.values.topic_config import TopicConfig

Action = Literal["appears", "changes", "goes"]
Owner = Literal["own", "copied"]
Restart = Literal["nothing", "connectors", "pods"]


@dataclass(frozen=True, slots=True)
class PlannedTopic:
    """A source topic that the change adds or removes.

    `copy`: the name on the target, if it differs. `records`: at most this many are copied, counted in
    offsets, so that transaction markers, aborted and compacted records are included; None: not counted.
    """

    name: str
    partitions: int
    copy: str | None = None
    records: int | None = None


@dataclass(frozen=True, slots=True)
class TopicChanges:
    """Source topics that match after the change, and those added or removed by it.

    `unknown`: why the source could not be read.
    """

    matched: int = 0
    entering: tuple[PlannedTopic, ...] = ()
    leaving: tuple[PlannedTopic, ...] = ()
    unknown: str | None = None


@dataclass(frozen=True, slots=True)
class GroupChanges:
    """Consumer groups that match after the change, and those added or removed by it.

    `unknown`: why the source could not be read.
    """

    matched: int = 0
    entering: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()
    unknown: str | None = None
    untranslated: tuple[str, ...] = ()
    """Streams and share groups that match: MM2 does not translate them."""


@dataclass(frozen=True, slots=True)
class UserChange:
    """A KafkaUser on the target that is created (`appears`), changed or deleted (`goes`), with details.

    `owner`: `own` for the users of the mirror itself, `copied` for copies of source users.
    """

    name: str
    owner: Owner
    action: Action
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """A property or field that changes; None means absent. Secret values are hidden."""

    where: str
    key: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ObjectChange:
    """An object for monitoring or verification that is created, changed or deleted on the target."""

    kind: str
    name: str
    action: Action


@dataclass(frozen=True, slots=True)
class DeletedObject:
    """An object of the deployed mirror that somebody deleted: a Secret, or one of its own KafkaUsers."""

    kind: str
    name: str

    def told(self, namespace: str) -> str:
        """What a reviewer should know."""
        return (
            f"{self.kind} {namespace}/{self.name} was deleted outside Pulumi. `pulumi up` does not notice "
            "that; `pulumi up --refresh` restores it"
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """Effects of deploying a stack file on one mirror."""

    mirror: str
    source: str
    target: str
    first: bool
    """Whether the mirror is not deployed yet."""
    topics: TopicChanges = field(default_factory=TopicChanges)
    groups: GroupChanges = field(default_factory=GroupChanges)
    users: tuple[UserChange, ...] = ()
    credentials: tuple[str, ...] = ()
    """Passwords and certificates that change: `the password of orders-consumer changes`."""
    properties: tuple[PropertyChange, ...] = ()
    objects: tuple[ObjectChange, ...] = ()
    """Objects for monitoring and verification in the target's Kubernetes."""
    restart: Restart = "nothing"
    restart_reasons: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    """Connectors that are paused, stopped or resumed, and changes of the number of worker pods."""
    refused: tuple[str, ...] = ()
    """Reasons why the deployment would be refused."""
    contradicted: tuple[str, ...] = ()
    """Those of `refused` that are about a promotion: the deployment would start connectors again, or stop
    them too early.
    """
    permitted: tuple[str, ...] = ()
    """No-loss rules that the stack file breaks with permission (`mirror.allow_data_loss`)."""
    rights: tuple[str, ...] = ()
    """ACLs that the source's user needs: all before the first deployment, else additional ones."""
    notes: tuple[str, ...] = ()
    renamed_from: str | None = None
    """Name of the deployed mirror of this stack that this mirror replaces; `first` is true then too."""
    warnings: tuple[str, ...] = ()
    """Those of the `notes` that need an answer: patterns that match nothing, topics that the target would
    refuse, and objects that were deleted outside Pulumi.
    """
    deleted: tuple[DeletedObject, ...] = ()
    """Objects that were deleted outside Pulumi; `notes` tell of them."""
    unread: str | None = None
    """Why the deployed resources could not be read; the plan then describes only the stack file."""
    phase: str = REPLICATE
    """As the stack file declares it (`mirror.phase`). A mirror that `pulumi up` is to move replicates until
    then."""
    seen: Seen | None = field(default=None, compare=False)
    """What the guards of a deployment are told; None where `unread`. `plan --json` leaves it out."""

    @property
    def changes(self) -> bool:
        """Whether deploying changes anything that a plan can show."""
        return bool(
            self.first
            or self.users
            or self.credentials
            or self.properties
            or self.objects
            or self.state
            or self.topics.entering
            or self.topics.leaving
            or self.groups.entering
            or self.groups.leaving
        )

    def to_json(self) -> dict[str, Any]:
        """Return the plan as plain lists and mappings."""
        found = asdict(replace(self, seen=None))
        del found["seen"]
        return {"changes": self.changes, **found}


@dataclass(frozen=True, slots=True)
class DeployedResources:
    """The resources of one mirror in the target's Kubernetes.

    `secrets`: decoded values by name and key, for existing Secrets. `others`: further KafkaMirrorMaker2
    that region-mirror deployed in the same namespace, by name. `unread`: why the resources could not be read.
    """

    mirror_maker2: Mapping[str, Any] | None = None
    kafka_users: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    secrets: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict, repr=False)
    others: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    heartbeats: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The mirror's KafkaConnect and KafkaConnector, by `<kind> <name>`."""
    objects: Mapping[str, str] = field(default_factory=dict)
    """The mirror's objects for monitoring and verification, by `<kind> <name>`: the digest of the declared
    manifest, empty where none is recorded.
    """
    objects_unread: Mapping[str, str] = field(default_factory=dict)
    """Why the objects of a kind could not be read, by kind."""
    connect_topics: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The topics of every other KafkaConnect of the namespace, by its name."""
    unread: str | None = None


@dataclass(frozen=True, slots=True)
class SourceLook:
    """The source's topics and consumer groups.

    `topics`: number of partitions and of records (None: not counted) by name. `other_groups`: streams and
    share groups. `configs`: configurations of the topics that the change adds, where they could be read.
    `topics_unknown` and `groups_unknown`: why they could not be read.
    """

    topics: Mapping[str, tuple[int, int | None]] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    topics_unknown: str | None = None
    groups_unknown: str | None = None
    other_groups: tuple[str, ...] = ()
    configs: Mapping[str, TopicConfig] = field(default_factory=dict)
