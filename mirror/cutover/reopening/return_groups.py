"""The step `return-groups`: groups that have read copies with a prefix continue in the original topics."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field

from mirror.cutover.groups.judge import judge, moves, settable
from mirror.cutover.reopening.read_homes import Homes
from mirror.cutover.step import Journal, Verdict, World
from mirror.cutover.steps.move_groups import changes
from mirror.cutover.target_kafka import SilentKafka, silent
from mirror.offsets.commit import commit
from mirror.offsets.metadata import with_metadata
from mirror.problems import CouldNotConnect, CouldNotRun


@dataclass(slots=True)
class ReturnGroups:
    """Sets offsets in the old region as its administrator. `stack` closes what it reads with. `accepted`: the
    person lets clients write there although no mirror takes production home, as where the target is lost.
    """

    stack: ExitStack
    accepted: bool = False
    name: str = "return-groups"
    patience: float = 600.0
    lasting: bool = False
    _homes: Homes | None = field(default=None, init=False)

    def look(self, world: World) -> Verdict:
        """Compare each group's offset in the old region with its first unread record. Raises CouldNotRun."""
        try:
            seen = self._opened(world).seen()
        except CouldNotConnect as error:
            lost = silent(world) if self.accepted else None
            if lost is None:
                raise
            if lost.ready:
                way_out = f"run this command where they answer: {lost.text}"
                raise CouldNotConnect(error.tried, error.happened, way_out) from error
            return _stay(world, lost)
        verdict = judge(moves(seen), seen)
        if verdict.state == "todo" and world.source_admin is None:
            return Verdict("blocked", verdict.text, _LOGIN, verdict.evidence, verdict.remaining)
        return verdict

    def do(self, world: World, journal: Journal) -> None:
        """Set the offsets of all groups that can be set. Raises CouldNotRun."""
        if world.source_admin is None:
            raise CouldNotRun("setting offsets of groups in the old region", "no login may set them", _LOGIN)
        todo = settable(moves(self._opened(world).seen()))
        commits = world.sides().target.group_commits([one.group for one in todo])
        access = world.source_admin.access(world.sides().source.access)
        commit(access, with_metadata(changes(todo), commits))

    def undo(self, world: World, journal: Journal) -> None:
        """Nothing: an offset only ever moves forward here, over records that the group has read."""

    def _opened(self, world: World) -> Homes:
        if self._homes is None:
            self._homes = Homes(world, self.stack)
        return self._homes


def _stay(world: World, lost: SilentKafka) -> Verdict:
    old, new = world.settings.source.alias, world.settings.target.alias
    return Verdict(
        "done",
        f"{lost.text}. Groups keep their offsets on {old}: none skips a record there, and each reads again "
        f"what it has read of copies on {new}",
    )


_LOGIN = (
    "add --source-admin-config FILE: a login that may Read these groups and topics in the old region. The "
    "mirror's own users may not"
)
