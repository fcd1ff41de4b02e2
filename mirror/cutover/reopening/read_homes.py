"""Reads the groups on copies with a prefix, and the records around their offsets on both sides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack

from mirror.audit.blocks import LogPair
from mirror.audit.columns import joined
from mirror.clients.records import TopicPartition, Unread
from mirror.cutover.groups.judge import Seen, Words
from mirror.cutover.recovery.choices import RecoveryOptions
from mirror.cutover.recovery.run import Recovery
from mirror.cutover.recovery.scan import Extent
from mirror.cutover.reopening.homes import Home, first_unread, proposed
from mirror.cutover.step import World
from mirror.problems import CouldNotRead
from settings.filters import group_matches

MOST_UNREAD = 5_000_000
"""Offsets between a group and the end of the copy; a record takes 41 bytes of memory on each side."""


class Homes:
    """Positions and logs are read once: after the promotion nothing of them changes. `stack` closes them."""

    def __init__(self, world: World, stack: ExitStack) -> None:
        self._world = world
        found = Recovery(world, RecoveryOptions(), stack, lambda _: None)
        self._logs: LogPair = found.logs
        extents = found.with_ends(found.extents(), confirmed=True)
        self._by_copy = {one.target: one for one in extents if one.target is not None}
        self._known: dict[tuple[TopicPartition, int], Home] = {}

    def seen(self) -> Seen:
        """Read the groups as they are now, and where each continues. Raises CouldNotRun."""
        world, sides = self._world, self._world.sides()
        others = self._ours(sides.target.other_groups())
        names = [*self._ours(sides.target.groups()), *others]
        waiting = sides.target.pending_offsets(names)  # first: what is committed since is read as committed
        there = sides.target.group_offsets(names)
        on_copies = {
            group: {one: offset for one, offset in found.items() if one in self._by_copy}
            for group, found in there.items()
            if not isinstance(found, Unread)
        }
        groups = sorted(group for group, found in on_copies.items() if found)
        current = sides.source.group_offsets(groups)
        unreadable = {
            group: found.reason
            for answers in (there, current, {group: waiting[group] for group in groups})
            for group, found in answers.items()
            if isinstance(found, Unread)
        }
        rows = [
            proposed(
                group,
                copy,
                offset,
                self._by_copy[copy].source,
                self._home(self._by_copy[copy], copy, offset),
                _offset(current.get(group), self._by_copy[copy].source),
            )
            for group in groups
            if group not in unreadable
            for copy, offset in sorted(on_copies[group].items())
        ]
        here, home = sides.together(
            lambda: sides.target.members(groups), lambda: sides.source.members(groups)
        )
        settings = world.settings
        return Seen(
            rows,
            here,
            home,
            unreadable,
            others,
            world.options.leave_out_groups,
            {
                group: [one for one in found if one in self._by_copy]
                for group, found in waiting.items()
                if not isinstance(found, Unread)
            },
            Words(f"on {settings.target.alias}", f"on {settings.source.alias}", "set its offset by hand"),
        )

    def _ours(self, groups: Iterable[str]) -> list[str]:
        return [one for one in groups if group_matches(self._world.settings.mirror, one)]

    def _home(self, extent: Extent, copy: TopicPartition, committed: int) -> Home:
        key = (copy, committed)
        if key not in self._known:
            self._known[key] = self._found(extent, copy, committed)
        return self._known[key]

    def _found(self, extent: Extent, copy: TopicPartition, committed: int) -> Home:
        if reason := _unprovable(extent, committed):
            return Home(None, reason)
        end, behind = max(extent.mirrored + 1, extent.log.start), extent.promoted or 0
        exactly_once = self._world.settings.mirror.exactly_once
        if committed >= behind:
            again = extent.to_topic if committed > behind else 0
            return Home(end, again=again, exact=exactly_once)
        try:
            with self._logs.target.blocks(copy, committed, behind) as blocks:
                unread = joined(list(blocks))
            if not len(unread):
                return Home(end, exact=exactly_once)
            for start in self._starts(extent, int(unread.timestamps.min())):
                with self._logs.source.blocks(extent.source, start, end) as blocks:
                    original = joined(list(blocks))
                if (offset := first_unread(unread, original, end)) is not None:
                    return Home(offset)
        except CouldNotRead as error:
            return Home(None, f"{error.tried}: {error.happened}")
        return Home(None, f"the first unread record of {copy} was not found in {extent.source}")

    def _starts(self, extent: Extent, timestamp: int) -> Sequence[int]:
        """MM2 keeps timestamps, so the unread records are behind the first one of their time; with
        timestamps of the brokers, or unordered ones, they are anywhere.
        """
        source = self._world.sides().source
        first = max(extent.log.start, extent.mirrored + 1 - MOST_UNREAD)
        at = source.offsets_at({extent.source: timestamp}).get(extent.source)
        return [first] if at is None or at <= first else [at, first]


def _unprovable(extent: Extent, committed: int) -> str:
    if extent.anew:
        return f"the topic is not the one that was mirrored: {extent.anew}"
    if extent.uncompared:
        return f"whether the topic was restored since could not be read: {extent.uncompared}"
    if extent.copy is None or extent.promoted is None:
        return "the end of the copy at the promotion is neither recorded nor found by content"
    if committed < extent.copy.start:
        return f"its offset {committed:,} on the copy is below the start of the log, {extent.copy.start:,}"
    if extent.promoted - committed > MOST_UNREAD:
        return f"more than {MOST_UNREAD:,} offsets of the copy are unread"
    return ""


def _offset(found: Mapping[TopicPartition, int] | Unread | None, one: TopicPartition) -> int | None:
    return found.get(one) if isinstance(found, Mapping) else None
