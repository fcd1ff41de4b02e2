"""The steps of a failover, in their order. Each judges the target as it is; none waits for the source."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from mirror.cutover.after_promotion import after_promotion
from mirror.cutover.failover import fence_mirror
from mirror.cutover.failover.first_placed import first_offsets, first_reported, in_journal
from mirror.cutover.failover.place_groups import FIRST, PlaceGroups
from mirror.cutover.failover.place_groups import NAME as PLACE_GROUPS
from mirror.cutover.failover.placement import placements
from mirror.cutover.failover.scene import Scene
from mirror.cutover.failover.source import judge_source, with_others, with_rollback
from mirror.cutover.failover.stop_mirror import ConfirmStop, StopMirror, enough
from mirror.cutover.failover.transactions import judge as judge_transactions
from mirror.cutover.failover.transactions import open_partitions
from mirror.cutover.mirrors_home import fenced_since, move_is_over
from mirror.cutover.open import source_kubernetes_of
from mirror.cutover.phase import already_promoted
from mirror.cutover.promoted_ends.journal_entries import RESUMES
from mirror.cutover.step import JSON, Journal, OnlyLooks, Step, Verdict, World
from mirror.cutover.steps.promote import Promote, both_stopped
from mirror.cutover.steps.renew_offsets import renew_by
from mirror.cutover.users.read import read_only_copies
from mirror.cutover.workloads.fleet import Fleet
from mirror.mm2.phase import REPLICATE, move_in_progress, phase_of, promoted_since
from mirror.problems import CouldNotRun
from settings.model import Settings

MISSING = "missing"
"""Key in the journal: what the target missed at its promotion."""

GROUPS = "groups"
"""Key in the journal, written at the promotion: how each group was placed. Its consumers read on from there.
"""
_PARTITIONS_KEPT = 200
"""In the journal, which is one ConfigMap. The report has all of them."""


@dataclass(frozen=True, slots=True)
class LookAtSource(OnlyLooks):
    """Refuses to fail over from a source that is well."""

    scene: Scene
    name: str = "look-at-source"
    patience: float = 0.0
    lasting: bool = False

    def look(self, world: World) -> Verdict:
        """Judge the one look of this command. Raises CouldNotRun."""
        resource = world.resource()
        seen = self.scene.source()
        if promoted := already_promoted(resource):
            over = self._over if seen.state == "healthy" else self._second
            return over(world, resource, promoted) or promoted
        verdict = judge_source(seen, source_is_alive=self.scene.options.source_is_alive)
        verdict = with_rollback(verdict, stopped=move_in_progress(resource) == "failover")
        return with_others(verdict, seen, world.settings.target.alias, self.scene.last_look(), time.time())

    def _second(self, world: World, resource: Mapping[str, Any], promoted: Verdict) -> Verdict | None:
        """Judge whether this is the second disaster, after a way home. A failover that is not complete
        is completed in any case. A fence by hand or by ACLs cannot be read here, so the person is told."""
        if both_stopped(world, resource).state != "done" or fence_mirror.has_rules(world):
            return None
        old, new = world.settings.source.alias, world.settings.target.alias
        told = (
            f"{promoted.text}, and has copied nothing since. If clients have moved back to {old} since, what "
            f"they wrote there is on {old} only: then start none of them on {new} before that is decided"
        )
        return fenced_since(world) or replace(promoted, text=told)

    def _over(self, world: World, resource: Mapping[str, Any], promoted: Verdict) -> Verdict | None:
        """Judge whether clients have gone home since, to a source that is well again: a Job that is applied
        again, or a pipeline's run, would start them on the target as well."""
        with suppress(CouldNotRun):
            there = source_kubernetes_of(world.settings, world.root)
            return move_is_over(replace(world, source_kubernetes=there), promoted_since(resource))
        return None


@dataclass(frozen=True, slots=True)
class EndTransactions(OnlyLooks):
    """Waits for MM2's own open transactions, and names what may be partial."""

    scene: Scene
    name: str = "end-transactions"
    patience: float = 120.0
    lasting: bool = False

    def look(self, world: World) -> Verdict:
        """Compare the target's stable ends with its ends. Raises CouldNotRun."""
        if promoted := already_promoted(world.resource()):
            return promoted
        seen = self.scene.target()
        return judge_transactions(
            open_partitions(seen.stable, seen.ends),
            seen.unread,
            self.scene.loss(),
            exactly_once=world.settings.mirror.exactly_once,
            accept_unread=self.scene.options.accept_unread_partitions,
        )


@dataclass(frozen=True, slots=True)
class PromoteWithoutSource:
    """Marks the mirror as promoted, as the cutover does. Copied users that may only read until then get their
    copied ACLs: those of the source cannot be read."""

    scene: Scene
    name: str = "promote"
    patience: float = 300.0
    lasting: bool = False

    @property
    def inner(self) -> Promote:
        """The step of a cutover, content with a stop that the dead source delays."""
        return Promote(
            users=read_only_copies,
            stopped=lambda world, resource: enough(world, resource, self.scene),
            ends=lambda world, limit: self.scene.ends(limit),
            renew=lambda world, journal: renew_by(world, journal, self.scene.checkpoints),
        )

    def look(self, world: World) -> Verdict:
        """Whether the mirror is marked, and copies nothing any more. Raises CouldNotRun."""
        return self.inner.look(world)

    def do(self, world: World, journal: Journal) -> None:
        """Write down what the target misses, and mark the mirror. Raises CouldNotRun."""
        at: JSON = None
        if phase_of(world.resource()) == REPLICATE:
            self.scene.final = self.scene.loss()
            journal.keep(self.name, MISSING, self.scene.final.to_json(_PARTITIONS_KEPT))
            placed = self.scene.placed or placements(self.scene.target().known)
            first = journal.kept(PLACE_GROUPS, FIRST)
            self.scene.final_groups = first_reported(first, placed)
            journal.keep(self.name, GROUPS, in_journal(first_reported(first, placed, offsets=0)))
            at = first_offsets(first, placed)

        def renew(world: World, journal: Journal) -> None:
            self.inner.renew(world, journal)
            if at is not None:  # right before the promotion, which has forgotten those of an earlier mirror
                journal.keep(self.name, RESUMES, at)

        replace(self.inner, renew=renew).do(world, journal)
        journal.forget(PLACE_GROUPS, FIRST)  # the promotion's own entries have it

    def undo(self, world: World, journal: Journal) -> None:
        """Nothing before the promotion. Raises CouldNotRun after it."""
        self.inner.undo(world, journal)


def without_source(settings: Settings) -> Settings:
    """Return the settings without workloads at the source, which a failover leaves alone."""
    cutover = settings.cutover
    return replace(
        settings,
        cutover=replace(cutover, workloads=tuple(one for one in cutover.workloads if one.side == "target")),
    )


def failover_steps(scene: Scene, settings: Settings) -> Sequence[Step]:
    """Return the steps of one command."""
    return (
        LookAtSource(scene),
        StopMirror(scene),
        EndTransactions(scene),
        PlaceGroups(scene),
        PromoteWithoutSource(scene),
        *after_promotion(settings, Fleet()),
        ConfirmStop(scene),
    )
