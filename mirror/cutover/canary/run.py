"""Runs a canary: writes its records, runs the operator's own commands, and records what was seen.

The cutover and its rollback are the very commands of an operator, in processes of their own. Whatever happens
between them, the part is rolled back: the checkpoint connector of the whole mirror is stopped meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from mirror.cutover.canary.canary import AFTER, BEFORE, MORE, READ, Canary
from mirror.cutover.canary.clusters import Clusters, differences
from mirror.cutover.canary.judge import (
    BACK,
    CANARY,
    CLEAN,
    CONTINUES,
    COUNT,
    FAILED,
    GOES_ON,
    LATE,
    MIRROR,
    ON_TARGET,
    THERE,
    TOUCHED,
    WRITE,
)
from mirror.cutover.canary.notes import Notes
from mirror.cutover.canary.records import SourceRecords, Written
from mirror.cutover.drill.program import Recorded
from mirror.cutover.drill.recording import Line
from mirror.cutover.drill.run import Show
from mirror.exit_codes import PROVEN
from mirror.problems import CouldNotRun
from mirror.text.waiting import until

OPEN_SECONDS = 30.0
"""Within this time after the rollback every broker lets producers write, and shows the ACLs as before."""
CUTOVER, ROLLBACK = "cutover", "cutover rollback"
_LATE = (
    "run `region-mirror verify`, and check that the mirror's user at the source may read the topic and "
    "describe the group (`region-mirror source-user`). Nothing was moved"
)


@dataclass(frozen=True, slots=True)
class Commands:
    """What an operator types, as argv; both print an event a line."""

    cutover: Sequence[str]
    rollback: Sequence[str]


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that a run needs. `in_progress`: whether the journal says that the part has begun."""

    canary: Canary
    source: SourceRecords
    clusters: Clusters
    commands: Commands
    folder: Path
    in_progress: Callable[[], bool]
    accepts_unfenced: bool


def drill_canary(scene: Scene, file: IO[str], show: Show) -> list[Line]:
    """Run it, and return what was recorded. Raises CouldNotRun where a command could not run, and where
    nothing was moved yet.
    """
    recorded = Recorded(file)
    run = _Run(scene, Notes(recorded, show, scene.canary.topic, scene.folder))
    run.begin()
    if scene.in_progress():
        run.notes.phase(CLEAN, "rolling back what a canary that was killed has begun")
        if run.notes.command(ROLLBACK, scene.commands.rollback) != PROVEN:
            return recorded.lines
    before = scene.clusters.permissions()
    if run.prepare() and run.there_and_back():
        run.afterwards(before)
    return recorded.lines


