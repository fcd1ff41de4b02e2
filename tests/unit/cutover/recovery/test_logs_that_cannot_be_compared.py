"""A partition of which nobody could read whether its source was restored is not judged.

Its missing records would be counted from an offset of another log, and the way home would begin there, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from typing import Any, cast

import pytest

from mirror.clients.cluster import Cluster
from mirror.clients.reader import Reader
from mirror.clients.records import Bounds, Record, TopicPartition, Unread, Window
from mirror.clients.stretches import Stretch
from mirror.cutover.recovery.same_log import not_near
from mirror.cutover.recovery.scan import Extent
from tests.unit.cutover.recovery.two_clusters import ROWS, Scene
from tests.unit.support.made_up import record

COPY = TopicPartition("copy", 0)
ONE = TopicPartition("orders", 0)


def test_a_partition_that_was_not_compared_is_neither_written_nor_passed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.promoted({"orders": [250, 0, 0, 0]})
    real = Reader.records

    def slow(self: Reader, stretches: Iterable[Stretch], seconds: float = 45.0) -> Any:
        found = real(self, stretches, seconds)
        return {one: [Unread("not read in time")] for one in found}

    with monkeypatch.context() as patch:
        patch.setattr(Reader, "records", slow)
        report = scene.run(write=True, to="topic")
    assert not report.passed
    assert report.written == []
    (partition,) = report.unread
    assert partition.unread == "whether it was restored could not be read: not read in time"
    assert scene.run(write=True, to="topic").left == 0


def test_a_region_that_is_back_in_part_gives_what_it_has(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A partition without a leader, as after the loss of a broker, ended the command for all of them."""
    scene.source.write("orders", 1, ROWS)
    real = Cluster.bounds

    def bounds(self: Cluster, partitions: Iterable[TopicPartition], *how: Any) -> Any:
        found = real(self, partitions, *how)
        dead = TopicPartition("orders", 1)
        of_source = self.access is not scene.target.access
        return found | ({dead: Unread("no leader")} if of_source and dead in found else {})

    scene.promoted({"orders": [250, 0, 0, 0]})
    with monkeypatch.context() as patch:
        patch.setattr(Cluster, "bounds", bounds)
        with ExitStack() as stack:
            recovery = scene.recovery(stack)
            ended = {one.source: one for one in recovery.with_ends(recovery.extents(), confirmed=True)}
        report = scene.run(write=True)
    assert ended[TopicPartition("orders", 1)].uncompared == "the ends of its log: no leader"
    assert [(one.partition, one.records) for one in report.written or ()] == [(0, 50)]
    assert not report.passed
    [left] = report.unread
    assert left.unread == "whether it was restored could not be read: the ends of its log: no leader"
    assert scene.run(write=True).left == 0


class Log:
    """A consumer of one partition. `last`: how many of its records a stretch has to ask for, at least."""

    def __init__(self, *records: Record) -> None:
        self.records_, self.asked = records, list[int]()

    def records(self, stretches: Iterable[Stretch], seconds: float = 45.0) -> Any:
        found: dict[TopicPartition, list[Window | Unread]] = {}
        for one in stretches:
            self.asked.append(one.stop - one.start)
            there = [record for record in self.records_ if one.start <= record.offset < one.stop]
            found[one.partition] = [Window(one.start, one.stop, there, True)]
        return found


def far(source: Log, target: Log, *, mirrored: int = 99, end: int = 200) -> list[Extent]:
    one = Extent(ONE, COPY, mirrored, -1, Bounds(0, 150), 150, Bounds(0, 300), end)
    found, unread = not_near([one], cast(Reader, source), cast(Reader, target))
    assert unread == {}
    return found


def test_few_copies_are_read_first_and_more_where_the_last_one_is_not_among_them() -> None:
    near, further = Log(record(195, "last")), Log(record(150, "last"))
    assert far(Log(record(99, "last")), near) == []
    assert far(Log(record(99, "last")), further) == []
    assert (near.asked, further.asked) == ([8], [8, 64])


def test_a_source_without_a_record_at_the_position_is_compared_by_an_earlier_one() -> None:
    """The log cleaner may have removed it; or the log is another one, which has a marker there."""
    assert len(far(Log(record(98, "other")), Log(record(199, "last")))) == 1
