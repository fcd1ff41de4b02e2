"""A program of a drill in a process of its own: directed by words, it prints a line for all that it sees."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from mirror.cutover.drill.recording import Line, Mark, read_line
from mirror.cutover.programs import without_own_secrets
from mirror.problems import CouldNotRun, one_line

_STOP_SECONDS = 10.0


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


class Program:
    """A program of the drill, which is directed by words and prints a line for all that it sees: the load,
    which writes and reads, or the outage, which takes the source away.
    """

    def __init__(
        self, argv: Sequence[str], folder: Path, recorded: Recorded, name: str = "load", patience: float = 0.0
    ) -> None:
        """`patience`: seconds in which it may tidy up when it is stopped."""
        self._argv, self._recorded, self._name, self._patience = list(argv), recorded, name, patience
        self._failure: CouldNotRun | None = None
        try:
            self._process = subprocess.Popen(  # noqa: S603 - argv from the command line, no shell
                self._argv,
                cwd=folder,
                env=without_own_secrets(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                errors="replace",
            )
        except OSError as error:
            raise CouldNotRun(self._tried, one_line(error), f"check --{name}") from error
        self._thread = threading.Thread(target=self._listen, name=name, daemon=True)
        self._thread.start()

    @property
    def _tried(self) -> str:
        return f"running the {self._name} {self._argv[0]}"

    def say(self, word: str) -> None:
        """Direct it. Raises CouldNotRun where it has ended."""
        self.check()
        if self._process.stdin is None:
            raise TypeError("the program was started without stdin")
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
        if self._patience and self._process.stdin is not None:
            with suppress(OSError, subprocess.TimeoutExpired):
                self._process.stdin.close()
                self._process.wait(self._patience)
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
                self._recorded.add(text, f"the {self._name}'s output, line {number}")
            except CouldNotRun as error:
                self._failure = error
                return
