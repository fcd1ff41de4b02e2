"""At which offset of the target each group resumes, without the source. Pure.

A group that has an offset on the target keeps it: MM2 has translated it, and no record before it is unread,
unless somebody has set the group back on the source since: MM2 does not follow (`Placement.passes_by`). An
offset past the end of the copy is of an earlier copy, or of an older MM2 (KAFKA-12635), and counts as none.
Without one, a group's consumers would start where `auto.offset.reset` says: at the end, by default, behind
records that nobody has read. So an offset is set, the highest of those that skip no record:

    end        the group has read past the last mirrored record: nothing on the target is unread
    sync       what MM2 would translate the committed offset to (OffsetSyncStore, KAFKA-14666)
    checkpoint what MM2 has translated, and could not write into the group
    tail       k source offsets between the committed offset and the last mirrored record: the k-th record
               from the target's end
    log start  the first record that the target still has

`end` and `tail` need exact positions: MM2 commits them with the records (exactly-once). Otherwise they may be
older than the target's end. `tail` counts among the mirror's own records only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.cutover.failover.placed import KEPT, GroupPlacement, How, Placement
from mirror.mm2.store import OffsetSyncStore
from mirror.offsets.metadata import fitting
from mirror.status.resuming import ResumePoints
from mirror.text.names import few
from mirror.text.numbers import counted


class Commit(NamedTuple):
    """A group's committed offset at the source, when it was last seen (seconds since the epoch), and MM2's
    translation of it; None where there is none. `rested`: the group had committed nothing for a while.
    `furthest`: an offset that the group was not past, whichever of the last look and MM2 saw it later.
    `metadata`: what its client had committed with the offset of which `translated` is the translation."""

    offset: int
    at: float
    translated: int | None = None
    rested: bool = False
    furthest: int | None = None
    metadata: str = ""


@dataclass(frozen=True, slots=True)
class TargetSeen:
    """What the target says of one source partition and its copy.

    `position`: source offset of the last mirrored record. `tail`: offsets of the target's last records,
    oldest first; `whole_tail`: they are all that the log has. `start`: the last source offset that the mirror
    has left out on purpose, as a way back does; None where it began at the beginning.
    """

    partition: TopicPartition
    bounds: Bounds | Unread
    position: int | None
    tail: Sequence[int] = ()
    whole_tail: bool = False
    start: int | None = None

    def unread(self, commit: Commit) -> int | None:
        """Return how many source offsets the last mirrored records have that a group has not read, 0 or less
        for none. None where that is not known, or where the mirror has left some of them out: before its own
        records the copy has others then, which the source may lack.
        """
        left_out = self.start is not None and commit.offset <= self.start
        return None if self.position is None or left_out else self.position + 1 - commit.offset


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of the groups. `commits` and `current` by group; `dropped`: groups whose offsets the
    last look could not read or keep."""

    commits: Mapping[str, Mapping[TopicPartition, Commit]]
    current: Mapping[str, Mapping[TopicPartition, int] | Unread]
    partitions: Mapping[TopicPartition, TargetSeen]
    """By source partition; only those with a copy on the target."""
    syncs: OffsetSyncStore
    members: Mapping[str, int | Unread] = field(default_factory=dict)
    names: Callable[[TopicPartition], TopicPartition] = lambda one: one
    """The copy's name of a source partition."""
    exactly_once: bool = True
    dropped: frozenset[str] = frozenset()
    consumed: frozenset[tuple[str, TopicPartition]] = frozenset()
    """Groups, and copies where their own consumers have committed (with a leader epoch)."""
    left_out: frozenset[str] = frozenset()
    unread_accepted: bool = False
    """Whether groups are placed without the partitions that cannot be read: their offsets there stay."""

    def metadata(self, group: str, partition: TopicPartition) -> str:
        """The metadata of the group's offset on a source partition; empty where there is none."""
        commit = self.commits.get(group, {}).get(partition)
        return fitting(commit.metadata) if commit is not None else ""


def placements(known: Known) -> list[GroupPlacement]:
    """Judge each group, by name; groups that are left out are not among them."""
    points = ResumePoints(known.syncs)
    groups = sorted({*known.commits, *known.current, *known.dropped} - known.left_out)
    by_copy = {known.names(one): one for one in known.partitions}
    return [_group(group, known, by_copy, points) for group in groups]


def tail_needed(known: Known) -> dict[TopicPartition, int]:
    """Return how many of the target's last records each source partition needs to be read, for groups
    without an offset there."""
    needed: dict[TopicPartition, int] = {}
    if not known.exactly_once:
        return needed
    for group, commits in known.commits.items():
        current = known.current.get(group, {})
        if group in known.left_out or isinstance(current, Unread):
            continue
        for one, commit in commits.items():
            seen = known.partitions.get(one)
            unread = None if seen is None else seen.unread(commit)
            if seen is None or unread is None:
                continue
            if isinstance(seen.bounds, Bounds) and _within(current.get(known.names(one)), seen.bounds):
                continue
            if unread > needed.get(one, 0):
                needed[one] = unread
    return needed


