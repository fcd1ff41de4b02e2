"""Reads what was written to the source after a topic moved: a part of the look."""

from __future__ import annotations

from mirror.clients.records import TopicPartition
from mirror.verify.reading.lags import read_lags
from mirror.verify.reading.look import Look
from mirror.verify.reading.parts import committed
from mirror.verify.values.partition_lag import PartitionLag


def after_the_move(look: Look) -> list[PartitionLag]:
    """The source's partitions of topics that were moved, with the records after MM2's last position.

    MM2 keeps the position of a topic that it does not mirror any more, and a cutover moves a topic when every
    record is mirrored: each later record was written after the move. A topic that the source does not have
    any more, or that the source user may not see, is left out.
    """
    there = look.topics.source
    partitions = [
        TopicPartition(name, number)
        for name in look.settings.mirror.moved.topics
        if name in there
        for number in range(there[name].partitions)
    ]
    return read_lags(look.sides, partitions, look.of(committed).positions) if partitions else []
