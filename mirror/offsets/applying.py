"""Checks the offsets of a file and reports all problems together, before anything is changed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.offsets.proposal import proven_to
from mirror.offsets.table import OffsetRow
from mirror.problems import Finding
from mirror.text.numbers import counted
from mirror.verify.values.group_partition import GroupPartition
from mirror.verify.values.translation import translation

_STOP = (
    "stop the checkpoint connector first (`mirror.state: stopped` in the stack file and `pulumi up`), or "
    "wait and export again"
)


@dataclass(frozen=True, slots=True)
class TargetGroups:
    """The groups on the target, and MM2's checkpoint connector, as they are now. `checkpoints_run`: the
    connector may set offsets. `sync_seconds`: its interval for writing offsets to the groups."""

    partitions: Mapping[tuple[str, TopicPartition], GroupPartition]
    members: Mapping[str, int | Unread]
    checkpoints_run: bool
    sync_seconds: int
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Groups whose committed offsets could not be read, and why."""
    members_on_source: Mapping[str, int | Unread] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OffsetChange:
    """An offset to set. `before` is None where the group has no offset there yet. `metadata`: what its client
    has committed with it (`mirror.offsets.metadata`)."""

    row: OffsetRow
    before: int | None
    metadata: str = ""

    @property
    def rewinds(self) -> int:
        """The number of records that the group would re-read on the target, at most: it is set back by so
        many offsets, of which some may be transaction markers. 0 for an advance."""
        return 0 if self.before is None else max(0, self.before - self.row.offset)


def changes(rows: Sequence[OffsetRow], scene: TargetGroups) -> list[OffsetChange]:
    """The offsets that differ from the file. After an interrupted run these are the remaining ones."""
    found = []
    for row in rows:
        one = scene.partitions.get((row.group, row.target))
        before = one.translated if one else None
        if before != row.offset:
            found.append(OffsetChange(row, before))
    return found


def problems(
    rows: Sequence[OffsetRow],
    scene: TargetGroups,
    *,
    allow_skip: bool = False,
    allow_rewind: bool = False,
) -> list[Finding]:
    """All problems of the rows that would change an offset."""
    found: list[Finding] = []
    for change in changes(rows, scene):
        row = change.row
        one = scene.partitions.get((row.group, row.target))
        if one is None or one.partition != row.source:
            found.append(_unknown(row, scene.unreadable.get(row.group)))
            continue
        found += _members(row, scene.members.get(row.group) or 0)
        found += _bounds(row, one)
        if not allow_skip:
            found += _skips(row, one)
        late = [] if allow_rewind else _rewinds(change, one)
        if scene.checkpoints_run:
            late += _overwritten(row, one, scene.sync_seconds)
        reading = scene.members_on_source.get(row.group)
        if late and isinstance(reading, int) and reading:
            late = [_still_reads(row, reading, late)]
        found += late
    return found


def _unknown(row: OffsetRow, unreadable: str | None) -> Finding:
    if unreadable is not None:
        message = f"the group's committed offsets could not be read: {unreadable}"
        return Finding(row.subject, message, "check the brokers' health, and try again")
    return Finding(
        row.subject,
        f"the mirror has no translated offset of this group from {row.source} to {row.target}",
        "check the names, and that the group has a committed offset on the source; export again",
    )


def _members(row: OffsetRow, members: int | Unread) -> list[Finding]:
    if isinstance(members, Unread):
        message = f"it is unknown whether the group is active on the target: {members.reason}"
        return [Finding(row.subject, message, "check the broker's health, and try again")]
    if members:
        message = (
            f"the group is active on the target ({counted(members, 'member')}): it commits its own offsets"
        )
        return [Finding(row.subject, message, f"stop group {row.group} on the target")]
    return []


def _still_reads(row: OffsetRow, members: int, late: Sequence[Finding]) -> Finding:
    """The cause behind a rewind and an offset that MM2 overwrites: the group's position on the source moves,
    and MM2 translates it anew. Stopping the checkpoint connector would keep an offset that is out of date.
    """
    message = (
        f"the group is still active on the source ({counted(members, 'member')}), so the file is out of "
        f"date: {'; '.join(one.message for one in late)}"
    )
    remedy = f"stop group {row.group} on the source, wait for its last translation, then export again"
    return Finding(row.subject, message, remedy)


def _bounds(row: OffsetRow, one: GroupPartition) -> list[Finding]:
    if not isinstance(one.target, Bounds):
        return [Finding(row.subject, f"the target cannot be read: {one.target.reason}", "try again")]
    if one.target.start <= row.offset <= one.target.end:
        return []
    message = (
        f"{row.offset} is outside the target's log, which is from {one.target.start} to {one.target.end}"
    )
    return [Finding(row.subject, message, "export again")]


def _skips(row: OffsetRow, one: GroupPartition) -> list[Finding]:
    limit = proven_to(one)
    if limit is None and translation(one).state == "below-start":
        message = (
            f"{row.offset} skips records that the group has not read (it is at {one.committed} on the "
            "source): the target's retention has deleted them, or they were not found there. The source "
            "still has them"
        )
        remedy = (
            "let the group read them on the source, then export again; or accept their loss with "
            "--allow-skip. Below the log start its auto.offset.reset decides, and `latest`, the default, "
            "skips everything"
        )
        return [Finding(row.subject, message, remedy)]
    if limit is None:
        message = (
            f"it is not proven that {row.offset} skips no record (the group is at {one.committed} "
            f"on the source)"
        )
        return [Finding(row.subject, message, "verify again, or accept the risk with --allow-skip")]
    if row.offset > limit:
        message = (
            f"{row.offset} would skip records that the group has not read: the group is at "
            f"{one.committed} on "
            f"the source, so its offset on the target must be {limit} or less"
        )
        return [Finding(row.subject, message, f"set {limit} or less, or accept the loss with --allow-skip")]
    return []


def _rewinds(change: OffsetChange, one: GroupPartition) -> list[Finding]:
    if not change.rewinds:
        return []
    result = translation(one)
    message = (
        f"{change.row.offset} sets the group back from {change.before}: it would re-read up to "
        f"{change.rewinds:,} records"
    )
    if result.state == "moved":
        message += f". The group has moved: {result.reason}"
    return [
        Finding(
            change.row.subject,
            message,
            "remove the row, or accept that the group reads those records again with --allow-rewind",
        )
    ]


def _overwritten(row: OffsetRow, one: GroupPartition, seconds: int) -> list[Finding]:
    """MM2 sets an idle group to its translation if that is higher (`MirrorCheckpointTask.syncGroupOffset`),
    but uses the group's offset of one interval ago (KAFKA-19794)."""
    if one.mm2 is None:
        message = "the checkpoint connector is not stopped, and the offset that it will write is unknown"
        return [Finding(row.subject, message, _STOP)]
    translated = one.mm2.settles_at
    if translated is None:
        return []
    if translated > row.offset:
        message = (
            f"the checkpoint connector is not stopped and will set the group to {translated} within "
            f"{seconds} s"
        )
        return [Finding(row.subject, message, _STOP)]
    if one.translated is None or translated > one.translated:
        message = f"the checkpoint connector is not stopped and is about to write {translated} for the group"
        return [Finding(row.subject, message, _STOP)]
    return []
