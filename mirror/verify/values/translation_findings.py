"""The findings on the translation of a group on a partition: what is wrong, and what to do. Pure.

No remedy sets a group back without saying so.
"""

from __future__ import annotations

from mirror.clients.other_groups import WHAT as OTHER_TYPE
from mirror.clients.records import Bounds
from mirror.problems import Finding
from mirror.verify.remedies import or_else
from mirror.verify.values.group_partition import GroupPartition
from mirror.verify.values.reset_commands import set_back, set_to
from mirror.verify.values.translation import Translation, begins, overtaken

_RESTART = (
    "restart the task (annotation `strimzi.io/restart-connector-task=CONNECTOR:0`; restart-connector alone "
    "restarts no task)"
)


def overdue_finding(one: GroupPartition) -> Finding | None:
    """A translation that is safe, and that MM2 has ceased to keep up."""
    if one.overdue is None or one.mm2 is None:
        return None
    subject = f"group {one.group}, {one.partition}"
    if one.unsynced:
        return Finding(
            subject,
            f"its translation stays at MM2's newest offset sync (source offset {one.mm2.synced}), although "
            f"the group is at {one.committed} and MM2 has copied up to {one.position}: MM2 has written no "
            f"offset sync of this partition for {one.overdue:,.0f} s, so the group would read again all that "
            "comes after it",
            "look for `Failure sending offset sync` in the worker's log: the mirror's user needs Write on "
            "the topic of the offset syncs (`pulumi up` declares it; the source user, where "
            "`mirror.offset_syncs_topic_location` is `source`). Then restart the tasks of the source "
            "connector (`strimzi.io/restart-connector-task=CONNECTOR:NUMBER`)",
        )
    if (last := one.mm2.checkpoint) is None:
        return None
    if one.translated is not None and one.translated < last.downstream:
        return Finding(
            subject,
            f"its offset on the target stays at {one.translated}, although MM2 has translated it to "
            f"{last.downstream} (source offset {last.upstream}): MM2 has not written that into the group for "
            f"{one.overdue:,.0f} s",
            "look for `Unable to sync offsets` in the log of the checkpoint connector's task, which may be "
            "RUNNING all the same; the mirror's user needs Read on the group and on the topic (`pulumi up` "
            f"declares it); {_RESTART}",
        )
    return Finding(
        subject,
        f"its translation is stale: MM2's last checkpoint ({last.upstream} -> {last.downstream}) is "
        f"{one.mm2.age or 0:,.0f} s old, the group is at {one.committed} and should be translated to "
        f"{one.mm2.next}; no new one came within {one.overdue:,.0f} s",
        "look at the log of the checkpoint connector's task, which may be RUNNING all the same (one that "
        "started while the Secret held another password keeps that); check that its group patterns take the "
        f"group in; {_RESTART}",
    )


def translation_finding(one: GroupPartition, result: Translation) -> Finding | None:
    """What is wrong with a translation, and the way out; None where nothing is."""
    subject = f"group {one.group}, {one.partition}"
    active = (
        f"; the group is active on the target ({one.members} members), so MM2 does not write its offsets"
        if one.members
        else ""
    )
    offsets = f"source offset {one.committed}, target offset {one.translated}"
    match result.state:
        case "unknown":
            message = f"it could not be judged ({offsets}): {result.reason}"
            remedy = "verify again; if it stays, let the group catch up: translation is finer near the end"
        case "absent" if isinstance(one.source, Bounds) and begins(
            one.committed, one.source, read_before=one.read_before
        ):
            message = (
                f"no translated offset on the target (source offset {one.committed}, before the first record "
                "of the source's log): the group would start by its auto.offset.reset, which with `latest`, "
                f"the default, skips every record that was mirrored{active}"
            )
            remedy = "a group with `auto.offset.reset=earliest` skips nothing without any change"
            if one.located is not None:
                by_hand = "replace no offset: the group has none on the target"
                remedy = or_else(remedy, by_hand, set_to(one, one.located))
        case "absent":
            message = (
                f"no translated offset on the target (source offset {one.committed}): the group would start "
                f"by its auto.offset.reset{active}"
            )
            # OffsetSyncWriter keeps one pending sync a partition: while a topic is first copied with a small
            # offset.lag.max the early ones are overwritten, and groups before the first are not translated.
            remedy = (
                "wait for the checkpoint and sync intervals; if it stays, the group is older than MM2's "
                "oldest offset sync: let it read on at the source"
            )
            if one.located is not None:
                by_hand = or_else(
                    f"the right offset there is {one.located} "
                    "(`region-mirror offsets export` shows all of them)",
                    "replace no offset: the group has none on the target",
                    set_to(one, one.located),
                )
                remedy += f"; or {by_hand}"
        case "below-start":
            message, remedy = _below_start(one, f"{offsets}, log start", active)
        case "past-end":
            end = one.target.end if isinstance(one.target, Bounds) else 0
            message = (
                f"its offset on the target lies past the end ({offsets}, target end {end}): what comes next "
                f"would be skipped{active}"
            )
            back = None if one.located is None else end - one.located
            remedy = set_back(
                one, "an unknown number of records" if back is None else f"at most {back:,} records"
            )
        case "unsafe":
            count = f"{result.skipped:,}" if result.skipped_exact else f"more than {result.skipped:,}"
            message = f"unsafe: {count} records would be skipped ({offsets}){active}"
            remedy = set_back(one, f"{count} records")
            if one.members_on_source == 0:
                remedy = (
                    "if the group reads on the target already (some clients commit no leader epoch), change "
                    "nothing here, and leave it out of the sync (`mirror.groups_exclude`). If it has read "
                    f"those records nowhere: {remedy}"
                )
        case _:
            return None
    return Finding(subject, message, remedy)


def _below_start(one: GroupPartition, offsets: str, active: str) -> tuple[str, str]:
    start = one.target.start if isinstance(one.target, Bounds) else 0
    message = (
        f"its offset on the target is below the start of the log there ({offsets} {start}): the group would "
        f"start by its auto.offset.reset, which with `latest`, the default, skips everything up to the "
        f"end{active}"
    )
    keeps = "a group with `auto.offset.reset=earliest` starts at the log start without any change"
    effect = f"replace the group's offset by the log start, an advance by {start - (one.translated or 0)}"
    if overtaken(one):
        message += (
            ". Records that it has not read were deleted by retention there, or were not found: the source "
            "still has them"
        )
        keeps = f"let it read them on the source. Where they may be skipped: {keeps}"
        effect += ", which may skip them"
    return message, or_else(keeps, effect, set_to(one, start))


def of_another_type(finding: Finding) -> Finding:
    """The same of a group that MM2 does not translate: waiting for MM2 is no way out."""
    return Finding(
        finding.subject,
        f"MM2 does not translate it, because it is {OTHER_TYPE}: {finding.message}",
        "stop the application on the source, then set the offsets by hand: `region-mirror offsets export`, "
        "review the file, `region-mirror offsets apply`; or leave the group out (`mirror.groups_exclude`)",
    )
