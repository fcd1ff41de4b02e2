"""Chooses the windows of records-match that are read whole, for what the log cleaner may have done to them.

Those that differ on a compacted topic are. A window that begins at the start of a small log is read so, too,
where offsets around its records are free: the source may have deleted a key, cleaned its tombstone away, and
the mirror never saw it. Then the key's value remains on the target for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from mirror.clients.records import TopicPartition, Window
from mirror.clients.retention import compacted_topics, is_compacted
from mirror.clients.sides import Joined
from mirror.verify.reading.compaction import LATER_LOOK, Key, from_the_start, read_whole
from mirror.verify.reading.places import BothLogs, MirroredRange
from mirror.verify.values.probe import Probe, probe_verdict


class Excuses:
    """Explains windows of the partitions in `places`; for the windows of one reading."""

    def __init__(self, logs: BothLogs, places: Mapping[TopicPartition, MirroredRange]) -> None:
        self._logs = logs
        self._places = places
        self._compacted: dict[str, bool] = {}
        """By source topic, as far as it was asked for."""

    def given(
        self, probes: Sequence[Probe], among: Callable[[Probe], bool] = lambda one: True
    ) -> list[Probe]:
        """The probes; those that differ on a compacted topic are read whole, with what follows on either
        side, as far as they are `among` those to explain now. What was read so already stays as it is."""
        cleaned = _cleaned(probes, self._places)
        wrong = [
            one
            for one in probes
            if one.later is None
            and among(one)
            and (
                (one.partition, one.place) in cleaned
                or probe_verdict(one, exactly_once=True).state == "different"
            )
        ]
        self._ask({Joined(one.partition, one.remote) for one in wrong})
        explained = [one for one in wrong if self._compacted[one.partition.topic]]
        again = read_whole(self._logs, explained, self._places)
        return [again.get((one.partition, one.place), one) for one in probes]

    def near_the_end(self, one: Probe) -> bool:
        """Whether so few offsets follow the window's first that they can be read whole."""
        records = one.records
        return bool(records) and self._places[one.partition].position - records[0].offset < LATER_LOOK

    def _ask(self, joined: Iterable[Joined]) -> None:
        unknown = [one for one in joined if one.source.topic not in self._compacted]
        if unknown:
            configs = compacted_topics(self._logs.sides, unknown)
            self._compacted |= {
                one.source.topic: is_compacted(configs.get(one.source.topic)) for one in unknown
            }


def _cleaned(probes: Sequence[Probe], places: Mapping[TopicPartition, MirroredRange]) -> set[Key]:
    """The first windows of small logs in whose windows offsets are free: compaction may have been there."""
    free = {one.partition for one in probes if isinstance(one.window, Window) and _has_free(one, one.window)}
    return {
        (one.partition, one.place)
        for one in probes
        if one.partition in free
        and from_the_start(one)
        and places[one.partition].position - places[one.partition].low < LATER_LOOK
    }


def _has_free(one: Probe, window: Window) -> bool:
    if not window.records:
        return False
    begin = window.start if from_the_start(one) else window.records[0].offset
    return window.records[-1].offset + 1 - begin > len(window.records)
