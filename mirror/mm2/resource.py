"""A KafkaMirrorMaker2 of either generation of Strimzi's API, laid out so that two can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_OF_MIRRORS = frozenset({"target", "mirrors", "clusters", "connectCluster"})
_CONNECT = {
    "groupId": "group.id",
    "configStorageTopic": "config.storage.topic",
    "offsetStorageTopic": "offset.storage.topic",
    "statusStorageTopic": "status.storage.topic",
}
"""Fields of v1's `target`, and the keys of `config` that v1beta2 has for them."""
PATTERNS = ("topicsPattern", "topicsExcludePattern", "groupsPattern", "groupsExcludePattern")


@dataclass(frozen=True, slots=True)
class Flow:
    """One source's mirror: connection and configuration of its clients, connectors, patterns."""

    alias: str
    connection: Mapping[str, Any]
    clients: Mapping[str, Any]
    connectors: Mapping[str, Mapping[str, Any]]
    """`source connector` and `checkpoint connector`, as `spec.mirrors[]` has them."""
    patterns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class View:
    """Everything of one KafkaMirrorMaker2."""

    pods: Mapping[str, Any] = field(default_factory=dict)
    """Fields of `spec` about the pods."""
    target: Mapping[str, Any] = field(default_factory=dict)
    """How the workers reach the target."""
    worker: Mapping[str, Any] = field(default_factory=dict)
    """The workers' configuration."""
    connect: Mapping[str, Any] = field(default_factory=dict)
    """Connect's group and topics."""
    flows: Mapping[str, Flow] = field(default_factory=dict)
    """By the source's alias."""


def view(resource: Mapping[str, Any] | None) -> View:
    """Lay a KafkaMirrorMaker2 out; None is one with nothing in it."""
    spec = (resource or {}).get("spec") or {}
    mirrors = [mirror for mirror in spec.get("mirrors") or [] if isinstance(mirror, Mapping)]
    clusters = {str(one.get("alias")): one for one in spec.get("clusters") or []}
    target = dict(spec.get("target") or clusters.get(str(spec.get("connectCluster"))) or {})
    worker = dict(target.pop("config", None) or {})
    connect = {key: target.pop(key, None) or worker.pop(old, None) for key, old in _CONNECT.items()}
    flows = {}
    for mirror in mirrors:
        source = dict(mirror.get("source") or clusters.get(str(mirror.get("sourceCluster"))) or {})
        alias = str(source.get("alias") or mirror.get("sourceCluster"))
        clients = source.pop("config", None) or {}
        connectors = {
            "source connector": mirror.get("sourceConnector") or {},
            "checkpoint connector": mirror.get("checkpointConnector") or {},
        }
        patterns = {key: str(mirror[key]) for key in PATTERNS if mirror.get(key) is not None}
        flows[alias] = Flow(alias, source, clients, connectors, patterns)
    pods = {key: value for key, value in spec.items() if key not in _OF_MIRRORS}
    return View(pods, target, worker, {key: value for key, value in connect.items() if value}, flows)
