"""moved-topics-unwritten: nobody writes to the source's copy of a topic that a cutover in parts has moved.

The fence of a moved topic stays for good, but whoever maintains the source's KafkaUsers or ACLs can remove
it, and super users are never stopped. MM2 does not mirror the topic any more: a record that is written there
reaches no reader, and no other check reads it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mirror.clients.records import Bounds, Unread
from mirror.problems import Finding
from mirror.text.names import few
from mirror.text.numbers import counted
from mirror.verify.check import Check
from mirror.verify.reading.look import Look
from mirror.verify.reading.moved import after_the_move
from mirror.verify.reading.parts import committed
from mirror.verify.remedies import at_most, or_else
from mirror.verify.report import CheckResult
from mirror.verify.values.partition_lag import PartitionLag, behind
from mirror.verify.values.source_partition import past_end

NAME = "moved-topics-unwritten"
_REMEDY = (
    "give the producer the target's address, and deny its user Write on this topic at the source again (a "
    "deny rule in its KafkaUser, or a DENY ACL). These records are at the source only: have the application "
    "send them to the target. The check fails for as long as the source has them"
)


def judge(moved: Sequence[str], partitions: Sequence[PartitionLag], at: float) -> CheckResult:
    """Passes where no partition of a moved topic has a record after the last one that was mirrored.

    `moved`: the topics' names at the source. `at`: when the positions were read, seconds since the epoch.
    What cannot be judged is reported: after a move the source user may lose its access, and a mirror that was
    made anew has no position of a topic that moved before.
    """
    known = {one.partition.topic for one in partitions if one.position is not None}
    findings: list[Finding] = []
    written: dict[str, int] = {}
    unread: list[str] = []
    unknown: list[str] = []
    for one in partitions:
        subject = str(one.partition)
        if isinstance(one.bounds, Unread) or isinstance(one.window, Unread):
            unread.append(subject)
            continue
        finding, records = _written(one, one.bounds, at)
        if finding is not None and one.partition.topic not in known:
            unknown.append(subject)
            continue
        if finding is not None:
            findings.append(finding)
            written[subject] = records
    there = {one.partition.topic for one in partitions}
    gone = sorted(set(moved) - there)
    facts = {
        "topics": sorted(moved),
        "written": written,
        "unread": unread,
        "without_position": unknown,
        "not_on_source": gone,
    }
    not_judged = {
        "not at the source, or hidden from the source user": gone,
        "could not be read": unread,
        "with records, but without a position of MM2 that says which are newer": unknown,
    }
    judged = {one.partition.topic for one in partitions if str(one.partition) not in {*unread, *unknown}}
    return CheckResult.of(NAME, _summary(moved, len(judged), written, not_judged), findings, facts)


def _written(one: PartitionLag, bounds: Bounds, at: float) -> tuple[Finding | None, int]:
    """Return the finding for a partition and its records, an upper bound; None and 0 where there is none."""
    if past_end(one.position, bounds):
        records = bounds.end - bounds.start
        if not records:
            return None, 0
        message = (
            "the topic was deleted and created again at the source after it moved, and has up to "
            f"{records:,} records that nothing mirrors"
        )
        return Finding(str(one.partition), message, _remedy(records)), records
    since = behind(one, at)
    if not since.records:
        return None, 0
    many = counted(since.records, "record")
    message = (
        f"{'' if since.exact else 'up to '}{many} written to the source after the topic moved, the first "
        f"{since.seconds:,.0f} s ago; nothing mirrors them"
    )
    return Finding(str(one.partition), message, _remedy(since.records)), since.records


def _remedy(records: int) -> str:
    return or_else(
        _REMEDY,
        f"destroy the topic at the source, of which this partition has {at_most(records)} that are nowhere "
        "else",
        "delete the topic at the source once the target has everything; the check passes then",
    )


def _summary(
    moved: Sequence[str], judged: int, written: Mapping[str, int], not_judged: Mapping[str, Sequence[str]]
) -> str:
    """`judged`: the number of topics of which a partition could be judged."""
    if not moved:
        return "no topic was moved in parts"
    if written:
        parts = [
            f"up to {sum(written.values()):,} records in {counted(len(written), 'partition')} were written "
            "to the source after their topic moved"
        ]
    else:
        parts = [f"no record was written to {counted(judged, 'moved topic')} at the source"] if judged else []
    parts += [f"{why}: {few(names)}" for why, names in not_judged.items() if names]
    return "; ".join(parts)


def _of(look: Look) -> CheckResult:
    moved = look.settings.mirror.moved.topics
    return judge(moved, look.of(after_the_move), look.of(committed).at if moved else 0.0)


CHECK = Check(
    NAME,
    "nobody writes to the source's copy of a topic that has moved",
    reads=(committed, after_the_move),
    judge=_of,
)
