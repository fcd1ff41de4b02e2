"""What became of the source's log since MM2 mirrored it: where it ends, and whether it is the same. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.verify.baseline import Baseline
from settings import filters
from settings.model import Settings


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


def log_of(stable: Bounds | Unread, high: Bounds | Unread) -> tuple[Bounds, int, str]:
    """Return the source's log up to its last stable offset, its end, and why these could not be read: then
    both are empty. A region that is back in part has partitions without a leader, and the others can be
    recovered. Pure.
    """
    if isinstance(stable, Unread):
        return Bounds(0, 0), 0, f"the ends of its log: {stable.reason}"
    if isinstance(high, Unread):
        return Bounds(0, 0), 0, f"the ends of its log: {high.reason}"
    return stable, high.end, ""


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
