"""Asks for offsets of partitions' logs: starts, ends, and the offsets of times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from typing import Any

import confluent_kafka
from confluent_kafka import IsolationLevel
from confluent_kafka.admin import AdminClient, OffsetSpec

from mirror.clients.answers import REQUEST_SECONDS, settled
from mirror.clients.records import Bounds, TopicPartition, Unread

_OFFSETS_AT_ONCE = 1_000
"""Partitions in one request for offsets. librdkafka looks each one up in a list of all of them
(`rd_kafka_topic_partition_list_find`), so a request for ten times as many costs a hundred times the CPU.
"""


def bounds(
    admin: AdminClient, partitions: Iterable[TopicPartition], isolation: IsolationLevel
) -> dict[TopicPartition, Bounds | Unread]:
    """Start offset and last stable offset of each partition, as `Cluster.bounds`."""
    wanted = list(partitions)
    starts = _offsets(admin, wanted, OffsetSpec.earliest(), isolation)  # type: ignore[no-untyped-call]
    ends = _offsets(admin, wanted, OffsetSpec.latest(), isolation)  # type: ignore[no-untyped-call]
    found: dict[TopicPartition, Bounds | Unread] = {}
    for (one, start), end in zip(starts.items(), ends.values(), strict=True):
        start_offset, end_offset = settled(start), settled(end)
        if isinstance(start_offset, Unread):
            found[one] = start_offset
        elif isinstance(end_offset, Unread):
            found[one] = end_offset
        else:
            # Records may have been deleted between the two answers.
            found[one] = Bounds(start_offset.offset, max(start_offset.offset, end_offset.offset))
    return found


def offsets_at(admin: AdminClient, timestamps: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
    """Offset of the first record at or after each timestamp, as `Cluster.offsets_at`."""
    asked = {
        confluent_kafka.TopicPartition(one.topic, one.partition): OffsetSpec.for_timestamp(timestamp)
        for one, timestamp in timestamps.items()
    }
    if not asked:
        return {}
    futures = admin.list_offsets(asked, request_timeout=REQUEST_SECONDS)
    answers = {TopicPartition(one.topic, one.partition): settled(future) for one, future in futures.items()}
    return {
        one: answer.offset
        for one, answer in answers.items()
        if not isinstance(answer, Unread) and answer.offset >= 0
    }


def _offsets(
    admin: AdminClient, wanted: list[TopicPartition], spec: OffsetSpec, isolation: IsolationLevel
) -> dict[TopicPartition, Future[Any]]:
    if not wanted:
        return {}
    by_partition: dict[TopicPartition, Future[Any]] = {}
    for first in range(0, len(wanted), _OFFSETS_AT_ONCE):
        some = wanted[first : first + _OFFSETS_AT_ONCE]
        asked = {confluent_kafka.TopicPartition(one.topic, one.partition): spec for one in some}
        found = admin.list_offsets(asked, isolation_level=isolation, request_timeout=REQUEST_SECONDS)
        by_partition |= {TopicPartition(one.topic, one.partition): each for one, each in found.items()}
    return {one: by_partition[one] for one in wanted}
