"""Marks: how far the recovery of each source partition is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mirror.clients.cluster import Cluster
from mirror.clients.reader import Reader
from mirror.clients.records import Bounds, Entry, ReadTo, TopicPartition, Unread
from mirror.cutover.recovery.marks import (
    Mark,
    digest_of,
    encode,
    mark_of,
    of_this_log,
    parse,
    read_marks,
)
from mirror.mm2.positions import parse_key
from mirror.problems import CouldNotRead

CONNECTOR = "east->west.MirrorSourceConnector"
ONE = TopicPartition("orders", 3)
TOPIC = "__east-to-west-offset"
Row = tuple[bytes | None, bytes | None]


def test_a_mark_is_read_as_it_was_written() -> None:
    mark = Mark(41, "id-1", 12)
    assert parse(CONNECTOR, "east", encode(CONNECTOR, "east", ONE, mark)) == (ONE, mark)


def test_a_mark_is_written_as_the_docstring_shows_it() -> None:
    """The next version has to read it."""
    assert encode(CONNECTOR, "east", ONE, Mark(41, "id-1", 12)) == (
        b'["region-mirror-recovered:east->west.MirrorSourceConnector",'
        b'{"cluster":"east","partition":3,"topic":"orders"}]',
        b'{"offset":41,"id":"id-1","to_topic":12}',
    )


def test_a_mark_keeps_a_digest_of_its_record_that_every_process_reads() -> None:
    mark = Mark(41, "id-1", 12, digest_of(Entry(41, 1_000, None, b"paid")))
    assert mark.record == "0ce9ebd0a776ec2a.1000"
    assert parse(CONNECTOR, "east", encode(CONNECTOR, "east", ONE, mark)) == (ONE, mark)
    assert digest_of(Entry(41, 1, b"a", b"bc")) != digest_of(Entry(41, 1, b"ab", b"c"))
    assert digest_of(Entry(41, 1, b"a", None)) != digest_of(Entry(41, 1, b"a", b"-"))


def here(mark: Mark, log: Bounds, found: list[Entry] | Unread) -> bool:
    def entries(asked: Mapping[TopicPartition, tuple[int, int]]) -> dict[TopicPartition, Any]:
        assert set(asked.values()) <= {(41, 42)}
        return dict.fromkeys(asked, found)

    reader = SimpleNamespace(entries=entries, access=SimpleNamespace(describe=lambda: "east"))
    left, notes = of_this_log({ONE: mark}, {ONE: log}, cast(Reader, reader))
    assert all(one.startswith("orders-3: the log is not the one of an earlier run") for one in notes)
    assert left[ONE].to_topic == mark.to_topic, "these records are in the topic, whatever the source has"
    assert bool(notes) is (left[ONE].offset == -1)
    return left[ONE].offset == mark.offset


def test_a_mark_counts_until_another_record_has_its_place() -> None:
    last = Entry(41, 1_000, b"k", b"v")
    other = last._replace(value=b"w")
    mark, log = Mark(41, "id", 3, digest_of(last)), Bounds(0, 50)
    assert here(mark, log, [last])
    assert here(mark, log, []), "the log cleaner has removed it"
    assert here(mark, Bounds(42, 50), [other]), "retention has removed it"
    assert not here(mark, Bounds(41, 50), [other]), "the first record of the log"
    assert here(Mark(41, "id"), log, [other]), "a mark of an older release"
    assert not here(mark, log, [other])
    assert not here(mark, log, [last._replace(timestamp=1_001)])
    assert not here(Mark(41, "id"), Bounds(0, 41), []), "the log ends before it"
    with pytest.raises(CouldNotRead, match="reading the last recovered record of orders-3 of east") as caught:
        here(mark, log, Unread("no answer"))
    assert caught.value.happened == "no answer"
    assert caught.value.way_out == "check the source's brokers, and run the same command again"


def test_a_mark_without_an_id_or_a_count_has_none() -> None:
    key, _ = encode(CONNECTOR, "east", ONE, Mark(41))
    assert parse(CONNECTOR, "east", (key, b'{"offset":41}')) == (ONE, Mark(41, "", 0))


def test_a_partition_without_a_mark_begins_before_its_first_record() -> None:
    marks = {ONE: Mark(41, "id-1", 3)}
    assert mark_of(marks, ONE, "id-1") == Mark(41, "id-1", 3)
    assert mark_of(marks, ONE, "id-2") == Mark(-1), "the topic was created again"
    assert mark_of(marks, ONE, "") == Mark(41, "id-1", 3), "a cluster without topic ids"
    assert mark_of(marks, TopicPartition("orders", 4), "id-1") == Mark(-1)


def test_neither_connect_nor_verification_takes_a_mark_for_a_position() -> None:
    key, _ = encode(CONNECTOR, "east", ONE, Mark(41))
    assert parse_key(key, CONNECTOR, "east") is None


def test_what_is_no_mark_is_ignored_and_a_damaged_one_counts_as_none() -> None:
    key, _ = encode(CONNECTOR, "east", ONE, Mark(41))
    assert parse(CONNECTOR, "east", (b'["other",{}]', b"{}")) is None
    assert parse(CONNECTOR, "east", (key, None)) == (ONE, None)
    assert parse(CONNECTOR, "east", (key, b"what")) == (ONE, None)


def test_a_topic_that_was_created_again_has_no_mark() -> None:
    assert Mark(41, "id-1").of("id-1")
    assert not Mark(41, "id-1").of("id-2")
    assert Mark(41, "id-1").of(""), "a cluster without topic ids"


LATE, NO_LEADER = Unread("the time was over"), Unread("no leader")


def read(rows: Mapping[int, list[Row] | Unread]) -> dict[TopicPartition, Mark]:
    """The marks in the offsets topic, of which `rows` are the partitions."""
    partitions = {TopicPartition(TOPIC, number): found for number, found in rows.items()}

    def bounds(asked: Iterable[TopicPartition]) -> dict[TopicPartition, Any]:
        return {one: Unread("no leader") if partitions[one] == NO_LEADER else Bounds(2, 9) for one in asked}

    def pass_on(
        wanted: Mapping[TopicPartition, tuple[int, int]],
        convert: object,
        to: Callable[[TopicPartition], Callable[[Row], None]],
    ) -> dict[TopicPartition, ReadTo]:
        assert set(wanted.values()) <= {(2, 9)}
        found = {}
        for one in wanted:
            answer = partitions[one]
            found[one] = ReadTo(2, answer.reason, answer == LATE) if isinstance(answer, Unread) else ReadTo(9)
            for row in [] if isinstance(answer, Unread) else answer:
                to(one)(row)
        return found

    cluster = SimpleNamespace(bounds=bounds, access=SimpleNamespace(describe=lambda: "the target"))
    reader = SimpleNamespace(pass_on=pass_on)
    return read_marks(cast(Cluster, cluster), cast(Reader, reader), TOPIC, len(rows), CONNECTOR, "east")


def test_the_newest_mark_of_each_partition_counts_and_a_deleted_one_does_not() -> None:
    def mark(partition: TopicPartition, *values: Any) -> Row:
        return encode(CONNECTOR, "east", partition, Mark(*values))

    other, gone, never = (TopicPartition("orders", number) for number in range(3))
    position = (b'["east->west.MirrorSourceConnector",{}]', b'{"offset":99}')
    found = read({
        0: [mark(ONE, 41), position, mark(ONE, 60, "id")],
        1: [mark(other, 7), mark(gone, 8), (mark(gone, 8)[0], None), (mark(never, 8)[0], None)],
    })  # fmt: skip
    assert found == {ONE: Mark(60, "id"), other: Mark(7)}


def test_marks_that_cannot_be_read_stop_the_recovery() -> None:
    """Without them, records would be recovered twice."""
    with pytest.raises(CouldNotRead) as caught:
        read({0: [encode(CONNECTOR, "east", ONE, Mark(41))], 1: Unread("not authorized")})
    assert caught.value.tried == (
        "reading the marks of earlier recoveries from __east-to-west-offset-1 of the target"
    )
    assert caught.value.happened == "not authorized"
    assert caught.value.way_out == "the verifier needs Read and Describe on topic __east-to-west-offset"


@pytest.mark.parametrize(
    ("answer", "way_out"),
    [(LATE, "look again, or with `--wait`"), (NO_LEADER, "the verifier needs Read and Describe on topic")],
)
def test_why_they_cannot_be_read_decides_the_way_out(answer: Unread, way_out: str) -> None:
    with pytest.raises(CouldNotRead) as caught:
        read({0: answer})
    assert caught.value.happened == answer.reason
    assert caught.value.way_out.startswith(way_out)
    assert TOPIC in caught.value.way_out


def test_a_deleted_mark_is_none_however_its_key_was_spelled() -> None:
    key, value = encode(CONNECTOR, "east", ONE, Mark(41))
    assert key is not None
    assert read({0: [(key.replace(b",", b", "), value), (key, None)]}) == {}
    assert read({0: [(key, None), (key.replace(b",", b", "), value)]}) == {ONE: Mark(41)}
