"""What a promotion sets anew: every offset that MM2 has set on the target, at what it is."""

from __future__ import annotations

import time
from contextlib import ExitStack

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition

from mirror.clients.cluster import Cluster
from mirror.clients.group_offsets import Commit, Commits
from mirror.clients.records import TopicPartition as Partition
from mirror.clients.records import Unread
from mirror.mm2.formats import Checkpoint, CheckpointKey
from mirror.mm2.topics import Dated
from mirror.offsets.renewal import OLD_SECONDS, aged, renew
from mirror.verify.reading import parts
from mirror.verify.reading.look import Look, Session
from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.stack import Stack
from tests.lab.support.super_user import access


def test_what_a_client_keeps_with_its_offset_stays(regions: Regions) -> None:
    """MM2 takes it along, and so does whoever sets an offset anew."""
    west, west_access = regions.kafka("west"), access(regions, "west")
    group = topic = "keeps-metadata"
    kafka.create_topic(west, topic)
    where = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, 0, 0, "AgAAAZ")])
    administrator = kafka.administrator(west)
    administrator.alter_consumer_group_offsets([where])[group].result(30)
    try:
        with Cluster(west_access) as cluster:
            cluster.connect()
            one = Partition(topic, 0)
            key, old = CheckpointKey(group, one), Dated(Checkpoint(group, one, 0, 0, ""), 0.0)
            found = renew(cluster, lambda: west_access, {key: old}, 2 * OLD_SECONDS)
            assert (found.offsets, found.refused) == (1, {})
            assert cluster.group_commits([group]) == {group: {one: Commit(0, None, "AgAAAZ")}}
    finally:
        kafka.delete_group(west, group)
        kafka.delete_topic(west, topic)


def test_brokers_take_them_from_the_mirrors_user(proven: Stack) -> None:
    [settings] = proven.settings()
    with ExitStack() as stack:
        session = Session(settings, proven.project, stack)
        look = Look(session, (parts.translated,))
        checkpoints = session.bookkeeping(look.topics)[0].read()
        target, resource = look.sides.target, look.resource
        groups = sorted({key.group for key in checkpoints})

        def there() -> dict[str, Commits | Unread]:
            return target.group_commits(groups)

        in_two_days = time.time() + 2 * OLD_SECONDS
        old = aged(checkpoints, there(), in_two_days)
        assert len(old) > 20, "24 partitions of orders alone"
        found = renew(target, lambda: session.deployed.mirror_user(resource), checkpoints, in_two_days)
        assert (found.offsets, found.refused) == (len(old), {})
        now = there()
        for one in old:
            commits = now[one.row.group]
            assert not isinstance(commits, Unread)
            assert commits[one.row.target].offset >= one.row.offset, "MM2 goes on raising it"
