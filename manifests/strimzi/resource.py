"""Reads a KafkaMirrorMaker2 resource of either API generation (v1beta2 and v1) into one layout. Pure.

v1 has `spec.target` and `spec.mirrors[].source`. v1beta2 has a list `spec.clusters`, to which
`spec.connectCluster` and `spec.mirrors[].sourceCluster` refer by alias. v1beta2 keeps Connect's group id and
topics in the worker's `config`, v1 in fields of `spec.target`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

ConnectorName = Literal["source connector", "checkpoint connector"]
SOURCE_CONNECTOR: ConnectorName = "source connector"
CHECKPOINT_CONNECTOR: ConnectorName = "checkpoint connector"
CONNECTOR_FIELDS: dict[ConnectorName, str] = {
    SOURCE_CONNECTOR: "sourceConnector",
    CHECKPOINT_CONNECTOR: "checkpointConnector",
}
"""Fields of an entry of `spec.mirrors`, the same in both API generations."""
_NOT_ABOUT_PODS = frozenset({"target", "mirrors", "clusters", "connectCluster"})
CONNECT_PROPERTIES = {
    "groupId": "group.id",
    "configStorageTopic": "config.storage.topic",
    "offsetStorageTopic": "offset.storage.topic",
    "statusStorageTopic": "status.storage.topic",
}
"""Fields of v1's `target`, and the keys of the worker's `config` that v1beta2 has instead."""
PATTERNS = ("topicsPattern", "topicsExcludePattern", "groupsPattern", "groupsExcludePattern")
_FORMERLY = {f"{kind}ExcludePattern": f"{kind}BlacklistPattern" for kind in ("topics", "groups")}
"""Deprecated fields of v1beta2. Strimzi reads one where the newer field is absent."""
MIRROR_FIELDS = frozenset(
    {*CONNECTOR_FIELDS.values(), *PATTERNS, *_FORMERLY.values(), "source", "sourceCluster", "targetCluster"}
)
"""Fields of an entry of `spec.mirrors` that are read here."""
AS_PROPERTIES: dict[str, tuple[ConnectorName, tuple[str, ...]]] = {
    "topicsPattern": (SOURCE_CONNECTOR, ("topics",)),
    "topicsExcludePattern": (SOURCE_CONNECTOR, ("topics.exclude", "topics.blacklist")),
    "groupsPattern": (CHECKPOINT_CONNECTOR, ("groups",)),
    "groupsExcludePattern": (CHECKPOINT_CONNECTOR, ("groups.exclude", "groups.blacklist")),
}
"""The connector that reads each pattern, and the properties, the newer name first. A field of the resource
overwrites them; where it has none, they count (`KafkaMirrorMaker2Connectors`).
"""
CONNECT_DEFAULTS = {
    "groupId": "mirrormaker2-cluster",
    "configStorageTopic": "mirrormaker2-cluster-configs",
    "offsetStorageTopic": "mirrormaker2-cluster-offsets",
    "statusStorageTopic": "mirrormaker2-cluster-status",
}
"""Connect's names where a resource of v1beta2 has none (`KafkaMirrorMaker2Configuration`); v1 requires the
fields.
"""
DEFAULT_REPLICAS = 3
"""Of v1beta2; v1 requires the field."""


@dataclass(frozen=True, slots=True)
class MirrorFlow:
    """One entry of `spec.mirrors`: the source, its connectors, and the patterns of topics and groups."""

    alias: str
    connection: Mapping[str, Any]
    """How the connectors reach the source: bootstrap servers, TLS, authentication."""
    clients: Mapping[str, Any]
    """The configuration of the source's Kafka clients."""
    connectors: Mapping[ConnectorName, Mapping[str, Any]]
    """As the resource has them, but for `patterns`; an empty mapping for a connector that is not declared."""
    patterns: Mapping[str, str]
    """By field name, see `PATTERNS`; only those that are set, as fields or as properties of a connector."""
    undeclared: frozenset[ConnectorName] = frozenset()
    """Connectors that the resource does not declare."""
    others: Mapping[str, Any] = field(default_factory=dict)
    """Fields beside `MIRROR_FIELDS`, such as v1beta2's `heartbeatConnector`."""

    def config(self, connector: ConnectorName) -> Mapping[str, Any]:
        """The configuration of one connector; empty where it is not declared."""
        return self.connectors.get(connector, {}).get("config") or {}

    @property
    def not_stopped(self) -> tuple[str, ...]:
        """The fields of the declared connectors whose state is not `stopped`."""
        return tuple(
            CONNECTOR_FIELDS[name]
            for name, connector in self.connectors.items()
            if name not in self.undeclared and connector.get("state") != "stopped"
        )

    def pattern_list(self, name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The regular expressions of one of `PATTERNS`, which are separated by commas."""
        text = self.patterns.get(name)
        return default if text is None else split_list(text)


@dataclass(frozen=True, slots=True)
class MirrorMaker2Spec:
    """The content of one KafkaMirrorMaker2, the same for both API generations."""

    pods: Mapping[str, Any] = field(default_factory=dict)
    """Fields of `spec` about the pods."""
    target: Mapping[str, Any] = field(default_factory=dict)
    """How the workers reach the target: alias, bootstrap servers, TLS, authentication."""
    worker: Mapping[str, Any] = field(default_factory=dict)
    """The workers' configuration."""
    connect: Mapping[str, Any] = field(default_factory=dict)
    """Connect's group id and topics, by the names of v1's fields; only those that are set."""
    mirrors: tuple[MirrorFlow, ...] = ()
    """In the order of `spec.mirrors`."""

    @property
    def flows(self) -> dict[str, MirrorFlow]:
        """The mirrors by the alias of their source."""
        return {one.alias: one for one in self.mirrors}


def read_mirror_maker2(resource: Mapping[str, Any] | None) -> MirrorMaker2Spec:
    """Read a KafkaMirrorMaker2 of either generation; None gives an empty one."""
    spec = (resource or {}).get("spec") or {}
    clusters = {str(one.get("alias")): one for one in spec.get("clusters") or []}
    target = dict(spec.get("target") or clusters.get(str(spec.get("connectCluster"))) or {})
    worker = dict(target.pop("config", None) or {})
    connect = {key: target.pop(key, None) or worker.pop(old, None) for key, old in CONNECT_PROPERTIES.items()}
    return MirrorMaker2Spec(
        {key: value for key, value in spec.items() if key not in _NOT_ABOUT_PODS},
        target,
        worker,
        {key: value for key, value in connect.items() if value},
        tuple(_flow(one, clusters) for one in spec.get("mirrors") or [] if isinstance(one, Mapping)),
    )


def split_list(text: object) -> tuple[str, ...]:
    """The entries of a Kafka property of type LIST: separated by commas, spaces around them do not count."""
    return tuple(one.strip() for one in str(text or "").split(",") if one.strip())


def _flow(mirror: Mapping[str, Any], clusters: Mapping[str, Mapping[str, Any]]) -> MirrorFlow:
    source = dict(mirror.get("source") or clusters.get(str(mirror.get("sourceCluster"))) or {})
    alias = str(source.get("alias") or mirror.get("sourceCluster") or "")
    clients = source.pop("config", None) or {}
    connectors = {name: dict(mirror.get(key) or {}) for name, key in CONNECTOR_FIELDS.items()}
    given = {key: mirror.get(key, mirror.get(_FORMERLY.get(key, key))) for key in PATTERNS}
    patterns = {key: str(value) for key, value in given.items() if value is not None}
    patterns |= {
        key: value for key in PATTERNS if key not in patterns and (value := _as_property(key, connectors))
    }
    undeclared = frozenset(name for name, key in CONNECTOR_FIELDS.items() if mirror.get(key) is None)
    others = {key: value for key, value in mirror.items() if key not in MIRROR_FIELDS and value is not None}
    return MirrorFlow(alias, source, clients, connectors, patterns, undeclared, others)


def _as_property(pattern: str, connectors: Mapping[ConnectorName, dict[str, Any]]) -> str:
    """Take a pattern from the properties of the connector that reads it; "" where it has none."""
    connector, names = AS_PROPERTIES[pattern]
    config = connectors[connector].get("config") or {}
    found = [str(config[name]) for name in names if config.get(name) is not None]
    if found:
        connectors[connector]["config"] = {key: value for key, value in config.items() if key not in names}
    return found[0] if found else ""
