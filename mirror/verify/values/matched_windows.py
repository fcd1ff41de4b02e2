"""Windows of records-match that were the same on both sides, for a process that looks again every minute.

A log is appended to at its end and deleted from at its beginning. So what was the same stays the same while
both logs begin where they did, and the newest records are what a look has to read. Compaction, and a topic
that was made anew, change what is in between: so a window is read again after ten minutes.

Heads are kept, and the windows of compacted topics for which both logs were read to their ends: these take
most of the records of a look. All other middles are read in each look, at another place each time.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

from mirror.clients.records import TopicPartition, Window
from mirror.verify.values.probe import Probe, probe_verdict

KEPT_SECONDS = 600.0


class Begins(NamedTuple):
    """Where the mirrored part of the source's log, and the target's log, begin (offsets)."""

    source: int
    target: int


class MatchedWindows:
    """Keeps no record but the first and the last one of a window. Times are in seconds of any one clock."""

    def __init__(self) -> None:
        self._kept: dict[tuple[TopicPartition, str], tuple[float, Begins, Probe]] = {}

    def keep(self, one: Probe, begins: Begins, now: float, *, exactly_once: bool) -> None:
        """Keep this window, where it was read just now, is the same on both sides, and may be kept."""
        if one.before is not None or not isinstance(one.window, Window) or not one.records:
            return
        if one.place != "head" and (one.place != "middle" or one.later is None):
            return
        verdict = probe_verdict(one, exactly_once=exactly_once)
        if verdict.state == "same":
            window = one.window._replace(records=(one.records[0], one.records[-1]))
            slim = replace(one, window=window, copy=None, later=None, before=verdict)
            self._kept[one.partition, one.place] = now, begins, slim

    def of(self, partition: TopicPartition, place: str, begins: Begins, now: float) -> Probe | None:
        """The window as it was seen; None where it has to be read."""
        at, then, one = self._kept.get((partition, place), (0.0, begins, None))
        return one if then == begins and now - at < KEPT_SECONDS else None

    def forget(self, partitions: Collection[TopicPartition]) -> None:
        """Read everything of these partitions again: something is wrong there."""
        for key in [key for key in self._kept if key[0] in partitions]:
            del self._kept[key]
