"""Finds groups that no cutover moves, although `mirror.groups` matches them: MM2 leaves out some names."""

from __future__ import annotations

from mirror.clients.records import Unread
from mirror.clients.topics import matched_topics
from mirror.cutover.step import World
from settings.filters import never_translated
from settings.model import Settings


def left_behind(world: World, whole: Settings) -> list[str]:
    """Return those with offsets on topics that are moved, as far as the source's user can see.
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
