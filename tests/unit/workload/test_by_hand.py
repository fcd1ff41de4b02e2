"""One record sent, seen and read on by a group, as a person would in a demonstration."""

from __future__ import annotations

import threading

import pytest
from confluent_kafka import Message

from lab.workload import resume, send, watch
from lab.workload.connection import Cluster
from mirror.problems import CouldNotRun


def test_a_record_that_is_sent_is_seen_by_who_watches(cluster: Cluster) -> None:
    send(cluster, "orders", "before", "not seen")
    stopping, ready = threading.Event(), threading.Event()
    seen: list[Message] = []

    def look() -> None:
        for message in watch(cluster, "orders", stopping=stopping, ready=ready.set):
            seen.append(message)
            stopping.set()

    thread = threading.Thread(target=look)
    thread.start()
    assert ready.wait(10)
    sent = send(cluster, "orders", "you", "hello", headers=(("h", b"1"),))
    thread.join(10)
    stopping.set()
    assert [(m.key(), m.value(), m.headers()) for m in seen] == [(b"you", b"hello", [("h", b"1")])]
    assert (seen[0].partition(), seen[0].offset()) == (sent.partition, sent.offset)


def test_a_tombstone_has_no_value(cluster: Cluster) -> None:
    send(cluster, "customers", "customer-00001", None)
    (first,) = [next(watch(cluster, "customers", from_beginning=True))]
    assert (first.key(), first.value()) == (b"customer-00001", None)


def test_a_group_goes_on_where_it_stopped(cluster: Cluster) -> None:
    for number in range(12):
        send(cluster, "orders", "one key, one partition", str(number))
    first = resume(cluster, "orders-fulfilment", "orders", most=5)
    then = resume(cluster, "orders-fulfilment", "orders")
    (partition,) = first.first_read
    assert (first.read, first.committed, first.first_read, first.at_end) == (5, {}, {partition: 0}, False)
    assert (then.read, then.first_read, then.at_end) == (7, {partition: 5}, True)
    assert then.committed[partition] == 5
    assert then.left_at[partition] == 12
    assert "committed 5, resumed at 5, now 12" in str(then)


def test_a_topic_nobody_knows_needs_a_user(cluster: Cluster) -> None:
    with pytest.raises(CouldNotRun, match="--user"):
        send(cluster, "elsewhere", "k", "v")
    with pytest.raises(CouldNotRun, match="audit-review"):
        resume(cluster, "elsewhere", "orders")


def test_brokers_that_do_not_answer_are_named_not_waited_for() -> None:
    nobody = Cluster("west", lambda user: {"bootstrap.servers": "localhost:1"})
    with pytest.raises(CouldNotRun, match=r"(?s)to orders in region west as orders-producer.*lab status"):
        send(nobody, "orders", "k", "v", seconds=1.0)
