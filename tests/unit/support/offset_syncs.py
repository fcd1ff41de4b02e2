"""Stores of MM2's offset syncs, for the tests of what they translate."""

from __future__ import annotations

from collections.abc import Iterable

from mirror.mm2.formats import OffsetSync
from mirror.mm2.store import OffsetSyncStore


def store_of(syncs: Iterable[OffsetSync]) -> OffsetSyncStore:
    """A store with these syncs applied."""
    store = OffsetSyncStore()
    for sync in syncs:
        store.apply(sync)
    return store
