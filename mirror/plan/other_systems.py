"""Notes on copied topics that are the state of another system, which would read the copy as its own. Pure.

That needs the same name on the target, so it concerns `IdentityReplicationPolicy` only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mirror.plan.planned import SourceLook
from mirror.text.names import few
from settings.filters import mirrored
from settings.model import Settings
from settings.other_systems import SYSTEMS

_KEYS = ("config.storage.topic", "offset.storage.topic", "status.storage.topic")
_FIELDS = ("configStorageTopic", "offsetStorageTopic", "statusStorageTopic")
_DEFAULTS = ("connect-cluster-configs", "connect-cluster-offsets", "connect-cluster-status")
"""Strimzi's names where a KafkaConnect of v1beta2 sets none."""


def connect_topics(resource: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the three topics of a KafkaConnect of either API version."""
    spec = resource.get("spec") or {}
    config = spec.get("config") or {}
    return tuple(
        str(spec.get(field) or config.get(key) or default)
        for field, key, default in zip(_FIELDS, _KEYS, _DEFAULTS, strict=True)
    )


def other_system_notes(
    settings: Settings, look: SourceLook, connects: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    """Return a note for each system whose topics a pattern matches, and one for each KafkaConnect of the
    target that would read a copy. `connects`: their topics, by name.

    A topic that `mirror.topics` lists by its name is copied on purpose; a KafkaConnect is named all the same.
    """
    if settings.mirror.replication_policy != "identity" or look.topics_unknown is not None:
        return
    found = [topic for topic in sorted(look.topics) if mirrored(settings, topic)]
    for name, topics in sorted(connects.items()):
        if read := [topic for topic in topics if topic in found]:
            yield (
                f"KafkaConnect {settings.target.namespace}/{name} on {settings.target.alias} reads "
                f"{few(read)}, which would be mirrored from {settings.source.alias}: it would start the "
                "source's connectors. Add these topics to mirror.topics_exclude, or give that KafkaConnect "
                "other topic names"
            )
    for system in SYSTEMS:
        theirs = [
            topic for topic in found if system.topics.fullmatch(topic) and topic not in settings.mirror.topics
        ]
        if theirs:
            excludes = ", ".join(f'"{one}"' for one in system.exclude)
            yield (
                f"Topics of {system.name} would be mirrored under their own names: {few(theirs)}. "
                f"{system.effect[0].upper()}{system.effect[1:]}. Unless you want that, add "
                f"mirror.topics_exclude: [{excludes}]"
            )
