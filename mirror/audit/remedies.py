"""The remedies for differences that an audit has found. What destroys or rewinds comes last, after what it
destroys.
"""

from __future__ import annotations

from collections.abc import Mapping

from mirror.audit.findings import DifferenceKind, PartitionResult, RecordDifference
from mirror.verify.remedies import RESET_OF_THE_TOPIC, at_most, or_else, without_harm

_ANEW = (
    f"stop the source connector, {RESET_OF_THE_TOPIC}, delete the topic on the target, start the connector "
    "again"
)
_KEEPS: Mapping[DifferenceKind, str] = {
    "lost": "the source still has them: find out who deleted them on the target (an unclean leader election, "
    "DeleteRecords)",
    "duplicated": "consumers that tolerate duplicates need no repair; check whether another client writes to "
    "the copy, and whether the connector's offsets were set back",
    "reordered": "records of one partition must keep their order: look for a second writer or mirror of this "
    "topic",
    "altered": "look for transforms in the connector's configuration (`transforms`, converters that are not "
    "ByteArrayConverter) and for a second writer",
    "alien": "where producers have moved to the target, keep the topic: these records are nowhere else. "
    "Otherwise another client writes to the copy (remove its Write permission), or a transaction was aborted "
    "on the source and copied (isolation.level=read_uncommitted)",
}
"""What to do about each kind of difference that changes no record."""


def remedy_for(partition: PartitionResult, one: RecordDifference, *, promoted: bool) -> str:
    """Return the remedy. `promoted`: clients write to the target, so nothing is mirrored again."""
    remedy = _remedy(partition, one)
    return without_harm(remedy) if promoted else remedy


def _remedy(partition: PartitionResult, one: RecordDifference) -> str:
    if one.kind == "lost" and partition.hidden:
        return partition.hidden
    if one.kind == "lost":
        behind = max(0, partition.must + 1 - one.source[0])
        return or_else(
            _KEEPS[one.kind],
            f"rewind this partition by {at_most(behind)}; those that are not lost are there twice then",
            "stop the source connector, set its offset of this partition to the one before the first lost "
            "record (strimzi.io/connector-offsets=alter), start it again",
        )
    copy = partition.target_records
    return or_else(
        _KEEPS[one.kind],
        f"destroy the topic on the target, of which this partition has {copy:,} compared records and what "
        "came since, and rewind the topic",
        _ANEW,
    )
