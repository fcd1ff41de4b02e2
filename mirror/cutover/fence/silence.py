"""Judges from the ends of the source's logs whether somebody still writes. Pure.

The end of a log also moves by the marker of a transaction that ends: a marker is no record. A log whose last
stable offset is below its end has an open transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mirror.clients.records import TopicPartition


@dataclass(frozen=True, slots=True)
class Ends:
    """The logs of all partitions at one time: their ends, and their last stable offsets. `at`: on the
    monotonic clock, because a clock that is set forward is no silence."""

    at: float
    ends: Mapping[TopicPartition, int]
    stable: Mapping[TopicPartition, int]

    @property
    def open(self) -> dict[TopicPartition, int]:
        """The first offset of an open transaction, by partition."""
        return {one: self.stable[one] for one, end in self.ends.items() if self.stable.get(one, end) < end}


def grown(before: Ends, now: Ends) -> dict[TopicPartition, tuple[int, int]]:
    """Return the stretches by which logs have grown; a partition that is new has grown from 0."""
    return {
        one: (before.ends.get(one, 0), end) for one, end in now.ends.items() if end > before.ends.get(one, 0)
    }
