"""The step `promote`: stop both connectors for good, and mark the mirror as promoted.

The resource declares the connectors stopped, so they stay stopped when the source is back after an outage,
when a worker restarts, and when Strimzi reconciles. The annotation makes every `pulumi up` of a stack file
that would start them again end with the reason (`mirror.mm2.phase`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from manifests.metadata import PHASE, PROMOTED_AT, STATES_BEFORE
from manifests.strimzi.resource import CHECKPOINT_CONNECTOR, SOURCE_CONNECTOR
from mirror.cutover.connectors.change import (
    MANAGER,
    Patch,
    change,
    ownership_patch,
    settle,
    states_patch,
)
from mirror.cutover.connectors.judge import STOPPED, stopping
from mirror.cutover.connectors.read import both_connectors
from mirror.cutover.promoted_ends.record import (
    begin_record,
    forget_begun_record,
    forget_ends_of_earlier_mirror,
    record_ends,
)
from mirror.cutover.step import JSON, Journal, Verdict, World
from mirror.cutover.steps.renew_offsets import renew_offsets
from mirror.cutover.steps.stop_sync import SETTLE_SECONDS
from mirror.cutover.users.read import applying, let_write, without_write
from mirror.mm2.phase import PROMOTED, REPLICATE, phase_of
from mirror.problems import CouldNotConnect, CouldNotRun
from mirror.text.names import few
from mirror.text.numbers import counted
from mirror.text.waiting import until

_AWAY_SECONDS = 60.0
"""For so long the API of a control plane that is upgraded may be away."""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


Stopped = Callable[[World, Mapping[str, Any]], Verdict]
"""Judges from the KafkaMirrorMaker2 whether both connectors have stopped."""


def both_stopped(world: World, resource: Mapping[str, Any]) -> Verdict:
    """Whether Connect reports both connectors as stopped."""
    verdict = stopping(both_connectors(world, resource), "both connectors")
    return Verdict("done", "both connectors are stopped for good") if verdict.state == "done" else verdict


def may_run(world: World, resource: Mapping[str, Any]) -> Verdict | None:
    """Why MM2 of a promoted mirror may copy records now, or again; None where both connectors are stopped."""
    verdict = both_stopped(world, resource)
    if verdict.state == "done":
        return None
    remedy = verdict.remedy or "wait until Strimzi has stopped both connectors, then run the command again"
    if verdict.state == "todo":  # somebody has declared them to run since
        remedy = (
            "let whoever declares them to run (a stack file, GitOps) declare `mirror.phase: promoted`, and "
            "run the `region-mirror cutover` or `failover` that promoted the mirror again: it stops them. "
            "Once clients have gone home, both refuse that: set `state: stopped` of both connectors in the "
            "KafkaMirrorMaker2 with `kubectl edit`"
        )
    text = f"the mirror is promoted, but MM2 may still run: {verdict.text}"
    return Verdict("waiting" if verdict.state == "waiting" else "blocked", text, remedy)


@dataclass(frozen=True, slots=True)
class Promote:
    """The last step that touches the mirror; there is no undo after it."""

    name: str = "promote"
    patience: float = 300.0
    lasting: bool = False
    now: Callable[[], str] = field(default=_now, repr=False)
    users: Callable[[World], Mapping[str, Mapping[str, Any]]] = field(default=without_write, repr=False)
    """The copied users that may not write yet, with the `spec` that they ought to have."""
    stopped: Stopped = field(default=both_stopped, repr=False)
    """A failover is content with less than a cutover."""
    ends: Callable[[World, int], JSON] | None = field(default=None, repr=False)
    """Reads the ends of the copies on the target, where a connection is open already."""
    renew: Callable[[World, Journal], None] = field(default=renew_offsets, repr=False)
    """Renews old offsets of groups, which MM2 does not any more."""

    def look(self, world: World) -> Verdict:
        """Whether the mirror is marked, and Connect has ended both connectors. Raises CouldNotRun."""
        resource = world.resource()
        verdict = judge(world, resource, self.stopped)
        if verdict.state != "blocked" and (users := self.users(world)):
            many = counted(len(users), "copied user")
            told = f"{many} may not write on the target yet: {few(sorted(users))}"
            if lost := sorted(name for name, spec in users.items() if not spec.get("authorization")):
                told += f". Copies that lose their ACLs, as their originals have none any more: {few(lost)}"
            text = f"{verdict.text}; {told}" if verdict.state == "todo" else told
            return Verdict("todo", text, evidence=verdict.evidence)
        if verdict.state == "done" and (late := applying(world)):
            return late
        return verdict

    def do(self, world: World, journal: Journal) -> None:
        """Stop and mark the mirror in one change, give the resource back to Pulumi, then let copied users
        write. Raises CouldNotRun."""
        resource = world.resource()
        forget_ends_of_earlier_mirror(resource, world.settings, journal)
        first = phase_of(resource) == REPLICATE

        def marked(now: Mapping[str, Any]) -> Patch | None:
            if phase_of(now) == REPLICATE:
                journal.confirm()
            return promotion(now, world.settings.source.alias, self.now())

        if first:
            self.renew(world, journal)  # before consumers may come: they commit their own then
            begin_record(journal)
        try:
            change(
                world.target_kubernetes,
                world.resource,
                [marked, ownership_patch],
            )
            settle(
                world.target_kubernetes,
                world.resource,
                lambda now: self.stopped(world, now).state == "done",
                SETTLE_SECONDS,
            )
        except CouldNotRun:
            # The mirror may be marked nevertheless, as by a slow API, and a later call records no ends.
            if not first:
                raise
            if not _is_marked(world):
                forget_begun_record(journal)
                raise
        if first:
            # Before copied users may write. The ends of a later run are none: clients have written since, and
            # the way back would leave their records out. Then they are found by content.
            record_ends(world, journal, self.ends)
        let_write(world, self.users(world))

    def undo(self, world: World, journal: Journal) -> None:
        """Nothing before the promotion. Raises CouldNotRun after it: clients may have written to the target
        since, and the source does not have what they wrote."""
        if phase_of(world.resource()) != REPLICATE:
            raise CouldNotRun(
                f"rolling back mirror {world.settings.mirror.name}",
                "it was promoted: the source does not have what clients have written to the target since",
                "keep the target as the active cluster. To return to the source, mirror the other way round, "
                "as a mirror of its own (`region-mirror reverse` writes its stack file), and move again",
            )
        forget_begun_record(journal)


def _is_marked(world: World) -> bool:
    """Whether the mirror is promoted, once the API answers again. Raises CouldNotRun."""

    def away() -> str:
        try:
            world.resource()
        except CouldNotConnect as error:
            return error.happened
        return ""

    until(away, _AWAY_SECONDS)
    return phase_of(world.resource()) != REPLICATE


def judge(world: World, resource: Mapping[str, Any], stopped: Stopped = both_stopped) -> Verdict:
    """Judge the resource as it is now."""
    if phase_of(resource) == REPLICATE:
        return Verdict("todo", "the mirror is not marked as promoted yet", evidence={"phase": REPLICATE})
    rest = stopped(world, resource)
    if rest.state != "done":
        return rest
    if ownership_patch(resource) is not None:
        return Verdict("todo", f"Pulumi's fields of the resource still belong to {MANAGER}")
    return Verdict("done", f"the mirror is promoted: {rest.text}", remaining=0)


def promotion(resource: Mapping[str, Any], alias: str, at: str) -> Patch | None:
    """The patch that stops and marks the mirror; the time of an earlier promotion stays."""
    there = (resource.get("metadata") or {}).get("annotations") or {}
    annotations: dict[str, str | None] = {PROMOTED_AT: there.get(PROMOTED_AT) or at, STATES_BEFORE: None}
    if phase_of(resource) == REPLICATE:
        annotations[PHASE] = PROMOTED
    both = {SOURCE_CONNECTOR: STOPPED, CHECKPOINT_CONNECTOR: STOPPED}
    return states_patch(resource, alias, both, annotations)
