"""Reads the offsets that MM2 translated for a group: `RemoteClusterUtils.translateOffsets` for Python."""

from __future__ import annotations

from contextlib import ExitStack
from typing import NamedTuple

from confluent_kafka import IsolationLevel

from mirror.clients.access import ClusterAccess
from mirror.clients.cluster import Cluster
from mirror.clients.reader import Reader
from mirror.clients.records import TopicPartition
from mirror.mm2.topics import Checkpoints
from mirror.problems import CouldNotRead
from settings import replication_policy


class OffsetAndMetadata(NamedTuple):
    """The offset at which a group may resume on the target; `metadata` is from its commit on the source."""

    offset: int
    metadata: str


Translated = dict[TopicPartition, OffsetAndMetadata]


def translate_offsets(
    target: ClusterAccess, source_alias: str, group: str, *, separator: str = "."
) -> Translated:
    """The offsets on the target that MM2 translated for a group of the source, by target partition.

    Reads the checkpoints topic to its end, as Java does; the last checkpoint of a partition counts.
    `separator` is that of the replication policy. The policy itself does not matter, because checkpoints
    contain the topic names of the target.

    Raises CouldNotRead where the topic is missing or forbidden, and for a record that cannot be decoded. Java
    ignores both.
    """
    return translate_all_offsets(target, source_alias, separator=separator).get(group, {})


def translate_all_offsets(
    target: ClusterAccess, source_alias: str, *, separator: str = "."
) -> dict[str, Translated]:
    """The same for every group at once. Raises CouldNotRun."""
    topic = replication_policy.checkpoints_topic(separator, source_alias)
    found: dict[str, Translated] = {}
    with ExitStack() as stack:
        cluster = stack.enter_context(Cluster(target))
        cluster.connect()
        topics = cluster.topics()
        if topic not in topics:
            ending = replication_policy.checkpoints_topic(separator, "")
            known = ", ".join(name for name in topics if name.endswith(ending)) or "none"
            raise CouldNotRead(
                f"reading the checkpoints of {source_alias} on {target.describe()}",
                f"topic {topic} does not exist, or the user may not Describe it; visible checkpoint "
                f"topics: {known}",
                "check the source's alias and the separator, and that the checkpoint connector runs",
            )
        # A checkpoint is valid even if its transaction never ended: Java reads it, too.
        reader = stack.enter_context(Reader(target, isolation_level="read_uncommitted"))
        checkpoints = Checkpoints(cluster, reader, topic, IsolationLevel.READ_UNCOMMITTED)
        for dated in checkpoints.read().values():
            one = dated.checkpoint
            found.setdefault(one.group, {})[one.partition] = OffsetAndMetadata(one.downstream, one.metadata)
    return found
