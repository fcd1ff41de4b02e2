"""One look at the mirror: everything that the checks need, read once and in the order that makes it right.

    t0  topics of both sides, the source's groups        one request a broker
    t1  D: the groups' offsets on the target             before what they were translated from
    t2  P: MM2's committed source positions              before the target's ends: what P says is there
    t3  lag: source after P
    t4  tails: target ends and newest records, then the source from P on
    t5  groups: target ends, then C: the groups' offsets on the source, then records

Whatever moves in between makes the mirror look further behind and the groups more cautious than they are,
never the other way round. One thing can still look wrong for some milliseconds: a transaction's markers
reach the offsets topic and the mirrored partitions one after the other, so P may be visible before P's
record. What looks wrong is therefore read a second time, with the same D and P, before it is reported.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from mirror.checks.groups_translated import GroupPartition, translation
from mirror.checks.lag import PartitionLag, behind
from mirror.checks.tail_matches import Tail, verdict
from mirror.observe.groups import GroupOffsets, read_groups
from mirror.observe.lags import last_missing, read_lags
from mirror.observe.model import Topic, TopicPartition
from mirror.observe.positions import Positions
from mirror.observe.sides import Joined, Sides
from mirror.observe.tails import read_tails
from mirror.problems import CouldNotRead
from settings import filters, replication_policy
from settings.model import Settings
from settings.names import Names

# Long enough for a transaction's markers to arrive everywhere, short for people.
SECOND_GLANCE_SECONDS = 1.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Observation:
    """What one look saw. A part that could not be read is the reason instead."""

    source_topics: Mapping[str, Topic]
    target_topics: Mapping[str, Topic]
    matched: Mapping[str, str]  # matched source topic -> its name on the target
    absent: tuple[TopicPartition, ...] = ()  # matched source partitions without their copy
    lags: Sequence[PartitionLag] | CouldNotRead = ()
    tails: Sequence[Tail] | CouldNotRead = ()
    groups: Sequence[GroupPartition] | CouldNotRead = ()
    unreadable_groups: Mapping[str, str] = field(default_factory=dict)
    positions_at: float = 0.0  # when MM2's positions were read, in seconds since the epoch


class Observer:
    """Looks again and again through the same connections."""

    def __init__(self, settings: Settings, sides: Sides) -> None:
        self._settings = settings
        self._names = Names.of(settings)
        self._sides = sides
        self._positions: Positions | None = None

    def look(self, parts: Collection[str]) -> Observation:
        """`parts` are the names of the checks to read for; `topics` are always read."""
        source_topics, target_topics = self._sides.together(
            self._sides.source.topics, self._sides.target.topics
        )
        matched = matched_topics(self._settings, source_topics)
        joined, absent = join(matched, source_topics, target_topics)
        seen = Observation(source_topics, target_topics, matched, absent)
        if not {"lag", "tail-matches", "groups-translated"} & set(parts):
            return seen
        translated = self._translated() if "groups-translated" in parts else {}
        try:
            positions = self._read_positions(target_topics)
        except CouldNotRead as error:
            return replace(seen, lags=error, tails=error, groups=error)
        seen = replace(seen, positions_at=time.time())
        if "tail-matches" in parts:
            seen = replace(seen, tails=_part(lambda: self._tails(joined, positions)))
        if "groups-translated" in parts:
            seen = self._groups(seen, translated, positions, joined)
        if "lag" in parts:
            partitions = [
                TopicPartition(name, number)
                for name in matched
                for number in range(source_topics[name].partitions)
            ]
            seen = replace(seen, lags=_part(lambda: self._lags(partitions, positions, seen.positions_at)))
        return seen

    def _translated(self) -> GroupOffsets | CouldNotRead:
        try:
            groups = [
                group
                for group in self._sides.source.groups()
                if filters.group_matches(self._settings.mirror, group)
            ]
            return self._sides.target.group_offsets(groups)
        except CouldNotRead as error:
            return error

    def _read_positions(self, target_topics: Mapping[str, Topic]) -> dict[TopicPartition, int]:
        if self._positions is None:
            topic = target_topics.get(self._names.offsets_topic)
            if topic is None:
                raise CouldNotRead(
                    f"reading MM2's committed source positions on {self._sides.target.alias}",
                    f"there is no topic {self._names.offsets_topic}, or the verifier may not Describe it",
                    "Connect makes it when its worker starts: look at the worker's log and the mirror's ACLs",
                )
            self._positions = Positions(
                self._sides.target,
                self._sides.target_reader,
                topic.name,
                topic.partitions,
                self._names.source_connector,
                self._settings.source.alias,
            )
        return self._positions.read()

    @property
    def _starts(self) -> dict[TopicPartition, int]:
        return {} if self._positions is None else self._positions.starts

    def _lags(
        self, partitions: Sequence[TopicPartition], positions: Mapping[TopicPartition, int], at: float
    ) -> list[PartitionLag]:
        """Records may carry any timestamp. So where a partition looks too old, a second look at the
        positions decides: everything missing at first and mirrored now was late by the time between at most.
        """
        lags = read_lags(self._sides, partitions, positions)
        late = {
            one.partition: last
            for one in lags
            if one.position is not None
            and behind(one, at).seconds > self._settings.verification.max_lag_seconds
            and (last := last_missing(one)) is not None
        }
        if not late or self._positions is None:
            return lags
        time.sleep(SECOND_GLANCE_SECONDS)
        later = self._positions.read()
        between = time.time() - at
        drained = {one for one, last in late.items() if later.get(one, -1) >= last}
        return [replace(one, drained_seconds=between) if one.partition in drained else one for one in lags]

    def _tails(self, joined: Sequence[Joined], positions: Mapping[TopicPartition, int]) -> list[Tail]:
        tails = read_tails(self._sides, joined, positions, self._starts)
        now = time.time()
        wrong = {one.partition for one in tails if verdict(one, now).finding is not None}
        if not wrong:
            return tails
        time.sleep(SECOND_GLANCE_SECONDS)
        again = read_tails(
            self._sides, [one for one in joined if one.source in wrong], positions, self._starts
        )
        better = {one.partition: one for one in again}
        return [better.get(one.partition, one) for one in tails]

    def _groups(
        self,
        seen: Observation,
        translated: GroupOffsets | CouldNotRead,
        positions: Mapping[TopicPartition, int],
        joined: Sequence[Joined],
    ) -> Observation:
        if isinstance(translated, CouldNotRead):
            return replace(seen, groups=translated)
        try:
            groups, unreadable = read_groups(self._sides, translated, positions, joined, self._starts)
            wrong = {
                one.group: translated[one.group]
                for one in groups
                if translation(one).state in ("unsafe", "past-end", "unknown")
            }
            if wrong:
                time.sleep(SECOND_GLANCE_SECONDS)
                again, more = read_groups(self._sides, wrong, positions, joined, self._starts)
                groups = [one for one in groups if one.group not in wrong] + again
                unreadable |= more
        except CouldNotRead as error:
            return replace(seen, groups=error)
        return replace(seen, groups=groups, unreadable_groups=unreadable)


def matched_topics(settings: Settings, source_topics: Mapping[str, Topic]) -> dict[str, str]:
    """Each source topic that MM2 mirrors, with its name on the target."""
    mirror = settings.mirror
    return {
        name: replication_policy.remote_topic(
            mirror.replication_policy, mirror.replication_policy_separator, settings.source.alias, name
        )
        for name in sorted(source_topics)
        if filters.topic_matches(
            mirror, name, source_alias=settings.source.alias, target_alias=settings.target.alias
        )
    }


def join(
    matched: Mapping[str, str], source: Mapping[str, Topic], target: Mapping[str, Topic]
) -> tuple[list[Joined], tuple[TopicPartition, ...]]:
    """The partitions that are on both sides, and those without a copy."""
    joined, absent = [], []
    for name, remote in matched.items():
        copies = target[remote].partitions if remote in target else 0
        for number in range(source[name].partitions):
            one = TopicPartition(name, number)
            if number < copies:
                joined.append(Joined(one, TopicPartition(remote, number)))
            else:
                absent.append(one)
    return joined, tuple(absent)


def _part(read: Callable[[], T]) -> T | CouldNotRead:
    try:
        return read()
    except CouldNotRead as error:
        return error
