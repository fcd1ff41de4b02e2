"""The native reader against confluent-kafka's own Consumer on the same logs of a mock cluster."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from confluent_kafka import Producer

from mirror.audit.blocks import BLOCK_RECORDS, NULL_KEY, TOMBSTONE
from mirror.audit.native import NativeLog, loop
from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.problems import CouldNotConnect, CouldNotRead
from tests.unit.audit.expected_columns import rows_by_consumer, rows_of
from tests.unit.support.mock_kafka import MockCluster, PlainAccess

ONE = TopicPartition("orders", 0)
Headers = list[tuple[str, str | bytes | None]]
ODD: list[tuple[bytes | None, bytes | None, Headers]] = [
    (b"key", b"value", []),
    (None, b"no key", []),
    (b"tombstone", None, []),
    (None, None, []),
    (b"", b"", []),
    (b"same as the next but for a header", b"v", [("a", b"1")]),
    (b"same as the next but for a header", b"v", [("a", b"2")]),
    (b"null header", b"v", [("a", None)]),
    (b"empty header", b"v", [("a", b"")]),
    (b"a header without a name", b"v", [("", b"1")]),
    (b"double", b"v", [("a", b"1"), ("a", b"1")]),
    (b"order", b"v", [("a", b"1"), ("b", b"2")]),
    (b"order", b"v", [("b", b"2"), ("a", b"1")]),
    (b"names and values do not run together", b"v", [("ab", b"c")]),
    (b"names and values do not run together", b"v", [("a", b"bc")]),
    (b"\x00" * 40, b"\xff" * 40, [("\u00fcber", b"\x00\x00")]),
    (b"long", b"0123456789" * 1000, [(f"h{number}", b"x" * number) for number in range(40)]),
]


@pytest.fixture(scope="module")
def kafka() -> MockCluster:
    return MockCluster()


@pytest.fixture
def log(kafka: MockCluster) -> Iterator[NativeLog]:
    with NativeLog(kafka.access) as opened:
        yield opened


def write(
    kafka: MockCluster, topic: str, records: list[tuple[bytes | None, bytes | None, Headers]], codec: str
) -> TopicPartition:
    producer = Producer({**kafka.access.client_config(), "compression.type": codec, "linger.ms": 50})
    for number, (key, value, headers) in enumerate(records):
        producer.produce(topic, value, key, 0, timestamp=1_700_000_000_000 + number, headers=headers)
    assert producer.flush(20) == 0
    return TopicPartition(topic, 0)


@pytest.mark.parametrize("codec", ["none", "gzip", "snappy", "lz4", "zstd"])
def test_every_column_is_what_the_consumer_of_confluent_kafka_sees(
    kafka: MockCluster, log: NativeLog, codec: str
) -> None:
    one = write(kafka, f"odd-{codec}", ODD * 5, codec)
    with log.blocks(one, 0, len(ODD) * 5) as blocks:
        rows = rows_of(blocks)
    assert rows == rows_by_consumer(kafka.access.client_config(), one)
    assert len(rows) == len(ODD) * 5


def test_what_differs_has_different_digests(kafka: MockCluster, log: NativeLog) -> None:
    one = write(kafka, "differences", ODD, "none")
    with log.blocks(one, 0, len(ODD)) as blocks:
        rows = rows_of(blocks)
    headers = [row.headers for row in rows if row.headers]
    assert len(set(headers)) == len(headers)
    assert [row.flags for row in rows[:5]] == [0, NULL_KEY, TOMBSTONE, NULL_KEY | TOMBSTONE, 0]
    assert rows[2].value == 0
    assert rows[4].value != 0


def test_reading_ends_at_the_stop_and_says_where_it_goes_on(kafka: MockCluster, log: NativeLog) -> None:
    one = write(kafka, "stops", [(None, b"%d" % number, []) for number in range(100)], "none")
    with log.blocks(one, 10, 30) as blocks:
        [block] = blocks
    assert block.offsets.tolist() == list(range(10, 30))
    assert (block.next_offset, block.at_end) == (30, True)


def test_the_logs_end_before_the_stop_is_an_end(kafka: MockCluster, log: NativeLog) -> None:
    one = write(kafka, "short", [(None, b"a", [])] * 3, "none")
    with log.blocks(one, 0, 1000) as blocks:
        [block] = blocks
    assert (len(block), block.next_offset, block.at_end) == (3, 3, True)
    with log.blocks(one, 3, 1000) as blocks:
        [block] = blocks
    assert (len(block), block.next_offset, block.at_end) == (0, 3, True)


def test_nothing_to_read_is_a_block_that_says_so(kafka: MockCluster, log: NativeLog) -> None:
    with log.blocks(ONE, 7, 7) as blocks:
        [block] = blocks
    assert (len(block), block.next_offset, block.at_end) == (0, 7, True)


def test_a_long_log_comes_in_blocks_and_several_partitions_may_be_open(
    kafka: MockCluster, log: NativeLog
) -> None:
    count = BLOCK_RECORDS + 1000
    for partition in (0, 1):
        for number in range(count):
            while True:
                try:
                    kafka.producer.produce("long", b"%d" % (number + partition), partition=partition)
                    break
                except BufferError:
                    kafka.producer.poll(0.1)
    assert kafka.producer.flush(60) == 0
    one, two = TopicPartition("long", 0), TopicPartition("long", 1)
    with log.blocks(one, 0, count) as ones, log.blocks(two, 0, count) as twos:
        pairs = list(zip(ones, twos, strict=True))
    assert [len(block) for block, _ in pairs] == [BLOCK_RECORDS, 1000]
    assert [block.next_offset for block, _ in pairs] == [BLOCK_RECORDS, count]
    assert [block.at_end for block, _ in pairs] == [False, True]
    assert pairs[0][0].values[1:].tolist() == pairs[0][1].values[:-1].tolist()


def test_a_log_left_early_can_be_read_again(kafka: MockCluster, log: NativeLog) -> None:
    one = write(kafka, "early", [(None, b"%d" % number, []) for number in range(1000)], "none")
    for start in (0, 500, 3):
        with log.blocks(one, start, 900) as blocks:
            assert next(blocks).offsets[0] == start
    with log.blocks(one, 0, 1000) as blocks:
        pass
    with pytest.raises(ValueError, match="closed"):
        next(blocks)


def test_a_partition_may_be_read_twice_at_once(kafka: MockCluster, log: NativeLog) -> None:
    one = write(kafka, "twice", [(None, b"%d" % number, []) for number in range(10)], "none")
    with log.blocks(one, 0, 10) as first, log.blocks(one, 5, 10) as second:
        assert [block.offsets.tolist() for block in second] == [list(range(5, 10))]
        assert [block.offsets.tolist() for block in first] == [list(range(10))]


def test_a_topic_that_is_not_there_is_named(log: NativeLog) -> None:
    with (
        pytest.raises(
            CouldNotRead, match=r"reading nowhere-3 of mock at .*\n  Way out: check that the topic"
        ),
        log.blocks(TopicPartition("nowhere", 3), 0, 10) as blocks,
    ):
        next(blocks)


def test_bounds_come_in_bulk(kafka: MockCluster, log: NativeLog) -> None:
    one = write(kafka, "bounds", [(None, b"a", [])] * 3, "none")
    missing = TopicPartition("bounds", 99)
    found = log.bounds([one, missing])
    assert found[one] == Bounds(0, 3)
    assert isinstance(found[missing], Unread)


def test_a_cluster_that_is_not_there_is_explained() -> None:
    access = PlainAccess("127.0.0.1:1", "", MockCluster().access.credential, "gone")
    with pytest.raises(CouldNotConnect, match=r"gone at 127\.0\.0\.1:1"), NativeLog(access):
        pass


def test_brokers_that_go_away_while_reading_are_explained() -> None:
    kafka = MockCluster()
    one = write(kafka, "going", [(None, b"a", [])] * 3, "none")
    with NativeLog(kafka.access, silence=1.0) as log:
        del kafka.producer
        with pytest.raises(CouldNotConnect, match="not reachable"), log.blocks(one, 0, 3) as blocks:
            next(blocks)


def test_a_log_that_begins_later_goes_on_at_its_first_record(kafka: MockCluster, log: NativeLog) -> None:
    """The mock cluster keeps some 5 MB a partition."""
    for number in range(40):
        kafka.write("cut", 0, [(None, b"%d" % number * 100_000)])
    one = TopicPartition("cut", 0)
    start, end = log.bounds([one])[one]  # type: ignore[misc]
    assert start > 0
    with log.blocks(one, 0, end) as blocks:
        rows = rows_of(blocks)
    assert [row.offset for row in rows] == list(range(start, end))


@pytest.mark.parametrize("what", ["reading", "client"])
def test_closing_waits_for_the_thread_that_reads(
    what: str, kafka: MockCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second Ctrl-C closes the log while other threads are in librdkafka: nothing is freed under them."""
    one = write(kafka, f"closed-{what}", [(b"k", b"v", [])], "none")
    inside, leave, order = threading.Event(), threading.Event(), list[str]()
    real = loop.read

    def slow(*arguments: Any) -> None:
        inside.set()
        assert leave.wait(10)
        real(*arguments)
        order.append("read")

    log = NativeLog(kafka.access)
    with log, ThreadPoolExecutor(2) as pool:
        monkeypatch.setattr(loop, "read", slow)
        reading = log._clients[0].read(one, 0)
        assert reading is not None
        reader = pool.submit(lambda: list(log._blocks(reading, 0, 9)))
        assert inside.wait(10)
        close = reading.close if what == "reading" else log._clients[0].close

        def end() -> None:
            close()
            order.append("closed")

        closer = pool.submit(end)
        with pytest.raises(TimeoutError):
            closer.result(0.3)
        leave.set()
        closer.result(10)
        reader.exception(10)
    assert order[0] == "read"


def test_nothing_is_read_after_the_end(kafka: MockCluster) -> None:
    one = write(kafka, "ended", [(b"k", b"v", [])], "none")
    log = NativeLog(kafka.access)
    with log:
        client = log._clients[0]
        reading = client.read(one, 0)
    assert reading is not None
    with pytest.raises(ValueError, match="the reading of ended-0 is closed"), reading.queue():
        pass
    with pytest.raises(ValueError, match="the client is closed"):
        client.read(one, 0)
    with pytest.raises(ValueError, match="the client is closed"):
        client.poll()
    with pytest.raises(RuntimeError, match="enter it before reading"), log.blocks(one, 0, 1):
        pass
