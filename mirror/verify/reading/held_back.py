"""Finds partitions of the source whose last stable offset an old transaction holds back.

MM2 reads committed records only, up to the last stable offset. Behind it nothing looks late: a record of
anybody that follows the first record of an open transaction is invisible, until that transaction ends. The
reads come in this order, so that what is written meanwhile never looks like a transaction:

    1. H   the high watermarks
    2. L   the last stable offsets: at or after H, unless a transaction is open that began before H was read
    3. A   the first offset whose timestamp is young enough: after L where the record at L is older

    source  ...---r---r---L~~~r---~---r---H       ~ of the open transaction, r committed records

A timestamp may be old although the transaction is young, as in the copy of a copy, or in a topic that Flink
fills with events of the past. So an old one is watched for some seconds, and counts only if it holds the
partition for all of them. And it is not said to hang unless younger records follow it, and none precede it:
then timestamps tell the order of writing. Where nobody writes any more, or timestamps are in no order, only
a session that has seen it open for longer than Kafka allows can tell (the exporter, a watch).
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping

from confluent_kafka import IsolationLevel

from mirror.clients.cluster import Cluster
from mirror.clients.records import TopicPartition
from mirror.text.waiting import Clock
from mirror.verify.reading.bookkeeping import PAUSE_SECONDS
from mirror.verify.reading.look import Look
from mirror.verify.values.partition_lag import HeldBack, OpenTransactions

TOO_LONG_SECONDS = 960.0
"""A coordinator aborts a transaction after its `transaction.timeout.ms`, which no broker accepts beyond its
`transaction.max.timeout.ms`, 15 minutes by default. So this one is hanging, or the brokers allow more."""
WATCH_SECONDS = 10.0
GLANCE_SECONDS = 2.0


def held_back(look: Look) -> dict[TopicPartition, HeldBack]:
    """The partitions whose oldest open transaction is older than the lag that the mirror may have."""
    allowed, known = look.settings.verification.max_lag_seconds, look.session.memory.open_transactions
    return read_held_back(look.sides.source, look.topics.partitions, allowed, known)


def read_held_back(
    source: Cluster,
    partitions: Iterable[TopicPartition],
    allowed: float,
    known: OpenTransactions,
    clock: Clock = time,
) -> dict[TopicPartition, HeldBack]:
    """`allowed`: in seconds. `known`: what earlier looks have seen, which need not be watched again.
    Partitions that cannot be read are left out: lag names them."""
    wanted = list(partitions)
    high = source.ends(wanted, IsolationLevel.READ_UNCOMMITTED)
    stable = _stable(source, high)
    first = {one: at for one, at in stable.items() if at < high[one]}
    seen = known.look(first, clock.monotonic(), [one for one in wanted if one not in stable])
    if not first:
        return {}
    now = clock.time()
    limits = (allowed, max(allowed, TOO_LONG_SECONDS))
    young = source.offsets_at_each(dict.fromkeys(first, int((now - limit) * 1000)) for limit in limits)
    found = {}
    for one, at in sorted(first.items()):
        too_long = seen[one] > limits[1] or (one in young[1] and at < young[1][one])
        if too_long or at < young[0].get(one, at + 1):
            found[one] = HeldBack(at, high[one] - at, too_long)
    again = {one: held for one, held in found.items() if seen[one] >= WATCH_SECONDS}
    return again | _watched(source, {one: held for one, held in found.items() if one not in again}, clock)


def held_now(
    cluster: Cluster, partitions: Iterable[TopicPartition], clock: Clock = time
) -> dict[TopicPartition, HeldBack]:
    """The partitions in which nothing is visible behind an open transaction for as long as a glance takes,
    however old it is."""
    high = cluster.ends(partitions, IsolationLevel.READ_UNCOMMITTED)
    stable = _stable(cluster, high).items()
    found = {one: HeldBack(at, high[one] - at, too_long=False) for one, at in stable if at < high[one]}
    return _watched(cluster, found, clock)


def _watched(
    source: Cluster, found: dict[TopicPartition, HeldBack], clock: Clock
) -> dict[TopicPartition, HeldBack]:
    began = clock.monotonic()
    while found and clock.monotonic() - began < _longest(found):
        clock.sleep(PAUSE_SECONDS)
        now = _stable(source, found)
        found = {one: held for one, held in found.items() if now.get(one, held.first) == held.first}
    return found


def _longest(found: Mapping[TopicPartition, HeldBack]) -> float:
    """What is only reported is not worth the wait of every look, as beside Flink."""
    return WATCH_SECONDS if any(held.too_long for held in found.values()) else GLANCE_SECONDS


def _stable(source: Cluster, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int]:
    return source.ends(partitions, IsolationLevel.READ_COMMITTED)
