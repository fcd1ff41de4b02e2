"""Reads the consumer groups of a snapshot, and joins the offsets of both sides."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from mirror.clients.answers import not_there
from mirror.clients.group_offsets import Commits
from mirror.clients.reader import Reader
from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.clients.topics import Topics
from mirror.status.resuming import ResumePoints
from mirror.status.snapshot import GroupSeen, OffsetSeen
from mirror.verify.reading.look import Look, about_groups
from mirror.verify.reading.parts import Committed
from mirror.verify.reading.read_before import nothing_before
from settings import filters

# Offsets without a translation of which a look asks whether any record is before them: one record is read of
# each. Of more, it is taken for granted.
MOST_READ_BEFORE = 500
GroupOffsets = Mapping[str, Mapping[TopicPartition, int] | Unread]
GroupCommits = Mapping[str, Commits | Unread]


@dataclass(frozen=True, slots=True)
class GroupAnswers:
    """Group offsets on both sides, the target's log bounds read between them, and which groups are active."""

    translated: GroupCommits = field(default_factory=dict)
    committed: GroupOffsets = field(default_factory=dict)
    active_on_source: Mapping[str, bool] = field(default_factory=dict)
    active_on_target: Mapping[str, bool] = field(default_factory=dict)
    target_bounds: Mapping[TopicPartition, Bounds | Unread] = field(default_factory=dict)
    others: Collection[str] = ()
    """Streams and share groups of the source."""


@about_groups
def read_groups(look: Look) -> GroupAnswers:
    """Read D, then C and the target's log bounds, as `reading` explains."""
    sides = look.sides
    active, active_there = sides.together(sides.source.listed_groups, sides.target.listed_groups)
    others = sides.source.other_groups()
    mirror = look.settings.mirror
    wanted = sorted(group for group in (*active, *others) if filters.group_matches(mirror, group))
    translated = sides.target.group_commits(wanted)
    ends, committed = sides.together(
        lambda: sides.target.bounds([one.target for one in look.topics.joined]),
        lambda: sides.source.group_offsets(wanted),
    )
    return GroupAnswers(translated, committed, active, active_there, ends, others)


def joined_groups(
    topics: Topics,
    seen: Committed,
    bounds: Mapping[TopicPartition, Bounds | Unread],
    answers: GroupAnswers,
    points: ResumePoints,
    source_reader: Reader,
    *,
    positions_read: bool = True,
) -> list[GroupSeen]:
    """Join both sides' offsets of each group. `bounds`: the source's logs. `positions_read`: whether MM2's
    positions could be."""
    remote = {one.source: one.target for one in topics.joined}
    found = []
    for group, committed in answers.committed.items():
        there = answers.translated.get(group, {})
        if group in answers.others and not_there(committed):
            continue  # a share group, which has no committed offsets
        unread = next((answer.reason for answer in (committed, there) if isinstance(answer, Unread)), None)
        active = answers.active_on_source.get(group, False), answers.active_on_target.get(group, False)
        own: list[OffsetSeen] = []
        if not isinstance(committed, Unread) and not isinstance(there, Unread):
            for one, offset in committed.items():
                if (copy := remote.get(one)) is None:
                    continue
                commit = there.get(copy)
                translated = None if commit is None else commit.offset
                # Where a consumer has committed, and none is left on the source, the group has moved.
                moved = commit is not None and commit.leader_epoch is not None and not active[0]
                own.append(
                    OffsetSeen(
                        one,
                        offset,
                        translated,
                        seen.positions.get(one),
                        bounds[one],
                        answers.target_bounds[copy],
                        seen.starts.get(one),
                        points.resumes_at(one, translated),
                        0 if moved else points.passes_by(one, offset, translated),
                        position_read=positions_read,
                    )
                )
        found.append(GroupSeen(group, own, *active, unread, group in answers.others))
    return _with_what_was_read(found, source_reader)


def _with_what_was_read(groups: list[GroupSeen], source_reader: Reader) -> list[GroupSeen]:
    """For offsets without a translation: whether the group has read any record, as groups-translated asks."""
    starts = {
        (one.partition, one.committed): one.source.start
        for group in groups
        for one in group.offsets
        if one.translated is None and isinstance(one.source, Bounds) and one.committed > one.source.start
    }
    nothing = nothing_before(source_reader, dict(islice(starts.items(), MOST_READ_BEFORE)))
    return [
        replace(
            group,
            offsets=[
                one._replace(read_before=(one.partition, one.committed) not in nothing)
                for one in group.offsets
            ],
        )
        for group in groups
    ]
