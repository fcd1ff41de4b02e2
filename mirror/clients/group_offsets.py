"""Reads committed offsets of many groups together.

The alternative, one consumer for each group, needs one login for each group: minutes for thousands of groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
        """The same with the leader epochs."""
        wanted = list(groups)
        found: dict[str, Commits | Unread] = {}
        for first in range(0, len(wanted), AT_ONCE):
            part = wanted[first : first + AT_ONCE]
            answer = self._helper.ask({"offsets": part}, "the groups' committed offsets")
            found |= {group: _parsed(answer[group]) for group in part}
        return found

    def pending(self, groups: Iterable[str]) -> dict[str, list[TopicPartition] | Unread]:
        """Where a transaction that commits the group's offset (`sendOffsetsToTransaction`) has not ended: the
        offset that `read` gives is the one before it. A group's first offset of all is not seen.

        Raises CouldNotRead where the helper crashes repeatedly.
        """
        found: dict[str, list[TopicPartition] | Unread] = {}
        wanted = list(groups)
        for first in range(0, len(wanted), AT_ONCE):
            part = wanted[first : first + AT_ONCE]
            answer = self._helper.ask({"pending": part}, "the groups' pending offsets")
            found |= {
                group: Unread(one) if isinstance(one, str) else [TopicPartition(*each) for each in one]
                for group, one in answer.items()
            }
        return found


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
