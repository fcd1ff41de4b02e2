"""Which records consumer groups have processed on both sides. Pure.

A group that committed C on the source goes on at D on the target. D is MM2's translation, which is never too
late, but may be early. So the group reads again what lies between, counted in records:

    source   ......... C ======= P | never crossed ....       = : not read at the source
    target   ... D ~~~~~~~ ======= E | written since ...      ~ : read twice

    read twice = records of the target from D to E - records of the source from C to P
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mirror.clients.records import TopicPartition


@dataclass(frozen=True, slots=True)
class ReadTwice:
    """One group in one source partition."""

    group: str
    source: TopicPartition
    committed: int
    """The group's offset on the source."""
    translated: int | None
    """The group's offset on the target by MM2's last checkpoint; None: MM2 translated none."""
    translated_from: int | None
    """The offset on the source that MM2 translated last."""
    twice: int | None
    """Records that were read at the source and are read again on the target; None: not known."""
    moved: bool
    """Whether the cutover has moved the group by content: it reads nothing twice."""
    uncrossed: int | None
    """Records that were read at the source and never crossed: if they are recovered, they are read again.
    None: not known.
    """

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "group": self.group,
            "topic": self.source.topic,
            "partition": self.source.partition,
            "committed": self.committed,
            "translated": self.translated,
            "translated_from": self.translated_from,
            "twice": self.twice,
            "moved": self.moved,
            "uncrossed": self.uncrossed,
        }


def read_twice(copies: int | None, unread: int | None) -> int | None:
    """Return the records that are read twice. `copies`: records of the target from the group's offset there
    to the last copy; `unread`: mirrored records of the source from the group's commit on.
    """
    return None if copies is None or unread is None else max(0, copies - unread)
