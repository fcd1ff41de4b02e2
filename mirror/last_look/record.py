"""The last look as a value, and as the bytes in which a ConfigMap keeps it. Pure.

    partition   the source's end, the position of the mirror, how many records were behind, the oldest of them
    group       the committed offsets at the source, their translations, and the state that `status` gave it

Numbers are kept as differences from their neighbours, which compress well: 5,000 partitions with 50,000
offsets of groups take about 250 KB.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from mirror.clients.records import TopicPartition
from mirror.text.numbers import counted

VERSION = 1
LIMIT_BYTES = 700_000
"""Kubernetes allows 1 MiB of content in a ConfigMap, and base64 makes a third more of it on the way."""


class TooLarge(Exception):
    """More partitions than fit in a ConfigMap."""


class PartitionLook(NamedTuple):
    """One source partition.

    `end`: its last stable offset, exclusive. `position`: source offset of the last mirrored record, None for
    none. `behind`: records not mirrored, at most. `oldest`: timestamp of the oldest of them in milliseconds,
    None where it was not read, or where there is none; not long before the look that did not see it yet, and
    of a partition that this look could not read, not after the look that did. `start`: the last offset that
    was left out on purpose.
    """

    end: int
    position: int | None
    behind: int
    oldest: int | None = None
    start: int | None = None


def still_missing(then: PartitionLook, position: int | None) -> int:
    """Return the records that were seen and are not mirrored at a later position, at most."""
    if position is None:
        return then.behind
    if then.position is not None and position < then.position:
        return then.end - 1 - position  # the position went back: all that is behind it is missing again
    return max(0, min(then.behind, then.end - 1 - position))


class OffsetLook(NamedTuple):
    """A group's committed offset at the source, and its offset on the target; None for none."""

    committed: int
    translated: int | None


@dataclass(frozen=True, slots=True)
class GroupLook:
    """One consumer group. `state` is a word of `status`; `rereads` is what `status` said with it. `dropped`:
    it has no offsets here because they did not fit or could not be read. `rested`: it had committed nothing
    since the look before."""

    state: str
    rereads: int
    offsets: Mapping[TopicPartition, OffsetLook] = field(default_factory=dict)
    dropped: bool = False
    rested: bool = False


