"""Whether MM2 has mirrored every record of the source, counted in records. Pure.

End offsets say nothing: MM2's committed position never reaches the end of a log that ends in transaction
markers or aborted records, and a partition with nothing else has no position at all. So each partition is
read after its position, and only committed records count. What an open transaction wrote may become a record
later: a partition with one is not drained.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.cutover.connectors.judge import ConnectorState
from mirror.cutover.step import Verdict
from mirror.cutover.teardown.judge import waiting_records
from mirror.text.names import few
from mirror.text.numbers import counted
from mirror.verify.values.partition_lag import PartitionLag
from mirror.verify.values.source_partition import past_end


@dataclass(frozen=True, slots=True)
class Drained:
    """What one look saw. `at`: when MM2's positions were read, in seconds since the epoch."""

    lags: Sequence[PartitionLag]
    at: float
    ends: Mapping[TopicPartition, Bounds | Unread]
    """The same partitions read uncommitted: up to the high watermark, which includes open transactions."""
    absent: Sequence[TopicPartition] = ()
    """Source partitions without a copy on the target."""
    connector: ConnectorState | None = None
    """The source connector; None where Strimzi's status has none."""


def judge(seen: Drained) -> Verdict:
    """`done` where every record is mirrored, `waiting` while MM2 mirrors, `blocked` where it cannot."""
    anew = [one for one in seen.lags if _past_end(one)]
    if anew:
        return Verdict(
            "blocked",
            f"MM2's position is past the end of {few([str(one.partition) for one in anew])} on the "
            "source: the topic was deleted and created again, and its records are never mirrored",
            "exclude the topic (`mirror.topics_exclude`), or mirror it anew under another name; then start "
            "the cutover again",
            {"past_end": {str(one.partition): one.position for one in anew}},
        )
    waiting, unknown = waiting_records(seen.lags, seen.at)
    open_partitions = _open(seen)
    absent = _absent_with_records(seen)
    evidence = {
        "partitions": len(seen.lags),
        "records": waiting.records,
        "exact": waiting.exact,
        "remaining": dict(waiting.partitions),
        "positions": {str(one.partition): one.position for one in seen.lags},
        "source_ends": {
            str(one.partition): one.bounds.end for one in seen.lags if isinstance(one.bounds, Bounds)
        },
        "open_transactions": open_partitions,
        "without_copy": absent,
        "unread": unknown,
    }
    if not (waiting.records or unknown or open_partitions or absent):
        return Verdict(
            "done",
            f"MM2 has mirrored every record of {counted(len(seen.lags), 'partition')}",
            evidence=evidence,
            remaining=0,
        )
    parts = []
    if waiting.records:
        most = sorted(waiting.partitions, key=lambda name: -waiting.partitions[name])
        parts.append(
            f"{'' if waiting.exact else 'up to '}{waiting.records:,} records are not mirrored yet, in "
            f"{few(most)}"
        )
    if absent:
        parts.append(f"{few(absent)} has records and no copy on the target")
    if open_partitions:
        parts.append(f"transactions are open on {few(open_partitions)}")
    if unknown:
        parts.append(f"{counted(len(unknown), 'partition')} could not be read: {unknown[0]}")
    text = "; ".join(parts)
    stopped = seen.connector is not None and seen.connector.at_rest
    if stopped and seen.connector is not None and (waiting.records or absent):
        return Verdict(
            "blocked",
            f"{text}; the source connector is {seen.connector.state}, so it mirrors nothing",
            "start the source connector again (`mirror.state: running` in the stack file and `pulumi up`); "
            "where that is refused because the cutover has gone further: `cutover rollback` first",
            evidence,
            waiting.records,
        )
    if seen.connector is not None and seen.connector.failed:
        text += f"; not running: {', '.join(seen.connector.failed)}"
    return Verdict("waiting", text, evidence=evidence, remaining=waiting.records)


def _past_end(one: PartitionLag) -> bool:
    return one.position is not None and isinstance(one.bounds, Bounds) and past_end(one.position, one.bounds)


def _open(seen: Drained) -> list[str]:
    """Partitions whose last stable offset is before the end of the log: a transaction is open there."""
    found = []
    for one in seen.lags:
        end = seen.ends.get(one.partition)
        if isinstance(one.bounds, Bounds) and isinstance(end, Bounds) and end.end > one.bounds.end:
            found.append(str(one.partition))
    return found


def _absent_with_records(seen: Drained) -> list[str]:
    """A topic without records needs no copy: MM2 creates it at its next refresh of topics."""
    absent = set(seen.absent)
    return [
        str(one.partition)
        for one in seen.lags
        if one.partition in absent and isinstance(one.bounds, Bounds) and not one.bounds.empty
    ]
