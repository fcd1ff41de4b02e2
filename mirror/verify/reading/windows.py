"""Reads the windows that records-match is judged from, in the order that the check's docstring gives."""

from __future__ import annotations

import time
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import blake2b
from types import MappingProxyType

from mirror.clients.records import TopicPartition, Unread, Window
from mirror.clients.sides import Joined
from mirror.clients.stretches import Stretch
from mirror.verify.reading.compaction import Key
from mirror.verify.reading.copies import WINDOW_SECONDS, Copies
from mirror.verify.reading.excuses import Excuses
from mirror.verify.reading.look import Look
from mirror.verify.reading.parts import SECOND_GLANCE_SECONDS, committed
from mirror.verify.reading.places import BothLogs, MirroredRange, places
from mirror.verify.values.matched_windows import Begins, MatchedWindows
from mirror.verify.values.probe import Probe, Sample, needs_more, probe_verdict

_Asked = tuple[MirroredRange, str, Stretch]
"""Where a window is looked for, its name, and what is read."""


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
    logs = BothLogs(look.sides, *readers)
    reading = _Reading(logs, wanted.window_records, turn, look.session.memory.matched)
    probes, empty = reading.probes(chosen, seen.positions, seen.starts, seen.copy_ends)
    if wrong := _different(probes, exactly_once):
        time.sleep(SECOND_GLANCE_SECONDS)
        differing = [one for one in chosen if one.source in wrong]
        again, _ = reading.probes(differing, seen.positions, seen.starts, seen.copy_ends)
        probes = [one for one in probes if one.partition not in wrong] + again
        wrong = _different(again, exactly_once)
    reading.remember(probes, wrong, exactly_once=exactly_once)
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
    """The two logs, how large a window is, and the windows that need not be read."""

    def __init__(self, logs: BothLogs, count: int, turn: int, kept: MatchedWindows | None = None) -> None:
        self._logs = logs
        self._count = count
        self._turn = turn
        self._kept = kept
        self._begins: dict[TopicPartition, Begins] = {}

    def probes(
        self,
        joined: Sequence[Joined],
        positions: Mapping[TopicPartition, int],
        starts: Mapping[TopicPartition, int],
        copy_ends: Mapping[TopicPartition, int] = MappingProxyType({}),
    ) -> tuple[list[Probe], int]:
        """The probes of these partitions, and how many of them have nothing to compare."""
        found, unread, empty = places(self._logs, self._count, joined, positions, starts, copy_ends)
        self._begins |= {one.joined.source: Begins(one.low, one.target.start) for one in found}
        by_partition = {place.joined.source: place for place in found}
        copies = Copies(self._logs, self._count, by_partition)
        known = self._known(found)
        probes = self._by_timestamp(found, copies, {(one.partition, one.place) for one in known})
        excuses = Excuses(self._logs, by_partition)
        # What compaction explains has to be read whole, so it need not be looked for elsewhere: at once where
        # little follows, else before it is looked for far away.
        probes = excuses.given(probes, excuses.near_the_end)
        probes = excuses.given(copies.by_proportion(probes), needs_more)
        probes = excuses.given(copies.far(probes))
        order = {one.joined.source: number for number, one in enumerate(found)}
        return unread + sorted((*known, *probes), key=lambda one: order[one.partition]), empty

    def remember(
        self, probes: Iterable[Probe], wrong: Collection[TopicPartition], *, exactly_once: bool
    ) -> None:
        """Keep the windows that the next looks need not read; of the `wrong` partitions they read all."""
        if self._kept is None:
            return
        now = time.monotonic()
        for one in probes:
            if one.partition in self._begins:
                self._kept.keep(one, self._begins[one.partition], now, exactly_once=exactly_once)
        self._kept.forget(wrong)

    def _known(self, places: Sequence[MirroredRange]) -> list[Probe]:
        """The windows that an earlier look has seen, of logs that are longer than their windows."""
        if self._kept is None:
            return []
        now, found = time.monotonic(), list[Probe]()
        for one in places:
            partition = one.joined.source
            if not self._short(one):
                seen = (
                    self._kept.of(partition, kind, self._begins[partition], now)
                    for kind in ("head", "middle")
                )
                found += [probe for probe in seen if probe is not None]
        return found

    def _short(self, one: MirroredRange) -> bool:
        return one.position + 1 - one.low <= 3 * self._count

    def _by_timestamp(
        self, places: Sequence[MirroredRange], copies: Copies, known: Container[Key]
    ) -> list[Probe]:
        """The windows that are not known with their copies, as far as timestamps lead to them; kind by kind.

        The copies of one kind of window are looked up and read while the source's next kind is.
        """
        silent: dict[TopicPartition, Unread] = {}
        pending = []
        with (
            ThreadPoolExecutor(max_workers=1, thread_name_prefix="guesses") as before,
            ThreadPoolExecutor(max_workers=1, thread_name_prefix="copies") as beside,
        ):
            for kind in self._asked(places, known):
                probes = self._windows(kind, silent)
                guessed = before.submit(copies.guess, probes)
                pending.append(beside.submit(_copied, copies, probes, guessed))
        return [probe for each in pending for probe in each.result()]

    def _asked(self, places: Sequence[MirroredRange], known: Container[Key]) -> Sequence[Sequence[_Asked]]:
        """Head, middle and tail of each partition, kind by kind; one window where they would meet."""
        heads: list[_Asked] = []
        middles: list[_Asked] = []
        tails: list[_Asked] = []
        for one in places:
            partition, stop = one.joined.source, one.position + 1
            if self._short(one):
                heads.append((one, "whole", Stretch(partition, one.low, stop)))
                continue
            middle = one.low + self._count + _some(partition, self._turn, stop - one.low - 2 * self._count)
            heads.append((one, "head", Stretch(partition, one.low, stop, self._count)))
            middles.append((one, "middle", Stretch(partition, middle, stop, self._count)))
            tails.append((one, "tail", Stretch(partition, max(one.low, stop - 2 * self._count), stop)))
        kinds = (
            [one for one in kind if (one[0].joined.source, one[1]) not in known]
            for kind in (heads, middles, tails)
        )
        return [kind for kind in kinds if kind]

    def _windows(self, asked: Sequence[_Asked], silent: dict[TopicPartition, Unread]) -> list[Probe]:
        """The source's records; one window of each partition at most. `silent`: partitions that could not be
        read, which are not asked again: each may take all the time."""
        wanted = (stretch for one, _, stretch in asked if one.joined.source not in silent)
        read = self._logs.source.records(wanted, WINDOW_SECONDS)
        probes = []
        for one, name, _ in asked:
            [window] = read.get(one.joined.source) or [silent[one.joined.source]]
            if isinstance(window, Unread):
                silent[one.joined.source] = window
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


def _copied(copies: Copies, probes: Sequence[Probe], guessed: Future[None]) -> list[Probe]:
    guessed.result()
    return copies.by_timestamp(probes)


def _some(partition: TopicPartition, turn: int, room: int) -> int:
    """A number below `room` that differs from partition to partition and from turn to turn."""
    drawn = blake2b(f"{partition} {turn}".encode(), digest_size=8).digest()
    return int.from_bytes(drawn, "big") % max(1, room)
