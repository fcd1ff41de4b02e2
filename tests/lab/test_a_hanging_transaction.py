"""A transaction that never ends holds back later records on the source, and hides them on the target."""

from __future__ import annotations

import time

from confluent_kafka import Producer

from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.scratch import scratch_topic
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until

OLD_SECONDS = 20 * 60
RECORDS = 5


def test_what_is_committed_behind_it_is_not_called_mirrored(proven: Stack, regions: Regions) -> None:
    east = regions.kafka("east")
    with scratch_topic(regions, 0) as topic:
        for number in range(RECORDS):
            kafka.produce_at(east, topic.topic, f"v{number}", _ago(2 * OLD_SECONDS))
        topic.mirrored(RECORDS)
        until("a proven mirror", lambda: not proven.failed_checks(), seconds=120)
        producer = Producer(
            {
                **east,
                "transactional.id": topic.topic,
                "transaction.timeout.ms": 600_000,
            }
        )
        producer.init_transactions(30)
        producer.begin_transaction()
        # No test waits 16 minutes: the record says that it is as old.
        producer.produce(topic.topic, b"held", timestamp=_ago(OLD_SECONDS))
        assert producer.flush(30) == 0
        try:
            topic.produce("committed by somebody else")
            proven.fails_alone("lag")
            ran = proven.verify("--check", "lag")
            assert ran.code == 1
            assert f"--start-offset {RECORDS}" in ran.output
            assert b"committed by somebody else" not in topic.values("west")
        finally:
            producer.abort_transaction(30)
        topic.mirrored(RECORDS + 1)
        until("a proven mirror", lambda: not proven.failed_checks(), seconds=120)


def test_copies_behind_one_on_the_target_are_called_hidden_and_not_lost(
    proven: Stack, regions: Regions
) -> None:
    with scratch_topic(regions, RECORDS) as topic:
        until("a proven mirror", lambda: not proven.failed_checks(), seconds=120)
        config = {**regions.kafka("west"), "transactional.id": topic.topic, "transaction.timeout.ms": 600_000}
        producer = Producer(config)
        producer.init_transactions(30)
        producer.begin_transaction()
        producer.produce(topic.topic, b"held")
        assert producer.flush(30) == 0
        try:
            topic.produce("mirrored behind it")
            proven.fails_alone("tail-matches")
            ran = proven.verify("--check", "tail-matches")
            said = " ".join(ran.output.split())
            assert ran.code == 1
            assert "on the target has not ended" in said
            assert "mirror nothing again" in said
            assert "The next steps" not in said
        finally:
            producer.abort_transaction(30)
        topic.mirrored(RECORDS + 1)
        until("a proven mirror", lambda: not proven.failed_checks(), seconds=120)


def _ago(seconds: float) -> int:
    return int((time.time() - seconds) * 1000)
