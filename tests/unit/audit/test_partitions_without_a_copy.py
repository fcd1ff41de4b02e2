"""Partitions that the target does not have: which are only late, and which nobody can audit."""

from __future__ import annotations

import pytest

from mirror.audit.make_cut import without_copy
from mirror.audit.selection import WHOLE, choose
from mirror.clients.records import Bounds, Topic, TopicPartition, Unread
from mirror.clients.sides import Joined
from mirror.clients.topics import Topics
from mirror.problems import CouldNotRun

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


def test_an_audit_of_heartbeats_alone_proves_nothing() -> None:
    """The mirror writes them itself, so that their records were the same on both sides, and it passed."""
    beats = TopicPartition("heartbeats", 0)
    both = {"heartbeats": Topic("heartbeats", 1, 1)}
    own = frozenset(both)
    found = Topics(both, both, {"heartbeats": "heartbeats"}, (Joined(beats, beats),), own=own)
    with pytest.raises(CouldNotRun, match="nothing to audit"):
        choose(found, (), WHOLE)
    assert choose(found, ("heartbeats",), WHOLE).joined, "somebody asks for them"
