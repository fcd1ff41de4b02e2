"""The step `move-groups`: set the offset of every group on the target, by content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mirror.clients.records import TopicPartition, Unread
from mirror.cutover.groups.judge import GroupMove, Seen, judge, moves, settable
from mirror.cutover.phase import already_promoted
from mirror.cutover.step import Journal, Verdict, World
from mirror.offsets.applying import OffsetChange
from mirror.offsets.commit import commit
from mirror.offsets.metadata import with_metadata
from mirror.offsets.proposal import proposal
from mirror.offsets.survey import Surveyor
from mirror.offsets.table import OffsetRow
from mirror.problems import CouldNotConnect, CouldNotRead, CouldNotRun
from mirror.text.numbers import counted

MOVE, BEFORE = "move-groups", "offsets-before"
"""The entry of the journal with the offsets that a rollback sets again."""

_HARMLESS = "No group skips a record by that"
_STAY = "the groups' offsets stay as they were set"
_NO_ROOM = f"{_STAY}: the journal had no room for the former. {_HARMLESS}"

Kept = dict[str, dict[str, dict[str, int | None]]]
"""Offsets by group, topic and partition (JSON has no other keys than text); None: there was none."""


@dataclass(frozen=True, slots=True)
class MoveGroups:
    """Sets offsets as the mirror's user, which MM2 uses for the same."""

    name: str = MOVE
    patience: float = 600.0
    lasting: bool = False

    def look(self, world: World) -> Verdict:
        """Compare each group's offset on the target with the first record that it has not read. Raises
        CouldNotRun."""
        if promoted := already_promoted(world.resource()):
            return promoted
        seen = survey(world)
        return judge(moves(seen), seen)

    def do(self, world: World, journal: Journal) -> None:
        """Set the offsets of all groups that can be set, after writing down the ones before. Raises
        CouldNotRun."""
        todo = settable(moves(survey(world)))
        before: Kept = journal.kept(self.name, BEFORE) or {}
        journal.keep(self.name, BEFORE, with_offsets(before, todo))
        commits = world.sides().source.group_commits([one.group for one in todo])
        commit(world.mirror_user(), with_metadata(changes(todo), commits))

    def undo(self, world: World, journal: Journal) -> str | None:
        """Set the offsets as they were, and return which ones stay. Raises CouldNotRun.

        Two kinds remain as they are: an offset where there was none, because no Admin API of librdkafka
        deletes one; and everything where the journal is lost, or had no room for it, or where the target's
        Kafka does not answer, as a whole or for a group: that may be why the cutover is rolled back, and must
        not keep the source fenced. All are offsets from which the group skips nothing, and MM2 raises them as
        the group reads on at the source.
        """
        noted = journal.kept(self.name, BEFORE)
        kept: Kept = noted or {}
        # Groups that an earlier part has moved read on the target now.
        moved = world.settings.mirror.moved.groups
        before = {group: offsets for group, offsets in kept.items() if group not in moved}
        left = _NO_ROOM if noted == {} else None
        if before:
            try:
                left = _set_back(world, before)
            except (CouldNotConnect, CouldNotRead) as error:
                left = (
                    f"{_STAY}: {error.tried}: {error.happened}. That concerns "
                    f"{counted(len(before), 'group')} at most. {_HARMLESS}: let none of their consumers run "
                    f"on {world.settings.target.alias}"
                )
        journal.forget(self.name, BEFORE)
        return left


def _set_back(world: World, before: Kept) -> str | None:
    target = world.sides().target
    back = restoring(before, target.group_offsets(before))
    if back:
        commit(world.mirror_user(), with_metadata(back, target.group_commits(before)))
        if left := restoring(before, target.group_offsets(before)):
            raise CouldNotRun(
                f"setting back the offsets of {counted(len(left), 'partition')} on {target.alias}",
                f"group {left[0].row.group} still has another offset on {left[0].row.target}",
                "check that nobody else sets the group's offsets, and that no consumer of it runs there",
            )
    new = _without_former(before)
    return f"left as set: {counted(new, 'offset')} where there was none before. {_HARMLESS}" if new else None


def survey(world: World) -> Seen:
    """Read all groups and the records around their offsets, on both clusters. Raises CouldNotRun."""
    found = Surveyor(world.session).look()
    rows = [proposal(one, exact=True) for one in found.partitions]
    names = sorted({one.group for one in rows})
    sides = world.sides()
    here, there = sides.together(lambda: sides.source.members(names), lambda: sides.target.members(names))
    return Seen(
        rows,
        here,
        there,
        found.unreadable,
        found.untranslated,
        world.options.leave_out_groups,
        pending=found.pending,
    )


def changes(todo: Sequence[GroupMove]) -> list[OffsetChange]:
    """Return the offsets to set."""
    return [
        OffsetChange(OffsetRow(0, one.group, row.source, row.target, row.offset), row.current)
        for one in todo
        for row in one.changes
        if row.offset is not None
    ]


def with_offsets(before: Kept, todo: Sequence[GroupMove]) -> Kept:
    """Add the current offsets of groups that are about to be set. Offsets that are kept already stay."""
    kept: Kept = {
        group: {topic: dict(by) for topic, by in topics.items()} for group, topics in before.items()
    }
    for one in todo:
        for row in one.changes:
            of_topic = kept.setdefault(one.group, {}).setdefault(row.target.topic, {})
            of_topic.setdefault(str(row.target.partition), row.current)
    return kept


def _without_former(before: Kept) -> int:
    by_partition = (offsets for topics in before.values() for offsets in topics.values())
    return sum(offset is None for offsets in by_partition for offset in offsets.values())


def restoring(before: Kept, now: Mapping[str, Mapping[TopicPartition, int] | Unread]) -> list[OffsetChange]:
    """Return the offsets to set back: those that were there before and differ now."""
    found = []
    for group, topics in before.items():
        current: Any = now.get(group)
        there = current if isinstance(current, Mapping) else {}
        for topic, offsets in topics.items():
            for number, offset in offsets.items():
                one = TopicPartition(topic, int(number))
                if offset is not None and there.get(one) != offset:
                    found.append(OffsetChange(OffsetRow(0, group, one, one, offset), there.get(one)))
    return found
