"""The records of a source outside Kubernetes: few, and each says where it belongs."""

from __future__ import annotations

import json
import time

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from lab.errors import LabError
from lab.layout import Lab
from lab.region import clients

TOPICS = {"north": "invoices", "south": "shipments", "central": "ledgers", "older": "claims"}
PARTITIONS = 2
RECORDS = 150
"""In each partition."""
READ = 100
"""How far the group `<topic>-readers` has read each partition."""

_SECONDS = 30.0


def fill(lab: Lab, name: str) -> None:
    """Topic, records and a group that stands in their middle, once. Raises `LabError`."""
    config, topic = clients.admin_client_config(lab, name), TOPICS[name]
    admin = AdminClient(config)
    try:
        if topic in admin.list_topics(timeout=_SECONDS).topics:
            return
        copies = min(3, len(admin.list_topics(timeout=_SECONDS).brokers))
        admin.create_topics([NewTopic(topic, PARTITIONS, copies)])[topic].result(_SECONDS)
        _produce(config, name)
        _commit(admin, name)
    except KafkaException as problem:
        raise LabError(f"{name}: its records could not be written: {problem.args[0].str()}") from problem


def _commit(admin: AdminClient, name: str) -> None:
    """Again until it is done: a new cluster makes its topic of offsets on the first request, and a partition
    that is refused meanwhile is no error of the request.
    """
    group = f"{TOPICS[name]}-readers"
    positions = [TopicPartition(TOPICS[name], partition, READ) for partition in range(PARTITIONS)]
    until = time.monotonic() + _SECONDS
    while True:
        request = ConsumerGroupTopicPartitions(group, positions)
        done = admin.alter_consumer_group_offsets([request])[group].result(_SECONDS)
        errors = [one.error for one in done.topic_partitions if one.error is not None]
        if not errors:
            return
        if time.monotonic() > until:
            raise LabError(f"{name}: the offsets of {group} could not be written: {errors[0].str()}")
        time.sleep(0.5)


def _produce(config: dict[str, object], name: str) -> None:
    producer = Producer({**config, "acks": "all", "linger.ms": 20})
    for partition in range(PARTITIONS):
        for number in range(RECORDS):
            value = json.dumps({"source": name, "partition": partition, "number": number})
            key = f"{name}-{partition}-{number}"
            producer.produce(TOPICS[name], value, key, partition, headers=[("source", name.encode())])
    if left := producer.flush(_SECONDS):
        raise LabError(f"{name}: {left} records were not acknowledged in {_SECONDS:.0f} s")
