"""The report of a failover, or of its rehearsal: the incident's document. Pure, but for `report_of`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mirror.cutover.earlier_mirror import copies_again
from mirror.cutover.failover.first_placed import first_reported
from mirror.cutover.failover.loss import moment
from mirror.cutover.failover.place_groups import FIRST, NAME, PLACED
from mirror.cutover.failover.placement import placements
from mirror.cutover.failover.scene import Scene
from mirror.cutover.failover.steps import GROUPS, MISSING
from mirror.cutover.failover.stop_mirror import STOP_SECONDS
from mirror.cutover.step import JSON, Journal, Verdict, World
from mirror.mm2.phase import REPLICATE, phase_of
from mirror.problems import CouldNotRun
from mirror.text.failures import reason_of
from mirror.text.numbers import counted

VERSION = 1


@dataclass(frozen=True, slots=True)
class FailoverReport:
    """One document. `seconds`: how long the command has run so far. `missing`, `groups`: as JSON, because an
    earlier run may have written them down. `problem`: why the target could not be read."""

    mirror: str
    source: str
    target: str
    at: float
    seconds: float
    rehearsal: bool
    steps: Sequence[tuple[str, Verdict]]
    source_seen: Mapping[str, JSON]
    missing: Mapping[str, JSON]
    groups: Mapping[str, Mapping[str, JSON]]
    holder: str = ""
    events: Sequence[Mapping[str, JSON]] = field(default_factory=tuple)
    problem: str = ""

    @property
    def blocked(self) -> bool:
        """Whether a person has to decide before the failover can go on."""
        return bool(self.holder) or any(verdict.state == "blocked" for _, verdict in self.steps)

    @property
    def verdict(self) -> str:
        """One sentence for the first line."""
        if self.blocked:
            return "BLOCKED: a step needs a decision"
        if self.rehearsal:
            left = [name for name, one in self.steps if one.state != "done"]
            return f"POSSIBLE NOW: {counted(len(left), 'step')} to do" if left else "DONE: nothing is to do"
        done = all(verdict.state == "done" for _, verdict in self.steps)
        return "DONE" if done else "NOT DONE: run the command again"

    @property
    def duration(self) -> str:
        """How long a failover takes, as far as a rehearsal can tell; how long one has taken."""
        if not self.rehearsal:
            return f"the command ran for {self.seconds:.1f} s"
        return (
            f"everything was read in {self.seconds:.1f} s; the mirror's tasks end in some seconds more, at "
            f"most in {STOP_SECONDS:.0f} s. Clients do not wait for the last step, in which Connect confirms "
            "the stop: about a minute while the source is dead"
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "version": VERSION,
            "mirror": self.mirror,
            "source": self.source,
            "target": self.target,
            "at": moment(self.at),
            "seconds": round(self.seconds, 3),
            "rehearsal": self.rehearsal,
            "verdict": self.verdict,
            "duration": self.duration,
            "source_look": dict(self.source_seen),
            "steps": [{"step": name, **verdict.to_json()} for name, verdict in self.steps],
            "missing": dict(self.missing),
            "groups": {name: dict(one) for name, one in self.groups.items()},
            "holder": self.holder,
            "problem": self.problem,
            "events": [dict(one) for one in self.events],
        }


def report_of(
    world: World,
    scene: Scene,
    journal: Journal,
    steps: Sequence[tuple[str, Verdict]],
    *,
    at: float,
    began: float,
    events: Sequence[Mapping[str, JSON]],
    holder: str = "",
) -> FailoverReport:
    """Collect everything. What cannot be read any more is what was written down at the promotion."""
    problem = ""
    missing: Mapping[str, JSON] | None = None
    groups: Mapping[str, Mapping[str, JSON]] | None = None
    rolled_back = False
    try:
        if scene.final is not None:
            missing, groups = scene.final.to_json(), scene.final_groups
        elif phase_of(resource := world.resource()) != REPLICATE:
            # Of a mirror that replicates, the journal may have those of a promotion that was begun before.
            missing, groups = journal.kept("promote", MISSING), journal.kept("promote", GROUPS)
        else:
            rolled_back = copies_again(resource, world.settings.source.alias)
        if missing is None:
            missing = scene.loss().to_json()
        if groups is None:
            first = None if rolled_back else journal.kept(NAME, FIRST)
            groups = first_reported(first, placements(scene.target().known))
    except CouldNotRun as error:
        problem = reason_of(error)
    placed = () if rolled_back else (journal.kept(NAME, PLACED) or {}).items()
    groups = {**(groups or {}), **{group: {**how, "state": "placed"} for group, how in placed}}
    settings = world.settings
    return FailoverReport(
        settings.mirror.name,
        settings.source.alias,
        settings.target.alias,
        at,
        at - began,
        scene.rehearsal,
        steps,
        scene.source().to_json(),
        missing or {},
        groups,
        holder,
        events,
        problem or scene.last_look_problem,
    )
