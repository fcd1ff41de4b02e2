"""Walks the steps of a cutover forward, and back until the promotion.

The engine keeps no state: it asks each step what the world is like. So it continues after a kill at any
point.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

from mirror.cutover.events import Event, Kind, Tell
from mirror.cutover.step import Journal, Step, Verdict, World
from mirror.problems import AlreadyChanged, CouldNotConnect, CouldNotRead, CouldNotRun
from mirror.text.waiting import pauses

HARMLESS = frozenset({"stop-producers", "fence", "prove-fence"})
"""Steps whose failure the engine rolls back by itself: nothing has been moved yet."""
POLL_SECONDS = 0.5
"""The longest pause between two looks; the first ones, and those after a change, are shorter."""
REFUSED_SECONDS = 30.0
"""For so long a step acts again where one request of it is refused, as by a broker that restarts."""
HOLD_SECONDS = 5.0
"""Interval at which lasting steps are looked at again while a later step waits."""

Action = Literal["next", "act", "wait", "stop", "late"]
Outcome = Literal["nothing-to-do", "done", "stopped", "rolled-back", "still-fenced"]


@dataclass(frozen=True, slots=True)
class Clock:
    """Time and waiting; tests give others. `now` measures: a clock that is set must neither end a step early
    nor keep the fence from being looked at. `wall` dates events, in seconds since the epoch."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    wall: Callable[[], float] = time.time


def decide(verdict: Verdict, waited: float, patience: float, *, acted: bool) -> Action:
    """Return what to do after a look. A step that waits beyond its patience is late, and so is one that is
    still to do after it has acted.
    """
    if verdict.state == "done":
        return "next"
    if verdict.state == "blocked":
        return "stop"
    if waited > patience and (acted or verdict.state == "waiting"):
        return "late"
    return "act" if verdict.state == "todo" else "wait"


def selected(steps: Sequence[Step], until: str) -> list[Step]:
    """Return the steps up to and including `until`; all for "". Raises CouldNotRun for an unknown name."""
    names = [step.name for step in steps]
    if not until:
        return list(steps)
    if until not in names:
        raise CouldNotRun(
            "reading the command line", f"--until {until}: there is no such step", f"use {', '.join(names)}"
        )
    return list(steps[: names.index(until) + 1])


