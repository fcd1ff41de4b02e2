"""Writes the recording of a canary: phases, records, and the events of the commands that it runs."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mirror.cutover.canary.judge import COMMAND
from mirror.cutover.canary.records import Written
from mirror.cutover.drill.program import Recorded
from mirror.cutover.drill.recording import Kind, Side, StepEvent
from mirror.cutover.drill.run import Show
from mirror.exit_codes import FOUND, PROVEN
from mirror.problems import CouldNotRun


@dataclass(frozen=True, slots=True)
class Notes:
    """`topic`: the stream of every record. `folder`: where commands run."""

    recorded: Recorded
    show: Show
    topic: str
    folder: Path

    def phase(self, name: str, text: str) -> None:
        """Record that a phase begins."""
        self.add({"event": "phase", "at": _now(), "name": name})
        self.show(text)

    def document(self, name: str, content: Mapping[str, Any]) -> None:
        """Record what the judgement needs."""
        self.add({"event": "document", "at": _now(), "name": name, "content": content})

    def written(self, answers: Iterable[Written]) -> bool:
        """Record what the source said; whether it has accepted everything."""
        every = True
        for one in answers:
            more = {"error": one.error} if one.error else {}
            self._seen(one.kind, one.at, "source", one.record, **more)
            every = every and one.kind == "accepted"
        return every

    def read(self, group: str, records: Iterable[str]) -> None:
        """Record what the group read at the source."""
        for record in records:
            self._seen("read", _now(), "source", record, group=group)

    def stored(self, records: Iterable[str]) -> None:
        """Record what of this run the target has."""
        for record in records:
            if record.isdecimal():
                self._seen("stored", _now(), "target", record)

    def command(self, name: str, argv: Sequence[str]) -> int:
        """Run a command that prints an event a line, and return its exit code. Raises CouldNotRun where it
        could not run.
        """
        with subprocess.Popen(  # noqa: S603 - argv of this program, no shell
            list(argv), cwd=self.folder, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                for number, text in enumerate(process.stdout or (), 1):
                    event = self.recorded.add(text, f"the output of {name}, line {number}")
                    if isinstance(event, StepEvent):
                        self.show(f"{event.step}: {event.text}" if event.step else event.text)
            finally:
                # Also after Ctrl-C: a rollback must not begin while the command still holds the lease.
                process.wait()
        self.document(COMMAND, {"name": name, "code": process.returncode})
        if process.returncode not in (PROVEN, FOUND):
            raise CouldNotRun(
                f"running `{name}`",
                f"it ended with {process.returncode}",
                "see its message above and `region-mirror cutover status`, then run the drill again: it "
                "rolls back first what is left",
            )
        return process.returncode

    def add(self, line: Mapping[str, Any]) -> None:
        """Record a line."""
        self.recorded.add(json.dumps(line), "the canary")

    def _seen(self, kind: Kind, at: float, side: Side, record: str, **more: str) -> None:
        line = {"event": kind, "at": at, "side": side, "stream": self.topic, "record": record}
        self.add({**line, **more})


def _now() -> float:
    return round(time.time(), 4)
