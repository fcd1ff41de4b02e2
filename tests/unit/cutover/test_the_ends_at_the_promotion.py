"""The target's ends at the promotion: recorded by partition, bounded, and read again."""

from __future__ import annotations

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.cutover.promoted_ends import copies, entry, parsed

ORDERS = [TopicPartition("orders", number) for number in range(3)]


def test_they_are_read_as_they_were_recorded() -> None:
    kept = entry({ORDERS[0]: Bounds(0, 5), ORDERS[2]: Bounds(2, 9), ORDERS[1]: Unread("no leader")})
    assert kept == {"orders": [5, -1, 9]}
    assert parsed(kept) == {ORDERS[0]: 5, ORDERS[2]: 9}


def test_too_many_are_not_recorded_and_content_decides_later() -> None:
    assert entry(dict.fromkeys(ORDERS, Bounds(0, 5)), limit=10) is None
    assert parsed(None) == {}
    assert parsed({"orders": "damaged"}) == {}


def test_only_copies_are_recorded() -> None:
    assert copies({"orders": 2, "other": 1}, ["orders", "absent"]) == ORDERS[:2]
