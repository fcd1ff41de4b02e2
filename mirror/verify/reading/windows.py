"""Reads the windows that records-match is judged from, in the order that the check's docstring gives."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from types import MappingProxyType

from mirror.clients.reader import Stretch
from mirror.clients.records import Record, TopicPartition, Unread, Window
from mirror.clients.sides import Joined
from mirror.verify.comparison import Copy
from mirror.verify.reading.compaction import with_excuses
from mirror.verify.reading.look import Look
from mirror.verify.reading.parts import SECOND_GLANCE_SECONDS, committed
from mirror.verify.reading.places import BothLogs, MirroredRange, places
from mirror.verify.values.probe import Probe, Sample, common, needs_more, probe_verdict

# Offsets before the place of a window's copy, for what stands around it; transaction markers take some.
AROUND = 16
# How far the target is read on where timestamps lead astray.
FAR_LOOK = 20_000
# A busy broker is no difference between two logs.
WINDOW_SECONDS = 120.0
_Key = tuple[TopicPartition, str]


@dataclass(frozen=True, slots=True)
class Windows:
    """What there is to judge."""

    probes: Sequence[Probe]
    sample: Sample


def windows(look: Look) -> Windows:
    """Windows of the partitions whose turn it is; read again where they look wrong."""
    readers = look.sides.readers_of_little()  # they log in while the positions are read
    seen = look.of(committed)
    turn = look.session.turn
    wanted = look.settings.verification
    mirrored = [one for one in look.topics.joined if one.source in seen.positions]
    chosen = in_turn(mirrored, wanted.window_partitions, turn)
    exactly_once = look.settings.mirror.exactly_once
    reading = _Reading(BothLogs(look.sides, *readers), wanted.window_records, turn)
    copy_ends = seen.reader.copy_ends if seen.reader else {}
    probes, empty = reading.probes(chosen, seen.positions, seen.starts, copy_ends)
    if wrong := _different(probes, exactly_once):
        time.sleep(SECOND_GLANCE_SECONDS)
        differing = [one for one in chosen if one.source in wrong]
        again, _ = reading.probes(differing, seen.positions, seen.starts, copy_ends)
        probes = [one for one in probes if one.partition not in wrong] + again
        wrong = _different(again, exactly_once)
    if not wrong:
        look.session.turn += 1
    return Windows(probes, Sample(len(chosen) - empty, len(mirrored), empty))


def _different(probes: Iterable[Probe], exactly_once: bool) -> set[TopicPartition]:
    return {
        one.partition for one in probes if probe_verdict(one, exactly_once=exactly_once).state == "different"
    }


def in_turn(partitions: Sequence[Joined], count: int, turn: int) -> list[Joined]:
    """The `count` partitions whose turn it is, so that all have had theirs after enough turns. The same turn
    always means the same ones: what was found must not vanish with the next look."""
    if len(partitions) <= count:
        return list(partitions)
    start = turn * count % len(partitions)
    return [partitions[(start + step) % len(partitions)] for step in range(count)]


class _Reading:
    """The two logs, and how large a window is."""

    def __init__(self, logs: BothLogs, count: int, turn: int) -> None:
        self._logs = logs
        self._count = count
        self._turn = turn

    def probes(
        self,
        joined: Sequence[Joined],
        positions: Mapping[TopicPartition, int],
        starts: Mapping[TopicPartition, int],
        copy_ends: Mapping[TopicPartition, int] = MappingProxyType({}),
    ) -> tuple[list[Probe], int]:
        """The probes of these partitions, and how many of them have nothing to compare."""
        found, unread, empty = places(self._logs, self._count, joined, positions, starts, copy_ends)
        by_partition = {place.joined.source: place for place in found}
        probes = self._copies(self._windows(found), by_partition)
        return unread + with_excuses(self._logs, probes, by_partition), empty

    def _windows(self, places: Sequence[MirroredRange]) -> list[Probe]:
        """Head, middle and tail of each partition; one window where they would meet."""
        asked: list[tuple[MirroredRange, str, Stretch]] = []
        for one in places:
            partition, stop = one.joined.source, one.position + 1
            if stop - one.low <= 3 * self._count:
                asked.append((one, "whole", Stretch(partition, one.low, stop)))
                continue
            middle = one.low + self._count + _some(partition, self._turn, stop - one.low - 2 * self._count)
            asked.append((one, "head", Stretch(partition, one.low, stop, self._count)))
            asked.append((one, "middle", Stretch(partition, middle, stop, self._count)))
            asked.append((one, "tail", Stretch(partition, max(one.low, stop - 2 * self._count), stop)))
        read = {
            partition: iter(found)
            for partition, found in self._logs.source.records(
                (stretch for _, _, stretch in asked), WINDOW_SECONDS
            ).items()
        }
        probes = []
        for one, name, _ in asked:
            window = next(read[one.joined.source])
            if name == "tail" and isinstance(window, Window):
                window = window._replace(records=window.records[-self._count :])
            first = one.first and name in ("head", "whole")
            probes.append(
                Probe(
                    one.joined.source,
                    one.joined.target,
                    name,
                    window,
                    first=first,
                    gone=one.lost_start,
                    held=one.target.end - one.target.start,
                )
            )
        return probes

    def _copies(self, probes: list[Probe], places: Mapping[TopicPartition, MirroredRange]) -> list[Probe]:
        """The target's stretches: first where timestamps say, then further, then by proportion."""
        looked_for = [one for one in probes if needs_more(one)]
        guesses = self._by_timestamp(looked_for)
        nearby = 4 * self._count + 4 * AROUND
        open_ = list(range(len(probes)))
        for limit, guess in (
            (nearby, guesses),
            (FAR_LOOK, guesses),
            (FAR_LOOK, self._further_back(guesses)),
            (FAR_LOOK, self._by_proportion(looked_for, places)),
        ):
            open_ = [number for number in open_ if needs_more(probes[number])]
            if not open_:
                break
            stretches = []
            for number in open_:
                one = probes[number]
                bounds = places[one.partition].target
                start = max(bounds.start, guess.get(_key(one), bounds.end - self._count) - AROUND)
                stretches.append(Stretch(one.remote, start, bounds.end, limit, _whole(one)))
            read = {
                partition: iter(found)
                for partition, found in self._logs.target.records(stretches, WINDOW_SECONDS).items()
            }
            for number, stretch in zip(open_, stretches, strict=True):
                place = places[probes[number].partition]
                copy = _copy(next(read[stretch.partition]), stretch, place)
                held, fresh = probes[number], replace(probes[number], copy=copy)
                # A guess that leads elsewhere must not hide what the last one showed.
                if isinstance(copy, Unread) or held.copy is None or common(fresh) >= common(held):
                    probes[number] = fresh
        return probes

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

    def _by_proportion(
        self, probes: Iterable[Probe], places: Mapping[TopicPartition, MirroredRange]
    ) -> dict[_Key, int]:
        guesses = {}
        for one in probes:
            place = places[one.partition]
            share = (_first(one).offset - place.low) / max(1, place.position + 1 - place.low)
            length = place.target.end - place.target.start
            guesses[_key(one)] = place.target.start + int(share * length) - FAR_LOOK // 2
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
    """Enough is the window's last record and one more."""
    last = one.records[-1]
    left = sum(last.same_as(record) for record in one.records)

    def enough(record: Record) -> bool:
        nonlocal left
        if left <= 0:
            return True
        left -= last.same_as(record)
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


def _some(partition: TopicPartition, turn: int, room: int) -> int:
    """A number below `room` that differs from partition to partition and from turn to turn."""
    drawn = blake2b(f"{partition} {turn}".encode(), digest_size=8).digest()
    return int.from_bytes(drawn, "big") % max(1, room)
