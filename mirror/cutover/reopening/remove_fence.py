"""The step `remove-fence`: what the fence of the way out still holds in the old region, removed exactly."""

from __future__ import annotations

from dataclasses import dataclass, field

from mirror.cutover.fence.acls import left_denied
from mirror.cutover.fence.chosen import FenceStep, fence_step
from mirror.cutover.journal import ConfigMapJournal
from mirror.cutover.step import Journal, Verdict, World
from mirror.text.names import few
from mirror.text.numbers import counted


@dataclass(slots=True)
class RemoveFence:
    """Removes it as a rollback does: by the annotations and the journal that the fence wrote before it acted.

    A run that was killed is continued by the next one, and each effect is read back.
    """

    name: str = "remove-fence"
    patience: float = 150.0
    lasting: bool = False
    _fence: FenceStep | None = field(default=None, init=False)

    def look(self, world: World) -> Verdict:
        """Judge what is left of the fence. Raises CouldNotRun."""
        settings, fence = world.settings, self._of(world)
        mirror, old = settings.mirror.name, settings.source.alias
        left = fence.remains(world, ConfigMapJournal(world.target_kubernetes, settings))
        if left:
            text = f"the fence of mirror {mirror} still holds {counted(len(left), fence.holds)}: {few(left)}"
            return Verdict("todo", text, evidence={"held": left}, remaining=len(left))
        if settings.fence == "manual" and not settings.cutover.fence_command:
            text = f"cutover.fence is manual: whoever stopped the producers of {old} lets them write again"
            return Verdict("done", text)
        told = left_denied(world, "reopen") or f"nothing on {old} is fenced by mirror {mirror}"
        return Verdict("done", told, remaining=0)

    def do(self, world: World, journal: Journal) -> None:
        """Remove it, and read back that it is gone. Raises CouldNotRun."""
        self._of(world).undo(world, journal)

    def undo(self, world: World, journal: Journal) -> None:
        """Nothing: only a new cutover fences again."""

    def _of(self, world: World) -> FenceStep:
        if self._fence is None:
            self._fence = fence_step(world.settings)
        return self._fence
