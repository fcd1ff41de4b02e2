"""What leftovers would do to a new mirror, and the way out. Pure.

MM2 believes its offsets topic without looking at the target: where the target was made anew and that topic
stayed, everything up to the old positions is never mirrored, and nothing says so (strimzi-kafka-operator
#3375). Where it is the other way round, every record is appended to the old copies again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mirror.clients.records import TopicPartition
from settings.model import Settings
from settings.names import Names

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Held:
    """A topic that holds records. `records` are its offsets: compaction and transactions make them fewer."""

    topic: str
    records: int
    end: int
    """The sum of its partitions' end offsets."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A source partition that MM2 would resume at `position` + 1, and that has no record on the target."""

    partition: TopicPartition
    position: int
    records: int
    """Offsets on the source up to the position: at most that many records would never be mirrored."""


@dataclass(frozen=True, slots=True)
class Leftovers:
    """All that was found. Its truth is whether there is anything."""

    on_target: Sequence[Held] = ()
    """Topics in which Connect and MM2 keep something."""
    on_source: Sequence[Held] = ()
    """The offset syncs, where they are kept there."""
    copies: Sequence[Held] = ()
    """Topics under the names that the mirror's copies will have."""
    gaps: Sequence[Gap] = ()
    positions: int = 0
    """Source partitions of which MM2 would find a position."""
    members: int = 0
    """Workers that are in Connect's group now."""

    def __bool__(self) -> bool:
        return bool(self.on_target or self.on_source or self.copies or self.members)

    @property
    def only_members(self) -> bool:
        """Whether nothing is left but workers, which may be leaving the group: they were stopped just now."""
        return bool(self.members) and not replace(self, members=0)


def explain(found: Leftovers, settings: Settings, bootstrap_servers: str) -> str:
    """Say what was found, what MM2 would do with it, and how to go on; the servers are the target's."""
    names, target = Names.of(settings), settings.target.alias
    lines = [
        f"mirror {names.mirror}: another mirror has been here under the same names; "
        "KafkaMirrorMaker2 is not deployed."
    ]
    if found.members:
        lines.append(
            f"  Connect's group {names.group_id} has {found.members} members on {target} now: workers that "
            "are not this stack's. The new ones would join them."
        )
    if found.on_target:
        lines.append(f"  Kept by Connect and MM2 on {target}:")
        lines += _list(found.on_target)
    if found.on_source:
        lines.append(f"  Kept by MM2 on {settings.source.alias}:")
        lines += _list(found.on_source)
    if found.copies:
        lines.append(f"  Under the names of the copies on {target}:")
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
            f"  MM2 would LOSE up to {lost:,} records: it would resume {len(found.gaps)} partitions in the "
            f"middle whose copies on {settings.target.alias} are not there or empty ({_some(topics)})."
        )
    elif found.positions:
        lines.append(f"  MM2 would resume {found.positions} partitions where that mirror stopped.")
    elif found.copies:
        again = (
            "" if settings.mirror.start_from == "latest" else " append every record of the source again to"
        )
        again = again or " append to"
        lines.append(f"  MM2 has no positions and would{again} what is there: it may hold records twice.")
    return lines


def _ways(found: Leftovers, settings: Settings, bootstrap_servers: str) -> list[str]:
    lines = []
    adopt = "To go on from it: set mirror.leftovers: adopt"
    if found.gaps:
        adopt += " (not before the missing copies are back)"
    lines.append(f"  {adopt}; verification tells whether the copies are whole.")
    command = "kafka-topics.sh --bootstrap-server {} --command-config admin.properties --delete --topic {}"
    if found.on_target or found.on_source:
        lines.append("  To begin anew: make sure that no other mirror uses them, then delete")
        lines += [f"    {command.format(bootstrap_servers, held.topic)}" for held in found.on_target]
        source = settings.source.bootstrap_servers or f"<{settings.source.alias}>"
        lines += [f"    {command.format(source, held.topic)}" for held in found.on_source]
    if found.copies:
        lines.append("  and the copies, if nobody else writes to them or needs what is in them:")
        lines += [f"    {command.format(bootstrap_servers, held.topic)}" for held in found.copies]
    if found.members:
        lines.append(
            "  Stop those workers first (kafka-consumer-groups.sh --describe --members --group "
            f"{Names.of(settings).group_id} says where they are), or set another mirror.group_id."
        )
    return lines


def _list(topics: Iterable[Held]) -> list[str]:
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


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more
