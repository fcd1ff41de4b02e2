"""Seeding against a Kafka protocol mock: records, transactions and groups; interrupted and repeated."""

from __future__ import annotations

import dataclasses

from confluent_kafka import Consumer, TopicPartition

from lab.workload.connection import Cluster
from lab.workload.groups import advance
from lab.workload.history import missing, transactions
from lab.workload.loading import committed_transactions, load_records, load_transactions
from lab.workload.roster import GROUPS, Group, Position, Topic
from lab.workload.topics import Offsets

ORDERS = Topic("orders", 4, 200, "orders-producer", "orders-consumer", "orders-reader")
PAYMENTS = Topic("payments", 4, 400, "payments-producer", "payments-consumer", "reader", read_committed=True)


def ends(cluster: Cluster, topic: Topic) -> Offsets:
    consumer = Consumer(cluster.config("any", {"group.id": "looking"}))
    found = {}
    for partition in range(topic.partitions):
        found[partition] = consumer.get_watermark_offsets(TopicPartition(topic.name, partition), timeout=5)[1]
    consumer.close()
    return found


def committed(cluster: Cluster, group: str, topic: Topic) -> Offsets:
    consumer = Consumer(cluster.config("any", {"group.id": group}))
    positions = consumer.committed(
        [TopicPartition(topic.name, partition) for partition in range(topic.partitions)], timeout=5
    )
    consumer.close()
    return {position.partition: position.offset for position in positions}


def test_a_second_load_has_nothing_to_write(cluster: Cluster) -> None:
    assert load_records(cluster, ORDERS, {}, seed=1, started_at_ms=0) == 200
    assert load_records(cluster, ORDERS, ends(cluster, ORDERS), seed=1, started_at_ms=0) == 0
    assert sum(ends(cluster, ORDERS).values()) == 200


def test_an_interrupted_load_goes_on(cluster: Cluster) -> None:
    first_half = dataclasses.replace(ORDERS, history=90)
    load_records(cluster, first_half, {}, seed=1, started_at_ms=0)
    assert load_records(cluster, ORDERS, ends(cluster, ORDERS), seed=1, started_at_ms=0) == 110
    counts = dict.fromkeys(range(4), 0)
    for partition, _ in missing(ORDERS, {}, seed=1):
        counts[partition] += 1
    assert ends(cluster, ORDERS) == counts


def test_interrupted_transactions_go_on_after_the_last_committed_one(cluster: Cluster) -> None:
    plan = transactions(PAYMENTS)
    written = sum(len(item.records) for item in plan)
    assert load_transactions(cluster, PAYMENTS, {}, seed=1, started_at_ms=0) == written
    done = committed_transactions(cluster, PAYMENTS)
    # The mock hands over aborted records too, so only what must be there is asked for.
    assert {item.number for item in plan if not item.aborted} <= done
    assert load_transactions(cluster, PAYMENTS, ends(cluster, PAYMENTS), seed=1, started_at_ms=0) == 0


def test_groups_stop_where_the_history_leaves_them(cluster: Cluster) -> None:
    load_records(cluster, ORDERS, {}, seed=1, started_at_ms=0)
    whole = ends(cluster, ORDERS)
    middle = Group("orders-review", "orders", "orders-consumer", Position.MIDDLE)
    finished = Group("audit-archive", "orders", "analytics-consumer", Position.FINISHED)
    advance(cluster, middle, whole)
    advance(cluster, finished, whole)
    assert committed(cluster, middle.name, ORDERS) == {number: end // 2 for number, end in whole.items()}
    assert committed(cluster, finished.name, ORDERS) == whole


def test_each_position_is_held_by_a_group() -> None:
    assert {group.position for group in GROUPS} == set(Position)
