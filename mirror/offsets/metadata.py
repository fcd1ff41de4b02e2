"""Takes along what a client has committed with an offset, as MM2 does: setting an offset must not lose it.

Kafka Streams keeps the stream time of each partition there (`TopicPartitionMetadata`, KAFKA-7994). Without
it, records that had come too late for their window count again after a move.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mirror.clients.group_offsets import Commits
from mirror.clients.records import TopicPartition, Unread
from mirror.offsets.applying import OffsetChange

MOST_BYTES = 4_096
"""A broker refuses an offset with more (`offset.metadata.max.bytes`, its default)."""


def with_metadata(
    changes: Sequence[OffsetChange], commits: Mapping[str, Commits | Unread]
) -> list[OffsetChange]:
    """Return the changes with the metadata of the groups' commits where they have read (`OffsetRow.source`);
    none where that could not be read, or is too long. Pure.

    None either where a group is set back: the stream time of a later position would make every record that it
    reads again one that has come too late.
    """
    return [
        one if one.rewinds else replace(one, metadata=_metadata(commits.get(one.row.group), one.row.source))
        for one in changes
    ]


def _metadata(commits: Commits | Unread | None, partition: TopicPartition) -> str:
    commit = None if commits is None or isinstance(commits, Unread) else commits.get(partition)
    return fitting(commit.metadata) if commit is not None else ""


def fitting(metadata: str) -> str:
    """Return the metadata; nothing where a broker would refuse it, or the client cannot send it (NUL)."""
    return metadata if len(metadata.encode()) <= MOST_BYTES and "\0" not in metadata else ""
