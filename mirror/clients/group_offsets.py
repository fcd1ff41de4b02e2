"""Reads committed offsets of many groups together.

The alternative, one consumer for each group, needs one login for each group: minutes for thousands of groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from mirror.clients.group_helper import GroupHelper
from mirror.clients.records import TopicPartition, Unread

# Groups in one question: each needs two requests, which must be answered within the helper's time.
AT_ONCE = 500

Offsets = dict[TopicPartition, int]


class Commit(NamedTuple):
    """A committed offset. Consumers commit the leader epoch of the record with it (KIP-320), MM2 and tools of
    administrators commit none. `metadata`: the text that a client keeps with it, such as the stream time of
    Kafka Streams (`TopicPartitionMetadata`, KAFKA-7994); MM2 takes it along."""

    offset: int
    leader_epoch: int | None
    metadata: str = ""


Commits = dict[TopicPartition, Commit]


class GroupOffsets:
    """Reads group offsets of one cluster through its helper process."""

    def __init__(self, helper: GroupHelper) -> None:
        self._helper = helper

    def read(self, groups: Iterable[str]) -> dict[str, Offsets | Unread]:
        """Committed offsets by group; empty for a group without offsets, and for one that does not exist.

        Raises CouldNotRead where the helper crashes repeatedly.
        """
        return offsets_of(self.commits(groups))

    def commits(self, groups: Iterable[str]) -> dict[str, Commits | Unread]:
        """The same with the leader epochs and metadata."""
        return {group: _parsed(answer) for group, answer in self._asked("offsets", "committed", groups)}

    def pending(self, groups: Iterable[str]) -> dict[str, list[TopicPartition] | Unread]:
        """Where a transaction that commits the group's offset (`sendOffsetsToTransaction`) has not ended: the
        offset that `read` gives is the one before it. A group's first offset of all is not seen.

        Raises CouldNotRead where the helper crashes repeatedly.
        """
        return {
            group: Unread(answer) if isinstance(answer, str) else [TopicPartition(*one) for one in answer]
            for group, answer in self._asked("pending", "pending", groups)
        }

    def _asked(self, question: str, which: str, groups: Iterable[str]) -> Iterator[tuple[str, Any]]:
        """The helper's answer for each group, in portions that it can answer in time."""
        wanted = list(groups)
        for first in range(0, len(wanted), AT_ONCE):
            part = wanted[first : first + AT_ONCE]
            answer = self._helper.ask({question: part}, f"the groups' {which} offsets")
            yield from ((group, answer[group]) for group in part)


def offsets_of(commits: Mapping[str, Commits | Unread]) -> dict[str, Offsets | Unread]:
    """The offsets alone."""
    return {
        group: answer if isinstance(answer, Unread) else {one: it.offset for one, it in answer.items()}
        for group, answer in commits.items()
    }


def consumed(commits: Mapping[str, Commits | Unread]) -> frozenset[tuple[str, TopicPartition]]:
    """Groups, and the partitions where their own consumers have committed (KIP-320)."""
    return frozenset(
        (group, one)
        for group, answer in commits.items()
        if not isinstance(answer, Unread)
        for one, commit in answer.items()
        if commit.leader_epoch is not None
    )


def _parsed(answer: Any) -> Commits | Unread:
    if isinstance(answer, str):
        return Unread(answer)
    return {TopicPartition(topic, partition): Commit(*commit) for topic, partition, *commit in answer}
