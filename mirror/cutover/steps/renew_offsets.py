"""Renews offsets of groups right before a promotion, after which MM2 renews none (`mirror.offsets.renewal`).

A promotion does not wait for it longer than for the answers of the target, and does not fail by it: a group
whose offsets were not renewed has them as before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping

from mirror.clients.cluster import Cluster
from mirror.cutover.step import Journal, World
from mirror.mm2.formats import CheckpointKey
from mirror.mm2.topics import Dated
from mirror.offsets.renewal import renew
from mirror.problems import CouldNotRun
from mirror.text.failures import reason_of
from mirror.text.names import few
from mirror.text.numbers import counted
from mirror.verify.reading import parts
from mirror.verify.reading.look import Look

RENEWED = "offsets-renewed"
"""The entry of the journal: how many offsets were set anew, and what was not."""

Target = Callable[[], tuple[Cluster, Mapping[CheckpointKey, Dated]]]
"""Reads MM2's checkpoints over a connection to the target."""


def renew_offsets(world: World, journal: Journal, groups: Collection[str] | None = None) -> None:
    """Renew the offsets of these groups (None: of all), over the connections of the cutover."""

    def read() -> tuple[Cluster, Mapping[CheckpointKey, Dated]]:
        look = Look(world.session, (parts.translated,))
        checkpoints, _ = world.session.bookkeeping(look.topics)
        return world.sides().target, checkpoints.read()

    renew_by(world, journal, read, groups)


def not_renewed(journal: Journal) -> str:
    """Say which old offsets a promotion could not renew, and what follows; empty where there are none."""
    kept = journal.kept("promote", RENEWED)
    found = kept if isinstance(kept, Mapping) else {}
    failed, refused = found.get("failed"), found.get("refused") or {}
    if not failed and not refused:
        return ""
    why = failed or next(iter(refused.values()))
    whose = "of the groups" if failed else f"of {counted(len(refused), 'group')} ({few(sorted(refused))})"
    return (
        f"Offsets {whose} that are older than a day could not be set anew ({why}): they expire by the "
        "target's offsets.retention.minutes, counted from when MM2 set them, unless the group has members. "
        "Start these consumers first"
    )


def renew_by(world: World, journal: Journal, read: Target, groups: Collection[str] | None = None) -> None:
    """The same with what a failover reads."""
    left_out = world.options.leave_out_groups
    try:
        cluster, checkpoints = read()
        found = renew(cluster, world.mirror_user, checkpoints, time.time(), groups, left_out)
    except CouldNotRun as error:
        journal.keep("promote", RENEWED, {"offsets": 0, "failed": reason_of(error)})
        return
    if found.offsets or found.refused:
        journal.keep("promote", RENEWED, {"offsets": found.offsets, "refused": dict(found.refused)})
    else:  # what an earlier attempt, or an earlier part, could not renew is none of this one's
        journal.forget("promote", RENEWED)