@dataclass(frozen=True, slots=True)
class _Run:
    scene: Scene
    notes: Notes

    def begin(self) -> None:
        """Record what the judgement needs to know."""
        canary = self.scene.canary
        settings = canary.settings
        self.notes.add({"event": "stream", "stream": canary.topic})
        self.notes.add({"event": "group", "group": canary.group, "streams": [canary.topic]})
        self.notes.document(
            CANARY,
            {
                "topic": canary.topic,
                "group": canary.group,
                "copy": canary.copy,
                "run": canary.run,
                "source": settings.source.alias,
                "target": settings.target.alias,
                "fence": settings.fence,
                "unfenced": self.scene.accepts_unfenced,
            },
        )

    def prepare(self) -> bool:
        """Write and read at the source, and wait for the mirror; whether it came. Raises CouldNotRun."""
        scene, canary = self.scene, self.scene.canary
        self.notes.phase(WRITE, f"writing to topic {canary.topic}")
        scene.source.create()
        if not self.write(range(1, BEFORE + 1)):
            return False
        self.read(str(READ))
        self.notes.phase(MIRROR, "waiting until the mirror has found the topic and the group")
        late = until(self._not_mirrored, canary.patience)
        if late:
            self.notes.document(LATE, {"text": f"{late} after {canary.patience:.0f} s: {_LATE}"})
            return False
        return self.write(range(BEFORE + 1, BEFORE + MORE + 1))

    def there_and_back(self) -> bool:
        """Move the part, look at the target, and roll back; whether the cutover was done and rolled back.
        Raises CouldNotRun.
        """
        scene, done = self.scene, False
        try:
            self.notes.phase(THERE, "moving the canary")
            done = self.notes.command(CUTOVER, scene.commands.cutover) == PROVEN
            if done:
                self.notes.phase(ON_TARGET, "reading the target")
                self.look_at_target()
        finally:
            back = self.roll_back()
        return done and back

    def look_at_target(self) -> None:
        """Record what the target has, where the group continues, and what the fence answers. A failure is
        recorded, too: the rollback follows in any case.
        """
        try:
            copied = self.scene.clusters.copied()
            self.notes.stored(one.record for one in copied)
            offset = self.scene.clusters.committed()
            mine = [one for one in copied if one.record.isdecimal()]
            behind = sum(offset is not None and one.offset < offset for one in mine)
            self.notes.document(CONTINUES, {"offset": offset, "behind": behind})
            self.notes.written(self.scene.source.write([BEFORE + MORE + 1], fenced=True))
        except CouldNotRun as error:
            self.notes.document(FAILED, {"text": str(error)})

    def roll_back(self) -> bool:
        """Roll back the part where it is in progress, and nothing else ever: without a part the command
        rolls back a cutover of the whole mirror. True where nothing is left. Raises CouldNotRun.
        """
        if not self.scene.in_progress():
            return True
        self.notes.phase(BACK, "rolling back")
        return self.notes.command(ROLLBACK, self.scene.commands.rollback) == PROVEN

    def afterwards(self, before: frozenset[str]) -> None:
        """Everything after the rollback. A failure is recorded: the canary is back."""
        try:
            self.compare(before)
            self.go_on()
        except CouldNotRun as error:
            self.notes.document(FAILED, {"text": str(error)})

    def compare(self, before: frozenset[str]) -> None:
        """Record which ACLs differ from those before. Raises CouldNotRun."""
        found: list[str] = []

        def late() -> str:
            found[:] = differences(before, self.scene.clusters.permissions())
            return "; ".join(found)

        until(late, OPEN_SECONDS)
        self.notes.document(TOUCHED, {"differences": found})

    def go_on(self) -> None:
        """Write and read at the source again, and wait until the target has it. Raises CouldNotRun."""
        scene, first = self.scene, BEFORE + MORE + 2
        self.notes.phase(GOES_ON, f"writing and reading on {scene.canary.settings.source.alias} again")
        answers: list[Written] = []

        def refused() -> str:
            answers[:] = scene.source.write([first], fenced=True)
            return answers[0].error if answers and answers[0].kind == "refused" else ""

        until(refused, OPEN_SECONDS)
        self.notes.written(answers)
        if not answers or answers[0].kind != "accepted":
            return
        last = first + AFTER - 1
        if not self.write(range(first + 1, last + 1)):
            return
        self.read(str(last))
        self.notes.phase(COUNT, "waiting until the target has the last record")
        until(lambda: "" if self._has(last) else "late", scene.canary.patience)
        self.notes.stored(one.record for one in scene.clusters.copied())

    def _not_mirrored(self) -> str:
        canary = self.scene.canary
        there = {one.record for one in self.scene.clusters.copied()}
        if missing := sum(str(number) not in there for number in range(1, BEFORE + 1)):
            return f"topic {canary.copy} on the target lacks {missing} of {BEFORE} records"
        if self.scene.clusters.committed() is None:
            return f"MM2 has not translated group {canary.group}"
        return ""

    def _has(self, number: int) -> bool:
        return any(one.record == str(number) for one in self.scene.clusters.copied())

    def write(self, numbers: Iterable[int]) -> bool:
        """Write records; whether all of them were accepted."""
        return self.notes.written(self.scene.source.write(numbers))

    def read(self, last: str) -> None:
        """Read as the group, and record it: at first only this run's records. Raises CouldNotRun."""
        names = self.scene.source.read(last)
        mine = [one for one in names if one.isdecimal()]
        self.notes.read(self.scene.canary.group, mine if int(last) <= READ else names)