@dataclass(slots=True)
class Engine:
    """One walk over the steps. `held` raises CouldNotRun where the lease of this operator is lost."""

    steps: Sequence[Step]
    world: World
    journal: Journal
    tell: Tell
    held: Callable[[], None] = lambda: None
    clock: Clock = field(default_factory=Clock)
    stays: str = "THE SOURCE STAYS FENCED: its producers are still refused"
    """What holds while an undo has failed."""
    rollback: str = "cutover rollback"
    """The command that goes back."""
    moved: Callable[[], bool] = lambda: False
    """Whether a run has gone beyond the steps that are HARMLESS: this one, or an earlier one."""
    _acted: list[str] = field(default_factory=list)
    _looked_at: float = 0.0

    def forward(self, until: str = "") -> Outcome:
        """Walk to the last step. Raises CouldNotRun where the world cannot be read or changed; the next run
        continues there.
        """
        lasting: list[Step] = []
        for step in selected(self.steps, until):
            stopped = self._walk(step, lasting)
            if stopped is not None:
                return self._stop(step, stopped)
            if step.lasting:
                lasting.append(step)
        if not self._acted:
            self._say("ended", "nothing to do: every step is done")
            return "nothing-to-do"
        self._say("ended", f"done: {', '.join(self._acted)}")
        return "done"

    def _walk(self, step: Step, lasting: Sequence[Step]) -> Verdict | None:
        """Bring one step to its end. Return the verdict that stops the command, or None."""
        began, last, acted = self.clock.now(), None, False
        failing: float | None = None  # since when each attempt to act has failed
        pause: Iterator[float] = pauses(POLL_SECONDS)
        while True:
            verdict = self._look(step)
            seconds = self.clock.now() - began
            action = decide(verdict, seconds, step.patience, acted=acted)
            if action == "next":
                self._say("done", verdict.text, step, verdict, seconds)
                return None
            if verdict != last:
                self._say("looked", verdict.text, step, verdict, seconds)
                last = verdict
            if action == "stop":
                return verdict
            if action == "late":
                return _late(verdict, step.patience, self.rollback)
            gone = self._gone(lasting, always=action == "act")
            if gone is not None and gone.state == "blocked":
                return gone
            if gone is not None:  # nothing is changed while nobody can tell whether it is fenced
                if seconds > max(one.patience for one in (step, *lasting)):
                    return _late(gone, seconds, self.rollback)
            elif action == "act":
                failing = self._act(step, verdict, failing)
                # What `do` has waited for is seen at once; a step that acts again and again has pauses.
                acted, pause = True, pause if acted else chain((0.0,), pauses(POLL_SECONDS))
            self.clock.sleep(next(pause))

    def _act(self, step: Step, verdict: Verdict, failing: float | None) -> float | None:
        """Let a step act, and return None, or since when it fails (`failing`: as of the attempt before). Once
        this run has changed something before, a request that is not answered is sent again; one that is
        refused, for some time only. Not of a step without patience: it would be late."""
        try:
            self.held()
            if step.name not in self._acted:
                self._acted.append(step.name)
                self._say("acting", verdict.text, step, verdict)
            step.do(self.world, self.journal)
        except (CouldNotConnect, CouldNotRead, AlreadyChanged) as error:
            now = self.clock.now()
            since = now if failing is None else failing
            for_good = now - since > REFUSED_SECONDS and not isinstance(error, CouldNotConnect)
            if for_good or not step.patience or self._acted in ([], [step.name]):
                raise
            if failing is None:
                self._say("looked", f"{error.tried}: {error.happened}", step, remedy=error.way_out)
            return since
        return None

    def _look(self, step: Step) -> Verdict:
        """Look at a step. Once this run has changed something, a cluster that does not answer is awaited, and
        so is a broker that is restarted meanwhile."""
        try:
            return step.look(self.world)
        except (CouldNotConnect, CouldNotRead) as error:
            if not self._acted:
                raise
            return Verdict("waiting", f"{error.tried}: {error.happened}", error.way_out)

    def _gone(self, lasting: Sequence[Step], *, always: bool) -> Verdict | None:
        """Return a verdict where an earlier step that must remain done is not done any more, or where a
        cluster that answers does not tell. One that does not answer at all may be lost, and stops nothing."""
        now = self.clock.now()
        if not always and now - self._looked_at < HOLD_SECONDS:
            return None
        self._looked_at = now
        for step in lasting:
            try:
                verdict = step.look(self.world)
            except (CouldNotConnect, CouldNotRead) as error:
                if not self._acted:
                    raise
                if isinstance(error, CouldNotRead):
                    return Verdict("waiting", f"{error.tried}: {error.happened}", error.way_out)
                continue
            if verdict.state not in ("done", "waiting"):
                text = f"step {step.name} is no longer done: {verdict.text}"
                return Verdict("blocked", text, verdict.remedy, verdict.evidence)
        return None

    def _stop(self, step: Step, verdict: Verdict) -> Outcome:
        self._say("stopped", verdict.text, step, verdict, remedy=verdict.remedy)
        if step.name in HARMLESS and "fence" in self._acted and not self.moved():
            self._say("looked", "nothing has been moved yet, so the fence is removed again", step)
            ours = {step.name, *self._acted} & HARMLESS
            return self.back(of=[one for one in self.steps if one.name in ours])
        return "stopped"

    def back(self, of: Sequence[Step] | None = None) -> Outcome:
        """Undo the steps in reverse order. An undo that fails ends the walk: the source stays fenced."""
        undone = set()
        for step in reversed(self.steps if of is None else of):
            try:
                self.held()
                self._say("undoing", f"undoing {step.name}", step)
                left = step.undo(self.world, self.journal)
            except CouldNotRun as error:
                left = (
                    "The source accepts records again, but not all of its workloads run"
                    if "fence" in undone
                    else self.stays
                )
                text = f"undoing {step.name} FAILED: {error.tried}: {error.happened}. {left}"
                remedy = f"{error.way_out}; then run `{self.rollback}` again"
                self._say("undo-failed", text, step, remedy=remedy)
                return "still-fenced"
            undone.add(step.name)
            self._say("undone", left or "nothing of it is left", step)
        every = "rolled back: every step is undone"
        mine = f"what this run has changed is undone; `{self.rollback}` also undoes what earlier ones have"
        self._say("ended", every if of is None else mine)
        return "rolled-back"

    def _say(
        self,
        kind: Kind,
        text: str,
        step: Step | None = None,
        verdict: Verdict | None = None,
        seconds: float | None = None,
        remedy: str = "",
    ) -> None:
        name = step.name if step else ""
        self.tell(Event(kind, self.clock.wall(), text, name, verdict, seconds, remedy))


def _late(verdict: Verdict, patience: float, rollback: str) -> Verdict:
    text = f"not done after {patience:.0f} s: {verdict.text}"
    remedy = verdict.remedy or f"run the command again to continue, or `{rollback}`"
    return Verdict("blocked", text, remedy, verdict.evidence, verdict.remaining)
