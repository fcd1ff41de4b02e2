"""Reads what each group committed on the source, MM2's last checkpoints, and counts the records between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache

from mirror.audit.blocks import RecordLog
from mirror.clients.answers import not_there
from mirror.clients.records import TopicPartition, Unread
from mirror.clients.topics import Topics
from mirror.cutover.recovery.groups import ReadTwice, read_twice
from mirror.cutover.recovery.scan import Extent
from mirror.cutover.step import JSON, World
from mirror.mm2.formats import CheckpointKey
from mirror.problems import CouldNotRead
from settings.filters import group_matches
from settings.model import MovedSettings

Counter = Callable[[TopicPartition, int, int], int | None]
"""Counts the records of a partition between two offsets; None where it cannot be read."""
NOTHING = MovedSettings()


def counter(log: RecordLog) -> Counter:
    """Count with the audit's reader; the same stretch once."""

    @cache
    def count(partition: TopicPartition, start: int, stop: int) -> int | None:
        if start >= stop:
            return 0
        try:
            with log.blocks(partition, start, stop) as blocks:
                return sum(len(block) for block in blocks)
        except CouldNotRead:
            return None

    return count


def groups_of(
    world: World,
    topics: Topics,
    extents: Iterable[Extent],
    moved: JSON,
    on_source: Counter,
    on_target: Counter,
    parts: MovedSettings = NOTHING,
    resumed: JSON = None,
) -> tuple[list[ReadTwice], list[str]]:
    """Return every group's mirrored partitions in which it read records twice, or may, and notes about what
    could not be read. Raises CouldNotRun. `moved`: what the cutover has moved by content (its journal), and
    `parts`: what earlier ones have. `resumed`: where groups have resumed after a failover (its journal); else
    MM2's last checkpoint counts.
    """
    sides, settings = world.sides(), world.settings
    # MM2 translates no streams group (KIP-1071), but what it has read it reads again on the target.
    others = set(sides.source.other_groups())
    names = [one for one in (*sides.source.groups(), *others) if group_matches(settings.mirror, one)]
    commits = sides.source.group_offsets(names)
    notes = [
        f"offsets of group {name} on {sides.source.alias} were not read: {found.reason}"
        for name, found in sorted(commits.items())
        # A share group has no offsets: what is asked for them answers that there is no such group.
        if isinstance(found, Unread) and not (name in others and not_there(found))
    ]
    try:
        checkpoints = world.session.bookkeeping(topics)[0].read()
    except CouldNotRead as error:
        return [], [*notes, f"MM2's checkpoints were not read, so groups are left out: {error.happened}"]
    by_source = {one.source: one for one in extents}
    rows = []
    for group, found in sorted(commits.items()):
        for source, committed in () if isinstance(found, Unread) else sorted(found.items()):
            extent = by_source.get(source)
            if extent is None or extent.anew or extent.uncompared:
                continue
            dated = checkpoints.get(CheckpointKey(group, extent.target)) if extent.target else None
            upstream, downstream = (
                (dated.checkpoint.upstream, dated.checkpoint.downstream) if dated else (None, None)
            )
            if (at := _resumed(resumed, group, extent.target)) is not None:
                downstream = at
            rows.append(
                one_group(
                    group,
                    extent,
                    committed,
                    (upstream, downstream),
                    _was_moved(moved, group, extent.target) or _in_part(parts, group, extent),
                    on_source,
                    on_target,
                )
            )
    return [one for one in rows if one.twice != 0 or one.uncrossed != 0], notes


def one_group(
    group: str,
    extent: Extent,
    committed: int,
    checkpoint: tuple[int | None, int | None],
    moved: bool,
    on_source: Counter,
    on_target: Counter,
) -> ReadTwice:
    """Count for one group in one partition. `checkpoint`: its offsets on the source and on the target."""
    upstream, downstream = checkpoint
    end = min(extent.mirrored + 1, extent.log.end)
    uncrossed = on_source(extent.source, max(end, extent.log.start), committed)
    twice: int | None = None
    if moved:
        twice = 0
    elif downstream is not None and extent.target is not None and extent.promoted is not None:
        copies = on_target(extent.target, downstream, extent.promoted)
        unread = on_source(extent.source, max(committed, extent.log.start), end)
        twice = read_twice(copies, unread)
    return ReadTwice(group, extent.source, committed, downstream, upstream, twice, moved, uncrossed)


def _resumed(resumed: JSON, group: str, target: TopicPartition | None) -> int | None:
    if target is None or not isinstance(resumed, Mapping):
        return None
    found = resumed.get(group, {}).get(target.topic, {}).get(str(target.partition))
    return found if isinstance(found, int) else None


def _was_moved(moved: JSON, group: str, target: TopicPartition | None) -> bool:
    if target is None or not isinstance(moved, Mapping):
        return False
    return str(target.partition) in moved.get(group, {}).get(target.topic, {})


def _in_part(parts: MovedSettings, group: str, extent: Extent) -> bool:
    return extent.target is not None and group in parts.groups and extent.source.topic in parts.topics
