"""What speaks against setting the offsets of a file, all of it at once, before anything is changed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.offsets.proposal import proven_to
from mirror.offsets.table import Row
from mirror.problems import Finding
from mirror.verify.values.translation import GroupPartition

_STOP = (
    "stop the checkpoint connector first (`mirror.state: stopped` in the stack file and `pulumi up`), or "
    "wait and export again"
)


@dataclass(frozen=True, slots=True)
class Scene:
    """What is now. `checkpoints_run` says whether the checkpoint connector runs, as far as is known;
    `sync_seconds` is how often it writes offsets to the groups."""

    partitions: Mapping[tuple[str, TopicPartition], GroupPartition]
    members: Mapping[str, int | Unread]
    checkpoints_run: bool
    sync_seconds: int
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Groups whose committed offsets could not be read, and why."""


@dataclass(frozen=True, slots=True)
class Change:
    """An offset that will be set; `before` None: the group has none there yet."""

    row: Row
    before: int | None


def changes(rows: Sequence[Row], scene: Scene) -> list[Change]:
    """What is not yet as the file says: the rest of a run that was interrupted, nothing after one that
    ended."""
    found = []
    for row in rows:
        one = scene.partitions.get((row.group, row.target))
        before = one.translated if one else None
        if before != row.offset:
            found.append(Change(row, before))
    return found


def problems(rows: Sequence[Row], scene: Scene, *, allow_skip: bool = False) -> list[Finding]:
    """Everything that speaks against the rows that would change something."""
    found: list[Finding] = []
    for change in changes(rows, scene):
        row = change.row
        one = scene.partitions.get((row.group, row.target))
        if one is None or one.partition != row.source:
            found.append(_unknown(row, scene.unreadable.get(row.group)))
            continue
        found += _members(row, scene.members.get(row.group, 0))
        found += _bounds(row, one)
        if not allow_skip:
            found += _skips(row, one)
        if scene.checkpoints_run:
            found += _overwritten(row, one, scene.sync_seconds)
    return found


def _unknown(row: Row, unreadable: str | None) -> Finding:
    if unreadable is not None:
        message = f"the group's committed offsets could not be read: {unreadable}"
        return Finding(row.subject, message, "check the brokers' health, and try again")
    return Finding(
        row.subject,
        f"the mirror translates no offset of this group from {row.source} to {row.target}",
        "check the names, and that the group has a committed offset on the source; export again",
    )


def _members(row: Row, members: int | Unread) -> list[Finding]:
    if isinstance(members, Unread):
        message = f"it is not known whether the group is active on the target: {members.reason}"
        return [Finding(row.subject, message, "check the broker's health, and try again")]
    if members:
        message = f"the group is active on the target ({members} members): it goes by its own offsets"
        return [Finding(row.subject, message, f"stop group {row.group} on the target")]
    return []


def _bounds(row: Row, one: GroupPartition) -> list[Finding]:
    if isinstance(one.target, Unread):
        return [Finding(row.subject, f"the target cannot be read: {one.target.reason}", "try again")]
    assert isinstance(one.target, Bounds)
    if one.target.start <= row.offset <= one.target.end:
        return []
    message = f"{row.offset} lies outside of the target's log, from {one.target.start} to {one.target.end}"
    return [Finding(row.subject, message, "export again")]


def _skips(row: Row, one: GroupPartition) -> list[Finding]:
    limit = proven_to(one)
    if limit is None:
        message = f"nothing shows that {row.offset} skips no record (the group is at {one.committed})"
        return [Finding(row.subject, message, "verify again; or take the risk with --allow-skip")]
    if row.offset > limit:
        message = (
            f"{row.offset} would skip records that the group has not read: it is at {one.committed} on the "
            f"source, and must not go past {limit} on the target"
        )
        return [Finding(row.subject, message, f"set {limit} or less; or take the loss with --allow-skip")]
    return []


def _overwritten(row: Row, one: GroupPartition, seconds: int) -> list[Finding]:
    """MM2 moves an idle group forward to its translation, never back
    (`MirrorCheckpointTask.syncGroupOffset`),
    but by what it knew of the group an interval before (KAFKA-19794)."""
    if one.mm2 is None:
        message = "the checkpoint connector runs, and what it will write cannot be read"
        return [Finding(row.subject, message, _STOP)]
    translated = one.mm2.settles_at
    if translated is None:
        return []
    if translated > row.offset:
        message = f"the checkpoint connector runs, and will move the group to {translated} within {seconds} s"
        return [Finding(row.subject, message, _STOP)]
    if one.translated is None or translated > one.translated:
        message = f"the checkpoint connector runs, and is about to write {translated} for the group"
        return [Finding(row.subject, message, _STOP)]
    return []
