"""Says what leftovers of another mirror would do to a new one, and how to proceed. Pure.

MM2 trusts the positions in its offsets topic and does not look at the target. If the copies were deleted and
the offsets topic was not, no record up to the old positions is mirrored, and MM2 reports nothing
(strimzi-kafka-operator #3375). If the offsets topic was deleted and the copies were not, every record is
appended to the old copies again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mirror.clients.records import TopicPartition
from mirror.text.names import few
from mirror.text.numbers import counted
from settings.model import Settings
from settings.names import Names

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class NonEmptyTopic:
    """A topic that is not empty. `records` counts offsets; after compaction or with transactions there are
    fewer records.
    """

    topic: str
    records: int
    end: int
    """The sum of its partitions' end offsets."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A source partition that MM2 would resume at `position` + 1 although its copy is missing or empty."""

    partition: TopicPartition
    position: int
    records: int
    """Source offsets up to the position: at most so many records would never be mirrored."""


@dataclass(frozen=True, slots=True)
class Leftovers:
    """All leftovers that were found; false where there are none."""

    on_target: Sequence[NonEmptyTopic] = ()
    """Connect's and MM2's own topics."""
    on_source: Sequence[NonEmptyTopic] = ()
    """The offset-syncs topic, where its location is the source."""
    copies: Sequence[NonEmptyTopic] = ()
    """Topics with the names of the mirror's copies."""
    gaps: Sequence[Gap] = ()
    positions: int = 0
    """The number of source partitions for which MM2 would find a position."""
    members: int = 0
    """The number of workers in Connect's group."""

    def __bool__(self) -> bool:
        return bool(self.on_target or self.on_source or self.copies or self.members)

    @property
    def only_members(self) -> bool:
        """Whether only workers were found. They may have been stopped a moment ago and still count as
        members.
        """
        return bool(self.members) and not replace(self, members=0)


def explain(found: Leftovers, settings: Settings, bootstrap_servers: str) -> str:
    """Say what was found, what MM2 would do with it, and how to proceed. The servers are the target's."""
    names, target = Names.of(settings), settings.target.alias
    lines = [
        f"mirror {names.mirror}: topics or workers of another mirror with the same names exist. "
        "KafkaMirrorMaker2 is not deployed."
    ]
    if found.members:
        lines.append(
            f"  Connect's group {names.group_id} has {counted(found.members, 'member')} on {target}: workers "
            "that this stack did not deploy. The new workers would join them."
        )
    if found.on_target:
        lines.append(f"  Topics of Connect and MM2 on {target}:")
        lines += _list(found.on_target)
    if found.on_source:
        lines.append(f"  Topics of MM2 on {settings.source.alias}:")
        lines += _list(found.on_source)
    if found.copies:
        lines.append(f"  Topics on {target} with the names of the copies:")
        lines += _list(found.copies)
    lines += _effects(found, settings)
    lines += _ways(found, settings, bootstrap_servers)
    return "\n".join(lines)


def _effects(found: Leftovers, settings: Settings) -> list[str]:
    lines = []
    if found.gaps:
        lost = sum(gap.records for gap in found.gaps)
        topics = sorted({gap.partition.topic for gap in found.gaps})
        lines.append(
            f"  MM2 would LOSE up to {lost:,} records: it would resume "
            f"{counted(len(found.gaps), 'partition')} after the old positions, but their copies on "
            f"{settings.target.alias} are missing or empty "
            f"({few(topics)})."
        )
    elif found.positions:
        resumed = counted(found.positions, "partition")
        lines.append(f"  MM2 would resume {resumed} at the positions of the other mirror.")
    elif found.copies:
        latest = settings.mirror.start_from == "latest"
        records = "new records" if latest else "every record of the source again"
        lines.append(
            f"  MM2 has no positions and would append {records} to these topics: they may contain "
            "records twice."
        )
    return lines


def _ways(found: Leftovers, settings: Settings, bootstrap_servers: str) -> list[str]:
    lines = []
    adopt = "To continue the other mirror: set mirror.leftovers: adopt"
    if found.gaps:
        adopt += ", but only after the missing copies are restored"
    lines.append(f"  {adopt}. Verification then shows whether the copies are complete.")
    command = "kafka-topics.sh --bootstrap-server {} --command-config admin.properties --delete --topic {}"
    if found.on_target or found.on_source:
        lines.append(
            "  To start from nothing: make sure that no other mirror uses these topics, then delete them:"
        )
        lines += [f"    {command.format(bootstrap_servers, held.topic)}" for held in found.on_target]
        source = settings.source.bootstrap_servers or f"<{settings.source.alias}>"
        lines += [f"    {command.format(source, held.topic)}" for held in found.on_source]
    if found.copies:
        lines.append("  Also delete the copies, if nobody else writes to them or needs their records:")
        lines += [f"    {command.format(bootstrap_servers, held.topic)}" for held in found.copies]
    if found.members:
        lines.append(
            "  Stop those workers first (kafka-consumer-groups.sh --describe --members --group "
            f"{Names.of(settings).group_id} shows their hosts), or set another mirror.group_id."
        )
    return lines


def _list(topics: Iterable[NonEmptyTopic]) -> list[str]:
    every = list(topics)
    width = max(len(held.topic) for held in every[:_SHOWN])
    lines = [
        f"    {held.topic:<{width}}  up to {held.records:,} records, end offset {held.end:,}"
        for held in every[:_SHOWN]
    ]
    if len(every) > _SHOWN:
        more = sum(held.records for held in every[_SHOWN:])
        lines.append(f"    and {len(every) - _SHOWN} more, up to {more:,} records")
    return lines
