"""source-unbroken: the source is the one that the mirror was started with, and no record of it was deleted
before it was mirrored.

MM2 reads with `auto.offset.reset: earliest` (`MirrorSourceConfig`): where the log no longer holds its
position, it continues at the first record that is left, and logs nothing. Each of three causes of such a
silent gap is looked for here:

    a topic was deleted, or deleted and created again    its id is not the baseline's (KIP-516)
    retention or DeleteRecords was faster than the copy  its log begins after the mirrored position
    the log was cut or replaced                          it ends before the mirrored position

    - - - - -P- - - - - - -B-o-o-o-o-o    P  the last offset that is mirrored
              |           |               B  where the log begins now
              these are lost

They may be records, markers of transactions or aborted records: a deleted log does not show which. An earlier
look of the same session may have seen it. The rule, which the status shares, is that of
`mirror.verify.values.source_partition.gap`.
"""

from __future__ import annotations

from collections.abc import Sequence

from mirror.clients.records import Unread
from mirror.problems import Finding
from mirror.text.numbers import counted
from mirror.verify.baseline import Baseline, TopicThen
from mirror.verify.check import Check
from mirror.verify.reading.look import Look
from mirror.verify.reading.source_state import baseline, source_now
from mirror.verify.remedies import RESET_OF_THE_TOPIC, at_most, or_else
from mirror.verify.report import CheckResult
from mirror.verify.values.source_partition import PartitionNow, Risk, SourceNow, gap, lost_offsets, past_end

NAME = "source-unbroken"
_EXPLAIN = (
    "compare the copy (`region-mirror audit`); the next record that is mirrored hides the gap: "
    "raise the source's retention, then look at lag and connectors-running"
)


def judge(baseline: Baseline, now: SourceNow) -> CheckResult:
    """Passes where every topic is the one of the baseline, and no log begins after or ends before what is
    mirrored of it."""
    findings = _cluster(baseline, now)
    findings += [_deleted(name, baseline) for name in now.matched_by_pattern if name not in now.ids]
    replaced: set[str] = set()
    for name, topic_id in sorted(now.ids.items()):
        mirrored = sum(
            one.position + 1
            for one in now.partitions
            if one.partition.topic == name and one.position is not None
        )
        finding = _topic(name, topic_id, baseline, mirrored)
        if finding is not None:
            findings.append(finding)
            replaced.add(name)
    gaps: dict[str, int] = {}
    unclear: list[str] = []
    markers: list[str] = []
    for one in now.partitions:
        if one.partition.topic in replaced:
            continue
        then = baseline.topics.get(one.partition.topic)
        lost = 0
        match gap(one, then):
            case "one-offset":
                unclear.append(str(one.partition))
            case "no-records":
                markers.append(str(one.partition))
            case "unknown" | "lost":
                lost = gaps[str(one.partition)] = lost_offsets(one, then)
            case _:
                pass
        finding = _partition(one, then, lost)
        if finding is not None:
            findings.append(finding)
    entered = sorted(name for name in now.ids if name not in baseline.topics)
    soon = sorted((one for one in now.risks if one.soon), key=lambda one: -one.age_seconds)
    facts = {
        "baseline": baseline.taken,
        "topics": len(now.ids),
        "partitions": len(now.partitions),
        "lost_offsets": gaps,
        "one_offset_gone": unclear,
        "no_records_gone": markers,
        "not_in_baseline": entered,
        "retention_wins_soon": {
            str(one.partition): round(one.age_seconds / one.retention_seconds, 3) for one in soon
        },
    }
    summary = _summary(now, baseline, findings, (unclear, markers), entered, soon)
    return CheckResult.of(NAME, summary, findings, facts)


def _cluster(baseline: Baseline, now: SourceNow) -> list[Finding]:
    if not baseline.cluster or not now.cluster or baseline.cluster == now.cluster:
        return []
    message = f"the source is cluster {now.cluster}; the mirror was started with cluster {baseline.cluster}"
    remedy = "check source's address; a new cluster needs a new mirror (another alias and group)"
    return [Finding("source", message, remedy)]


def _deleted(name: str, baseline: Baseline) -> Finding:
    message = (
        f"it was on the source at the baseline ({baseline.taken}) and is not there any more, or the source "
        "user may not Describe it"
    )
    remedy = (
        "if it was deleted on purpose, leave it out (`mirror.topics_exclude`) or take a new baseline "
        "(docs/verification.md); its copy keeps what was mirrored"
    )
    return Finding(name, message, remedy)


