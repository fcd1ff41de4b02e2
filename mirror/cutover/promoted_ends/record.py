"""Records the target's ends in the journal: at the promotion of a mirror, and at that of a part of it.

Neither promotion fails because the ends cannot be read: they can be found by content later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from manifests.strimzi.moved import moved_of
from mirror.cutover.promoted_ends.journal_entries import (
    KEY,
    LIMIT_BYTES,
    OF_PARTS,
    RESUMES,
    STEP,
    size,
    with_part,
)
from mirror.cutover.promoted_ends.read import read_ends
from mirror.cutover.step import JSON, Journal, World
from mirror.mm2.phase import REPLICATE, phase_of
from mirror.problems import CouldNotRun
from settings.model import Settings
from settings.names import copy_of


def forget_ends_of_earlier_mirror(resource: Mapping[str, Any], settings: Settings, journal: Journal) -> None:
    """Before the promotion, drop what an earlier mirror of this name has recorded: its ends are not those of
    this one. Ends of parts of this mirror remain. Raises CouldNotRun.
    """
    if phase_of(resource) != REPLICATE:
        return
    journal.forget(STEP, KEY)
    journal.forget(STEP, RESUMES)
    kept = journal.kept(STEP, OF_PARTS)
    moved = {copy_of(settings, topic) for topic in moved_of(resource).topics}
    if isinstance(kept, Mapping) and not moved.issuperset(kept):
        journal.keep(STEP, OF_PARTS, {topic: kept[topic] for topic in kept if topic in moved})


def begin_record(journal: Journal) -> None:
    """Record that there is a promotion, before the mirror is marked: a run that is killed meanwhile records
    no ends, and a later mirror of this name has to know whose journal it finds. Raises CouldNotRun.
    """
    journal.keep(STEP, KEY, {})


def forget_begun_record(journal: Journal) -> None:
    """Drop it where there was no promotion after all; recorded ends remain. Raises CouldNotRun."""
    if journal.kept(STEP, KEY) == {}:
        journal.forget(STEP, KEY)


def record_ends(world: World, journal: Journal, ends_of: Callable[[World, int], JSON] | None = None) -> None:
    """Record the ends once; `ends_of` reads them, where a connection is open already. Of ends that cannot be
    read, or are too many, nothing is recorded but that there was a promotion. Raises CouldNotRun where the
    journal cannot be written.
    """
    if journal.kept(STEP, KEY):
        return
    ends: JSON = None
    with suppress(CouldNotRun):
        ends = (ends_of or read_ends)(world, LIMIT_BYTES - size(journal.kept(STEP, OF_PARTS)))
    journal.keep(STEP, KEY, ends or {})


def record_ends_of_part(world: World, journal: Journal, topics: Iterable[str]) -> None:
    """Record the ends of a part, again at each attempt until the mirror excludes it: nobody writes to its
    copies before. `world`: as the steps of the part see it; `topics`: its names on the source. Raises
    CouldNotRun where the journal cannot be written.
    """
    ends: JSON = None
    with suppress(CouldNotRun):
        ends = read_ends(world)
    kept, whole = journal.kept(STEP, OF_PARTS), journal.kept(STEP, KEY)
    names = {copy_of(world.settings, one) for one in topics}
    found = with_part(kept, names, ends, LIMIT_BYTES - size(whole))
    if found or kept:
        journal.keep(STEP, OF_PARTS, found)
