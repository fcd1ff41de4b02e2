"""Asks the source who holds transactions open, with the login of its administrator."""

from __future__ import annotations

import time
from collections.abc import Collection
from contextlib import suppress

from mirror.clients.cluster import Cluster
from mirror.clients.reader import Reader
from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.cutover.fence.transaction_log import TOPIC, Holder, holders
from mirror.cutover.step import World
from mirror.problems import CouldNotRun

BACK_SECONDS = 16 * 60
"""How far back the log is read: no transaction is open for longer than `transaction.max.timeout.ms` (15
minutes by default), and its state is written when it begins.
"""
READ_SECONDS = 10.0


def read(world: World, among: Collection[TopicPartition]) -> list[Holder]:
    """Return who holds transactions in these partitions; nothing without the administrator's login, or where
    it may not read the topic: the transactions are judged all the same.
    """
    if world.source_admin is None:
        return []
    access = world.source_admin.access(world.sides().source.access)
    with suppress(CouldNotRun), Cluster(access) as cluster, Reader(access) as reader:
        cluster.connect()
        log = cluster.topics().get(TOPIC)
        partitions = [TopicPartition(TOPIC, number) for number in range(log.partitions if log else 0)]
        since = int((time.time() - BACK_SECONDS) * 1000)
        starts = cluster.offsets_at(dict.fromkeys(partitions, since))
        ends = cluster.bounds(starts)
        ranges = {
            one: (start, end.end)
            for one, start in starts.items()
            if isinstance(end := ends[one], Bounds) and start < end.end
        }
        found = reader.messages(ranges, READ_SECONDS).values()
        return holders([each for one in found if not isinstance(one, Unread) for each in one], among)
    return []
