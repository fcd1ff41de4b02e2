"""How bad it is: what rows are sorted by, the worst first."""

from __future__ import annotations

from enum import IntEnum


class Trouble(IntEnum):
    """Of a partition, or of a topic by its worst partition. The higher, the sooner a person has to act."""

    UP_TO_DATE = 0
    FLOWING = 1
    BEHIND = 2
    FALLING_BEHIND = 3
    STUCK = 4
    UNREADABLE = 5
    ABSENT = 6
    RETENTION_RISK = 7
    PAST_END = 8
    LOST = 9

    @property
    def word(self) -> str:
        """Its name in reports, for people and machines."""
        return self.name.lower().replace("_", "-")

    @property
    def bad(self) -> bool:
        """Whether the mirror is not as it should be."""
        return self >= Trouble.BEHIND


class GroupTrouble(IntEnum):
    """Of a consumer group on the target."""

    EXACT = 0
    BEHIND = 1
    UNREADABLE = 2
    NOT_TRANSLATED = 3
    BLOCKED = 4
    PAST_END = 5

    @property
    def word(self) -> str:
        """Its name in reports, for people and machines."""
        return self.name.lower().replace("_", "-")

    @property
    def bad(self) -> bool:
        """Whether the group could not move now without a person's help."""
        return self >= GroupTrouble.UNREADABLE
