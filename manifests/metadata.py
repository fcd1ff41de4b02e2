"""The metadata of all that this program declares, and how it is known again as ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from settings.model import Settings

MIRROR = "region-mirror/mirror"
"""Annotation of every resource that a mirror declares: the mirror's name. It tells ours from others'.

An annotation and no label: Strimzi copies a resource's labels to all that it makes of it.
"""


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
    """Name the mirror that declared a resource; None for what is not ours."""
    found = (resource_metadata.get("annotations") or {}).get(MIRROR)
    return None if found is None else str(found)
