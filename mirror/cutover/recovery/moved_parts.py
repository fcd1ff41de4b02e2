"""What was moved in parts, once the rest of the mirror was promoted, too: both are recovered and go home.

A part leaves the mirror as if its topics did not exist. After the promotion everything has moved, and nothing
distinguishes the part any more but where its clients began to write, which its own promotion has recorded.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from mirror.audit.make_cut import read_positions
from mirror.clients.topics import matched_topics, read_topics
from mirror.cutover.journal import ConfigMapJournal
from mirror.cutover.promoted_ends.journal_entries import recorded_ends_of_parts
from mirror.cutover.step import World
from mirror.mm2.phase import REPLICATE, phase_of
from settings.model import MovedSettings, Settings
from settings.names import copy_of


def as_one(world: World) -> World:
    """Return the world of a promoted mirror to which its moved parts belong again; any other as it is. Raises
    CouldNotRun.
    """
    settings = world.settings
    if not settings.mirror.moved or phase_of(world.resource()) == REPLICATE:
        return world
    sides = world.sides()
    positions, starts, _ = read_positions(settings, sides, read_topics(settings, sides))
    ends = recorded_ends_of_parts(ConfigMapJournal(world.target_kubernetes, settings))
    mirrored = {one.topic for one in (*positions, *starts)}
    recorded = {one.topic for one in ends}
    known = mirrored | {
        topic for topic in settings.mirror.moved.topics if copy_of(settings, topic) in recorded
    }
    return replace(world, settings=with_parts(settings, known))


def with_parts(settings: Settings, known: Collection[str]) -> Settings:
    """Return the settings with every moved topic of `known`, by its name on the source, and every group. The
    others moved before this mirror was made: what it has not mirrored it can neither recover nor bring home.
    Pure.
    """
    others = tuple(topic for topic in settings.mirror.moved.topics if topic not in known)
    return replace(settings, mirror=replace(settings.mirror, moved=MovedSettings(others)))


def left_apart(settings: Settings, there: Iterable[str]) -> list[str]:
    """Return the topics of the source that `mirror.topics` matches, and that are still left out because they
    have moved. `there`: the names of all topics of the source. Pure.
    """
    whole = replace(settings, mirror=replace(settings.mirror, moved=MovedSettings()))
    matched = matched_topics(whole, dict.fromkeys(there))
    return sorted(set(settings.mirror.moved.topics) & set(matched))
