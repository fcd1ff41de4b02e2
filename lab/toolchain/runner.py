"""Runs the steps that are missing, side by side, each into its product directory in the cache."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lab.toolchain import graph
from lab.toolchain.cache import build_into
from lab.toolchain.graph import State, Step
from lab.toolchain.process import Children, StepFailed, Stopped

SLOTS = 2
_TICK = 0.5  # seconds between two looks of the display


@dataclass(frozen=True)
class Progress:
    """How far everything is: what a display draws."""

    steps: tuple[Step, ...]
    states: Mapping[str, State]
    elapsed: Mapping[str, float]
    seconds_left: float
    logs: Path


class Display(Protocol):
    """Shows progress to a person or a log."""

    def show(self, progress: Progress) -> None:
        """Show a state of the set-up in place of the last one."""
        ...


class SetupFailed(Exception):
    """A step failed; the text says all that a person needs to go on."""


@dataclass(frozen=True)
class _Job:
    out: Path
    log: Path
    children: Children

    def run(self, command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str]) -> None:
        self.children.run(command, cwd=cwd, env=env, log=self.log)


def run(steps: Sequence[Step], root: Path, display: Display, slots: int = SLOTS) -> None:
    """Makes all of `steps`. Call with the cache's lock held.

    Raises SetupFailed on the first failure. On it and on KeyboardInterrupt all running commands are ended and
    no half product is left; what was complete stays, so that the next run goes on from there.
    """
    logs = root / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    children = Children()
    states = {step.name: State.WAITING for step in steps}
    started: dict[str, float] = {}
    took: dict[str, float] = {}
    ended: queue.Queue[tuple[Step, BaseException | None]] = queue.Queue()
    threads: list[threading.Thread] = []

    def make(step: Step) -> None:
        log = logs / f"{step.name}.log"
        log.write_bytes(b"")
        try:
            build_into(step.product(root), lambda out: step.run(_Job(out, log, children)))
        except BaseException as error:
            ended.put((step, error))
        else:
            ended.put((step, None))

    def show() -> None:
        now = time.monotonic()
        elapsed = {name: took.get(name, now - start) for name, start in started.items()}
        left = graph.seconds_left(steps, states, elapsed, slots)
        display.show(Progress(tuple(steps), dict(states), elapsed, left, logs))

    try:
        while any(state is not State.DONE for state in states.values()):
            for step in graph.ready(steps, states, slots):
                states[step.name] = State.RUNNING
                started[step.name] = time.monotonic()
                threads.append(threading.Thread(target=make, args=(step,), daemon=True))
                threads[-1].start()
            show()
            try:
                step, error = ended.get(timeout=_TICK)
            except queue.Empty:
                continue
            took[step.name] = time.monotonic() - started[step.name]
            states[step.name] = State.FAILED if error else State.DONE
            if error:
                show()
                raise SetupFailed(explain(step, error, logs / f"{step.name}.log")) from error
        show()
    finally:
        children.stop()
        for thread in threads:
            thread.join()


def explain(step: Step, error: BaseException, log: Path) -> str:
    """One message about a failed step: what, with which command, its last words, the log, what to do."""
    lines = [f"The set-up stopped: step {step.name} failed."]
    if isinstance(error, StepFailed):
        lines += [f"  command: {error.command}", f"  ended with {error.code}; its last lines:"]
        lines += [f"    {line}" for line in error.tail if not line.startswith("$ ")]
    elif not isinstance(error, Stopped):
        lines.append(f"  {type(error).__name__}: {error}")
    lines += [f"  log: {log}", "Correct the cause and run it again: it continues where it stopped."]
    return "\n".join(lines)
