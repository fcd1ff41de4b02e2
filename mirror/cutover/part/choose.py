"""Which part a command line means: what it names, and what the journal says of a part in progress."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from manifests.strimzi.moved import moved_of, moved_text
from mirror.clients.acls import Acl
from mirror.cutover.earlier_mirror import FENCE, FENCED, fence_is_of_earlier_mirror, of_earlier_mirror
from mirror.cutover.fence.chosen import fence_step
from mirror.cutover.part import judge, read
from mirror.cutover.part.judge import Asked
from mirror.cutover.part.part import PART, SCOPE, Part, is_complete, is_moved, parsed
from mirror.cutover.part.steps import forget
from mirror.cutover.step import JSON, Journal, World
from mirror.mm2.moved import named
from mirror.mm2.phase import REPLICATE, move_in_progress, phase_of
from mirror.problems import CouldNotRun
from mirror.text.names import few
from settings.model import MovedSettings

LIMIT_BYTES = 200_000
"""Kubernetes allows 256 KiB for all annotations of an object (`TotalAnnotationSizeLimitB`)."""


class Kept(Protocol):
    """The part of the journal that is read here."""

    def kept(self, step: str, key: str) -> JSON:
        """Return a value that was written down, or None."""


def in_progress(world: World, journal: Kept) -> Part | None:
    """Return the part that a cutover has begun to move, and has neither completed nor rolled back; None where
    there is none. Raises CouldNotRun.
    """
    scope = parsed(journal.kept(PART, SCOPE))
    if scope is None:
        return None
    resource = world.resource()
    if is_complete(scope, resource):
        return None
    # A run of this mirror would have forgotten what an earlier one of its name has left, as a failover does.
    return None if of_earlier_mirror(resource, journal) else Part(world.settings, scope)


def completed(world: World, journal: Kept) -> Part | None:
    """Return the part that was moved last, where no cutover has begun since. Raises CouldNotRun."""
    scope = parsed(journal.kept(PART, SCOPE))
    if scope is None or phase_of(world.resource()) != REPLICATE:
        return None
    return Part(world.settings, scope) if is_complete(scope, world.resource()) else None


def chosen(world: World, asked: Asked, journal: Journal) -> tuple[Part | None, str]:
    """Return the part to move, and what stays; None for the whole mirror. `world`: as the whole mirror sees
    it. Raises CouldNotRun with every problem, before anything is changed.
    """
    begun = in_progress(world, journal)
    if not asked:
        if begun is not None:
            raise _in_progress(begun, "the whole mirror")
        return None, ""
    if begun is not None:
        if not _same(asked, begun.scope):
            raise _in_progress(begun, named(MovedSettings().with_more(asked.topics, asked.groups)))
        if begun.is_moved(world.resource()):
            return begun, ""
        asked = Asked(begun.scope.topics, begun.scope.groups, asked.leave_out, asked.accept_coupled)
    elif found := refused(world, world.resource(), journal):
        raise _refused(world, asked, found)
    scope = MovedSettings().with_more(asked.topics, asked.groups)
    if begun is None and asked.topics and is_moved(scope, world.resource()):
        return Part(world.settings, scope), ""  # the same command again: nothing is left to do
    return _judged(world, asked, begun)


def _judged(world: World, asked: Asked, begun: Part | None) -> tuple[Part, str]:
    seen = read.read(world)
    problems = judge.problems(asked, seen)
    part = Part(world.settings, MovedSettings().with_more(asked.topics, judge.groups_of(asked, seen)))
    if begun is not None and not problems and (more := begun.scope.lacks(part.scope)):
        problems = [
            f"{named(more)}: offsets on these topics since the part was begun. Undo it with "
            "`region-mirror cutover rollback`, and begin again"
        ]
    if (size := len(moved_text(part.after.mirror.moved).encode())) > LIMIT_BYTES:
        problems.append(
            f"the names of all moved topics and groups need {size:,} bytes, and an annotation of the "
            f"KafkaMirrorMaker2 that records them holds {LIMIT_BYTES:,}: move the rest as a whole mirror"
        )
    if problems:
        raise _refused(world, asked, problems)
    return part, judge.summary(part.scope, seen)


def claim(world: World, part: Part | None, journal: Journal) -> None:
    """Check, with the lease, that no other part is in progress; a cutover of the whole mirror forgets what
    the journal keeps of a completed part. Raises CouldNotRun.
    """
    begun = in_progress(world, journal)
    if begun is not None and (part is None or part.scope != begun.scope):
        raise _in_progress(begun, "the whole mirror" if part is None else part.told)
    if part is None:
        forget(journal)


def refused(world: World, resource: Mapping[str, Any], journal: Journal) -> list[str]:
    """Return why no part of this mirror can be moved at all now. Raises CouldNotRun."""
    found, settings = [], world.settings
    if phase_of(resource) != REPLICATE:
        found.append(f"the mirror is {phase_of(resource)}: everything has been moved")
    elif _whole_begun(resource, journal):
        move = move_in_progress(resource) or "cutover"
        found.append(
            f"a {move} of the whole mirror is in progress: complete it with `region-mirror {move}`, or undo "
            f"it with `region-mirror {move} rollback`"
        )
    elif held := _held_by_earlier_mirror(world, resource, journal):
        found.append(
            f"the fence of an earlier mirror of this name still holds {few(held)}: remove it with "
            "`region-mirror cutover rollback`"
        )
    if settings.cutover.way_back_of:
        found.append(
            f"it is the way back of mirror {settings.cutover.way_back_of} (cutover.way_back_of), whose fence "
            "on the target is removed as a whole: move everything home at once"
        )
    return found


def _whole_begun(resource: Mapping[str, Any], journal: Kept) -> bool:
    if parsed(journal.kept(PART, SCOPE)) is not None:
        return False  # what the journal keeps is of that part, which is complete
    if of_earlier_mirror(resource, journal):
        return False  # it outlives the mirror, as after a way home
    if move_in_progress(resource) is not None or journal.kept("stop-producers", "replicas") is not None:
        return True
    if fence_is_of_earlier_mirror(resource, journal):
        return False
    moved = moved_of(resource).topics
    fenced = [Acl.of(one) for one in journal.kept(FENCE, "acls") or ()]
    # Written before the source is changed; ACLs are judged one by one.
    return any(acl.name not in moved for acl in fenced) or any(
        journal.kept(FENCE, key) is not None for key in FENCED if key != "acls"
    )


def _held_by_earlier_mirror(world: World, resource: Mapping[str, Any], journal: Journal) -> list[str]:
    """Return what the fence of an earlier mirror holds: a promotion leaves it, and a way home may have
    removed it without a word in this journal. Raises CouldNotRun."""
    if not fence_is_of_earlier_mirror(resource, journal):
        return []
    return fence_step(world.settings).remains(world, journal)


def _same(asked: Asked, scope: MovedSettings) -> bool:
    groups = set(asked.groups)
    return set(asked.topics) == set(scope.topics) and (not groups or groups == set(scope.groups))


def _in_progress(begun: Part, other: str) -> CouldNotRun:
    return CouldNotRun(
        f"moving {other}",
        f"a cutover of {begun.told} is in progress, and one cutover of a mirror runs at a time",
        f"complete it with `{begun.command}`, or undo it with `region-mirror cutover rollback`",
    )


def _refused(world: World, asked: Asked, problems: Sequence[str]) -> CouldNotRun:
    topics = few(sorted(set(asked.topics))) or few(sorted(set(asked.groups)))
    return CouldNotRun(
        f"moving a part of mirror {world.settings.mirror.name} ({topics})",
        "nothing was changed:" + "".join(f"\n  - {one}" for one in problems),
        "correct the command, or move the whole mirror with `region-mirror cutover`",
    )
