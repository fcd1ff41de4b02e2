"""What a recovery is asked to do, and what follows from it for one partition. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mirror.audit.selection import WHOLE, ChosenPartitions, choose
from mirror.clients.topics import Topics
from mirror.cutover.recovery.scan import Scanned
from mirror.cutover.recovery.topics import quarantine
from mirror.cutover.recovery.write import Parcel

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
        if self.even_empty and topics.nothing_of_clients:
            return ChosenPartitions(topics, topics.joined, topics.absent)
        return choose(topics, self.topics, WHOLE)


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
    every = judgement.missing
    if options.to == "quarantine" or extent.target is None or extent.anew:
        held = every
    elif options.conflicts_to == "topic":
        held = every[:0]
    elif judgement.stamped:
        held = every  # each may be in the topic already
    elif one.conflicts_unknown:
        held = every[judgement.in_conflict | judgement.keyed]
    else:
        held = every[judgement.in_conflict]
    return Parcel(extent.source, every, held, copy, quarantine(copy), extent.topic_id, extent.to_topic)
