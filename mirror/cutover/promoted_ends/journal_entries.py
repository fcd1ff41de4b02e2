"""The journal's entries of a promotion: the target's ends then, those of parts before it, and where groups
have resumed. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Protocol

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.cutover.step import JSON

STEP, KEY = "promote", "target-ends"
"""The entry of the promotion: topic on the target -> the end of each partition, -1 where it was not read."""
OF_PARTS = "target-ends-of-parts"
"""The same of all topics that were moved in parts, each at its own promotion."""
RESUMES = "resumes"
"""The entry with the offset on the target at which each group has resumed after a failover: MM2 writes an
offset into a group later than its checkpoint, or not any more."""
LIMIT_BYTES = 400_000
"""Of both entries with ends: the journal is one ConfigMap of 1 MiB. More partitions than fit are found by
content later."""


class Kept(Protocol):
    """The part of the journal that is read here."""

    def kept(self, step: str, key: str) -> JSON:
        """Return a value that was written down, or None."""


def entry(bounds: Mapping[TopicPartition, Bounds | Unread], limit: int = LIMIT_BYTES) -> JSON:
    """Return the journal's value; None where it would be too large."""
    topics: dict[str, list[int]] = {}
    for one, log in sorted(bounds.items()):
        ends = topics.setdefault(one.topic, [])
        ends += [-1] * (one.partition - len(ends))
        ends.append(log.end if isinstance(log, Bounds) else -1)
    return topics if size(topics) <= limit else None


def with_part(kept: JSON, topics: Collection[str], ends: JSON, limit: int = LIMIT_BYTES) -> JSON:
    """Return the entry of all parts after one more; `topics`: its names on the target. Ends that an earlier
    attempt has recorded for these topics are out of date: they are dropped also where the new ones could not
    be read, or are too many.
    """
    earlier = kept if isinstance(kept, Mapping) else {}
    others = {topic: found for topic, found in earlier.items() if topic not in topics}
    both = {**others, **(ends or {})}
    return both if size(both) <= limit else others


def size(value: JSON) -> int:
    """Return the bytes that a value takes in the journal; 0 for None."""
    return 0 if value is None else len(json.dumps(value))


def parsed(value: JSON) -> dict[TopicPartition, int]:
    """Read the journal's value; empty where there is none."""
    found = {}
    if isinstance(value, Mapping):
        for topic, ends in value.items():
            for number, end in enumerate(ends if isinstance(ends, list) else ()):
                if isinstance(end, int) and end >= 0:
                    found[TopicPartition(str(topic), number)] = end
    return found


def recorded_ends(journal: Kept) -> dict[TopicPartition, int]:
    """Return every recorded end: those of the promotion, and of each part at its own."""
    return {**parsed(journal.kept(STEP, KEY)), **recorded_ends_of_parts(journal)}


def recorded_ends_of_parts(journal: Kept) -> dict[TopicPartition, int]:
    """Return the recorded ends of what was moved in parts."""
    return parsed(journal.kept(STEP, OF_PARTS))


def resumed_at(journal: Kept) -> JSON:
    """Return where groups have resumed after a failover: group -> topic on the target -> partition -> offset;
    None where nobody has written it down.
    """
    return journal.kept(STEP, RESUMES)


def promotion_is_recorded(journal: Kept) -> bool:
    """Tell whether a promotion has recorded ends, or that it has none; those of parts do not count."""
    return journal.kept(STEP, KEY) is not None
