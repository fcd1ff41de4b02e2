"""States of partitions and consumer groups, ordered by urgency."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Any, Literal, Protocol, TypeVar

Shade = Literal["good", "warn", "bad"]


class _Words(IntEnum):
    @property
    def word(self) -> str:
        """The state's name in every output: `retention-risk`."""
        return self.name.lower().replace("_", "-")


class Trouble(_Words):
    """State of a partition; a topic has the state of its worst partition. Higher values are more urgent."""

    UP_TO_DATE = 0
    FLOWING = 1
    BEHIND = 2
    FALLING_BEHIND = 3
    STUCK = 4
    UNREADABLE = 5
    ABSENT = 6
    RETENTION_RISK = 7
    PAST_END = 8
    POSSIBLY_LOST = 9
    """The source deleted offsets after the position, of which nobody knows whether they held records."""
    LOST = 10

    @property
    def bad(self) -> bool:
        """Whether mirroring is late or broken."""
        return self >= Trouble.BEHIND

    @property
    def losing(self) -> bool:
        """Whether records are lost, or will be lost without action."""
        return self >= Trouble.RETENTION_RISK

    @property
    def shade(self) -> Shade:
        """The color class of the state."""
        return "bad" if self >= Trouble.STUCK else "warn" if self.bad else "good"


class GroupTrouble(_Words):
    """State of a consumer group on the target. Higher values are more urgent."""

    EXACT = 0
    BEHIND = 1
    UNREADABLE = 2
    NOT_TRANSLATED = 3
    BLOCKED = 4
    AHEAD = 5
    """MM2 never sets a group back (`MirrorCheckpointTask.syncGroupOffset`)."""
    BELOW_START = 6
    PAST_END = 7

    @property
    def bad(self) -> bool:
        """Whether the group cannot move to the target without a person's help."""
        return self >= GroupTrouble.UNREADABLE

    @property
    def shade(self) -> Shade:
        """The color class of the state."""
        return "bad" if self.bad else "good"


class Ranked(Protocol):
    """A row with a sort key that puts the most urgent row first."""

    @property
    def urgency(self) -> tuple[Any, ...]:
        """The sort key; the smallest is the most urgent."""
        ...


R = TypeVar("R", bound=Ranked)


def most_urgent_first(rows: Iterable[R]) -> list[R]:
    """Sort rows by urgency: the order of every table and every limit on the number of rows."""
    return sorted(rows, key=lambda row: row.urgency)


def most_urgent(rows: Iterable[R]) -> R:
    """Return the most urgent row of at least one."""
    return min(rows, key=lambda row: row.urgency)
