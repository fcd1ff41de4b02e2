"""A cutover that was begun before the region was lost: the rollback of a failover does not undo it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from manifests.strimzi.moved import moved_of
from mirror.clients.acls import Acl
from mirror.cutover.earlier_mirror import FENCE, fence_is_of_earlier_mirror
from mirror.cutover.promoted_ends.journal_entries import Kept
from mirror.cutover.step import World
from mirror.problems import CouldNotRun


def read_left_of_cutover(world: World, journal: Kept) -> str:
    """As `left_of_cutover`, and empty where the KafkaMirrorMaker2 cannot be read: the rollback is done."""
    with suppress(CouldNotRun):
        return left_of_cutover(world.resource(), journal)
    return ""


def left_of_cutover(resource: Mapping[str, Any], journal: Kept) -> str:
    """Say that a cutover was begun before the failover that was rolled back; empty where none was. Topics
    that moved in parts stay fenced. Pure.
    """
    stopped = any(journal.kept(f"stop-{role}", "replicas") for role in ("producers", "consumers"))
    if not stopped and not _fenced(resource, journal):
        return ""
    return (
        "a cutover was begun before the failover, and is not undone: at the source producers may be fenced "
        "and workloads stopped. Complete it with `region-mirror cutover`, or undo it with `region-mirror "
        "cutover rollback`"
    )


def _fenced(resource: Mapping[str, Any], journal: Kept) -> bool:
    if fence_is_of_earlier_mirror(resource, journal):
        return False
    users: Mapping[str, list[str]] = journal.kept(FENCE, "kafka-users") or {}
    topics = {topic for names in users.values() for topic in names}
    topics |= {Acl.of(one).name for one in journal.kept(FENCE, "acls") or ()}
    return not topics <= {*moved_of(resource).topics} or journal.kept(FENCE, "command") is not None
