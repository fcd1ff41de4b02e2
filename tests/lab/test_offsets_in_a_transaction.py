"""An offset that a transaction commits is a group's last one once the transaction has ended (KIP-447)."""

from __future__ import annotations

import csv
import io

from confluent_kafka import Consumer, Producer, TopicPartition

from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.scratch import half_read
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until

READ = 20


def test_an_export_says_so_until_it_has_ended(proven: Stack, regions: Regions) -> None:
    east = regions.kafka("east")
    with half_read(regions, READ) as (topic, group):

        def exported() -> tuple[str, str]:
            """The source offset and the note."""
            ran = proven.offsets("export", "--exact", "--group", group).ok()
            [row] = csv.DictReader(io.StringIO(ran.stdout))
            return row["source_offset"], row["note"]

        assert exported() == (str(READ), "")
        # No member: as after the kill of an application whose transaction is still open.
        consumer = Consumer({**east, "group.id": group, "enable.auto.commit": False})
        producer = Producer({**east, "transactional.id": f"{group}-1", "transaction.timeout.ms": 300_000})
        producer.init_transactions(60)
        producer.begin_transaction()
        where = [TopicPartition(topic.topic, 0, 2 * READ)]
        producer.send_offsets_to_transaction(where, consumer.consumer_group_metadata(), 60)
        consumer.close()
        offset, note = exported()
        assert offset == str(READ)
        assert "a transaction that commits a later offset has not ended: export again" in note
        producer.commit_transaction(60)
        until("the transaction's offset", lambda: exported() == (str(2 * READ), ""), seconds=120)
        assert kafka.committed(east, group, topic.topic) == 2 * READ
