"""What a failover knows of groups: their last commits, MM2's translations, and the target's log."""

from __future__ import annotations

from typing import Any

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.cutover.failover.placed import GroupPlacement, Placement
from mirror.cutover.failover.placement import Commit, Known, TargetSeen, placements
from mirror.mm2.formats import OffsetSync
from tests.unit.support.made_up import NOW, ORDERS
from tests.unit.support.offset_syncs import store_of

COPY = TopicPartition("east.orders", 0)


OTHER = TopicPartition("orders", 1)


SYNCS = (OffsetSync(ORDERS, 0, 0), OffsetSync(ORDERS, 40, 50))


def known(
    commit: Commit | None = None,
    current: int | None = None,
    *,
    log: Bounds | Unread | None = None,
    position: int | None = 99,
    tail: range = range(0),
    syncs: tuple[OffsetSync, ...] = SYNCS,
    **more: Any,
) -> Known:
    seen = TargetSeen(ORDERS, log or Bounds(0, 110), position, tail)
    return Known(
        {"billing": {ORDERS: commit}} if commit else {},
        {"billing": {COPY: current} if current is not None else {}},
        {ORDERS: seen},
        store_of(syncs),
        names=lambda one: TopicPartition(f"east.{one.topic}", one.partition),
        **more,
    )


def only(seen: Known) -> tuple[GroupPlacement, Placement]:
    [group] = placements(seen)
    [row] = group.rows
    return group, row


def at(offset: int, translated: int | None = None, *, rested: bool = True) -> Commit:
    return Commit(offset, NOW, translated, rested)


def several(
    commits: dict[str, dict[TopicPartition, Commit]],
    current: dict[str, dict[TopicPartition, int] | Unread] | None = None,
    *,
    partitions: dict[TopicPartition, TargetSeen] | None = None,
    **more: Any,
) -> Known:
    base = known()
    return Known(commits, current or {}, partitions or base.partitions, base.syncs, names=base.names, **more)
