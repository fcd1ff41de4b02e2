"""The mirror's KafkaMirrorMaker2, in the version of Strimzi's API that the target serves."""

from __future__ import annotations

from typing import Any

from manifests.estate import Estate
from manifests.metadata import MOVED, PHASE, metadata
from manifests.strimzi import v1, v1beta2
from manifests.strimzi.api import api_version
from manifests.strimzi.moved import moved_text
from manifests.strimzi.neutral import MirrorMaker2
from settings.model import Settings
from settings.names import Names


def mirror_maker2(settings: Settings, estate: Estate) -> dict[str, Any]:
    """Render the resource; both versions have the same meaning."""
    mirror = MirrorMaker2.of(settings, estate)
    api, phase = estate.target.api, settings.mirror.phase
    annotations: dict[str, str] = {} if phase == "replicate" else {PHASE: phase}
    if settings.mirror.moved:
        annotations[MOVED] = moved_text(settings.mirror.moved)
    return {
        "apiVersion": api_version(api),
        "kind": "KafkaMirrorMaker2",
        "metadata": metadata(settings, Names.of(settings).mirror, annotations=annotations),
        "spec": v1.spec(mirror) if api == "v1" else v1beta2.spec(mirror),
    }
