"""Made-up partitions of a group, for the tests of groups-translated: records named by letters."""

from __future__ import annotations

from typing import Any

from mirror.clients.records import Bounds
from mirror.mm2.expected import Expected
from mirror.mm2.formats import Checkpoint
from mirror.verify.checks.groups_translated import judge
from mirror.verify.values.group_partition import GroupPartition
from mirror.verify.values.translation import Translation, translation
from tests.unit.support.made_up import ORDERS, window


def at(committed: int, translated: int | None, **more: Any) -> GroupPartition:
    """Source and target hold abcdefgh at 0 to 7; everything up to 7 is mirrored."""
    source, target = Bounds(0, 8), Bounds(0, 8)
    values: dict[str, Any] = {
        "position": 7,
        "source": source,
        "target": target,
        "unread": window("abcdefgh"[committed:], committed) if committed < 8 else None,
        "ahead": None if translated is None else window("abcdefgh"[translated:], translated),
        **more,
    }
    return GroupPartition("billing", ORDERS, ORDERS, committed, translated, **values)


def judged(one: GroupPartition) -> Translation:
    return translation(one)


def message(one: GroupPartition) -> str:
    [finding] = judge([one]).findings
    return finding.message


def consumed(**more: Any) -> GroupPartition:
    """The group stopped at 2 on the source and has read on to 5 on the target."""
    return at(2, 5, **{"members_on_source": 0, "leader_epoch": 0, **more})


def checkpoint(upstream: int, downstream: int) -> Expected:
    return Expected(
        upstream, Checkpoint("billing", ORDERS, upstream, downstream, ""), 1.0, None, certain=True
    )
