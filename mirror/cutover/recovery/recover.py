"""Recovers one mirror: refuses where it could do harm, finds the missing records, writes them if asked."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime

from manifests.strimzi.moved import moved_of
from mirror.cutover.failover import fence_mirror
from mirror.cutover.fence.chosen import fence_step
from mirror.cutover.mirrors_home import refuse_way_back
from mirror.cutover.recovery.choices import RecoveryOptions
from mirror.cutover.recovery.moved_parts import as_one
from mirror.cutover.recovery.report import RecoveryReport
from mirror.cutover.recovery.run import Recovery
from mirror.cutover.step import World
from mirror.cutover.steps import promote
from mirror.mm2.moved import named
from mirror.mm2.phase import REPLICATE, phase_of, promoted_since
from mirror.problems import CouldNotRun


def refuse_running(world: World, tried: str = "") -> str:
    """Return when the mirror was promoted. Raises CouldNotRun where MM2 may still copy records: it could
    write to the target what a recovery has written. `tried`: what the person asked for, where it is not that.
    """
    resource, name = world.resource(), world.settings.mirror.name
    tried = tried or f"recovering records that mirror {name} has not copied"
    if phase_of(resource) == REPLICATE and (moved := moved_of(resource)):
        raise CouldNotRun(
            tried,
            f"{named(moved)} moved, and MM2 still copies the rest to {world.settings.target.alias}: the "
            "mirror was not promoted",
            "move the rest as well with `region-mirror cutover` (without --topic), also where nothing is "
            "left but the promotion; or with `region-mirror failover` without the source",
        )
    if phase_of(resource) == REPLICATE:
        raise CouldNotRun(
            tried,
            "the mirror was not promoted, so MM2 copies them itself once the source is back",
            f"let it run (`region-mirror status` shows the lag), or move to {world.settings.target.alias} "
            "first: `region-mirror cutover`, or `region-mirror failover` without the source",
        )
    if running := promote.may_run(world, resource):
        raise CouldNotRun(tried, running.text, running.remedy)
    return promoted_since(resource) or ""


def refuse_unconfirmed_stop(world: World) -> None:
    """Raise CouldNotRun where an interrupted failover has left its deny rules on the mirror's user."""
    if fence_mirror.has_rules(world):
        raise CouldNotRun(
            f"writing the records as KafkaUser {world.names.mirror_user}",
            "it may not write to mirrored topics: the failover ended before its last step, `confirm-stop`",
            "run `region-mirror failover` again, which confirms the stop and gives the user its ACLs back; "
            "then run this command again. Where nothing confirms the stop, because MM2's pods or the Cluster "
            "Operator do not run, add a login that may write: --target-admin-config FILE",
        )


def fence_of(world: World) -> tuple[bool, str]:
    """Return whether the source is fenced, and what was seen. A fence that cannot be judged is none."""
    try:
        verdict = fence_step(world.settings).look(world)
    except CouldNotRun as error:
        return False, f"not known: {error.tried}: {error.happened}"
    fenced = verdict.state == "done" and world.settings.fence != "manual"
    return fenced, verdict.text


def recover(
    world: World, options: RecoveryOptions, say: Callable[[str], None] = lambda _: None
) -> RecoveryReport:
    """Find the missing records, and write them if `options.write`. Raises CouldNotRun."""
    began = time.monotonic()
    promoted_at = refuse_running(world)
    world = as_one(world)
    name = world.settings.mirror.name
    unknown = refuse_way_back(world, promoted_at, f"recovering records that mirror {name} has not copied")
    fenced, fence = fence_of(world)
    with ExitStack() as stack:
        if options.write and options.target_login is None:
            refuse_unconfirmed_stop(world)
        found = Recovery(world, options, stack, say)
        writer = found.writer() if options.write else None  # fences an older run before marks are read
        extents = found.extents()
        scanned = found.scan(extents)
        written = None if writer is None else found.write(writer, scanned)
        groups, notes = found.groups(extents) if options.groups else ([], [])
    settings = world.settings
    return RecoveryReport(
        settings.mirror.name,
        settings.source.alias,
        settings.target.alias,
        datetime.now(UTC).isoformat(timespec="seconds"),
        promoted_at,
        fence,
        fenced,
        tuple(scanned),
        tuple(groups),
        written,
        time.monotonic() - began,
        notes=(*filter(None, (unknown,)), *found.notes, *notes),
    )
