"""What a plan says, as plain values. It holds no secret: that a credential differs is all that it keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Action = Literal["appears", "changes", "goes"]
Owner = Literal["own", "copied"]
Restart = Literal["nothing", "connectors", "pods"]


@dataclass(frozen=True, slots=True)
class PlannedTopic:
    """A topic of the source: its name on the target too where the two differ. `records` is how many there are
    to copy at most (offsets; markers, aborted and compacted records count), None where nobody looked.
    """

    name: str
    partitions: int
    copy: str | None = None
    records: int | None = None


@dataclass(frozen=True, slots=True)
class TopicChanges:
    """The source's topics by what the change means to them. `unknown` says why nobody could look."""

    matched: int = 0
    entering: tuple[PlannedTopic, ...] = ()
    leaving: tuple[PlannedTopic, ...] = ()
    unknown: str | None = None


@dataclass(frozen=True, slots=True)
class GroupChanges:
    """The source's consumer groups, likewise."""

    matched: int = 0
    entering: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()
    unknown: str | None = None


@dataclass(frozen=True, slots=True)
class UserChange:
    """A KafkaUser on the target that appears, changes or goes; `details` say what of it."""

    name: str
    owner: Owner
    action: Action
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """A property or field that differs; None stands for absent. Secret values are hidden."""

    where: str
    key: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What deploying a stack file means for one mirror."""

    mirror: str
    source: str
    target: str
    first: bool
    """Nothing of the mirror is deployed yet."""
    topics: TopicChanges = field(default_factory=TopicChanges)
    groups: GroupChanges = field(default_factory=GroupChanges)
    users: tuple[UserChange, ...] = ()
    credentials: tuple[str, ...] = ()
    """Passwords and certificates that change: `password of orders-consumer changes`."""
    properties: tuple[PropertyChange, ...] = ()
    restart: Restart = "nothing"
    restart_reasons: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    """Connectors that are paused, stopped or resumed, and pods that come or go."""
    refused: tuple[str, ...] = ()
    """Why it will not be deployed as it is."""
    permitted: tuple[str, ...] = ()
    """No-loss rules that the stack file permits to break."""
    rights: tuple[str, ...] = ()
    """What the source's user needs, as lines."""
    notes: tuple[str, ...] = ()
    unread: str | None = None
    """Why it could not be seen what is deployed; then nothing but the stack file is told."""

    @property
    def changes(self) -> bool:
        """Whether deploying changes anything that can be seen here."""
        return bool(
            self.first
            or self.users
            or self.credentials
            or self.properties
            or self.state
            or self.topics.entering
            or self.topics.leaving
            or self.groups.entering
            or self.groups.leaving
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as plain lists and mappings."""
        found: Mapping[str, Any] = asdict(self)
        return {"changes": self.changes, **found}


@dataclass(frozen=True, slots=True)
class DeployedResources:
    """What the target's Kubernetes has of one mirror.

    `secrets` are the decoded Secrets of those names that exist. `others` are mirrors in the namespace that
    region-mirror declared under another name.
    """

    mirror_maker2: Mapping[str, Any] | None = None
    kafka_users: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    secrets: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict, repr=False)
    others: tuple[str, ...] = ()
    heartbeats: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The mirror's KafkaConnect and KafkaConnector, by `<kind> <name>`."""
    unread: str | None = None


@dataclass(frozen=True, slots=True)
class SourceLook:
    """What the source's Kafka has: topics with partitions and records (None: not counted), and groups."""

    topics: Mapping[str, tuple[int, int | None]] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    topics_unknown: str | None = None
    groups_unknown: str | None = None
