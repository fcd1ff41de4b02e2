"""Runs a drill: starts the load and the cutover, records what both tell, and directs the load by words.

The cutover is the very command that an operator runs, in a process of its own. Consumers leave the source
once the fence is proven, and all clients start on the target once it is promoted.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from mirror.cutover.drill.recording import Line, Mark, Seen, StepEvent, read_line
from mirror.problems import CouldNotRun, one_line

READY_SECONDS = 120.0
END_SECONDS = 180.0
_STOP_SECONDS = 10.0
_WORDS = {"prove-fence": ("leave",), "promote": ("consume", "produce")}
"""What the load is told once a step is done."""

Show = Callable[[str], None]


@dataclass(slots=True)
class Recorded:
    """The lines of both programs, in the order in which they came; each is written to the file at once."""

    file: IO[str]
    lines: list[Line] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, text: str, where: str) -> Line:
        """Keep a line. Raises CouldNotRun where it cannot be read."""
        line = read_line(text, where)
        with self._lock:
            self.file.write(text.rstrip("\n") + "\n")
            self.lines.append(line)
        return line

    def any(self, found: Callable[[Line], bool]) -> bool:
        """Whether one of the lines is so."""
        with self._lock:
            return any(map(found, self.lines))


class Load:
    """The program that writes and reads."""

    def __init__(self, argv: Sequence[str], folder: Path, recorded: Recorded) -> None:
        self._argv, self._recorded = list(argv), recorded
        self._failure: CouldNotRun | None = None
        try:
            self._process = subprocess.Popen(  # noqa: S603 - argv from the command line, no shell
                self._argv, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        except OSError as error:
            raise CouldNotRun(self._tried, one_line(error), "check --load") from error
        self._thread = threading.Thread(target=self._listen, name="load", daemon=True)
        self._thread.start()

    @property
    def _tried(self) -> str:
        return f"running the load {self._argv[0]}"

    def say(self, word: str) -> None:
        """Direct it. Raises CouldNotRun where it has ended."""
        self.check()
        if self._process.stdin is None:
            raise TypeError("the load was started without stdin")
        try:
            self._process.stdin.write(f"{word}\n")
            self._process.stdin.flush()
        except OSError as error:
            raise self._ended() from error

    def check(self) -> None:
        """Raise CouldNotRun where it has ended, or told something that cannot be read."""
        if self._failure is not None:
            raise self._failure
        if self._process.poll() is not None:
            raise self._ended()

    def wait_for(self, name: str, seconds: float) -> None:
        """Wait for one of its marks. Raises CouldNotRun."""
        deadline = time.monotonic() + seconds
        while not self._recorded.any(lambda one: isinstance(one, Mark) and one.name == name):
            self.check()
            if time.monotonic() > deadline:
                raise CouldNotRun(self._tried, f"it was not {name} within {seconds:.0f} s", "see its output")
            time.sleep(0.1)

    def complete(self, seconds: float) -> None:
        """Let it end by itself. Raises CouldNotRun where it fails, or takes longer."""
        self.say("end")
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise CouldNotRun(self._tried, f"it did not end in {seconds:.0f} s", "see its output") from error
        self._thread.join()
        if self._failure is not None:
            raise self._failure
        if code:
            raise self._ended()

    def stop(self) -> None:
        """End it, whatever it does."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._thread.join(_STOP_SECONDS)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):  # a word that it no longer reads
                    pipe.close()

    def _ended(self) -> CouldNotRun:
        code = self._process.wait()
        return CouldNotRun(self._tried, f"it ended with {code}", "see its messages on stderr")

    def _listen(self) -> None:
        for number, text in enumerate(self._process.stdout or (), 1):
            try:
                self._recorded.add(text, f"the load's output, line {number}")
            except CouldNotRun as error:
                self._failure = error
                return


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
    running = Load(load, folder, recorded)
    try:
        running.wait_for("ready", READY_SECONDS)
        promoted = _cut_over(cutover, folder, recorded, running, show)
        if promoted:
            show(f"clients work on the target for {after_seconds:.0f} s")
            _wait_for_target(recorded, running, after_seconds)
        show("ending the load, and reading what the target has")
        running.complete(END_SECONDS)
    finally:
        running.stop()
    return recorded.lines


def _cut_over(argv: Sequence[str], folder: Path, recorded: Recorded, load: Load, show: Show) -> bool:
    """Run the cutover; whether it has promoted the target."""
    promoted = False
    with subprocess.Popen(list(argv), cwd=folder, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        for number, text in enumerate(process.stdout or (), 1):
            event = recorded.add(text, f"the cutover's output, line {number}")
            if not isinstance(event, StepEvent):
                continue
            show(f"{event.step}: {event.text}" if event.step else event.text)
            if event.kind == "done":
                promoted = promoted or event.step == "promote"
                for word in _WORDS.get(event.step, ()):
                    load.say(word)
    if process.returncode not in (0, 1):
        raise CouldNotRun(
            "running the cutover", f"it ended with {process.returncode}", "see its message on stderr"
        )
    return promoted


def _wait_for_target(recorded: Recorded, load: Load, seconds: float) -> None:
    """Wait until the target accepts records, and then for so many seconds."""

    def accepted(one: Line) -> bool:
        return isinstance(one, Seen) and one.kind == "accepted" and one.side == "target"

    deadline = time.monotonic() + READY_SECONDS
    while not recorded.any(accepted):
        load.check()
        if time.monotonic() > deadline:
            return  # the report says so
        time.sleep(0.1)
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        load.check()
        time.sleep(0.2)


def json_events(argv: Sequence[str]) -> list[str]:
    """Return the argv of the cutover with what a drill adds to it."""
    return [*argv, "--yes", "--output", "json", "--quiet"]


def recording(path: Path) -> list[str]:
    """Return the lines of a recording. Raises CouldNotRun."""
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CouldNotRun(
            f"reading the recording {path}", one_line(error), "name a file of a drill"
        ) from error
