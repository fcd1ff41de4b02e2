"""Finds groups that no cutover moves, although `mirror.groups` matches them: MM2 leaves out some names."""

from __future__ import annotations

from collections.abc import Iterable

from mirror.clients.records import Unread
from mirror.clients.topics import matched_topics
from mirror.cutover.step import World
from settings.filters import GROUPS_EXCLUDE_DEFAULT
from settings.model import MirrorSettings, Settings
from settings.patterns import matches

_CONSOLE = "console-consumer-.*"
"""Groups of the console consumer are used once, so nobody moves them."""


def never_translated(mirror: MirrorSettings, groups: Iterable[str]) -> list[str]:
    """Return the groups that only `DefaultGroupFilter` leaves out, such as those of sink connectors
    (`connect-orders-s3`). Pure.
    """
    excludes = [one for one in GROUPS_EXCLUDE_DEFAULT if one != _CONSOLE]
    return [
        group
        for group in groups
        if group not in mirror.moved.groups
        and matches(mirror.groups, group)
        and matches(excludes, group)
        and not matches(mirror.groups_exclude, group)
    ]


def left_behind(world: World, whole: Settings) -> list[str]:
    """Return those of them with offsets on topics that are moved, as far as the source's user can see.
    `whole`: the settings of the mirror, of which `world` may see a part. Raises CouldNotRun.
    """
    source = world.sides().source
    names = never_translated(whole.mirror, source.groups())
    if not names:
        return []
    mirrored = matched_topics(world.settings, source.topics())
    return [
        group
        for group, offsets in sorted(source.group_offsets(names).items())
        if isinstance(offsets, Unread) or any(one.topic in mirrored for one in offsets)
    ]
