"""Reads the target's stretches that must hold the copies of windows: step T of records-match."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from mirror.clients.records import Record, TopicPartition, Unread, Window
from mirror.clients.stretches import Stretch
from mirror.verify.comparison import Copy
from mirror.verify.reading.places import BothLogs, MirroredRange
from mirror.verify.values.probe import Probe, common, needs_more

# Offsets before the place of a window's copy, for what stands around it; transaction markers take some.
AROUND = 16
# How far the target is read on where timestamps lead astray.
FAR_LOOK = 20_000
# A busy broker is no difference between two logs.
WINDOW_SECONDS = 120.0
_Key = tuple[TopicPartition, str]


class Copies:
    """The copies of the windows of some partitions; `count`: the records of a window."""

    def __init__(self, logs: BothLogs, count: int, places: Mapping[TopicPartition, MirroredRange]) -> None:
        self._logs = logs
        self._count = count
        self._places = places
        self._few = 4 * count + 4 * AROUND
        self._guesses: dict[_Key, int] = {}
        self._silent: dict[TopicPartition, Unread] = {}
        """Partitions that could not be read: they are not asked again, each may take all the time."""

    def guess(self, probes: Sequence[Probe]) -> None:
        """Ask where timestamps say that the copies of these windows are."""
        self._guesses |= self._by_timestamp([one for one in probes if needs_more(one)])

    def by_timestamp(self, probes: Sequence[Probe]) -> list[Probe]:
        """The probes with the target's records where the timestamps say; `guess` was called before."""
        return self._read(probes, self._guesses, self._few)

    def by_proportion(self, probes: Sequence[Probe]) -> list[Probe]:
        """Those that are not found yet are looked for where they stand if both logs grow alike."""
        return self._read(probes, self._by_proportion(probes, back=self._few // 2), self._few)

    def far(self, probes: Sequence[Probe]) -> list[Probe]:
        """Those that are not found yet are looked for further on, further back, and by proportion."""
        found = list(probes)
        by_proportion = self._by_proportion(probes, back=FAR_LOOK // 2)
        for guess in (self._guesses, self._further_back(self._guesses), by_proportion):
            found = self._read(found, guess, FAR_LOOK)
        return found

    def _read(self, probes: Sequence[Probe], guess: Mapping[_Key, int], limit: int) -> list[Probe]:
        """Read at most `limit` records from the guessed offset on, for the probes that need more."""
        found = [
            replace(one, copy=self._silent[one.remote])
            if one.remote in self._silent and needs_more(one)
            else one
            for one in probes
        ]
        open_ = [number for number, one in enumerate(found) if needs_more(one)]
        stretches = []
        for number in open_:
            one = found[number]
            bounds = self._places[one.partition].target
            start = max(bounds.start, guess.get(_key(one), bounds.end - self._count) - AROUND)
            stretches.append(Stretch(one.remote, start, bounds.end, limit, _whole(one)))
        read = {
            partition: iter(windows)
            for partition, windows in self._logs.target.records(stretches, WINDOW_SECONDS).items()
        }
        for number, stretch in zip(open_, stretches, strict=True):
            held = found[number]
            copy = _copy(next(read[stretch.partition]), stretch, self._places[held.partition])
            fresh = replace(held, copy=copy)
            if isinstance(copy, Unread):
                self._silent[held.remote] = copy
            # A guess that leads elsewhere must not hide what the last one showed.
            if isinstance(copy, Unread) or held.copy is None or common(fresh) >= common(held):
                found[number] = fresh
        return found

    def _by_timestamp(self, probes: Iterable[Probe]) -> dict[_Key, int]:
        """The first target offset at or after a window's timestamps. Each is at or before the copy of its
        record, so the largest leads nearest."""
        guesses: dict[_Key, int] = {}
        probes = list(probes)
        asked = [
            ({one.remote: one for one in probes if one.place in names}, choose, back)
            for choose, back in ((_first, 0), (_middle, self._count), (_last, 2 * self._count))
            for names in (("whole", "head"), ("middle",), ("tail",))
        ]
        answers = self._logs.sides.target.offsets_at_each(
            {remote: choose(one).timestamp for remote, one in by_remote.items()}
            for by_remote, choose, _ in asked
        )
        for (by_remote, _, back), offsets in zip(asked, answers, strict=True):
            for remote, offset in offsets.items():
                key = _key(by_remote[remote])
                guesses[key] = max(guesses.get(key, 0), offset - back)
        return guesses

    def _further_back(self, guesses: Mapping[_Key, int]) -> dict[_Key, int]:
        """Where many offsets around a copy hold no record."""
        return {key: offset - 16 * (self._count + AROUND) for key, offset in guesses.items()}

    def _by_proportion(self, probes: Iterable[Probe], back: int) -> dict[_Key, int]:
        guesses = {}
        for one in probes:
            if not one.records:
                continue
            place = self._places[one.partition]
            share = (_first(one).offset - place.low) / max(1, place.position + 1 - place.low)
            length = place.target.end - place.target.start
            guesses[_key(one)] = place.target.start + int(share * length) - back
        return guesses


def _copy(window: Window | Unread, stretch: Stretch, place: MirroredRange) -> Copy | Unread:
    if isinstance(window, Unread):
        return window
    return Copy(
        window.records,
        from_start=stretch.start <= place.target.start,
        at_end=window.at_end or window.end >= place.target.end,
        cut=place.cut,
    )


def _whole(one: Probe) -> Callable[[Record], bool]:
    """Enough is the whole window and one more record. The window's last record alone is not enough: records
    that are the same may stand anywhere, where timestamps are equal or do not count.
    """
    records = one.records
    newest = deque[Record](maxlen=len(records))
    found = False

    def enough(record: Record) -> bool:
        nonlocal found
        if found:
            return True
        newest.append(record)
        found = (
            len(newest) == len(records)
            and records[-1].same_as(record)
            and all(map(Record.same_as, records, newest))
        )
        return False

    return enough


def _key(one: Probe) -> _Key:
    return one.partition, one.place


def _first(one: Probe) -> Record:
    return one.records[0]


def _middle(one: Probe) -> Record:
    return one.records[len(one.records) // 2]


def _last(one: Probe) -> Record:
    return one.records[-1]
