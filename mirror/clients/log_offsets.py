"""Asks for offsets of partitions' logs: starts, ends, and the offsets of times."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

import confluent_kafka
from confluent_kafka import IsolationLevel, KafkaException
from confluent_kafka.admin import AdminClient, OffsetSpec

from mirror.clients.answers import REQUEST_SECONDS, all_settled, outdated
from mirror.clients.records import Bounds, TopicPartition, Unread

_OFFSETS_AT_ONCE = 1_000
"""Partitions in one request for offsets. librdkafka looks each one up in a list of all of them
(`rd_kafka_topic_partition_list_find`), so a request for ten times as many costs a hundred times the CPU.
"""


Answers = dict[TopicPartition, Any]
"""`ListOffsetsResultInfo` of each partition, or Unread."""
Timestamps = Mapping[TopicPartition, int]
"""In milliseconds."""


def bounds(
    admin: AdminClient, partitions: Iterable[TopicPartition], isolation: IsolationLevel
) -> dict[TopicPartition, Bounds | Unread]:
    """Start offset and last stable offset of each partition, as `Cluster.bounds`."""
    wanted = list(partitions)
    first: OffsetSpec = OffsetSpec.earliest()  # type: ignore[no-untyped-call]
    last: OffsetSpec = OffsetSpec.latest()  # type: ignore[no-untyped-call]
    starts, ends = _answers(admin, [dict.fromkeys(wanted, spec) for spec in (first, last)], isolation)
    found: dict[TopicPartition, Bounds | Unread] = {}
    for one in wanted:
        start, end = starts[one], ends[one]
        if isinstance(start, Unread):
            found[one] = start
        elif isinstance(end, Unread):
            found[one] = end
        else:
            # Records may have been deleted between the two answers.
            found[one] = Bounds(start.offset, max(start.offset, end.offset))
    return found


def ends(
    admin: AdminClient, partitions: Iterable[TopicPartition], isolation: IsolationLevel
) -> dict[TopicPartition, int]:
    """End of each partition, as `Cluster.ends`."""
    last: OffsetSpec = OffsetSpec.latest()  # type: ignore[no-untyped-call]
    [answers] = _answers(admin, [dict.fromkeys(partitions, last)], isolation)
    return {one: answer.offset for one, answer in answers.items() if not isinstance(answer, Unread)}


def offsets_from(
    admin: AdminClient, questions: Iterable[Timestamps]
) -> list[dict[TopicPartition, int | Unread]]:
    """Offset of the first record at or after each timestamp, or Unread; partitions without such a record are
    omitted.

    Of a time before 1970, as that of a record without a timestamp, the first record since 1970 is asked for:
    negative numbers ask for other things (`ListOffsetsRequest`: -1 for the end of the log).
    """
    asked = [
        {one: OffsetSpec.for_timestamp(max(0, timestamp)) for one, timestamp in timestamps.items()}
        for timestamps in questions
    ]
    return [
        {
            one: answer if isinstance(answer, Unread) else answer.offset
            for one, answer in answers.items()
            if isinstance(answer, Unread) or answer.offset >= 0
        }
        for answers in _answers(admin, asked, IsolationLevel.READ_UNCOMMITTED)
    ]


def offsets_at(admin: AdminClient, questions: Iterable[Timestamps]) -> list[dict[TopicPartition, int]]:
    """The same, as `Cluster.offsets_at_each`: partitions without an answer are omitted, too."""
    return [
        {one: offset for one, offset in found.items() if not isinstance(offset, Unread)}
        for found in offsets_from(admin, questions)
    ]


def _answers(
    admin: AdminClient, questions: Sequence[Mapping[TopicPartition, OffsetSpec]], isolation: IsolationLevel
) -> list[Answers]:
    """Ask all questions at once; then once more for partitions whose leader has changed.

    A broker that was away for longer than its session, with its connections open, leads again with another
    epoch. librdkafka goes on asking with the former one until its next refresh of metadata, minutes later
    (findings/librdkafka-lists-offsets-with-a-former-epoch.sh).
    """
    pending = [_offsets(admin, asked, isolation) for asked in questions]
    sent = time.monotonic()
    answers: list[Answers] = [all_settled(futures, sent=sent) for futures in pending]
    again = [
        {one: spec for one, spec in asked.items() if outdated(found[one])}
        for asked, found in zip(questions, answers, strict=True)
    ]
    if any(again):
        with suppress(KafkaException):  # the same error again says more
            admin.list_topics(timeout=REQUEST_SECONDS)
        for found, asked in zip(answers, again, strict=True):
            found |= all_settled(_offsets(admin, asked, isolation))
    return answers


def _offsets(
    admin: AdminClient, asked: Mapping[TopicPartition, OffsetSpec], isolation: IsolationLevel
) -> dict[TopicPartition, Future[Any]]:
    pairs = list(asked.items())
    by_partition: dict[TopicPartition, Future[Any]] = {}
    for first in range(0, len(pairs), _OFFSETS_AT_ONCE):
        some = pairs[first : first + _OFFSETS_AT_ONCE]
        wanted = {confluent_kafka.TopicPartition(one.topic, one.partition): spec for one, spec in some}
        found = admin.list_offsets(wanted, isolation_level=isolation, request_timeout=REQUEST_SECONDS)
        by_partition |= {TopicPartition(one.topic, one.partition): each for one, each in found.items()}
    return {one: by_partition[one] for one in asked}
