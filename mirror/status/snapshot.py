"""The plain values that one look reads; nothing here is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from mirror.clients.records import Bounds, TopicPartition, Unread


class Waiting(NamedTuple):
    """The records after a position: their number, the offset of the first, and its timestamp (milliseconds).

    `exact`: False if `records` is an upper bound that may include transaction markers and aborted records.
    `first` and `oldest`: None if there is no record, or if it was not read.
    """

    records: int
    exact: bool = True
    first: int | None = None
    oldest: int | None = None


class PartitionSeen(NamedTuple):
    """One source partition: MM2's committed position (the last mirrored offset), and the source's log.

    `copied`: whether the partition exists on the target. `no_record_before`: up to this offset, an earlier
    look found no record after the position. `record_at`: offset of a record after the position that an
    earlier look has seen. `start`: the last offset that was left out on purpose (`mirror.start_from`).
    `held`: offsets after the last stable one, where a hanging transaction holds them back.
    """

    partition: TopicPartition
    position: int | None
    source: Bounds | Unread
    waiting: Waiting | Unread
    copied: bool = True
    no_record_before: int | None = None
    record_at: int | None = None
    start: int | None = None
    held: int = 0


class OffsetSeen(NamedTuple):
    """A group's committed offset on a source partition, and its translation on the target.

    `resumes_at`: the source offset at which a group with this translation resumes, by MM2's offset syncs;
    None if no sync fits. `passes_by`: offsets from `committed` on that it does not read on the target, some
    of them records, although no consumer of it has committed there.
    """

    partition: TopicPartition
    committed: int
    translated: int | None
    position: int | None
    source: Bounds | Unread
    target: Bounds | Unread
    start: int | None = None  # last offset excluded by `mirror.start_from`
    resumes_at: int | None = None
    passes_by: int = 0
    read_before: bool = True  # whether the source may hold a record before `committed`
    position_read: bool = True  # whether MM2's positions could be read: else None is not "nothing mirrored"


@dataclass(frozen=True, slots=True)
class GroupSeen:
    """A consumer group on both clusters. `unread`: why its offsets could not be read.

    `of_another_type`: it is a streams or share group, which MM2 does not translate.
    """

    group: str
    offsets: Sequence[OffsetSeen] = ()
    active_on_source: bool = False
    active_on_target: bool = False
    unread: str | None = None
    of_another_type: bool = False


@dataclass(frozen=True, slots=True)
class Retention:
    """Retention of a source topic by age in milliseconds; None: records are not deleted by age."""

    milliseconds: int | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One look. `at`: when positions were read (seconds since the epoch). `seconds`: duration of the look.

    `faults`: message and remedy for each connector or task that is not running. `problems`: parts that could
    not be read, with the reason. `left_out`: partitions that a filter does not show.
    """

    mirror: str
    source: str
    target: str
    at: float
    seconds: float
    max_lag_seconds: float
    partitions: Sequence[PartitionSeen] = ()
    groups: Sequence[GroupSeen] = ()
    retention: Mapping[str, Retention] = field(default_factory=dict)
    connectors: str = ""
    faults: Sequence[tuple[str, str]] = ()
    problems: Sequence[str] = ()
    left_out: int = 0
