"""tail-matches: the newest mirrored record of each partition is the same on both sides.

Same means key, value, headers in their order, and timestamp. The reads come in this order, so that moving
data never looks wrong:

    1. P   MM2's committed position: P and everything before it is on the target
    2. T   the target's newest record: it was read after P, so it is P's record or a later one
    3. S   the source's records from P on: read after T, so they hold whatever T is a copy of

    source  ...---o---P---o---o---o      T must equal a record at or after P
    target  ...---o---o---T              found only before P: records are missing at the tail
                                         found nowhere: altered, or not from this source
"""

from __future__ import annotations

from collections.abc import Sequence

from mirror.clients.records import Record
from mirror.verify.check import Check
from mirror.verify.reading.look import Look
from mirror.verify.reading.parts import tails
from mirror.verify.report import CheckResult
from mirror.verify.values.tail import Tail, tail_verdict

NAME = "tail-matches"


def judge(tails: Sequence[Tail], *, now: float) -> CheckResult:
    """`now` in seconds since the epoch decides what retention may have removed."""
    verdicts = {one.partition: tail_verdict(one, now) for one in tails}
    findings = [one.finding for one in verdicts.values() if one.finding is not None]
    counts = {
        state: sum(one.state == state for one in verdicts.values())
        for state in ("same", "empty", "not-comparable")
    }
    summary = f"{counts['same']} of {len(tails)} partitions end in the same record"
    if counts["empty"]:
        summary += f", {counts['empty']} empty on both sides"
    if counts["not-comparable"]:
        names = [f"{name} ({one.reason})" for name, one in verdicts.items() if one.state == "not-comparable"]
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        summary += f"; not comparable: {', '.join(names[:3])}{more}"
    if findings:
        summary = f"{len(findings)} of {len(tails)} partitions differ at the tail"
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


def _of(look: Look) -> CheckResult:
    return judge(look.of(tails), now=look.now())


CHECK = Check(
    NAME,
    "the newest mirrored record is the same on both sides",
    reads=(tails,),
    judge=_of,
    copies_only=True,
)
