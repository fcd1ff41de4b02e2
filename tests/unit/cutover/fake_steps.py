"""Steps of a cutover whose world is a list of the names of those that are done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

from mirror.cutover.engine import Clock, Engine
from mirror.cutover.events import Event
from mirror.cutover.step import Verdict, World
from mirror.problems import CouldNotRun

NAMES = ("fence", "prove-fence", "drain", "promote")


class Killed(BaseException):
    """The process is gone."""


@dataclass
class FakeWorld:
    """`done`: what the world says of each step; `fall_after`: dies right after the change of this step."""

    done: list[str] = field(default_factory=list)
    did: list[str] = field(default_factory=list)
    fall_after: str = ""


@dataclass
class Fake:
    name: str
    lasting: bool = False
    patience: float = 10.0
    blocked: str = ""
    slow: int = 0
    fails_undo: bool = False
    leaves: str | None = None

    def look(self, world: World) -> Verdict:
        there = cast(FakeWorld, world)
        if self.blocked:
            return Verdict("blocked", self.blocked, "ask somebody")
        if self.name not in there.done:
            return Verdict("todo", f"{self.name} is to do")
        if self.slow:
            self.slow -= 1
            return Verdict("waiting", f"{self.name} waits", remaining=self.slow)
        return Verdict("done", f"{self.name} is done")

    def do(self, world: World, journal: Any) -> None:
        there = cast(FakeWorld, world)
        there.did.append(self.name)
        there.done.append(self.name)
        if there.fall_after == self.name:
            there.fall_after = ""
            raise Killed

    def undo(self, world: World, journal: Any) -> str | None:
        if self.fails_undo:
            raise CouldNotRun(f"undoing {self.name}", "no answer", "check the API")
        there = cast(FakeWorld, world)
        if self.name in there.done:
            there.done.remove(self.name)
        return self.leaves


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def engine(world: FakeWorld, *steps: Fake) -> tuple[Engine, list[Event]]:
    told: list[Event] = []
    clock = Time()
    made = Engine(
        steps,
        cast(World, world),
        cast(Any, None),
        told.append,
        clock=Clock(lambda: clock.now, clock.sleep),
    )
    return made, told


def all_steps(**changes: Fake) -> list[Fake]:
    return [changes.get(name.replace("-", "_"), Fake(name, lasting=name == "fence")) for name in NAMES]