@dataclass(frozen=True, slots=True)
class LastLook:
    """What one look saw. `at`: seconds since the epoch. `by`: the command that looked. `unread`: the number
    of source partitions that could not be read: they are as an earlier look saw them, or absent.
    `appended`: offsets per second that each topic grew by since the look before; empty where there was none.
    `every`: seconds within which the command looks again; None where it looks once.
    """

    mirror: str
    source: str
    target: str
    at: float
    by: str
    partitions: Mapping[TopicPartition, PartitionLook] = field(default_factory=dict)
    groups: Mapping[str, GroupLook] = field(default_factory=dict)
    appended: Mapping[str, float] = field(default_factory=dict)
    unread: int = 0
    problems: Sequence[str] = ()
    """Parts that could not be read."""
    every: float | None = None

    @property
    def behind(self) -> int:
        """Records that were not mirrored, at most."""
        return sum(one.behind for one in self.partitions.values())

    @property
    def covered_until(self) -> float:
        """The moment up to which everything was mirrored, in seconds since the epoch: the timestamp of the
        oldest record behind. A record's own timestamp may lie, so it is never after the look."""
        oldest = [one.oldest / 1000 for one in self.partitions.values() if one.oldest is not None]
        return min([*oldest, self.at])

    @property
    def unaged(self) -> int:
        """The number of partitions with records behind of which no timestamp was read: `covered_until` may be
        later than these records."""
        return sum(one.behind > 0 and one.oldest is None for one in self.partitions.values())

    @property
    def about(self) -> str:
        """One line for people who look at the ConfigMap."""
        return (
            f"{counted(len(self.partitions), 'partition')} and {counted(len(self.groups), 'group')} of "
            f"{self.source}, seen by "
            f"{self.by}: up to {self.behind:,} records were not on {self.target} yet"
        )

    def encode(self, limit: int = LIMIT_BYTES) -> bytes:
        """Return it compressed, in at most `limit` bytes. Where it does not fit, the offsets of the groups
        with the most partitions are dropped, and those groups say so; a partition is never dropped. Raises
        TooLarge.
        """
        shorter = self
        while True:
            encoded = shorter._encode()
            if len(encoded) <= limit:
                return encoded
            kept = [name for name, one in shorter.groups.items() if one.offsets]
            if not kept:
                raise TooLarge(f"{len(self.partitions):,} partitions take {len(encoded):,} bytes")
            largest = sorted(kept, key=lambda name: (-len(shorter.groups[name].offsets), name))
            drop = frozenset(largest[: max(1, len(largest) // 4)])
            groups = {
                name: replace(one, offsets={}, dropped=True) if name in drop else one
                for name, one in shorter.groups.items()
            }
            shorter = replace(shorter, groups=groups)

    def _encode(self) -> bytes:
        content = {
            "version": VERSION,
            "mirror": self.mirror,
            "source": self.source,
            "target": self.target,
            "at": round(self.at, 3),
            "by": self.by,
            "every": self.every,
            "unread": self.unread,
            "problems": list(self.problems),
            "topics": _by_topic(self.partitions, lambda one: _packed(one, int(self.at * 1000))),
            "groups": {
                name: [
                    one.state,
                    one.rereads,
                    int(one.dropped) + 2 * int(one.rested),
                    _by_topic(one.offsets, lambda offset: _packed_offset(*offset)),
                ]
                for name, one in sorted(self.groups.items())
            },
            "appended": {topic: round(rate, 3) for topic, rate in sorted(self.appended.items())},
        }
        return zlib.compress(json.dumps(content, separators=(",", ":")).encode(), 6)


def decode(encoded: bytes) -> LastLook:
    """Return what `encode` made. Raises ValueError for anything else."""
    try:
        content: Mapping[str, Any] = json.loads(zlib.decompress(encoded))
        if content["version"] != VERSION:
            raise ValueError(f"its version is {content['version']}; this program reads version {VERSION}")
        at = float(content["at"])
        return LastLook(
            str(content["mirror"]),
            str(content["source"]),
            str(content["target"]),
            at,
            str(content["by"]),
            {one: _unpacked(row, int(at * 1000)) for one, row in _rows(content["topics"])},
            {
                str(name): GroupLook(
                    str(state),
                    int(rereads),
                    {one: _unpacked_offset(row) for one, row in _rows(topics)},
                    bool(flags & 1),
                    bool(flags & 2),
                )
                for name, (state, rereads, flags, topics) in content["groups"].items()
            },
            {str(topic): float(rate) for topic, rate in content["appended"].items()},
            int(content["unread"]),
            tuple(map(str, content["problems"])),
            content["every"],
        )
    except (zlib.error, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it is damaged ({type(error).__name__})") from error


def _by_topic(values: Mapping[TopicPartition, Any], pack: Any) -> dict[str, list[list[Any]]]:
    """Return rows by topic: the partition, then what `pack` makes of the value."""
    found: dict[str, list[list[Any]]] = {}
    for one, value in sorted(values.items()):
        found.setdefault(one.topic, []).append([one.partition, *pack(value)])
    return found


def _rows(topics: Mapping[str, Any]) -> Iterable[tuple[TopicPartition, Sequence[Any]]]:
    for topic, rows in topics.items():
        for partition, *row in rows:
            yield TopicPartition(str(topic), int(partition)), row


def _packed(one: PartitionLook, at: int) -> list[Any]:
    """End, then how far position, records, oldest and start are from it; trailing nothing is left out."""
    row = [
        one.end,
        None if one.position is None else one.end - 1 - one.position,
        one.behind,
        None if one.oldest is None else at - one.oldest,
        one.start,
    ]
    while row[-1] is None:
        row.pop()
    return row


def _unpacked(row: Sequence[Any], at: int) -> PartitionLook:
    padded: list[Any] = [*row, *[None] * (5 - len(row))]
    end, position, behind, oldest, start = padded
    return PartitionLook(
        int(end),
        None if position is None else int(end) - 1 - int(position),
        int(behind),
        None if oldest is None else at - int(oldest),
        None if start is None else int(start),
    )


def _packed_offset(committed: int, translated: int | None) -> list[Any]:
    return [committed] if translated is None else [committed, committed - translated]


def _unpacked_offset(row: Sequence[Any]) -> OffsetLook:
    committed = int(row[0])
    return OffsetLook(committed, committed - int(row[1]) if len(row) > 1 else None)
