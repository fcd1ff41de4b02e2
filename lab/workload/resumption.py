"""Lets a consumer group go on where it stands, on whichever side: what a consumer that is moved over does."""

from __future__ import annotations

import time
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from lab.workload.connection import Cluster
from lab.workload.groups import group_consumer, place_of
from lab.workload.refusals import Said, partitions_of, refused, unknown
from lab.workload.roster import GROUPS, group_named
from lab.workload.topics import Offsets
from mirror.problems import CouldNotRun

RESUME_SECONDS = 60.0
METADATA_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Resumed:
    """How a consumer group went on. Offsets by partition."""

    region: str
    group: str
    topic: str
    committed: Offsets
    """What was committed when it joined; a partition without a commit is absent."""
    first_read: Offsets
    """Offset of the first record it read in each partition; with nothing to read the partition is absent."""
    left_at: Offsets
    """What it committed in the end."""
    read: int
    at_end: bool
    """Whether it stopped because there was nothing left, not because it had read as many as it should."""

    def __str__(self) -> str:
        end = ", to the end" if self.at_end else ""
        lines = [f"group {self.group} on {self.topic} in {self.region}: read {self.read} records{end}"]
        for partition, offset in sorted(self.first_read.items()):
            stood = self.committed.get(partition)
            lines.append(
                f"  partition {partition:2}: "
                + ("nothing committed" if stood is None else f"committed {stood}")
                + f", resumed at {offset}, now {self.left_at[partition]}"
            )
        untouched = len(self.left_at) - len(self.first_read)
        if untouched:
            known = sum(
                partition in self.committed for partition in self.left_at.keys() - self.first_read.keys()
            )
            lines.append(
                f"  {untouched} other partitions: nothing read, {known} of them with a committed offset"
            )
        return "\n".join(lines)


def resume(  # noqa: C901 - one loop over what the consumer gives
    cluster: Cluster,
    group: str,
    topic: str | None = None,
    most: int | None = None,
    user: str | None = None,
    seconds: float = RESUME_SECONDS,
) -> Resumed:
    """Join `group` as its own user, read on from what is committed, commit and leave.

    Reads at most `most` records, all there are when None. On the target the user logs in with the password
    of its source Secret: that is what a consumer that is moved over does. Raises CouldNotRun.
    """
    known = group_named(group)
    user, topic = user or (known.user if known else None), topic or (known.topic if known else None)
    if user is None or topic is None:
        raise unknown("group", group, [item.name for item in GROUPS])
    tried = f"going on as group {group} on {topic} in region {cluster.region} as {user}"
    said = Said()
    isolation_level = known.isolation_level if known else "read_uncommitted"
    consumer = group_consumer(cluster, group, user, isolation_level, {"error_cb": said})
    committed: Offsets = {}
    assigned: list[int] = []

    def on_assign(consumer: Consumer, partitions: list[TopicPartition]) -> None:
        assigned[:] = [partition.partition for partition in partitions]
        for position in consumer.committed(partitions, timeout=METADATA_SECONDS):
            if position.offset >= 0:
                committed[position.partition] = position.offset

    first: Offsets = {}
    reached: Offsets = {}
    ended: set[int] = set()
    read = 0
    deadline = time.monotonic() + seconds
    try:
        expected = len(partitions_of(consumer, topic, tried, said))
        consumer.subscribe([topic], on_assign=on_assign)
        while (most is None or read < most) and len(ended) < expected:
            if time.monotonic() > deadline:
                raise CouldNotRun(
                    tried,
                    f"after {seconds:.0f} s: {len(assigned)} of {expected} partitions, {read} records",
                    "see whether other members hold the rest",
                )
            for message in consumer.consume(min(500, (most or read + 500) - read), timeout=0.5):
                error = message.error()
                if error is not None and error.code() != KafkaError._PARTITION_EOF:
                    if error.retriable():
                        continue
                    raise refused(tried, error, said)
                partition, offset = place_of(message)
                if error is not None:
                    ended.add(partition)
                    reached[partition] = offset
                    continue
                ended.discard(partition)
                first.setdefault(partition, offset)
                reached[partition] = offset + 1
                read += 1
        left_at = {partition: reached.get(partition, committed.get(partition, 0)) for partition in assigned}
        if reached:
            consumer.commit(
                offsets=[TopicPartition(topic, partition, offset) for partition, offset in reached.items()],
                asynchronous=False,
            )
    except KafkaException as error:
        raise refused(tried, error.args[0], said) from error
    finally:
        consumer.close()
    return Resumed(cluster.region, group, topic, committed, first, left_at, read, len(ended) == expected)
