"""What a recovery is asked to do, and what follows from it for one partition. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from mirror.audit.selection import WHOLE, ChosenPartitions, choose
from mirror.clients.records import TopicPartition
from mirror.clients.topics import Topics
from mirror.cutover.recovery.scan import Scanned
from mirror.cutover.recovery.topics import quarantine
from mirror.cutover.recovery.write import Parcel
from mirror.verify.baseline import Baseline
from settings import filters
from settings.model import Settings

To = Literal["quarantine", "topic"]


@dataclass(frozen=True, slots=True)
class RecoveryOptions:
    """What to look at, and whether to write."""

    topics: tuple[str, ...] = ()
    """Names on the source; empty: all mirrored topics."""
    write: bool = False
    to: To = "quarantine"
    conflicts_to: To = "quarantine"
    lanes: int = 2
    groups: bool = True
    even_empty: bool = False
    """Also look where the source has none of the mirrored topics, instead of refusing."""
    target_login: Mapping[str, Any] | None = None
    """librdkafka properties for writing on the target, instead of the mirror's user."""

    def chosen(self, topics: Topics) -> ChosenPartitions:
        """Return the partitions to look at. Raises CouldNotRun."""
        if self.even_empty and not topics.matched:
            return ChosenPartitions(topics, (), ())
        return choose(topics, self.topics, WHOLE)


def created_again(
    partition: TopicPartition, ids: Mapping[str, str], then: Baseline | None, mirrored: int, end: int
) -> str:
    """Return why the source's offsets are not those that MM2 has mirrored; empty where they are. Pure."""
    known = then.topics.get(partition.topic) if then else None
    now = ids.get(partition.topic, "")
    if known and known.id and now and known.id != now:
        return f"topic {partition.topic} was deleted and created again on the source (its id differs)"
    if mirrored >= end:
        return f"the source's log ends at offset {end}, and MM2 has mirrored up to {mirrored}"
    return ""


def began(partition: TopicPartition, then: Baseline | None) -> int | None:
    """Return where the log of a partition began when the mirror took over: 0 of a topic that was created
    since. None where it is not known. Pure.
    """
    if then is None:
        return None
    known = then.topics.get(partition.topic)
    return known.begin(partition.partition) if known and partition.partition < known.partitions else 0


def deleted(settings: Settings, then: Baseline, there: Collection[str]) -> list[str]:
    """Return the topics of the baseline that the source does not have any more. Pure."""
    return [name for name in sorted(then.topics) if name not in there and filters.mirrored(settings, name)]


def parcel(one: Scanned, options: RecoveryOptions, copies: Mapping[str, str]) -> Parcel:
    """Decide where each missing record goes. `copies`: their names, by topic of the source. Pure.

    A partition that the target does not have can only be quarantined, and so can records of a topic that was
    created again: their order among the copies is unknown. Where the target may have deleted newer records,
    every record with a key may be in conflict; where it stamps records anew, any may be there already.
    """
    extent, judgement = one.extent, one.judgement
    if judgement is None:
        raise ValueError("a partition without a judgement has no records to write")
    copy = extent.target.topic if extent.target else copies[extent.source.topic]
    every, none = judgement.missing, np.empty(0, np.int64)
    if options.to == "quarantine" or extent.target is None or extent.anew:
        held = every
    elif options.conflicts_to == "topic":
        held = none
    elif judgement.stamped:
        held = every  # each may be in the topic already
    elif one.conflicts_unknown:
        held = every[judgement.in_conflict | judgement.keyed]
    else:
        held = every[judgement.in_conflict]
    return Parcel(extent.source, every, held, copy, quarantine(copy), extent.topic_id, extent.to_topic)
