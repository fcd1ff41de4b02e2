"""The parts of a KafkaMirrorMaker2 for which a stack file has no place. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from manifests.strimzi.resource import CONNECTOR_FIELDS, MIRROR_FIELDS
from mirror.importing.connectors import CONNECTOR
from mirror.importing.differences import Difference
from mirror.importing.mm2_properties import DEDICATED
from mirror.plan.differences import shown_value

_NOISE = frozenset({"kubectl.kubernetes.io/last-applied-configuration", DEDICATED})
_CONNECTOR = frozenset({"tasksMax", "config", "state", "pause", "autoRestart"})
_HEARTBEATS = (
    "the heartbeats of v1beta2 are written to the target and prove nothing about a mirror in one direction. "
    "mirror.heartbeats_interval_seconds writes them to the source"
)
_POSITIONS = (
    "Connect keeps MM2's positions by the connector's name, which is {name} and A->B.MirrorSourceConnector "
    "with Strimzi's KafkaMirrorMaker2. MM2 begins anew and copies every record again: mirror into an empty "
    "target, or keep {keep}"
)
_OF_DEDICATED = {
    "name": "MirrorSourceConnector in dedicated mode (`MirrorMakerConfig.connectorBaseConfig`)",
    "keep": "the dedicated MirrorMaker 2",
}


def unread(resource: Mapping[str, Any]) -> Iterator[Difference]:
    """Name labels, annotations, and fields of the mirror that are not carried over."""
    yield from _metadata(resource.get("metadata") or {})
    spec = resource.get("spec") or {}
    (mirror,) = spec.get("mirrors") or [{}]
    yield from _clusters(spec, mirror)
    for key, value in sorted(mirror.items()):
        if key not in MIRROR_FIELDS:
            why = _HEARTBEATS if key == "heartbeatConnector" else "no setting has this field"
            yield _not_kept("mirror", key, value, why)
    for name, field in CONNECTOR_FIELDS.items():
        for key, value in sorted((mirror.get(field) or {}).items()):
            if key not in _CONNECTOR:
                yield _not_kept(name, key, value, "no setting has this field")


def _metadata(metadata: Mapping[str, Any]) -> Iterator[Difference]:
    for part in ("labels", "annotations"):
        for key, value in sorted((metadata.get(part) or {}).items()):
            if key not in _NOISE:
                why = "it remains on the resource, and is lost when the resource is created anew"
                yield _not_kept("metadata", f"{part}.{key}", value, why)
    origin = str((metadata.get("annotations") or {}).get(DEDICATED) or "")
    if origin.startswith(CONNECTOR):
        name = origin.removeprefix(CONNECTOR)
        why = _POSITIONS.format(name=f"{name} here", keep=f"the connector {name}")
        yield Difference("not kept", "Connect", "positions", "in the offsets topic of its Connect", None, why)
    elif origin:
        why = _POSITIONS.format(**_OF_DEDICATED)
        yield Difference("not kept", "Connect", "positions", "in mm2-offsets", None, why)


def _clusters(spec: Mapping[str, Any], mirror: Mapping[str, Any]) -> Iterator[Difference]:
    used = {mirror.get("sourceCluster"), mirror.get("targetCluster"), spec.get("connectCluster")}
    for cluster in spec.get("clusters") or []:
        if cluster.get("alias") not in used:
            why = "this mirror does not use the cluster"
            yield _not_kept("clusters", str(cluster.get("alias")), "declared", why)
    if mirror.get("targetCluster") not in (None, spec.get("connectCluster")):
        why = "the target is spec.connectCluster, where Connect runs"
        yield _not_kept("mirror", "targetCluster", mirror["targetCluster"], why)


def _not_kept(where: str, key: str, value: Any, why: str) -> Difference:
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return Difference("not kept", where, key, shown_value(key, text), None, why)
