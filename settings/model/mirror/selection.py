"""What is mirrored, and how it is named on the target."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from settings.model.fields import meta
from settings.rules import kafka, kubernetes

ReplicationPolicy = Literal["identity", "default"]


@dataclass(frozen=True)
class Selection:
    """The mirror's name, its topics and consumer groups, and the names of the topics on the target."""

    name: str = field(
        metadata=meta(
            "Name of the KafkaMirrorMaker2. The names of Connect's group, topics and users derive from it.",
            rule=kubernetes.mirror_name,
        )
    )
    topics: tuple[str, ...] = field(
        metadata=meta(
            "Topics to mirror: a list of Java regular expressions. Each has to match a whole topic name.",
            rule=kafka.pattern,
            filled=True,
        )
    )
    topics_exclude: tuple[str, ...] = field(
        default=(),
        metadata=meta(
            "Topics to leave out even if `topics` matches them. MM2's own exclusions always apply too.",
            rule=kafka.pattern,
        ),
    )
    groups: tuple[str, ...] = field(
        default=(".*",),
        metadata=meta(
            "Consumer groups whose offsets are translated: a list of Java regular expressions. "
            "Each has to match a whole group name.",
            rule=kafka.pattern,
            filled=True,
        ),
    )
    groups_exclude: tuple[str, ...] = field(
        default=(),
        metadata=meta(
            "Consumer groups to leave out even if `groups` matches them. MM2's own exclusions "
            "always apply too.",
            rule=kafka.pattern,
        ),
    )
    replication_policy: ReplicationPolicy = field(
        default="identity",
        metadata=meta(
            "How topics are named on the target. `identity` keeps their names, so that clients "
            "need no change. `default` puts the source's alias before each name; mirroring in "
            "both directions needs it."
        ),
    )
    replication_policy_separator: str = field(
        default=".",
        metadata=meta(
            "Text between the alias and the topic name. It is also part of the names of MM2's "
            "internal topics.",
            rule=kafka.separator,
        ),
    )
