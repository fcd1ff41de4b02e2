"""What one look for the status saw, as plain values. Nothing here is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from mirror.clients.records import Bounds, TopicPartition, Unread


class Waiting(NamedTuple):
    """The records after a position: how many, where the first of them lies, and when it was written
    (milliseconds).

    `exact` is False where markers and aborted records may be among them: then `records` is an upper bound.
    `first` and `oldest` are None where there is none, or where it was not looked for.
    """

    records: int
    exact: bool = True
    first: int | None = None
    oldest: int | None = None


class PartitionSeen(NamedTuple):
    """One source partition: MM2's committed position (the last offset mirrored), the source's log, and
    whether the target has the copy."""

    partition: TopicPartition
    position: int | None
    source: Bounds | Unread
    waiting: Waiting | Unread
    copied: bool = True


class OffsetSeen(NamedTuple):
    """A group's committed offset on a source partition, its translation on the target, and as of when.

    `resumes_at` is the source offset that the translation stands for, as MM2's offset syncs tell; None where
    they do not tell.
    """

    partition: TopicPartition
    committed: int
    translated: int | None
    position: int | None
    source: Bounds | Unread
    target: Bounds | Unread
    start: int | None = None  # the last offset that was left out on purpose (`mirror.start_from`)
    resumes_at: int | None = None


@dataclass(frozen=True, slots=True)
class GroupSeen:
    """A consumer group on both sides; `unread` says why its offsets could not be read."""

    group: str
    offsets: Sequence[OffsetSeen] = ()
    active_on_source: bool = False
    active_on_target: bool = False
    unread: str | None = None


@dataclass(frozen=True, slots=True)
class Retention:
    """How long the source keeps a topic's records: milliseconds, None where it keeps them for ever."""

    milliseconds: int | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One look. `at` is when the positions were read (seconds since the epoch), `seconds` what it took.

    `faults` are what keeps connectors from running, one line each, with its way out; `problems` are parts
    that could not be read.
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
