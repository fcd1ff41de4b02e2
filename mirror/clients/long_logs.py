"""Reads topics of Connect and MM2 whole, however long their logs are.

They are compacted, but the log cleaner leaves the active segment as it is, of 1 GiB by default, and Connect
writes to 25 partitions. A mirror commits positions with every transaction: after some days its offsets topic
may have ten gigabytes, of which a few hundred records count (KAFKA-15086).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from mirror.clients.messages import pair_of
from mirror.clients.reader import Reader
from mirror.clients.records import ReadTo, TopicPartition

MOST_SECONDS = 600.0
Pair = tuple[bytes | None, bytes | None]
Pairs = Mapping[bytes | None, bytes | None]
"""Values by their keys."""
T = TypeVar("T")
_SEGMENT_BYTES = 50 * 1024 * 1024


def read_on(
    reader: Reader,
    ranges: Mapping[TopicPartition, tuple[int, int]],
    convert: Callable[[Any], T],
    to: Callable[[TopicPartition], Callable[[T], None]],
    most_seconds: float = MOST_SECONDS,
) -> dict[TopicPartition, ReadTo]:
    """As `Reader.pass_on`, and on for as long as each turn comes to further records."""
    found: dict[TopicPartition, ReadTo] = {}
    began = time.monotonic()
    while True:
        found |= reader.pass_on(ranges, convert, to)
        late = {one: (found[one].end, stop) for one, (_, stop) in ranges.items() if found[one].late}
        went_on = any(start > ranges[one][0] for one, (start, _) in late.items())
        if not went_on or time.monotonic() - began > most_seconds:
            return found
        ranges = late


def newest(
    reader: Reader, ranges: Mapping[TopicPartition, tuple[int, int]]
) -> dict[TopicPartition, tuple[Pairs, ReadTo]]:
    """The last value of each key between two offsets of each partition, in the order of these records, and
    how far the partition was read. To parse every record would take longer than to read it.
    """
    pairs: dict[TopicPartition, dict[bytes | None, bytes | None]] = {one: {} for one in ranges}

    def keeping(one: TopicPartition) -> Callable[[Pair], None]:
        own = pairs[one]

        def keep(pair: Pair) -> None:
            key, value = pair
            if key in own:
                del own[key]  # the order is that of the last records
            own[key] = value

        return keep

    return {one: (pairs[one], read) for one, read in read_on(reader, ranges, pair_of, keeping).items()}


def way_out(topic: str) -> str:
    """What to do where a log was too long for the time. The next read goes on where this one has ended."""
    return (
        "look again, or with `--wait`: what was read counts. If it stays, check the brokers that lead "
        f"{topic}. To keep its log short, set `segment.bytes` (`kafka-configs.sh --alter --entity-type "
        f"topics --entity-name {topic} --add-config segment.bytes={_SEGMENT_BYTES}`): the log cleaner then "
        "deletes the records of keys that have a newer one, and no other"
    )