def _group(
    group: str, known: Known, by_copy: Mapping[TopicPartition, TopicPartition], points: ResumePoints
) -> GroupPlacement:
    current = known.current.get(group, {})
    if isinstance(current, Unread):
        return GroupPlacement(group, "unreadable", reason=current.reason)
    commits = known.commits.get(group, {})
    everywhere = sorted({*commits, *(by_copy[copy] for copy in current if copy in by_copy)})
    rows: list[Placement] = []
    unread: list[str] = []
    for one in everywhere:
        seen = known.partitions.get(one)
        if seen is None:
            continue  # no record of the partition is on the target, so none can be skipped or read again
        if isinstance(seen.bounds, Unread):
            unread.append(f"{known.names(one)}: {seen.bounds.reason}")
            continue
        rows.append(_place(group, seen, seen.bounds, commits.get(one), current, known, points))
    if unread and not known.unread_accepted:
        return GroupPlacement(group, "unreadable", rows, few(unread))
    if group in known.dropped and not current:
        reason = "the last look could not read or keep its offsets, and MM2 has translated none"
        return GroupPlacement(group, "unknown", rows, reason)
    changes = [one for one in rows if one.offset is not None]
    members = known.members.get(group)
    if changes and members:
        reason = (
            members.reason
            if isinstance(members, Unread)
            else f"it has {counted(members, 'member')} on the target"
        )
        return GroupPlacement(group, "active", rows, reason)
    return GroupPlacement(group, "to-set" if changes else "kept", rows, few(unread))


def _place(
    group: str,
    seen: TargetSeen,
    log: Bounds,
    commit: Commit | None,
    current: Mapping[TopicPartition, int],
    known: Known,
    points: ResumePoints,
) -> Placement:
    copy = known.names(seen.partition)
    there = current.get(copy)
    if there is not None and _within(there, log):
        rereads = _rereads(seen, log, commit, max(there, log.start), known, points)
        if there < log.start:
            deleted = _deleted(seen, log.start, log, commit, points)
            return Placement(group, seen.partition, copy, there, log.start, "below-start", rereads, deleted)
        passes_by = 0
        if commit is not None and commit.furthest is not None and (group, copy) not in known.consumed:
            # Up to a sync these may be markers of transactions only; else nobody would name the group.
            resumes = points.resumes_at(seen.partition, there) or 0
            passes_by = points.passes_by(seen.partition, commit.furthest, there)
            passes_by = max(passes_by, resumes - commit.furthest)
        return Placement(group, seen.partition, copy, there, None, KEPT, rereads, passes_by)
    offset, how = _found(seen, log, commit, known)
    rereads = _rereads(seen, log, commit, offset, known, points)
    deleted = _deleted(seen, offset, log, commit, points)
    return Placement(group, seen.partition, copy, there, offset, how, rereads, deleted)


def _deleted(seen: TargetSeen, offset: int, log: Bounds, commit: Commit | None, points: ResumePoints) -> int:
    """Return how many source offsets the group had before it whose copies the target's retention has deleted,
    where it resumes at the log's start; 0 where no offset sync shows any."""
    if commit is None or offset != log.start:
        return 0
    return points.passes_by(seen.partition, commit.offset, offset)


def _within(offset: int | None, log: Bounds) -> bool:
    """Whether there is an offset, and not past the end of the log."""
    return offset is not None and offset <= log.end


def _found(seen: TargetSeen, log: Bounds, commit: Commit | None, known: Known) -> tuple[int, How]:
    """Return the highest offset that skips no unread record, and how it was found. A translation past the end
    of the log is of an earlier copy."""
    candidates: list[tuple[int, How]] = [(log.start, "log-start")]
    if commit is not None:
        by_sync = known.syncs.translate(seen.partition, commit.offset)
        if by_sync is not None:
            candidates.append((by_sync, "sync"))
        if commit.translated is not None:
            candidates.append((commit.translated, "checkpoint"))
        unread = seen.unread(commit)
        if known.exactly_once and unread is not None:
            if unread <= 0:
                candidates.append((log.end, "end"))
            elif unread <= len(seen.tail):
                candidates.append((seen.tail[-unread], "tail"))
            elif seen.whole_tail and seen.tail:
                candidates.append((seen.tail[0], "tail"))
    within = [(max(offset, log.start), how) for offset, how in candidates if offset <= log.end]
    return max(within, key=lambda one: one[0])


def _rereads(
    seen: TargetSeen, log: Bounds, commit: Commit | None, offset: int, known: Known, points: ResumePoints
) -> int:
    """Return how many records the group reads again from this offset on, at most: all that the target has
    from there, or fewer where an offset sync tells which source offset that is.

    A group that was committing may have read everything that was mirrored since its commit was seen.
    """
    found = [log.end - offset]
    if seen.tail and offset >= seen.tail[0]:
        found.append(sum(one >= offset for one in seen.tail))  # without markers of transactions
    resumes = points.resumes_at(seen.partition, offset)
    read = [commit.offset] if commit is not None and commit.rested else []
    if known.exactly_once and seen.position is not None:  # else more may be mirrored than the position says
        read.append(seen.position + 1)
    if resumes is not None and read:
        found.append(max(0, min(read) - resumes))
    return min(found)
