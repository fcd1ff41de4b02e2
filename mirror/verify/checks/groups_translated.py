"""groups-translated: each group's translated offset is present, not past the end, and *safe*.

Safe means: no record that the group has not read on the source lies before its offset on the target. Content
decides, not MM2's own bookkeeping, which is what is under test. Its checkpoints are looked at for one thing:
whether they still come (Strimzi #5533: a task that stays RUNNING and translates no more). The reads come in
this order, so that a group that moves never looks unsafe (it can only look more cautious than it is):

    1. D   the group's offset on the target
    2. P   MM2's committed position: P's record and those before it are on the target
    3. E   the target's end
    4. C   the group's offset on the source: at or after what D was translated from
    5. S   the source's records from C on: the first is the first that the group has not read
    6. T   the target's records from D to E

    source  ----r----r----C====F----u----P---------     r read, F the first unread, u unread
    target  -------D----r----r----F----u----E           re-read: the records from D up to F

F among T: safe, and what lies before it is read again. F not mirrored yet (after P): safe, all of T is read
again. F mirrored and not among T: it lies before D, the group would skip it. MM2 translates an offset after a
sync to the sync's downstream + 1 (OffsetSyncStore.translateDownstream), so re-reading is its normal way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mirror.clients.records import Bounds
from mirror.problems import Finding
from mirror.verify.check import Check
from mirror.verify.reading.look import Look
from mirror.verify.reading.parts import committed, groups, translated
from mirror.verify.remedies import or_else
from mirror.verify.report import CheckResult
from mirror.verify.values.translation import GroupPartition, Translation, translation

NAME = "groups-translated"


def judge(
    partitions: Sequence[GroupPartition],
    unreadable: Mapping[str, str] | None = None,
    blind: Finding | None = None,
) -> CheckResult:
    """`unreadable`: groups whose committed offsets could not be read, and why. `blind`: why MM2's checkpoints
    and offset syncs could not be read, so that it is unknown whether MM2 still writes them."""
    findings = [
        Finding(
            f"group {group}",
            f"its committed offsets could not be read: {reason}",
            "the source user and the verifier need Describe on the group",
        )
        for group, reason in sorted((unreadable or {}).items())
    ]
    groups: dict[str, dict[str, Any]] = {}
    totals: dict[str, dict[str, Any]] = {}
    before = 0
    for one in partitions:
        result = translation(one)
        finding = _finding(one, result) or _overdue(one)
        if finding is not None:
            findings.append(finding)
        groups.setdefault(one.group, {})[str(one.partition)] = {
            "state": result.state,
            "source_offset": one.committed,
            "target_offset": one.translated,
            "rereads": result.rereads,
            "rereads_exact": result.exact,
            **(one.mm2.to_json() if one.mm2 else {}),
            **({} if one.overdue is None else {"checkpoint_overdue_seconds": round(one.overdue, 1)}),
        }
        total = totals.setdefault(one.group, {"records": 0, "exact": True, "partitions": 0, "wrong": 0})
        before += result.state == "before-start"
        total["records"] += result.rereads or 0
        total["exact"] = total["exact"] and result.exact
        total["partitions"] += 1
        total["wrong"] += finding is not None
    if blind is not None and partitions:
        findings.append(blind)
    facts = {"groups": groups, "rereads": totals}
    return CheckResult.of(NAME, _summary(totals, len(partitions), len(findings), before), findings, facts)


def _summary(totals: Mapping[str, Mapping[str, Any]], partitions: int, findings: int, before: int) -> str:
    if findings:
        return f"{findings} findings on the translations of {len(totals)} groups"
    if not totals:
        return "no group has committed offsets on a mirrored topic"
    records = sum(total["records"] for total in totals.values())
    more = "" if all(total["exact"] for total in totals.values()) else "more than "
    elsewhere = (
        f"; {before} offsets lie before the start of the mirror (mirror.start_from), untranslatable"
        if before
        else ""
    )
    return (
        f"{len(totals)} groups on {partitions} partitions resume without skipping a record; "
        f"{more}{records:,} records will be re-read{elsewhere}"
    )


def _overdue(one: GroupPartition) -> Finding | None:
    """A translation that is safe, and that MM2 has ceased to keep up."""
    if one.overdue is None or one.mm2 is None or one.mm2.checkpoint is None:
        return None
    last = one.mm2.checkpoint
    return Finding(
        f"group {one.group}, {one.partition}",
        f"its translation is stale: MM2's last checkpoint ({last.upstream} -> {last.downstream}) is "
        f"{one.mm2.age or 0:,.0f} s old, the group is at {one.committed} and should be translated to "
        f"{one.mm2.next}; no new one came within {one.overdue:,.0f} s",
        "look at the log of the checkpoint connector's task, which may be RUNNING all the same; check that "
        "its group patterns take the group in; restart it (annotation strimzi.io/restart-connector)",
    )


def _finding(one: GroupPartition, result: Translation) -> Finding | None:
    subject = f"group {one.group}, {one.partition}"
    active = (
        f"; the group is active on the target ({one.members} members), so MM2 does not write its offsets"
        if one.members
        else ""
    )
    offsets = f"source offset {one.committed}, target offset {one.translated}"
    stop = f"stop group {one.group} on the target" + ("" if one.members else " (it must have no members)")
    command = f"kafka-consumer-groups.sh --group {one.group} --topic {one.remote.topic}"
    by_hand = (
        ""
        if one.located is None
        else or_else(
            f"the right offset there is {one.located} (`region-mirror offsets export` shows all of them)",
            f"replace the group's offset on the target, {one.translated}"
            if one.translated is not None
            else "replace no offset: the group has none on the target",
            f"{stop}; {command}:{one.remote.partition} --reset-offsets --to-offset {one.located} --execute",
        )
    )
    reset = by_hand or or_else(
        "`region-mirror offsets export` shows the group's offsets and changes nothing",
        f"destroy the group's offsets of all partitions of {one.remote.topic} on the target, of this one "
        f"{one.translated}; MM2 writes them again within its sync interval",
        f"{stop}; {command} --delete-offsets",
    )
    match result.state:
        case "unknown":
            message = f"it could not be judged ({offsets}): {result.reason}"
            remedy = "verify again; if it stays, let the group catch up: translation is finer near the end"
        case "absent":
            message = (
                f"no translated offset on the target (source offset {one.committed}): the group would start "
                f"by its auto.offset.reset{active}"
            )
            # OffsetSyncWriter keeps one pending sync a partition: while a topic is first copied with a small
            # offset.lag.max the early ones are overwritten, and groups before the first are not translated.
            remedy = (
                "wait for the checkpoint and sync intervals; if it stays, the group is older than MM2's "
                f"oldest offset sync: let it read on at the source{'; or ' if by_hand else ''}{by_hand}"
            )
        case "past-end":
            end = one.target.end if isinstance(one.target, Bounds) else "?"
            message = (
                f"its offset on the target lies past the end ({offsets}, target end {end}): what comes next "
                f"would be skipped{active}"
            )
            remedy = reset
        case "unsafe":
            count = f"{result.skipped:,}" if result.skipped_exact else f"more than {result.skipped:,}"
            message = f"unsafe: {count} records would be skipped ({offsets}){active}"
            remedy = reset
        case _:
            return None
    return Finding(subject, message, remedy)


def _of(look: Look) -> CheckResult:
    seen = look.of(groups)
    return judge(seen.partitions, seen.unreadable, seen.blind)


CHECK = Check(
    NAME,
    "consumer groups resume without skipping a record",
    reads=(translated, committed, groups),
    judge=_of,
    copies_only=True,
)
