"""The names of the canary, its records, and whether the mirror takes both. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from manifests.strimzi.resource import read_mirror_maker2
from settings.filters import GROUPS_EXCLUDE_DEFAULT, group_matches, mirrored, patterns_match
from settings.model import MovedSettings, Settings
from settings.names import copy_of
from settings.patterns import literal, matches

BEFORE, READ, MORE, AFTER = 20, 7, 10, 5
"""Records before the mirror is awaited, those of them that the group reads at the source, records after that,
and records after the rollback.
"""
FIRST_UNREAD = READ + 1
RETENTION_MS = 86_400_000
"""A day: long enough to look at the records of a drill that failed."""
_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Canary:
    """`run`: what tells the records of one drill from those of earlier ones."""

    settings: Settings
    run: str

    @property
    def topic(self) -> str:
        """The topic on the source; the group has the same name."""
        return f"{self.settings.mirror.name}-canary"

    @property
    def group(self) -> str:
        """The consumer group."""
        return self.topic

    @property
    def copy(self) -> str:
        """The name of the topic on the target."""
        return copy_of(self.settings, self.topic)

    @property
    def scope(self) -> MovedSettings:
        """The part of the mirror that is moved."""
        return MovedSettings((self.topic,), (self.group,))

    @property
    def options(self) -> list[str]:
        """The options of `cutover` that name this part."""
        return ["--topic", self.topic, "--group", self.group]

    @property
    def patience(self) -> float:
        """Seconds within which the mirror has to find the topic and the group: MM2 looks for new ones at
        intervals, and translates a group at others.
        """
        mirror = self.settings.mirror
        return (
            _PATIENCE_SECONDS
            + 2 * mirror.refresh_topics_interval_seconds
            + 2 * mirror.refresh_groups_interval_seconds
            + mirror.emit_checkpoints_interval_seconds
            + mirror.sync_group_offsets_interval_seconds
        )

    @property
    def key(self) -> bytes:
        """The key of the records of this run."""
        return f"{self.topic}/{self.run}".encode()

    @property
    def remains(self) -> str:
        """What remains on both clusters, and how it is removed, for people. A topic that is deleted and
        created again fails the check source-unbroken, so it is excluded before it is deleted.
        """
        source, target = self.settings.source.alias, self.settings.target.alias
        return (
            f"Topic {self.topic} on {source}, its copy {self.copy} on {target} and group {self.group} on "
            "both remain for the next canary. To remove them for good: add the name to "
            "mirror.topics_exclude and mirror.groups_exclude, run `pulumi up`, then delete the topics "
            "(`kafka-topics.sh --delete`) and the group (`kafka-consumer-groups.sh --delete`) on both "
            "clusters"
        )

    def is_canary(self, key: bytes | None) -> bool:
        """Whether a record is of this or an earlier run."""
        return (key or b"").startswith(f"{self.topic}/".encode())

    def name_of(self, key: bytes | None, value: bytes | None) -> str:
        """Name a record: its number, and before it the key of another run."""
        number = (value or b"").decode(errors="replace")
        return number if key == self.key else f"{(key or b'').decode(errors='replace')}/{number}"


def refused(canary: Canary, resource: Mapping[str, Any]) -> list[str]:
    """Return why the mirror takes the topic or the group not along, one problem each. `resource`: the
    deployed KafkaMirrorMaker2.
    """
    return [*_declared(canary), *([] if any(_declared(canary)) else _deployed(canary, resource))]


def _declared(canary: Canary) -> Iterator[str]:
    settings, name = canary.settings, canary.topic
    for noun, taken, moved in (
        ("topic", mirrored(settings, name), settings.mirror.moved.topics),
        ("group", group_matches(settings.mirror, name), settings.mirror.moved.groups),
    ):
        if name in moved:
            yield (
                f"{noun} {name} was moved to the target, so it cannot go there and back any more "
                "(`mirror.moved`)"
            )
        elif not taken:
            yield (
                f"{noun} {name} is not mirrored: mirror.{noun}s does not match it, or mirror.{noun}s_exclude "
                f"does. Add '{literal(name)}' to mirror.{noun}s, run `pulumi up`, and let the administrator "
                "of the source add what `region-mirror source-user` prints"
            )


def _deployed(canary: Canary, resource: Mapping[str, Any]) -> Iterator[str]:
    settings, name = canary.settings, canary.topic
    flow = read_mirror_maker2(resource).flows.get(settings.source.alias)
    if flow is None:
        return
    topic = patterns_match(
        flow.pattern_list("topicsPattern", (".*",)),
        flow.pattern_list("topicsExcludePattern"),
        settings.mirror.replication_policy_separator,
        name,
        settings.workers.version,
    )
    group = matches(flow.pattern_list("groupsPattern", (".*",)), name) and not matches(
        flow.pattern_list("groupsExcludePattern", GROUPS_EXCLUDE_DEFAULT), name
    )
    for noun, taken in (("topic", topic), ("group", group)):
        if not taken:
            yield (
                f"{noun} {name} is mirrored by the stack file, but not by the deployed KafkaMirrorMaker2: "
                "run `pulumi up` first"
            )
