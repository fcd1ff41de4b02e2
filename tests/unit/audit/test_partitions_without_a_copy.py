"""Partitions that the target does not have: which are only late, and which nobody can audit."""

from __future__ import annotations

from mirror.audit.make_cut import without_copy
from mirror.clients.records import Bounds, TopicPartition, Unread

NEW, LOST, DEAF = (TopicPartition("orders", number) for number in range(3))


def test_a_partition_that_cannot_be_read_is_not_told_to_be_empty() -> None:
    """It was reported with 0 source offsets, and the audit could pass."""
    sources: dict[TopicPartition, Bounds | Unread] = {
        NEW: Bounds(10, 40),
        LOST: Bounds(0, 5),
        DEAF: Unread("it has no leader"),
    }
    not_yet, unreadable = without_copy((NEW, LOST, DEAF), {LOST: 4}, sources)
    assert not_yet == {NEW: 30}
    assert unreadable == {
        LOST: "the target has no copy of it, but MM2 has mirrored up to source offset 4",
        DEAF: "the target has no copy of it, and the source does not answer: it has no leader",
    }
