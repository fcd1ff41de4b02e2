"""The step `prove`: every check of `verify`, and the last records of all partitions, before the promotion.

The check groups-translated asks whether MM2 translates well. Here every offset was set by content, so the
step asks for more: each group has the exact offset that was judged before (`move-groups`). Topics that an
earlier cutover has moved are no part of this one.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field

from mirror.cutover.phase import already_promoted
from mirror.cutover.proof.judge import Proof, judge
from mirror.cutover.proof.read import read_last
from mirror.cutover.step import OnlyLooks, Verdict, World
from mirror.cutover.steps.move_groups import MoveGroups
from mirror.cutover.steps.stop_sync import StopSync
from mirror.verify.checks import groups_translated, moved_topics_unwritten, users_work
from mirror.verify.reading.look import Look, Session
from mirror.verify.reading.parts import committed
from mirror.verify.register import NAMES, reads_of
from mirror.verify.report import CheckResult
from mirror.verify.run import judge as judge_checks
from settings.model import Settings

CHECKS = tuple(name for name in NAMES if name not in (groups_translated.NAME, moved_topics_unwritten.NAME))


@dataclass(frozen=True, slots=True)
class Prove(OnlyLooks):
    """Reads and judges only."""

    name: str = "prove"
    patience: float = 180.0
    lasting: bool = False
    sync: StopSync = field(default_factory=StopSync)
    groups: MoveGroups = field(default_factory=MoveGroups)
    whole: Settings | None = None
    """The settings of the mirror, where the steps see a part of it: copied users are those of the mirror."""

    def look(self, world: World) -> Verdict:
        """Judge everything. Raises CouldNotRun."""
        if promoted := already_promoted(world.resource()):
            return promoted
        sync = self.sync.look(world)
        if sync.state != "done":
            return Verdict("waiting", f"judged once {self.sync.name} is done: {sync.text}")
        look = Look(world.session, reads_of(CHECKS))
        checks = self._checks(world, look)
        seen = look.of(committed)
        tails, compacted = read_last(look.sides, look.topics.joined, seen.starts, seen.copy_ends)
        return judge(
            Proof(
                checks,
                world.names.checkpoint_connector,
                tails,
                compacted,
                self.groups.look(world),
            )
        )

    def _checks(self, world: World, look: Look) -> tuple[CheckResult, ...]:
        if self.whole is None:
            return judge_checks(look, CHECKS)
        found = judge_checks(look, tuple(name for name in CHECKS if name != users_work.NAME))
        session = Session(self.whole, world.root, ExitStack(), world.sides())
        return (*found, *judge_checks(Look(session, reads_of((users_work.NAME,))), (users_work.NAME,)))
