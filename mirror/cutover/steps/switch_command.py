"""The step `switch-command`: runs `cutover.switch_command` once after the promotion.

What the command has changed cannot be read from the world, so the KafkaMirrorMaker2 is annotated once it has
succeeded. A run that is killed before that runs it again: the command must be idempotent.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from manifests.metadata import SWITCHED, owner_of
from mirror.clients.admin_config import without_own_secrets
from mirror.cutover.connectors.change import change, states_patch
from mirror.cutover.step import Journal, Verdict, World
from mirror.mm2.phase import REPLICATE, phase_of
from mirror.problems import one_line
from mirror.text.foreign import printable

COMMAND_SECONDS = 600.0
_LINES, _LONGEST = 20, 300
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
            told = f"{printable(argv[0])} succeeded at {when}{_said(self._output)}"
            return Verdict("done", told, "", {"output": self._output} if self._output else {})
        return Verdict("todo", f"{printable(argv[0])} has not succeeded yet")

    def do(self, world: World, journal: Journal) -> None:
        """Run it, and annotate the mirror where it has succeeded. Raises CouldNotRun where the mirror cannot
        be annotated."""
        argv = world.settings.cutover.switch_command
        environment = {**without_own_secrets(), **variables(world)}
        self._failed, self._output = run(argv, environment, world.root, self.seconds)
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
    """Return what the command is told: names and addresses, no secret. Raises CouldNotRun."""
    settings = world.settings
    owner = owner_of(world.resource().get("metadata") or {})
    return {
        "REGION_MIRROR_STACK": owner.stack if owner else "",
        "REGION_MIRROR_MIRROR": settings.mirror.name,
        "REGION_MIRROR_SOURCE": settings.source.alias,
        "REGION_MIRROR_TARGET": settings.target.alias,
        "REGION_MIRROR_TARGET_NAMESPACE": settings.target.namespace,
        "REGION_MIRROR_TARGET_BOOTSTRAP_SERVERS": world.sides().target.access.bootstrap_servers,
    }


def run(
    argv: Sequence[str], environment: Mapping[str, str], folder: Path, seconds: float
) -> tuple[Verdict | None, list[str]]:
    """Run a program. Return why it failed, or None, and the last lines of its output, made printable."""
    program = printable(argv[0])
    try:
        ran = subprocess.run(  # noqa: S603 - argv from the stack file, no shell
            list(argv),
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        output = lines(error.stdout)
        text = f"{program} did not end within {seconds:.0f} s and was killed{_said(output)}"
        return Verdict("blocked", text, _REMEDY, {"output": output}), output
    except OSError as error:
        text = f"{program} could not be started: {one_line(error)}"
        return Verdict("blocked", text, "check cutover.switch_command"), []
    output = lines(ran.stdout)
    if ran.returncode:
        text = f"{program} ended with exit code {ran.returncode}{_said(output)}"
        return Verdict("blocked", text, _REMEDY, {"exit_code": ran.returncode, "output": output}), output
    return None, output


def lines(output: bytes | None) -> list[str]:
    """Return the last lines of an output, each printable and of bounded length."""
    text = (output or b"").decode(errors="replace").splitlines()
    return [printable(line.expandtabs())[:_LONGEST] for line in text if line.strip()][-_LINES:]


def switched(resource: Mapping[str, Any]) -> str:
    """Return the time and digest of the command that has succeeded; empty before."""
    return str(((resource.get("metadata") or {}).get("annotations") or {}).get(SWITCHED) or "")


def digest_of(argv: Sequence[str]) -> str:
    """Return a digest of a command line: another command is run anew."""
    return hashlib.sha256(json.dumps(list(argv)).encode()).hexdigest()[:16]


def _said(output: Sequence[str]) -> str:
    return f": {' | '.join(output)}" if output else ""
