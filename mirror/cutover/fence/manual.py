"""The fence that a person or a command of the stack file sets: nothing of it can be read from the world."""

from __future__ import annotations

from pathlib import Path

from mirror.cutover import programs
from mirror.cutover.earlier_mirror import OF_EARLIER_MIRROR
from mirror.cutover.fence.topics import stay_fenced
from mirror.cutover.programs import said
from mirror.cutover.step import Journal, Verdict, World
from mirror.problems import CouldNotRun
from mirror.text.names import few

COMMAND_SECONDS = 600.0


class ManualFence:
    """Step `fence` with `cutover.fence: manual`."""

    name = "fence"
    holds = "command"
    patience = 60.0
    lasting = False

    def __init__(self) -> None:
        self._ran = False

    def look(self, world: World) -> Verdict:
        """Without a command there is nothing to do: step prove-fence judges what the producers do."""
        command = world.settings.cutover.fence_command
        if not command:
            text = "cutover.fence is manual: somebody else stops the producers, prove-fence judges them"
            return Verdict("done", text)
        if not self._ran:
            return Verdict("todo", f"cutover.fence_command is run in each run: {command[0]} fence")
        return Verdict("done", f"{command[0]} fence has succeeded")

    def do(self, world: World, journal: Journal) -> None:
        """Run the command with `fence`."""
        journal.forget(self.name, OF_EARLIER_MIRROR)
        journal.keep(self.name, "command", list(world.settings.cutover.fence_command))
        run(world.settings.cutover.fence_command, "fence", world.root)
        self._ran = True

    def undo(self, world: World, journal: Journal) -> str | None:
        """Run the command with `unfence`, and return what that may have opened besides: the command knows of
        no part."""
        command = world.settings.cutover.fence_command
        if command:
            run(command, "unfence", world.root)
        self._ran = False
        journal.forget(self.name, "command")
        if not command or not (moved := sorted(stay_fenced(world))):
            return None
        return (
            f"producers of {few(moved)}, which moved as a part, may write there again as well: keep them "
            "away, because nothing mirrors these topics"
        )

    def remains(self, world: World, journal: Journal) -> list[str]:
        """Return the command that has fenced and was not run with `unfence` since."""
        command = world.settings.cutover.fence_command
        return [command[0]] if command and journal.kept(self.name, "command") is not None else []


def run(command: tuple[str, ...], action: str, folder: Path, seconds: float = COMMAND_SECONDS) -> None:
    """Run a command of the stack file with one more argument. Raises CouldNotRun where it fails."""
    ran = programs.run([*command, action], folder, seconds)
    if ran.failed:
        way_out = "run it by hand; it must be idempotent" if ran.started else "check cutover.fence_command"
        raise CouldNotRun(f"running {command[0]} {action}", f"it {ran.failed}{said(ran.output)}", way_out)
