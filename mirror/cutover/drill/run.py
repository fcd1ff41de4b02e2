"""Runs a drill: starts the load and the cutover, records what both tell, and directs the load by words.

The cutover is the very command that an operator runs, in a process of its own. Consumers leave the source
once the fence is proven, and all clients start on the target once it is promoted.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from mirror.cutover.drill.person import at_terminal
from mirror.cutover.drill.program import Program, Recorded
from mirror.cutover.drill.recording import AGREED, Line, Seen, Side, StepEvent
from mirror.problems import CouldNotRun
from mirror.text.files import file_problem

Show = Callable[[str], None]
Words = Mapping[str, Sequence[str]]

READY_SECONDS = 120.0
END_SECONDS = 180.0
_WORDS: Words = {"prove-fence": ("leave",), "promote": ("consume", "produce")}
"""What the load is told once a step is done."""


def drill(
    load: Sequence[str],
    cutover: Sequence[str],
    folder: Path,
    file: IO[str],
    show: Show,
    after_seconds: float,
) -> list[Line]:
    """Run it, and return what was recorded. `cutover`: the command, which prints an event a line.
    `after_seconds`: how long clients work on the target. Raises CouldNotRun.
    """
    recorded = Recorded(file)
    show("starting the load")
    running = Program(load, folder, recorded)
    try:
        running.wait_for("ready", READY_SECONDS)
        promoted = move(cutover, folder, recorded, running, show, _WORDS)
        if promoted:
            show(f"clients work on the target for {after_seconds:.0f} s")
            wait_for_writes(recorded, running, "target", 0.0, after_seconds)
        show("ending the load, and reading what the target has")
        running.complete(END_SECONDS)
    finally:
        running.stop()
    return recorded.lines


def move(
    argv: Sequence[str],
    folder: Path,
    recorded: Recorded,
    load: Program,
    show: Show,
    words: Words,
    name: str = "cutover",
) -> bool:
    """Run a command that prints an event a line; whether it has promoted the target. `words`: what the load
    is told once a step is done. A command without `--yes` reports, and asks: a person agrees. Raises
    CouldNotRun.
    """
    promoted = False
    with ExitStack() as stack:
        person = stack.enter_context(at_terminal()) if "--yes" not in argv else None
        stdin = person.terminal if person else None
        process = stack.enter_context(
            subprocess.Popen(list(argv), cwd=folder, stdin=stdin, stdout=subprocess.PIPE, text=True)  # noqa: S603
        )
        for number, text in enumerate(process.stdout or (), 1):
            if person and person.agrees(text):
                recorded.add(json.dumps({"event": "mark", "at": time.time(), "name": AGREED}), "the drill")
                person = None
                continue
            event = recorded.add(text, f"the {name}'s output, line {number}")
            if not isinstance(event, StepEvent):
                continue
            show(f"{event.step}: {event.text}" if event.step else event.text)
            if event.kind == "done":
                promoted = promoted or event.step == "promote"
                for word in words.get(event.step, ()):
                    load.say(word)
    if process.returncode not in (0, 1):
        raise CouldNotRun(
            f"running the {name}", f"it ended with {process.returncode}", "see its message on stderr"
        )
    return promoted


def wait_for_writes(recorded: Recorded, load: Program, side: Side, since: float, more_seconds: float) -> None:
    """Wait until a side accepts records (`since`: seconds since the epoch), and then for so many seconds."""

    def accepted(one: Line) -> bool:
        return isinstance(one, Seen) and one.kind == "accepted" and one.side == side and one.at >= since

    deadline = time.monotonic() + READY_SECONDS
    while not recorded.any(accepted):
        load.check()
        if time.monotonic() > deadline:
            return  # the report says so
        time.sleep(0.1)
    ends = time.monotonic() + more_seconds
    while time.monotonic() < ends:
        load.check()
        time.sleep(0.2)


def json_events(argv: Sequence[str], *, asks: bool = False) -> list[str]:
    """Return the argv of a move with what a drill adds to it. `asks`: the person is asked, and agrees."""
    return [*argv, *(() if asks else ("--yes",)), "--output", "json", "--quiet"]


def recording(path: Path) -> list[str]:
    """Return the lines of a recording. Raises CouldNotRun."""
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CouldNotRun(
            f"reading the recording {path}", file_problem(error), "name a file of a drill"
        ) from error
