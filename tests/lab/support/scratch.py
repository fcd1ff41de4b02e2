"""A scratch topic: the test's own, carried by the mirror, so that breaking it breaks nothing else."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.wait import until


@dataclass(frozen=True)
class ScratchTopic:
    """One topic of one partition, mirrored under the same name."""

    regions: Regions
    topic: str

    def produce(self, *values: str) -> None:
        """Append records on the source."""
        kafka.produce(self.regions.kafka("east"), self.topic, values)

    def values(self, region: str) -> list[bytes | None]:
        """The values of the region's committed records, oldest first."""
        return [record.value for record in kafka.read(self.regions.kafka(region), self.topic)]

    def mirrored(self, count: int) -> None:
        """Wait until the target holds `count` records."""
        until(
            f"{count} records of {self.topic} on the target",
            lambda: (
                self.topic in kafka.topics(self.regions.kafka("west")) and len(self.values("west")) >= count
            ),
            seconds=180,
        )


@contextmanager
def scratch_topic(regions: Regions, records: int) -> Iterator[ScratchTopic]:
    """A fresh topic with `records` records, mirrored; both copies are deleted in the end."""
    made = ScratchTopic(regions, f"scratch-{uuid.uuid4().hex[:8]}")
    kafka.create_topic(regions.kafka("east"), made.topic)
    try:
        made.produce(*(f"v{number}" for number in range(records)))
        made.mirrored(records)
        yield made
    finally:
        kafka.delete_topic(regions.kafka("east"), made.topic)
        kafka.delete_topic(regions.kafka("west"), made.topic)


@contextmanager
def half_read(regions: Regions, read: int) -> Iterator[tuple[ScratchTopic, str]]:
    """A scratch topic with twice as many records as its group has read, and the group, translated to the
    target."""
    east, west = regions.kafka("east"), regions.kafka("west")
    with scratch_topic(regions, 1) as topic:
        # The first record alone: MM2 translates nothing before its oldest offset sync, and while ten syncs
        # are under way a newer one takes the place of one that waits (`OffsetSyncWriter`).
        topic.produce(*(f"v{number}" for number in range(1, read)))
        topic.mirrored(read)
        # A commit of MM2 lies between what the group has read and what it has not.
        topic.produce(*(f"unread {number}" for number in range(read)))
        topic.mirrored(2 * read)
        group = f"{topic.topic}-readers"
        kafka.commit(east, group, topic.topic, read)
        try:
            until(
                "the group's translation", lambda: kafka.committed(west, group, topic.topic) > 0, seconds=120
            )
            yield topic, group
        finally:
            kafka.delete_group(east, group)
            kafka.delete_group(west, group)
