"""The last step of a part: the mirror goes on without it, and copied users may write to its topics.

The KafkaMirrorMaker2 excludes the topics and groups and records them in one change, before the checkpoint
connector runs again: a running one would set the offsets of moved groups back. From that change on no
rollback is possible, because clients may write to the target: the ends of the copies are recorded before it,
so that the way back of the mirror begins there.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from manifests.metadata import MOVED, STATES_BEFORE
from manifests.strimzi.moved import moved_of, moved_text
from manifests.strimzi.resource import CHECKPOINT_CONNECTOR, read_mirror_maker2, split_list
from mirror.cutover.connectors.change import (
    MANAGER,
    Patch,
    change,
    ownership_patch,
    settle,
    states_patch,
)
from mirror.cutover.connectors.judge import ConnectorState
from mirror.cutover.connectors.read import both_connectors
from mirror.cutover.part.part import Part
from mirror.cutover.promoted_ends.record import record_ends_of_part
from mirror.cutover.step import Journal, Verdict, World
from mirror.cutover.steps.renew_offsets import renew_offsets
from mirror.cutover.steps.stop_sync import SETTLE_SECONDS, states_before
from mirror.cutover.users.read import applying, let_write, without_write
from mirror.mm2.phase import move_in_progress
from mirror.problems import CouldNotRun
from mirror.text.names import few
from mirror.text.numbers import counted
from settings.filters import GROUPS_EXCLUDE_DEFAULT, TOPICS_EXCLUDE_DEFAULT
from settings.patterns import literal

_IN_FAILOVER = "a failover is in progress, and has stopped the mirror, which this step would start again"
_AFTER_FAILOVER = (
    "complete it with `region-mirror failover`; or undo it with `region-mirror failover rollback`, which "
    "starts the mirror, also without a part that was moved"
)


@dataclass(frozen=True, slots=True)
class PromotePart:
    """Takes the place of the step `promote`; the mirror replicates the rest."""

    part: Part
    name: str = "promote"
    patience: float = 300.0
    lasting: bool = False

    def look(self, world: World) -> Verdict:
        """Whether the mirror excludes the part and runs, and copied users may write. Raises CouldNotRun."""
        resource = world.resource()
        if move_in_progress(resource) == "failover":
            return Verdict("blocked", _IN_FAILOVER, _AFTER_FAILOVER)
        if not self.part.is_moved(resource):
            return Verdict("todo", f"the mirror does not exclude {self.part.told} yet")
        if users := without_write(world, self.part.after):
            many = counted(len(users), "copied user")
            return Verdict("todo", f"{many} may not write to the moved topics yet: {few(sorted(users))}")
        source, checkpoints = both_connectors(world, resource)
        verdict = restarting(resource, source, checkpoints)
        if verdict.state == "done" and (late := applying(world)):
            return late
        if verdict.state == "done":
            return Verdict("done", f"{self.part.told} moved; {verdict.text}", remaining=0)
        return verdict

    def do(self, world: World, journal: Journal) -> None:
        """Record the ends of the copies, exclude the part, let copied users write, then start the checkpoint
        connector again and give the resource back to Pulumi. Raises CouldNotRun.
        """
        kubernetes, alias = world.target_kubernetes, world.settings.source.alias
        if not self.part.is_moved(world.resource()):
            renew_offsets(world, journal, self.part.scope.groups)
            record_ends_of_part(world, journal, self.part.scope.topics)

        def excluded(now: Mapping[str, Any]) -> Patch | None:
            if not self.part.is_moved(now):
                journal.confirm()
            return exclusion(now, alias, self.part)

        change(kubernetes, world.resource, [excluded])
        let_write(world, without_write(world, self.part.after))

        def applied(now: Mapping[str, Any]) -> bool:
            source, _ = both_connectors(world, now)
            return _runs(source)

        # Strimzi has given both connectors their new configuration before one of them starts.
        if not settle(kubernetes, world.resource, applied, SETTLE_SECONDS):
            return
        before = {CHECKPOINT_CONNECTOR: world.settings.mirror.state}
        change(
            kubernetes,
            world.resource,
            [
                lambda now: states_patch(now, alias, {**before, **states_before(now)}, {STATES_BEFORE: None}),
                ownership_patch,
            ],
        )
        settle(
            kubernetes,
            world.resource,
            lambda now: _runs(both_connectors(world, now)[1]),
            SETTLE_SECONDS,
        )

    def undo(self, world: World, journal: Journal) -> None:
        """Nothing before the part was excluded. Raises CouldNotRun after it."""
        if self.part.is_moved(world.resource()):
            raise CouldNotRun(
                f"rolling back {self.part.told} of mirror {world.settings.mirror.name}",
                "they were moved: the source does not have what clients have written to the target since",
                "keep them on the target; the rest of the mirror goes on",
            )


def restarting(resource: Mapping[str, Any], source: ConnectorState, checkpoints: ConnectorState) -> Verdict:
    """Judge the mirror that goes on without the part. Pure."""
    annotations = (resource.get("metadata") or {}).get("annotations") or {}
    if STATES_BEFORE in annotations:
        return Verdict("todo", "the checkpoint connector has not been started again yet")
    if ownership_patch(resource) is not None:
        return Verdict("todo", f"Pulumi's fields of the resource still belong to {MANAGER}")
    late = [one for one in (source, checkpoints) if not _runs(one)]
    if late:
        said = ", ".join(f"{one.name} is {one.state or 'unknown'}" for one in late)
        condition = next((f" ({one.condition})" for one in late if one.condition), "")
        return Verdict(
            "waiting",
            f"Strimzi has not started the mirror without them yet: {said}{condition}",
            "look at the Cluster Operator's log and the status of the KafkaMirrorMaker2",
            remaining=len(late),
        )
    return Verdict("done", "both connectors run with the rest of the mirror")


def exclusion(resource: Mapping[str, Any], alias: str, part: Part) -> Patch | None:
    """The patch that excludes the part and records it; None where the resource does already. Pure.

    The checkpoint connector stays as it is. The patterns are as the stack renders them once its file names
    the part: those that are there, and then each moved name.
    """
    there = moved_of(resource)
    after = there.with_more(part.scope.topics, part.scope.groups)
    mirrors = copy.deepcopy((resource.get("spec") or {}).get("mirrors") or [])
    differs = False
    for mirror, flow in zip(mirrors, read_mirror_maker2(resource).mirrors, strict=True):
        if flow.alias != alias:
            continue
        for name, usual, before, names in (
            ("topicsExcludePattern", TOPICS_EXCLUDE_DEFAULT, there.topics, after.topics),
            ("groupsExcludePattern", GROUPS_EXCLUDE_DEFAULT, there.groups, after.groups),
        ):
            # Also where a property or an older field has the list: Strimzi ignores those beside this field.
            text = with_names(flow.patterns.get(name), usual, before, names)
            differs = differs or text != mirror.get(name)
            mirror[name] = text
    recorded = moved_text(after)
    metadata = resource.get("metadata") or {}
    if not differs and (metadata.get("annotations") or {}).get(MOVED) == recorded:
        return None
    return {
        "metadata": {
            "resourceVersion": metadata.get("resourceVersion"),
            "annotations": {MOVED: recorded},
        },
        "spec": {"mirrors": mirrors},
    }


def with_names(pattern: str | None, usual: Sequence[str], before: Sequence[str], names: Sequence[str]) -> str:
    """Add literal names to a list of exclusions, after the names of earlier parts were taken out. Without a
    list MM2's own counts, which a list replaces. Pure.
    """
    former = {literal(one) for one in before}
    there = usual if pattern is None else split_list(pattern)
    kept = [one for one in there if one not in former]
    return ",".join(dict.fromkeys((*kept, *(literal(one) for one in sorted(names)))))


def _runs(one: ConnectorState) -> bool:
    """Whether Connect has the connector in its declared state; a stopped one has no task left."""
    return one.declared is None or (one.is_in(one.declared) and not one.failed)
