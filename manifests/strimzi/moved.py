"""The moved part of a mirror, as the annotation of its KafkaMirrorMaker2 has it. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from manifests.metadata import MOVED
from settings.model import MovedSettings


def moved_text(moved: MovedSettings) -> str:
    """Render the value of the annotation; the order of the names does not matter."""
    names = {"topics": sorted(moved.topics), "groups": sorted(moved.groups)}
    return json.dumps(names, ensure_ascii=False, separators=(",", ":"))


def moved_of(resource: Mapping[str, Any] | None) -> MovedSettings:
    """Read the annotation; nothing where the resource has none, or one that nobody can read."""
    annotations = ((resource or {}).get("metadata") or {}).get("annotations") or {}
    try:
        found = json.loads(annotations.get(MOVED) or "{}")
    except ValueError:
        return MovedSettings()
    if not isinstance(found, dict):
        return MovedSettings()
    return MovedSettings().with_more(_names(found.get("topics")), _names(found.get("groups")))


def _names(found: object) -> list[str]:
    return [str(one) for one in found] if isinstance(found, list) else []
