"""The baseline as a value, and as the bytes in which the stack keeps it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

LIMIT = 1_000_000
"""Bytes that a ConfigMap can keep, with a little room: Kubernetes allows 1 MiB of content.

10,000 topics of 3 partitions take 270 to 460 KB (topic ids are random, begin offsets may be), of 12
partitions 270 to 940 KB (docs/verification.md).
"""
_VERSION = 1


class TooLarge(Exception):
    """More topics than fit in a ConfigMap."""


@dataclass(frozen=True, slots=True)
class TopicThen:
    """A source topic at the mirror's start. `id` is empty where the cluster has none (KIP-516 came with
    Kafka 2.8); `begins` are the partitions' begin offsets, empty where they are not kept, -1 where unread.
    """

    id: str
    partitions: int
    begins: tuple[int, ...] = ()

    def begin(self, partition: int) -> int | None:
        """The offset at which the partition began; None where it is unknown."""
        if partition >= len(self.begins) or self.begins[partition] < 0:
            return None
        return self.begins[partition]


@dataclass(frozen=True, slots=True)
class Baseline:
    """`taken` is when it was begun (ISO 8601), `cluster` the source's cluster id."""

    taken: str
    cluster: str
    topics: Mapping[str, TopicThen] = field(default_factory=dict)
    groups: tuple[str, ...] = ()

    def lacks(self, partitions: Mapping[str, int]) -> bool:
        """Whether any of these topics, or any of their partitions, is not in it."""
        return any(
            name not in self.topics or self.topics[name].partitions < count
            for name, count in partitions.items()
        )

    def extended(self, seen: Baseline) -> Baseline:
        """Add new topics, partitions and groups; keep the ids and begin offsets that are known."""
        topics = dict(self.topics)
        for name, now in seen.topics.items():
            then = topics.get(name)
            topics[name] = now if then is None else _grown(then, now)
        return replace(self, topics=topics, groups=tuple(sorted({*self.groups, *seen.groups})))

    def encode(self, limit: int = LIMIT) -> bytes:
        """Compressed, the same bytes for the same baseline. Where it would be too large, begin offsets are
        left out: that a topic was created again is found without them. Raises TooLarge.
        """
        encoded = self._encode()
        if len(encoded) > limit:
            short = {name: replace(one, begins=()) for name, one in self.topics.items()}
            encoded = replace(self, topics=short)._encode()
        if len(encoded) > limit:
            raise TooLarge(f"{len(self.topics):,} topics take {len(encoded):,} bytes; {limit:,} are kept")
        return encoded

    def _encode(self) -> bytes:
        topics = {name: [one.id, one.partitions, one.begins] for name, one in sorted(self.topics.items())}
        text = {
            "version": _VERSION,
            "taken": self.taken,
            "cluster": self.cluster,
            "topics": topics,
            "groups": self.groups,
        }
        return zlib.compress(json.dumps(text, separators=(",", ":")).encode(), 9)

    def about(self) -> str:
        """One line for people who look at the ConfigMap."""
        partitions = sum(one.partitions for one in self.topics.values())
        return (
            f"{len(self.topics)} topics with {partitions} partitions and {len(self.groups)} groups of "
            f"cluster {self.cluster}, begun {self.taken}"
        )


def decode(encoded: bytes) -> Baseline:
    """Raises ValueError for anything that `encode` did not make."""
    try:
        text: Mapping[str, Any] = json.loads(zlib.decompress(encoded))
        if text["version"] != _VERSION:
            raise ValueError(f"its version is {text['version']}; this program knows {_VERSION}")
        topics = {
            str(name): TopicThen(str(topic_id), int(count), tuple(begins))
            for name, (topic_id, count, begins) in text["topics"].items()
        }
        return Baseline(str(text["taken"]), str(text["cluster"]), topics, tuple(text["groups"]))
    except (zlib.error, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it is damaged ({type(error).__name__})") from error


def _grown(then: TopicThen, now: TopicThen) -> TopicThen:
    """Partitions that were added begin where they do now; a topic made anew says nothing of the old one."""
    if now.partitions <= then.partitions or now.id != then.id:
        return then
    begins: tuple[int, ...] = ()
    if len(then.begins) == then.partitions and len(now.begins) == now.partitions:
        begins = (*then.begins, *now.begins[then.partitions :])
    return replace(then, partitions=now.partitions, begins=begins)
