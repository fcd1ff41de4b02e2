"""Step `preflight`: the mirror is proven before anything is changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mirror.cutover.groups.left_behind import left_behind
from mirror.cutover.mirrors_home import move_is_over
from mirror.cutover.phase import already_promoted
from mirror.cutover.step import OnlyLooks, Step, Verdict, World
from mirror.mm2.phase import move_in_progress, promoted_since
from mirror.text.names import few
from mirror.text.numbers import counted
from mirror.verify.checks import moved_topics_unwritten
from mirror.verify.run import verify
from settings.model import Settings

_SECONDS = 30.0
"""Failed verifications are repeated for so long: a mirror under load may be behind for a moment."""
_IN_FAILOVER = (
    "a failover is in progress, and has stopped the connector that would mirror the last records: producers "
    "would be fenced for nothing"
)
_AFTER_FAILOVER = (
    "undo it with `region-mirror failover rollback`, which starts the mirror again, then run the cutover; or "
    "complete it with `region-mirror failover`"
)


class Preflight(OnlyLooks):
    """Once the source is fenced, the mirror is judged by the later steps instead: they stop parts of it."""

    name = "preflight"
    patience = 0.0
    lasting = False

    def __init__(
        self,
        fence: Step,
        warm: Callable[[World], None] = lambda world: None,
        whole: Settings | None = None,
        left: Callable[[World, Settings], Sequence[str]] = left_behind,
    ) -> None:
        """`warm`: read what later steps read, so that their connections and MM2's internal topics are read
        before producers have to wait. `whole`: the settings of the mirror, where the other steps see a part.
        `left`: names the groups that are not moved.
        """
        self._fence = fence
        self._warm = warm
        self._whole = whole
        self._left = left

    def look(self, world: World) -> Verdict:
        """Verify the mirror, unless the source is fenced already. Raises CouldNotRun."""
        resource = world.resource()
        if promoted := already_promoted(resource):
            return move_is_over(world, promoted_since(resource)) or promoted
        move = move_in_progress(resource)
        if move == "failover":
            return Verdict("blocked", _IN_FAILOVER, _AFTER_FAILOVER)
        if move or self._fenced(world):
            return Verdict("done", "the cutover has begun already: the later steps judge the mirror")
        report = verify(
            self._whole or world.settings,
            root=world.root,
            deadline_seconds=_SECONDS,
            progress=lambda report: None,
            only=frozenset(),
        )
        # Who writes to a topic that moved before loses no record of those that move now.
        judged = [check for check in report.checks if check.name != moved_topics_unwritten.NAME]
        failed = [check for check in judged if not check.passed]
        if not failed:
            self._warm(world)
            text = f"the mirror is proven: {counted(len(judged), 'check')} pass"
            if left := self._left(world, self._whole or world.settings):
                text += (
                    f". NOT moved, because MM2 leaves out their names: {few(left)}: set their offsets on the "
                    "target by hand before their consumers start there"
                )
            return Verdict("done", text, evidence={"not_moved": list(left)} if left else {})
        told = "; ".join(check.name for check in failed)
        findings = {check.name: [one.to_json() for one in check.findings[:3]] for check in failed}
        remedy = "run `region-mirror verify` and follow its remedies"
        return Verdict(
            "blocked", f"{counted(len(failed), 'failing check')} of the mirror: {told}", remedy, findings
        )

    def _fenced(self, world: World) -> bool:
        """Whether the fence is there. One that holds nobody, because none of its users may write to these
        topics, says nothing of a cutover."""
        if world.settings.fence == "manual":
            return False
        verdict = self._fence.look(world)
        return verdict.state == "done" and bool(verdict.evidence.get("fenced"))
