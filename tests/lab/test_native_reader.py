"""The audit's native reader on real brokers: the very records that confluent-kafka's Consumer sees."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from mirror.audit.blocks import NO_PRODUCER_TIME
from mirror.audit.native import NativeLog
from mirror.clients.access import ClusterAccess, ScramCredential
from mirror.clients.records import Bounds, TopicPartition
from mirror.problems import CouldNotConnect
from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.super_user import access
from tests.lab.support.wait import until
from tests.unit.audit.expected_columns import rows_by_consumer, rows_of


@pytest.fixture
def topic(regions: Regions) -> Iterator[str]:
    """A name that nobody else uses; nothing of it is left afterwards."""
    name = f"scratch-native-{uuid.uuid4().hex[:8]}"
    yield name
    kafka.delete_topic(regions.kafka("east"), name)


def create(regions: Regions, topic: str, config: dict[str, str]) -> TopicPartition:
    admin = AdminClient(regions.kafka("east"))
    admin.create_topics([NewTopic(topic, 1, config=config)])[topic].result(60)
    return TopicPartition(topic, 0)


def why_not(access: ClusterAccess) -> str:
    """Why a cluster cannot be read. A broker that is busy answers too late now and then."""
    with pytest.raises(CouldNotConnect) as raised, NativeLog(access):
        pass
    return str(raised.value)


def test_transactions_aborts_and_markers(regions: Regions, topic: str) -> None:
    one = create(regions, topic, {})
    config = regions.kafka("east")
    producer = Producer({**config, "transactional.id": topic, "compression.type": "zstd"})
    producer.init_transactions(60)
    for number in range(20):
        producer.begin_transaction()
        for record in range(5):
            headers: list[tuple[str, str | bytes | None]] = [
                ("number", b"%d" % number),
                ("null", None),
                ("null", None),
            ]
            producer.produce(topic, None if record == 3 else b"v%d" % record, b"k", 0, headers=headers)
        if number % 3 == 2:
            producer.flush(60)
            producer.abort_transaction(60)
        else:
            producer.commit_transaction(60)
    with NativeLog(access(regions, "east")) as log:
        start, end = log.bounds([one])[one]  # type: ignore[misc]
        with log.blocks(one, start, end) as blocks:
            [block] = blocks
    # 20 transactions of five records and a marker; the last offset is a marker, six were aborted.
    assert (start, end) == (0, 120)
    assert (len(block), block.next_offset, block.at_end) == (14 * 5, 120, True)
    assert rows_of([block]) == rows_by_consumer(config, one)


def test_an_open_transaction_ends_the_log(regions: Regions, topic: str) -> None:
    one = create(regions, topic, {})
    producer = Producer({**regions.kafka("east"), "transactional.id": topic})
    producer.init_transactions(60)
    kafka.produce(regions.kafka("east"), topic, ["before"] * 3)
    producer.begin_transaction()
    producer.produce(topic, b"open", partition=0)
    producer.flush(60)
    kafka.produce(regions.kafka("east"), topic, ["behind"])
    with NativeLog(access(regions, "east")) as log:
        assert log.bounds([one])[one] == Bounds(0, 3)
        with log.blocks(one, 0, 5) as blocks:
            [block] = blocks
        assert (block.offsets.tolist(), block.next_offset, block.at_end) == ([0, 1, 2], 3, True)
        producer.abort_transaction(60)
        # The coordinator answers before its marker is in the log (KIP-98: WriteTxnMarkers follows).
        until("the marker", lambda: log.bounds([one])[one] == Bounds(0, 6), seconds=30)
        with log.blocks(one, 0, 6) as blocks:
            [block] = blocks
        assert (block.offsets.tolist(), block.next_offset, block.at_end) == ([0, 1, 2, 4], 6, True)


def test_the_brokers_own_timestamps_are_marked(regions: Regions, topic: str) -> None:
    one = create(regions, topic, {"message.timestamp.type": "LogAppendTime"})
    config = regions.kafka("east")
    kafka.produce_at(config, topic, "stamped on arrival", 1000)
    with NativeLog(access(regions, "east")) as log, log.blocks(one, 0, 1) as blocks:
        [block] = blocks
    assert block.flags.tolist() == [NO_PRODUCER_TIME]
    assert rows_of([block]) == rows_by_consumer(config, one)
    assert block.timestamps[0] > 1000


def test_a_log_whose_head_was_deleted_goes_on_at_its_first_record(regions: Regions, topic: str) -> None:
    one = create(regions, topic, {})
    config = regions.kafka("east")
    kafka.produce(config, topic, [str(number) for number in range(10)])
    kafka.delete_records(config, topic, 4)
    with NativeLog(access(regions, "east")) as log, log.blocks(one, 0, 10) as blocks:
        [block] = blocks
    assert block.offsets.tolist() == [4, 5, 6, 7, 8, 9]


def test_a_refused_login_is_explained(regions: Regions) -> None:
    refused = replace(
        access(regions, "east"),
        bootstrap_servers=regions.listener("east", "scram"),
        credential=ScramCredential("nobody", "a wrong password"),
    )
    until("the broker to refuse", lambda: "login refused" in why_not(refused), seconds=120)
    assert "a wrong password" not in why_not(refused)


def test_a_wrong_authority_is_explained(regions: Regions) -> None:
    other = (regions.lab.pki("west") / "cluster-ca.crt").read_text()
    wrong = replace(access(regions, "east"), ca_pem=other)
    until("the certificate to be refused", lambda: "TLS failed" in why_not(wrong), seconds=120)
