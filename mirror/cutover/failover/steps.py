"""The steps of a failover, in their order. Each judges the target as it is; none waits for the source."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from mirror.cutover.after_promotion import after_promotion
from mirror.cutover.failover import fence_mirror
from mirror.cutover.failover.groups import judge_groups, resumes
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
from mirror.offsets.applying import OffsetChange
from mirror.offsets.commit import commit
from mirror.offsets.table import OffsetRow
from mirror.problems import CouldNotRun
from mirror.text.numbers import counted
from settings.model import Settings

PLACED = "placed"
"""Key in the journal: how each group was placed, which cannot be read from the target afterwards."""

MISSING = "missing"
"""Key in the journal: what the target missed at its promotion."""

GROUPS = "groups"
"""Key in the journal, written at the promotion: how each group was placed. Its consumers read on from there.
"""
_PARTITIONS_KEPT, _GROUPS_KEPT = 200, 1_000
"""In the journal, which is one ConfigMap. The report has all of them."""
_RESUMES_BYTES = 150_000
"""Of the offsets at which groups resume, in the journal."""


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
            return over(world, resource) or promoted
        verdict = judge_source(seen, source_is_alive=self.scene.options.source_is_alive)
        verdict = with_rollback(verdict, stopped=move_in_progress(resource) == "failover")
        return with_others(verdict, seen, world.settings.target.alias, self.scene.last_look(), time.time())

    def _second(self, world: World, resource: Mapping[str, Any]) -> Verdict | None:
        """Judge whether this is the second disaster, after a way home. A failover that is not complete
        is completed in any case."""
        complete = both_stopped(world, resource).state == "done" and not fence_mirror.has_rules(world)
        return fenced_since(world) if complete else None

    def _over(self, world: World, resource: Mapping[str, Any]) -> Verdict | None:
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
        )


@dataclass(frozen=True, slots=True)
class PlaceGroups:
    """Sets the offsets of groups that have none on the target, as the mirror's user. Behind it consumers may
    read there: a task of MM2 that has not ended yet sets no offset of a group with members."""

    scene: Scene
    name: str = "place-groups"
    patience: float = 120.0
    lasting: bool = False

    def look(self, world: World) -> Verdict:
        """Judge where each group resumes. Raises CouldNotRun."""
        if promoted := already_promoted(world.resource()):
            return promoted
        found = placements(self.scene.target().known)
        verdict = judge_groups(found, self.scene.target().checkpoints_unread)
        self.scene.placed = found if verdict.state == "done" else None
        return verdict

    def do(self, world: World, journal: Journal) -> None:
        """Set the offsets, after writing down how each was found. Raises CouldNotRun."""
        known = self.scene.target().known
        found = [one for one in placements(known) if one.state == "to-set"]
        kept = journal.kept(self.name, PLACED) or {}
        journal.keep(
            self.name,
            PLACED,
            {
                **kept,
                **{one.group: {k: v for k, v in one.to_json().items() if k != "offsets"} for one in found},
            },
        )
        changes = [
            OffsetChange(
                OffsetRow(0, row.group, row.source, row.target, row.offset),
                row.current,
                known.metadata(row.group, row.source),
            )
            for one in found
            for row in one.changes
            if row.offset is not None
        ]
        self.scene.changed()
        commit(world.mirror_user(), changes)

    def undo(self, world: World, journal: Journal) -> str | None:
        """Leave the offsets, and say so: from them no group skips a record, and MM2 raises them as the group
        reads on at the source. A later report judges the groups anew."""
        placed = journal.kept(self.name, PLACED)
        journal.forget(self.name, PLACED)
        if placed is None:
            return None
        return (
            f"the offsets of {counted(len(placed), 'group')} stay as they were set. No group skips a record "
            "by that: let none of their consumers run there"
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
            self.scene.final_groups = {one.group: one.to_json() for one in placed}
            journal.keep(self.name, GROUPS, {one.group: one.to_json(0) for one in placed[:_GROUPS_KEPT]})
            at = resumes(placed, _RESUMES_BYTES)

        def renew(world: World, journal: Journal) -> None:
            self.inner.renew(world, journal)
            if at is not None:  # right before the promotion, which has forgotten those of an earlier mirror
                journal.keep(self.name, RESUMES, at)

        replace(self.inner, renew=renew).do(world, journal)

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
