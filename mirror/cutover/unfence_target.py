"""The step `unfence-target` of a way back: producers of the old region may write there again.

The cutover of the way out has fenced the KafkaUsers of the old region, which is the target now, and no
rollback removes a fence after a promotion. Until this mirror is promoted in turn, no client may write there,
because MM2 writes to the same topics.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mirror.cutover.fence.strimzi import kafka_with_users, remove, still_fenced
from mirror.cutover.journal import ConfigMapJournal
from mirror.cutover.mirrors_home import fenced_by, moved_since
from mirror.cutover.step import Journal, Verdict, World
from mirror.mm2.phase import REPLICATE, phase_of, promoted_since
from mirror.text.names import few
from mirror.text.numbers import counted

_KEY = "kafka-users"


@dataclass(frozen=True, slots=True)
class UnfenceTarget:
    """Removes the fence of mirror `cutover.way_back_of`, as a rollback of that mirror would."""

    name: str = "unfence-target"
    patience: float = 150.0
    lasting: bool = False

    def look(self, world: World) -> Verdict:
        """Judge the KafkaUsers of the target. Raises CouldNotRun."""
        settings, resource = world.settings, world.resource()
        out, since = str(settings.cutover.way_back_of), promoted_since(resource)
        kept = ConfigMapJournal(world.target_kubernetes, settings).kept(self.name, _KEY) or ()
        users = _users(world)
        left = still_fenced(users, out, kept)
        if not left:
            text = f"no KafkaUser of {settings.target.alias} has the fence of mirror {out}"
            return Verdict("done", text, remaining=0)
        many = f"{counted(len(left), 'KafkaUser')} with the fence of mirror {out}: {few(left)}"
        if phase_of(resource) == REPLICATE:
            return Verdict("waiting", f"removed after the promotion from {many}", remaining=len(left))
        if again := fenced_by(settings, users, since).get(out):
            return moved_since(settings, {out: again}, since)  # production has left once more
        return Verdict("todo", many, evidence={"fenced": left}, remaining=len(left))

    def do(self, world: World, journal: Journal) -> None:
        """Remove it, and wait until the User Operator has applied that. Raises CouldNotRun."""
        out = str(world.settings.cutover.way_back_of)
        before = journal.kept(self.name, _KEY) or []
        awaited = sorted({*before, *still_fenced(_users(world), out, before)})
        journal.keep(self.name, _KEY, awaited)
        remove(world.target_kubernetes, lambda: _users(world), out, awaited)
        journal.forget(self.name, _KEY)

    def undo(self, world: World, journal: Journal) -> None:
        """Nothing: it acts after the promotion only, and a rollback is refused then."""


def _users(world: World) -> list[dict[str, Any]]:
    target = world.settings.target
    return kafka_with_users(world.target_kubernetes, target.namespace, target.cluster)[1]
