"""The step `switch-command`: runs `cutover.switch_command` once after the promotion.

What the command has changed cannot be read from the world, so the KafkaMirrorMaker2 is annotated once it has
succeeded. A run that is killed before that runs it again: the command must be idempotent.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from manifests.metadata import SWITCHED, owner_of
from manifests.strimzi.resource import read_mirror_maker2
from mirror.cutover.connectors.change import change, states_patch
from mirror.cutover.programs import Ran, run, said
from mirror.cutover.step import Journal, Verdict, World
from mirror.mm2.phase import REPLICATE, phase_of
from mirror.text.foreign import printable

COMMAND_SECONDS = 600.0
_REMEDY = "correct the cause, and run the same command again: it runs cutover.switch_command again"


@dataclass(slots=True)
class SwitchCommand:
    """Runs a program of the stack file without a shell."""

    seconds: float = COMMAND_SECONDS
    name: str = "switch-command"
    patience: float = 0.0
    lasting: bool = False
    _failed: Verdict | None = field(default=None, init=False)
    _output: list[str] = field(default_factory=list, init=False)

    def look(self, world: World) -> Verdict:
        """Whether this command line has succeeded already. Raises CouldNotRun."""
        argv, resource = world.settings.cutover.switch_command, world.resource()
        if phase_of(resource) == REPLICATE:
            return Verdict("waiting", f"run after the promotion: {printable(argv[0])}")
        if self._failed is not None:
            return self._failed
        when, _, digest = switched(resource).partition(" ")
        if digest == digest_of(argv):
            told = f"{printable(argv[0])} succeeded at {when}{said(self._output)}"
            return Verdict("done", told, "", {"output": self._output} if self._output else {})
        return Verdict("todo", f"{printable(argv[0])} has not succeeded yet")

    def do(self, world: World, journal: Journal) -> None:
        """Run it, and annotate the mirror where it has succeeded. Raises CouldNotRun where the mirror cannot
        be annotated."""
        argv = world.settings.cutover.switch_command
        ran = run(argv, world.root, self.seconds, variables(world))
        self._failed, self._output = _failure(argv, ran), ran.output
        if self._failed is None:
            told = f"{datetime.now(UTC).isoformat(timespec='seconds')} {digest_of(argv)}"
            alias = world.settings.source.alias
            change(
                world.target_kubernetes,
                world.resource,
                [lambda now: states_patch(now, alias, {}, {SWITCHED: told})],
            )

    def undo(self, world: World, journal: Journal) -> None:
        """Nothing: it acts after the promotion only, and a rollback is refused then."""


def variables(world: World) -> dict[str, str]:
    """Return what the command is told: names and addresses, no secret. Raises CouldNotRun.

    The resource has all of it, as deployed: no login is needed, and after a failover the source has none.
    """
    settings, resource = world.settings, world.resource()
    owner = owner_of(resource.get("metadata") or {})
    return {
        "REGION_MIRROR_STACK": owner.stack if owner else "",
        "REGION_MIRROR_MIRROR": settings.mirror.name,
        "REGION_MIRROR_SOURCE": settings.source.alias,
        "REGION_MIRROR_TARGET": settings.target.alias,
        "REGION_MIRROR_TARGET_NAMESPACE": settings.target.namespace,
        "REGION_MIRROR_TARGET_BOOTSTRAP_SERVERS": str(
            read_mirror_maker2(resource).target.get("bootstrapServers", "")
        ),
    }


def _failure(argv: Sequence[str], ran: Ran) -> Verdict | None:
    if not ran.failed:
        return None
    text = f"{printable(argv[0])} {ran.failed}{said(ran.output)}"
    if not ran.started:
        return Verdict("blocked", text, "check cutover.switch_command")
    return Verdict("blocked", text, _REMEDY, {"exit_code": ran.exit_code, "output": ran.output})


def switched(resource: Mapping[str, Any]) -> str:
    """Return the time and digest of the command that has succeeded; empty before."""
    return str(((resource.get("metadata") or {}).get("annotations") or {}).get(SWITCHED) or "")


def digest_of(argv: Sequence[str]) -> str:
    """Return a digest of a command line: another command is run anew."""
    return hashlib.sha256(json.dumps(list(argv)).encode()).hexdigest()[:16]