def _topic(name: str, topic_id: str | Unread, baseline: Baseline, mirrored: int) -> Finding | None:
    if isinstance(topic_id, Unread):
        remedy = "the source user needs Describe on the topic"
        return Finding(name, f"its id could not be read: {topic_id.reason}", remedy)
    then = baseline.topics.get(name)
    if then is None or not then.id or not topic_id or then.id == topic_id:
        return None
    message = (
        f"it was deleted and created again on the source since the baseline ({baseline.taken}): its id is "
        f"{topic_id}, it was {then.id}. MM2 went on as if it were the same: records of either may be missing"
    )
    return Finding(name, message, _anew(mirrored))


def _partition(one: PartitionNow, then: TopicThen | None, lost: int) -> Finding | None:
    subject = str(one.partition)
    if isinstance(one.bounds, Unread):
        remedy = "the source user needs Describe and Read on the topic"
        return Finding(subject, f"its offsets on the source could not be read: {one.bounds.reason}", remedy)
    begin = then.begin(one.partition.partition) if then else None
    mirrored = 0 if one.position is None else one.position + 1
    if begin is not None and one.bounds.start < begin:
        first = one.bounds.start
        message = f"it begins at {first} on the source, before the baseline's {begin}: it was created again"
        return Finding(subject, message, _anew(mirrored))
    if past_end(one.position, one.bounds):
        message = (
            f"it ends at {one.bounds.end} on the source, and {one.position} is mirrored already: it was cut "
            "or made anew, and records up to that position will never be mirrored"
        )
        return Finding(subject, message, _anew(mirrored))
    if lost:
        state = "nothing is mirrored" if one.position is None else f"it is mirrored up to {one.position}"
        known = gap(one, then) == "lost"
        message = (
            f"{'' if known else 'unknown: '}{at_most(lost)} lost{', at least one' if known else ''}. "
            f"{lost:,} offsets were deleted on the source before they were "
            f"mirrored: {state}, and its log begins at {one.bounds.start} (retention or DeleteRecords; "
            "transactions' markers may be among them)"
        )
        return Finding(subject, message, _EXPLAIN)
    return None


def _anew(mirrored: int) -> str:
    """How to mirror a new topic of the same name; `mirrored`: source offsets that are mirrored already."""
    return or_else(
        "keep the copy on the target, which may be all that is left of the old topic: `region-mirror "
        "audit` compares it with the new one; where the copy is right, take a new baseline "
        "(docs/verification.md)",
        f"destroy the topic on the target, with {at_most(mirrored)} mirrored so far, and rewind the topic",
        f"stop the source connector, {RESET_OF_THE_TOPIC}, delete the topic on the target, start the "
        "connector again; then take a new baseline",
    )


def _summary(
    now: SourceNow,
    baseline: Baseline,
    findings: Sequence[Finding],
    deleted: tuple[Sequence[str], Sequence[str]],
    entered: Sequence[str],
    soon: Sequence[Risk],
) -> str:
    if findings:
        wrong = len({finding.subject for finding in findings})
        parts = [
            f"{wrong} topics or partitions are not those that the mirror was started with, or lost records"
        ]
    else:
        parts = [
            f"{counted(len(now.ids), 'topic')} unchanged since the baseline of {baseline.taken}; no record "
            "was deleted before it was mirrored"
        ]
    if soon:
        more = f" and {len(soon) - 1} more" if len(soon) > 1 else ""
        parts.append(f"retention will soon delete records that are not mirrored: {soon[0]}{more}")
    unclear, markers = deleted
    if markers:
        parts.append(
            f"offsets after the position were deleted in {counted(len(markers), 'partition')}, which held no "
            "record"
        )
    if unclear:
        parts.append(
            f"one offset after the position was deleted in {counted(len(unclear), 'partition')}, probably a "
            "transaction's marker"
        )
    if entered:
        parts.append(f"new since the baseline: {counted(len(entered), 'topic')}; `pulumi up` adds them to it")
    return "; ".join(parts)


def _of(look: Look) -> CheckResult:
    return judge(look.of(baseline), look.of(source_now))


CHECK = Check(
    NAME,
    "no record was deleted on the source before it was mirrored",
    reads=(baseline, source_now),
    judge=_of,
)
