"""`RemoteClusterUtils.translateOffsets` (connect-mirror-client) for Python."""

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
    """Where a group may go on on the target; `metadata` is what it committed with its offset on the
    source."""

    offset: int
    metadata: str


Translated = dict[TopicPartition, OffsetAndMetadata]


def translate_offsets(
    target: ClusterAccess, source_alias: str, group: str, *, separator: str = "."
) -> Translated:
    """The offsets on the target that MM2 has translated for a group of the source, by the target's
    partitions.

    Reads the checkpoints topic to its end, as Java does; the last checkpoint of a partition counts.
    `separator`
    is the replication policy's, whichever policy it is: checkpoints carry the target's names already.

    Two things are told that Java passes over in silence: raises CouldNotRead where there is no such topic (or
    no right to it), and for a record that cannot be decoded.
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
                f"there is no topic {topic}, or the user may not Describe it; it sees: {known}",
                "check the source's alias and the separator, and that the checkpoint connector runs",
            )
        # A checkpoint is true even where the transaction it was written in never ended: Java reads it, too.
        reader = stack.enter_context(Reader(target, isolation_level="read_uncommitted"))
        checkpoints = Checkpoints(cluster, reader, topic, IsolationLevel.READ_UNCOMMITTED)
        for dated in checkpoints.read().values():
            one = dated.checkpoint
            found.setdefault(one.group, {})[one.partition] = OffsetAndMetadata(one.downstream, one.metadata)
    return found
