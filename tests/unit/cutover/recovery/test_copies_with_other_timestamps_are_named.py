"""Where the target stamps records anew, an at-least-once mirror's last copies cannot be recognised."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from mirror.audit.rules import AuditRules
from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.cutover.recovery.scan import Extent, not_recognised

ORDERS, COPY = TopicPartition("orders", 0), TopicPartition("east.orders", 0)
STAMPED = {"message.timestamp.type": "LogAppendTime"}


def notes(
    config: Mapping[str, str] | Unread = STAMPED,
    *,
    exactly_once: bool = False,
    mirrored: int = 10,
    copy: TopicPartition | None = COPY,
) -> list[str]:
    extent = Extent(ORDERS, copy, mirrored, -1, Bounds(0, 20), 20, Bounds(0, 15))
    rules = lambda _: AuditRules(exactly_once=exactly_once)  # noqa: E731
    return not_recognised([extent], {"east.orders": config}, rules, "west")


def test_their_topic_is_named_with_the_way_out() -> None:
    [said] = notes()
    assert said.startswith("orders: west stamps records anew, so copies behind MM2's position are not")
    assert "quarantine" in said


@pytest.mark.parametrize("config", [{}, {"message.timestamp.type": "CreateTime"}, Unread("not authorized")])
def test_nothing_is_said_where_the_target_keeps_timestamps(config: Mapping[str, str] | Unread) -> None:
    assert notes(config) == []


def test_nothing_is_said_where_no_copy_can_be_behind_the_position() -> None:
    assert notes(exactly_once=True) == []
    assert notes(mirrored=19) == [], "nothing is behind the position"
    assert notes(copy=None) == []
