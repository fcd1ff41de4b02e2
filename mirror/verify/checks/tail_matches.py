"""tail-matches: the newest mirrored record of each partition is the same on both sides.

Same means key, value, headers in their order, and timestamp. The reads come in this order, so that moving
data never looks wrong:

    1. P   MM2's committed position: P and everything before it is on the target
    2. T   the target's newest record: it was read after P, so it is P's record or a later one
    3. S   the source's records from P on: read after T, so they hold whatever T is a copy of

    source  ...---o---P---o---o---o      T must equal a record at or after P
    target  ...---o---o---T              found only before P: records are missing at the tail
                                         found nowhere: altered, or written by a producer on the target

A record of the second kind is newer than the copy of the source's last record. Where the mirrored part before
it matches and the source has no record that is not mirrored, its producers have moved to the target: this is
reported, but does not fail the check. Where the source has, both regions are written to: this fails.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mirror.clients.records import Record, TopicPartition
from mirror.text.names import few
from mirror.verify.check import Check
from mirror.verify.reading.look import Look
from mirror.verify.reading.parts import tails
from mirror.verify.report import CheckResult
from mirror.verify.values.tail import Tail, TailVerdict, tail_verdict

NAME = "tail-matches"


def judge(tails: Sequence[Tail], *, now: float) -> CheckResult:
    """`now` in seconds since the epoch decides what retention may have removed."""
    verdicts = {one.partition: tail_verdict(one, now) for one in tails}
    findings = [one.finding for one in verdicts.values() if one.finding is not None]
    counts = {
        state: sum(one.state == state for one in verdicts.values())
        for state in ("same", "empty", "moved", "not-comparable")
    }
    summary = f"{counts['same']} of {len(tails)} partitions end in the same record"
    if counts["empty"]:
        summary += f", {counts['empty']} empty on both sides"
    if counts["not-comparable"]:
        summary += f"; not comparable: {_names(verdicts, 'not-comparable')}"
    if findings:
        summary = f"{len(findings)} of {len(tails)} partitions differ at the tail"
    if counts["moved"]:
        summary += (
            f"; {counts['moved']} moved: written to on the target after the last mirrored record, while the "
            f"source has no newer record: {_names(verdicts, 'moved')}"
        )
    facts = {
        "partitions": {
            str(one.partition): {
                "state": verdicts[one.partition].state,
                "reason": verdicts[one.partition].reason,
                "position": one.position,
                "target_offset": one.newest.offset if isinstance(one.newest, Record) else None,
            }
            for one in tails
        },
        **{state.replace("-", "_"): count for state, count in counts.items()},
    }
    return CheckResult.of(NAME, summary, findings, facts)


def _names(verdicts: Mapping[TopicPartition, TailVerdict], state: str) -> str:
    names = [f"{name} ({one.reason})" for name, one in verdicts.items() if one.state == state]
    return few(names, 3)


def _of(look: Look) -> CheckResult:
    return judge(look.of(tails), now=look.now())


CHECK = Check(
    NAME,
    "the newest mirrored record is the same on both sides",
    reads=(tails,),
    judge=_of,
    copies_only=True,
)
