"""lag: how far behind its source each partition is, from MM2's own committed source positions.

The difference of end offsets says nothing: transaction markers, aborted records and compaction move it. So
where the source's last stable offset lies beyond position + 1, it was looked for a real record there.

The last stable offset is held back by open transactions. One that Kafka would have aborted by now is hanging:
records of everybody wait behind it, and no lag shows them (`mirror.verify.reading.held_back`).

A record's age is its timestamp's, which a producer sets. A record whose timestamp is ahead would never be
late, and one without a timestamp always. So such a first missing record is watched: until it is mirrored, or
for the allowed lag.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.problems import Finding
from mirror.text.names import few
from mirror.text.numbers import counted
from mirror.verify.check import Check
from mirror.verify.reading.held_back import held_back
from mirror.verify.reading.look import Look, topics
from mirror.verify.reading.parts import committed, watched_lags
from mirror.verify.remedies import RESET_OF_THE_TOPIC, at_most, declared, end_transaction, or_else, stalled
from mirror.verify.report import CheckResult
from mirror.verify.values.partition_lag import Behind, HeldBack, PartitionLag, behind
from mirror.verify.values.source_partition import past_end

NAME = "lag"
_CATCH_UP = (
    "wait; if it does not shrink, check connectors-running. If that passes, look at the position "
    "(`region-mirror status`). Where it advances, raise `mirror.tasks_max` or the connector's batch sizes. "
    "Where it does not (stuck), look for `Failure during poll` in the worker's log: the source may refuse "
    "MM2's login, and the task is RUNNING all the same. If it is not there, restart the "
    "tasks of the source connector (annotation `strimzi.io/restart-connector-task=CONNECTOR:NUMBER`), then "
    "the workers (`kubectl annotate strimzipodset <mirror>-mirrormaker2 "
    "strimzi.io/manual-rolling-update=true`); MM2 goes on at its position"
)


def judge(
    partitions: Sequence[PartitionLag],
    *,
    max_lag_seconds: float,
    at: float,
    state: str = "running",
    missing: Sequence[str] = (),
    held: Mapping[TopicPartition, HeldBack] = MappingProxyType({}),
) -> CheckResult:
    """Passes when no partition is further behind than `max_lag_seconds`: a producer that keeps running
    always leaves a little. So does the first record of a partition whose topic is mirrored elsewhere. Where
    no partition of a topic has a position, young records fail, too.

    `state`: see `Look.declared_state`. `at` is when the positions were read: what came to the source later
    says nothing. `missing`: source topics without a copy, which may be why the others are late. `held`:
    partitions with a transaction that has been open for longer than `max_lag_seconds`.
    """
    findings: list[Finding] = []
    lags: dict[TopicPartition, Behind] = {}
    facts = {}
    begun = {one.partition.topic for one in partitions if one.position is not None}
    for one in partitions:
        lag = lags[one.partition] = behind(one, at)
        finding = _finding(one, lag, max_lag_seconds, state, missing, begun=one.partition.topic in begun)
        if finding is not None:
            findings.append(finding)
        facts[str(one.partition)] = {
            "position": one.position,
            "source_end": one.bounds.end if isinstance(one.bounds, Bounds) else None,
            "records_behind": lag.records,
            "records_exact": lag.exact,
            "seconds_behind": round(lag.seconds, 3),
        }
    findings += [_hanging(one, found) for one, found in held.items() if found.too_long]
    total = sum(lag.records for lag in lags.values())
    worst = max(lags.values(), key=lambda lag: lag.seconds, default=Behind(0, True, 0.0))
    records = f"{'' if all(lag.exact for lag in lags.values()) else 'up to '}{total:,} records"
    if findings:
        unread = {
            str(one.partition)
            for one in partitions
            if isinstance(one.bounds, Unread) or isinstance(one.window, Unread)
        }
        late = len({finding.subject for finding in findings} - unread)
        summary = f"{late} of {len(partitions)} partitions are" if late else "no partition is too far"
        summary += f" behind ({records} in all)"
        if unread:
            summary += f"; {len(unread)} of {len(partitions)} could not be read"
    elif total:
        where = next(name for name, lag in lags.items() if lag is worst)
        most = f"{where} most, {worst.seconds:.1f} s"
        summary = f"{counted(len(partitions), 'partition')}, {records} behind in all; {most}"
    else:
        summary = f"{counted(len(partitions), 'partition')}, every record mirrored"
    if waiting := [str(one) for one, found in held.items() if not found.too_long]:
        summary += (
            f"; a transaction has been open for more than {max_lag_seconds:g} s on {few(waiting)}: what "
            "follows it is mirrored when it ends"
        )
    return CheckResult.of(
        NAME,
        summary,
        findings,
        {
            "partitions": facts,
            "records_behind": total,
            "seconds_behind": round(worst.seconds, 3),
            "held_back": {str(one): found.offsets for one, found in held.items()},
        },
    )


def _hanging(one: TopicPartition, held: HeldBack) -> Finding:
    return Finding(
        str(one),
        f"a transaction that began at offset {held.first} has been open for longer than Kafka allows by "
        f"default (transaction.max.timeout.ms): {at_most(held.offsets)} from there on, also committed ones "
        "of others, are not mirrored, and a failover would lose them",
        f"{end_transaction(one, held.first)}. If brokers allow longer ones, raise "
        "`verification.max_lag_seconds` above them",
    )


def _finding(
    one: PartitionLag, lag: Behind, max_lag_seconds: float, state: str, missing: Sequence[str], *, begun: bool
) -> Finding | None:
    subject = str(one.partition)
    if isinstance(one.bounds, Unread):
        remedy = "the source user needs Describe and Read on the topic"
        return Finding(subject, f"its offsets on the source could not be read: {one.bounds.reason}", remedy)
    if isinstance(one.window, Unread):
        remedy = "the source user needs Read on the topic; look at the partition's leader"
        return Finding(subject, f"it could not be read on the source: {one.window.reason}", remedy)
    if one.position is None:
        if lag.records == 0 or (begun and lag.seconds <= max_lag_seconds):
            return None
        message = f"MM2 has committed no position: none of its records is mirrored ({lag})"
        remedy = "wait for the first copy; then check connectors-running and the source user's ACLs"
        return Finding(subject, message, declared(state, remedy))
    if past_end(one.position, one.bounds):
        message = (
            f"MM2's position {one.position} lies past the source's end {one.bounds.end}: the topic was made "
            "anew or cut, and records up to that position will never be mirrored"
        )
        remedy = or_else(
            "keep the copy on the target, which may be all that is left of those records: exclude the topic "
            "(`mirror.topics_exclude`), or give the new one another name",
            f"destroy the topic on the target, of which this partition has {at_most(one.position + 1)}, and "
            "rewind the topic",
            f"stop the source connector, {RESET_OF_THE_TOPIC}, delete the topic on the target, start the "
            "connector again",
        )
        return Finding(subject, message, remedy)
    if lag.seconds > max_lag_seconds:
        message = f"{lag} behind; allowed are {max_lag_seconds:g} s"
        if missing and one.partition.topic not in missing and state == "running":
            remedy = f"{stalled(missing)}: correct what topics-present reports; this topic then continues"
            return Finding(subject, message, remedy)
        return Finding(subject, message, declared(state, _CATCH_UP))
    return None


def _of(look: Look) -> CheckResult:
    return judge(
        look.of(watched_lags),
        max_lag_seconds=look.settings.verification.max_lag_seconds,
        at=look.of(committed).at,
        state=look.declared_state,
        held=look.of(held_back),
        missing=[name for name, remote in look.topics.matched.items() if remote not in look.topics.target],
    )


CHECK = Check(
    NAME,
    "the mirror keeps up with the source",
    reads=(topics, committed, watched_lags, held_back),
    judge=_of,
    topics_only=True,
)
