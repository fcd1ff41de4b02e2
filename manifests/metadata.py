"""The metadata of every resource that this program declares, and how such a resource is recognised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from settings.model import Settings

Manifest = dict[str, Any]
"""A Kubernetes object as plain data."""

MIRROR = "region-mirror/mirror"
"""Annotation with the mirror's name, on every resource that a mirror declares.

It is no label, because Strimzi copies the labels of a resource to the objects that it creates for it.
"""

PHASE = "region-mirror/phase"
"""Annotation of the KafkaMirrorMaker2 whose connectors are stopped for good: `promoted` or `retired`.

The cutover writes it at the promotion; from then on the stack declares it, too (`mirror.phase`).
"""
PROMOTED_AT = "region-mirror/promoted-at"
"""Annotation with the time of the promotion, as ISO 8601 in UTC."""
STATES_BEFORE = "region-mirror/states-before-cutover"
"""Annotation of a KafkaMirrorMaker2 that a cutover has changed and not promoted yet: a JSON object with the
declared state of each connector that it stopped (`{"checkpoint connector": "running"}`)."""

LOOK_AGAIN = "region-mirror/look-again"
"""Annotation by which a cutover makes Strimzi reconcile the KafkaMirrorMaker2: seconds since the epoch."""


def metadata(
    settings: Settings,
    name: str,
    *,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Render `metadata` of a resource of this mirror, in the target's namespace."""
    result: dict[str, Any] = {
        "name": name,
        "namespace": settings.target.namespace,
        "annotations": {MIRROR: settings.mirror.name, **(annotations or {})},
    }
    if labels:
        result["labels"] = dict(labels)
    return result


def mirror_of(resource_metadata: Mapping[str, Any]) -> str | None:
    """Return the name of the mirror that declared a resource; None for a resource of others."""
    found = (resource_metadata.get("annotations") or {}).get(MIRROR)
    return None if found is None else str(found)
