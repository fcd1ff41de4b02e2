"""Forgets the move of an earlier mirror of the same name: the journal outlives it, as after a way home."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manifests.strimzi.resource import SOURCE_CONNECTOR, read_mirror_maker2
from mirror.cutover.promoted_ends.journal_entries import Kept, promotion_is_recorded
from mirror.cutover.promoted_ends.record import forget_ends_of_earlier_mirror
from mirror.cutover.step import Journal, World
from mirror.mm2.phase import REPLICATE, move_in_progress, phase_of

OF_ONE_MOVE = (
    ("stop-producers", "replicas"),
    ("stop-consumers", "replicas"),
    ("stop-sync", "states"),
    ("stop-mirror", "states"),
    ("move-groups", "offsets-before"),
    ("place-groups", "placed"),
    ("place-groups", "first"),
    ("promote", "missing"),
    ("promote", "groups"),
    ("promote", "offsets-renewed"),
    ("part", "scope"),
)
"""Step and key of what a rollback puts back, and a report tells, of the move in progress. The entries of a
fence are not among them: it may still be there.
"""

FENCE, OF_EARLIER_MIRROR = "fence", "of-earlier-mirror"
"""The entry that says so, once nothing else in the journal does; a fence of this mirror takes it away."""
FENCED = ("kafka-users", "acls", "command")
"""Keys of what each kind of fence keeps."""


def of_earlier_mirror(resource: Mapping[str, Any], journal: Kept) -> bool:
    """Tell whether the journal is of an earlier mirror of this name: a promotion has recorded ends, and this
    mirror replicates. Pure.
    """
    return (
        promotion_is_recorded(journal) and phase_of(resource) == REPLICATE and not move_in_progress(resource)
    )


def fence_is_of_earlier_mirror(resource: Mapping[str, Any], journal: Kept) -> bool:
    """Tell whether the journal has a fence, and it is of an earlier mirror of this name. Pure."""
    if all(journal.kept(FENCE, key) is None for key in FENCED):
        return False
    return journal.kept(FENCE, OF_EARLIER_MIRROR) is not None or of_earlier_mirror(resource, journal)


def copies_again(resource: Mapping[str, Any], alias: str) -> bool:
    """Whether the mirror is declared to run, and no move is in progress: what a failover has kept of its
    groups is of one that was rolled back. Pure."""
    flow = read_mirror_maker2(resource).flows.get(alias)
    if flow is None or SOURCE_CONNECTOR in flow.undeclared:
        return False
    runs = (flow.connectors[SOURCE_CONNECTOR].get("state") or "running") == "running"
    return runs and phase_of(resource) == REPLICATE and not move_in_progress(resource)


def forget_earlier_mirror(world: World, journal: Journal) -> None:
    """Drop them before a run does anything; and where a failover has placed groups, once the mirror is
    declared to run again: another command has rolled it back, and they have read on at the source. Raises
    CouldNotRun."""
    placed = [key for key in OF_ONE_MOVE if key[0] == "place-groups" and journal.kept(*key) is not None]
    if not placed and not promotion_is_recorded(journal):  # without asking Kubernetes
        return
    resource = world.resource()
    if copies_again(resource, world.settings.source.alias):
        for step, key in placed:
            journal.forget(step, key)
    if not of_earlier_mirror(resource, journal):
        return
    if fence_is_of_earlier_mirror(resource, journal):
        journal.keep(FENCE, OF_EARLIER_MIRROR, True)
    for step, key in OF_ONE_MOVE:
        journal.forget(step, key)
    forget_ends_of_earlier_mirror(resource, world.settings, journal)  # last: a killed run begins again
