"""records-match reads the two logs side by side, and each window before its copy."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping

import pytest

from mirror.clients.records import TopicPartition, Unread, Window
from mirror.clients.stretches import Stretch
from mirror.verify.reading.copies import Copies
from mirror.verify.reading.windows import _Reading
from mirror.verify.values.probe import Probe, probe_verdict
from tests.unit.verify import test_windows_are_read_where_they_are as plain

mocks, reading = plain.mocks, plain.reading
PATIENCE = 2.0
Windows = Mapping[TopicPartition, list[Window | Unread]]


def test_copies_of_one_kind_are_read_while_the_source_reads_the_next(
    reading: _Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = reading._logs.source.records, reading._logs.target.records
    asked, second = list[int](), threading.Event()
    in_time = list[bool]()

    def on_source(stretches: Iterable[Stretch], seconds: float) -> Windows:
        asked.append(1)
        if len(asked) == 2:
            second.set()
        return source(stretches, seconds)

    def on_target(stretches: Iterable[Stretch], seconds: float) -> Windows:
        in_time.append(second.wait(PATIENCE))
        return target(stretches, seconds)

    monkeypatch.setattr(reading._logs.source, "records", on_source)
    monkeypatch.setattr(reading._logs.target, "records", on_target)
    found = plain.probes(reading, {plain.GOOD: 399, plain.LAGGING: 199})
    assert [probe_verdict(one, exactly_once=True).state for one in found] == ["same"] * 6
    assert all(in_time), "the target was read before the source was asked for its second kind of window"


def test_a_copy_is_read_after_its_window_and_windows_come_partition_by_partition(
    reading: _Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each in its order, whichever side is faster."""
    read = Copies.by_timestamp
    kinds = list[set[str]]()

    def by_timestamp(self: Copies, probes: list[Probe]) -> list[Probe]:
        assert all(isinstance(one.window, Window) and one.copy is None for one in probes)
        kinds.append({one.place for one in probes})
        return read(self, probes)

    monkeypatch.setattr(Copies, "by_timestamp", by_timestamp)
    found = plain.probes(reading, {plain.GOOD: 399, plain.SHORT: 4, plain.LAGGING: 199})
    assert kinds == [{"head", "whole"}, {"middle"}, {"tail"}]
    three = ["head", "middle", "tail"]
    assert [one.place for one in found] == [*three, "whole", *three]
    assert [one.partition.partition for one in found] == [0, 0, 0, 2, 3, 3, 3]


def test_a_source_that_cannot_be_read_is_an_error_and_no_pass(
    reading: _Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = reading._logs.source.records
    asked = list[int]()

    def on_source(stretches: Iterable[Stretch], seconds: float) -> Windows:
        asked.append(1)
        if len(asked) == 2:
            raise RuntimeError("gone")
        return source(stretches, seconds)

    monkeypatch.setattr(reading._logs.source, "records", on_source)
    with pytest.raises(RuntimeError, match="gone"):
        plain.probes(reading, {plain.GOOD: 399})


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_partition_that_does_not_answer_costs_its_time_once(
    reading: _Reading, monkeypatch: pytest.MonkeyPatch, side: str
) -> None:
    """Head, middle and tail were each waited for, two minutes at a time."""
    log = getattr(reading._logs, side)
    records, asked = log.records, list[TopicPartition]()

    def without_the_first(stretches: Iterable[Stretch], seconds: float) -> Windows:
        wanted = list(stretches)
        asked.extend(one.partition for one in wanted)
        found = records([one for one in wanted if one.partition.partition != 0], seconds)
        return {**found, **{one.partition: [late] for one in wanted if one.partition.partition == 0}}

    late = Unread("not read in time")
    monkeypatch.setattr(log, "records", without_the_first)
    found = plain.probes(reading, {plain.GOOD: 399, plain.LAGGING: 199})
    assert [one.partition for one in asked].count(0) == 1
    verdicts = [probe_verdict(one, exactly_once=True) for one in found]
    assert [one.state for one in verdicts] == ["different"] * 3 + ["same"] * 3
    assert all("not read in time" in one.reason for one in verdicts[:3])
