"""Runs the drill of the disaster: directs the load and the outage, and runs the commands of an operator.

Every command is the very one that an operator types, in a process of its own. What it reports, and when each
phase begins, is recorded beside the lines of the load.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from mirror.cutover.drill.disaster import phases
from mirror.cutover.drill.disaster.commands import Watch, json_object, of_failover, of_recover, run_command
from mirror.cutover.drill.disaster.judge import FAILED, WHOLE
from mirror.cutover.drill.program import Program, Recorded
from mirror.cutover.drill.recording import Line
from mirror.cutover.drill.run import END_SECONDS, READY_SECONDS, Show, Words, move, wait_for_writes
from mirror.exit_codes import FOUND, PROVEN
from mirror.problems import CouldNotRun

BACK_SECONDS = 240.0
UNDECIDED_SECONDS = 180.0
"""Kafka aborts open transactions after `transaction.timeout.ms`, a minute by default."""
MEASURED_SECONDS = 240.0
_TO_TARGET: Words = {"place-groups": ("consume",), "promote": ("produce",)}
_HOME: Words = {"prove-fence": ("leave",), "unfence-target": ("consume source", "produce source")}
"""Producers may write at home once the fence that `recover --fence` left there is removed."""


@dataclass(frozen=True, slots=True)
class Commands:
    """What an operator types, as argv. `report`: the file to which `failover` writes its report; `user`: the
    file for the manifest that `source_user` prints; `fence`: options that make `recover` fence the source.
    """

    watch: Sequence[str]
    failover: Sequence[str]
    report: Path
    recover: Sequence[str]
    fence: Sequence[str]
    reverse: Sequence[str]
    source_user: Sequence[str]
    user: Path
    deploy: Sequence[Sequence[str]]
    home: Sequence[str]


@dataclass(frozen=True, slots=True)
class Plan:
    """One drill. `under_load`, `after`: seconds before the kill, and seconds on each side after a move;
    `whole`: go on until production is home.
    """

    load: Sequence[str]
    outage: Sequence[str]
    commands: Commands
    folder: Path
    under_load: float
    after: float
    whole: bool


def drill_disaster(plan: Plan, file: IO[str], show: Show) -> list[Line]:
    """Run it, and return what was recorded. Raises CouldNotRun; the source comes back in any case."""
    recorded = Recorded(file)
    run = _Run(plan, recorded, show)
    run.document(WHOLE, {WHOLE: plan.whole})
    outage = Program(plan.outage, plan.folder, recorded, "outage", BACK_SECONDS)
    try:
        load = Program(plan.load, plan.folder, recorded)
        try:
            run.everything(load, outage)
        finally:
            load.stop()
    finally:
        show("the source has to be back")
        outage.stop()
    return recorded.lines


@dataclass(frozen=True, slots=True)
class _Run:
    plan: Plan
    recorded: Recorded
    show: Show

    def everything(self, load: Program, outage: Program) -> None:
        """All phases; a move that promotes nothing is the last one."""
        self.phase(phases.AT_SOURCE, "starting the load")
        load.wait_for("ready", READY_SECONDS)
        with Watch(self.plan.commands.watch, self.plan.folder) as watch:
            watch.wait(load)
            _sleep(self.plan.under_load, load)
            self.phase(phases.KILL, "killing the source")
            outage.say("kill")
            outage.wait_for(phases.KILLED, READY_SECONDS)
            load.say("abandon")
        if self._fail_over(load) and self.plan.whole:
            try:
                self._come_home(load, outage)
            except CouldNotRun as error:  # the records are accounted for all the same
                load.check()
                self.document(FAILED, {"text": str(error)})
        self.phase(phases.COUNT, "ending the load, and reading every log")
        load.complete(END_SECONDS)

    def _fail_over(self, load: Program) -> bool:
        plan, commands = self.plan, self.plan.commands
        self.phase(phases.FAILOVER, "failing over")
        promoted = move(
            commands.failover, plan.folder, self.recorded, load, self.show, _TO_TARGET, phases.FAILOVER
        )
        if commands.report.exists():
            found = json_object(commands.report.read_text(encoding="utf-8"), "the failover's report")
            self.document(phases.FAILOVER, of_failover(found))
        if promoted:
            self.phase(phases.AT_TARGET, "production goes on on the target")
            wait_for_writes(self.recorded, load, "target", 0.0, plan.after)
            load.say("plain")
            load.wait_for("measured", MEASURED_SECONDS)
        return promoted

    def _come_home(self, load: Program, outage: Program) -> None:
        plan, commands = self.plan, self.plan.commands
        self.phase(phases.SOURCE_BACK, "the source comes back")
        outage.say("restore")
        outage.wait_for(phases.RESTORED, BACK_SECONDS)
        self.phase(phases.RECOVER, "recovering what never crossed")
        self._recover()
        self.phase(phases.REVERSE, "writing the stack file of the way back")
        self.command(commands.reverse)
        commands.user.write_text(self.command(commands.source_user), encoding="utf-8")
        outage.say(f"user {commands.user}")
        outage.wait_for("user", READY_SECONDS)
        self.phase(phases.WAY_BACK, "deploying the way back")
        for one in commands.deploy:
            self.command(one)
        began = self.phase(phases.HOME, "moving production home")
        if move(commands.home, plan.folder, self.recorded, load, self.show, _HOME):
            wait_for_writes(self.recorded, load, "source", began, plan.after)

    def _recover(self) -> None:
        """List, then write, until nothing is behind open transactions any more."""
        argv, deadline = self.plan.commands.recover, time.monotonic() + UNDECIDED_SECONDS
        # The old region is fenced first: what clients write there later would be on no other cluster.
        listed = self.command([*argv, *self.plan.commands.fence, "--yes"], (PROVEN, FOUND))
        self.document(phases.RECOVER, of_recover(json_object(listed, "recover")))
        while True:
            found = json_object(self.command([*argv, "--write", "--yes"], (PROVEN, FOUND)), "recover --write")
            self.document(phases.RECOVER, of_recover(found))
            if not found["undecided"] or time.monotonic() > deadline:
                return
            time.sleep(5)

    def phase(self, name: str, text: str) -> float:
        """Record that a phase begins, and when."""
        at = round(time.time(), 4)
        self._add({"event": "phase", "at": at, "name": name})
        self.show(text)
        return at

    def document(self, name: str, content: Mapping[str, Any]) -> None:
        """Record what a command has reported."""
        self._add({"event": "document", "at": round(time.time(), 4), "name": name, "content": content})

    def _add(self, line: Mapping[str, Any]) -> None:
        self.recorded.add(json.dumps(line), "the drill")

    def command(self, argv: Sequence[str], fine: Sequence[int] = (PROVEN,)) -> str:
        """Run a command in the drill's folder, and return its output. Raises CouldNotRun."""
        return run_command(argv, self.plan.folder, fine)


def _sleep(seconds: float, load: Program) -> None:
    ends = time.monotonic() + seconds
    while (left := ends - time.monotonic()) > 0:
        load.check()
        time.sleep(min(left, 0.2))
