"""Steps of the set-up and the order they can run in. Pure: knows nothing of processes or files."""

from __future__ import annotations

import enum
import heapq
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


class Job(Protocol):
    """What a running step is given: the empty directory to fill, and a way to run commands."""

    @property
    def out(self) -> Path:
        """The empty directory that the step fills."""
        ...

    def run(self, command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str]) -> None:
        """Runs a command with its output in the step's log; raises `StepFailed` when it fails."""


@dataclass(frozen=True)
class Step:
    """One product: `<cache>/<name>/<key>/`, made by `run` once the steps in `needs` are there.

    `seconds` is the estimate on two cores with another step running beside it; `megabytes` is what the step
    adds to the disk at most, the clients' caches included. `registry` names the client it fetches with.
    """

    name: str
    key: str
    needs: tuple[str, ...]
    seconds: int
    megabytes: int
    registry: str
    run: Callable[[Job], None] = field(compare=False, repr=False)

    def product(self, root: Path) -> Path:
        """Where the product is, or will be, in the cache at `root`."""
        return root / self.name / self.key


class State(enum.Enum):
    """How far a step is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


def missing(steps: Sequence[Step], root: Path) -> list[Step]:
    """The steps whose product is not in the cache, in the same order."""
    return [step for step in steps if not step.product(root).is_dir()]


def check(steps: Sequence[Step]) -> None:
    """Raises ValueError when a need does not come before its step: no cycles, no unknown names."""
    seen: set[str] = set()
    for step in steps:
        if unmet := [need for need in step.needs if need not in seen]:
            raise ValueError(f"step {step.name} needs {', '.join(unmet)}, which must come before it")
        seen.add(step.name)


def ready(steps: Sequence[Step], states: Mapping[str, State], slots: int) -> list[Step]:
    """The waiting steps to start now: needs done, first come first served, never more than `slots` at once.

    A need that is not among `states` was there already.
    """
    free = slots - sum(1 for state in states.values() if state is State.RUNNING)
    can_start = [
        step
        for step in steps
        if states[step.name] is State.WAITING
        and all(states.get(need, State.DONE) is State.DONE for need in step.needs)
    ]
    return can_start[: max(free, 0)]


def seconds_left(
    steps: Sequence[Step], states: Mapping[str, State], elapsed: Mapping[str, float], slots: int
) -> float:
    """Estimated seconds until all is done: plays the rest of the schedule through with the estimates.

    A step that runs longer than estimated counts as about to end.
    """
    ends: list[tuple[float, str]] = []
    current = dict(states)
    for step in steps:
        if current[step.name] is State.RUNNING:
            heapq.heappush(ends, (max(0.0, step.seconds - elapsed.get(step.name, 0.0)), step.name))
    now = 0.0
    while True:
        for step in ready(steps, current, slots):
            current[step.name] = State.RUNNING
            heapq.heappush(ends, (now + step.seconds, step.name))
        if not ends:
            return now
        now, name = heapq.heappop(ends)
        current[name] = State.DONE


def without(steps: Sequence[Step], dropped: Collection[str]) -> list[Step]:
    """The steps without those named in `dropped`, which the user's own programs stand in for."""
    return [
        Step(
            s.name,
            s.key,
            tuple(n for n in s.needs if n not in dropped),
            s.seconds,
            s.megabytes,
            s.registry,
            s.run,
        )
        for s in steps
        if s.name not in dropped
    ]
