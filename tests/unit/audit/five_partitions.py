"""A topic of five partitions on both sides, and the cut of their audit."""

from __future__ import annotations

from mirror.audit.blocks import LogPair
from mirror.audit.cut import Cut
from mirror.audit.extent import Extent
from mirror.clients.records import TopicPartition
from tests.unit.audit.made_up import MadeUpLog, copied, records

PARTITIONS = [TopicPartition("orders", number) for number in range(5)]


SOURCE = {one: records(50 + 10 * one.partition) for one in PARTITIONS}


TARGET = {one: copied(rows[:7] + rows[8:] if one.partition % 2 else rows) for one, rows in SOURCE.items()}


LOGS = LogPair(MadeUpLog(SOURCE), MadeUpLog(TARGET))


CUT = Cut(
    "m", "east", "west", "2026-11-26", True,
    tuple(
        Extent(one, one, 0, len(SOURCE[one]), 0, len(TARGET[one]), len(SOURCE[one]) - 1)
        for one in PARTITIONS
    ),
)  # fmt: skip
