"""The step `place-groups`: sets the offsets of groups that have none on the target."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mirror.cutover.failover.first_placed import first_placed
from mirror.cutover.failover.groups import judge_groups
from mirror.cutover.failover.placed import GroupPlacement
from mirror.cutover.failover.placement import Known, placements
from mirror.cutover.failover.scene import Scene
from mirror.cutover.phase import already_promoted
from mirror.cutover.step import Journal, Verdict, World
from mirror.offsets.applying import OffsetChange
from mirror.offsets.commit import commit
from mirror.offsets.table import OffsetRow
from mirror.text.numbers import counted

NAME = "place-groups"
PLACED = "placed"
"""Key in the journal: how each group was placed, which cannot be read from the target afterwards."""

FIRST = "first"
"""Key in the journal: where all groups were when every one had its place for the first time (`first_placed`).
"""


@dataclass(frozen=True, slots=True)
class PlaceGroups:
    """Sets the offsets of groups that have none on the target, as the mirror's user. Behind it consumers may
    read there: a task of MM2 that has not ended yet sets no offset of a group with members."""

    scene: Scene
    name: str = NAME
    patience: float = 120.0
    lasting: bool = False

    def look(self, world: World) -> Verdict:
        """Judge where each group resumes. Raises CouldNotRun."""
        if promoted := already_promoted(world.resource()):
            return promoted
        read = self.scene.target()
        found = placements(read.known)
        verdict = judge_groups(found, read.checkpoints_unread)
        self.scene.placed = found if verdict.state == "done" else None
        if verdict.state == "done" and found and not (self.scene.rehearsal or self.scene.first_kept):
            # The command may end here, and consumers read on: a later run no longer sees these offsets.
            text = f"{verdict.text}; these offsets are written down before consumers read on"
            return replace(verdict, state="todo", text=text)
        return verdict

    def do(self, world: World, journal: Journal) -> None:
        """Set the offsets, after writing down how each was found; or, where none is to be set, write down
        where the groups are. Raises CouldNotRun."""
        known = self.scene.target().known
        found = placements(known)
        if to_set := [one for one in found if one.state == "to-set"]:
            self._set(world, journal, known, to_set)
        else:
            journal.keep(self.name, FIRST, first_placed(journal.kept(self.name, FIRST), found))
            self.scene.first_kept = True

    def _set(self, world: World, journal: Journal, known: Known, found: list[GroupPlacement]) -> None:
        kept = journal.kept(self.name, PLACED) or {}
        journal.keep(
            self.name,
            PLACED,
            {
                **kept,
                **{one.group: {k: v for k, v in one.to_json().items() if k != "offsets"} for one in found},
            },
        )
        changes = [
            OffsetChange(
                OffsetRow(0, row.group, row.source, row.target, row.offset),
                row.current,
                known.metadata(row.group, row.source),
            )
            for one in found
            for row in one.changes
            if row.offset is not None
        ]
        self.scene.changed()
        commit(world.mirror_user(), changes)

    def undo(self, world: World, journal: Journal) -> str | None:
        """Leave the offsets, and say so: from them no group skips a record, and MM2 raises them as the group
        reads on at the source. A later report judges the groups anew."""
        journal.forget(self.name, FIRST)
        placed = journal.kept(self.name, PLACED)
        journal.forget(self.name, PLACED)
        if placed is None:
            return None
        return (
            f"the offsets of {counted(len(placed), 'group')} stay as they were set. No group skips a record "
            "by that: let none of their consumers run there"
        )
