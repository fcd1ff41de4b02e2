"""A deployment that is run again leaves out no more, and a position of an earlier mirror is found."""

from __future__ import annotations

import pytest

from mirror.clients.records import Bounds, TopicPartition
from mirror.mm2.connect_format import StartPosition
from mirror.problems import CouldNotRun
from mirror.start.initial_offsets.choice import not_later, positions, resumed_before, start_of
from tests.unit.support.made_up import ORDERS, settings

LATEST = settings(start_from="latest").mirror
NOON = settings(start_from="2026-11-01T12:00:00+00:00").mirror
TWO = TopicPartition("orders", 1)
BY_OFFSET = settings(start_from_by_topic={"orders": "offsets 10,0"}).mirror


@pytest.mark.parametrize(
    ("before", "position", "left_out"),
    [({ORDERS: 95}, 95, 86), ({ORDERS: 98}, 98, 89), ({ORDERS: 99}, 99, 90), ({ORDERS: 120}, 99, 90)],
)
def test_what_was_written_since_an_interrupted_deployment_is_mirrored(
    before: dict[TopicPartition, int], position: int, left_out: int
) -> None:
    chosen = [StartPosition(TWO, 49, 50, 7), StartPosition(ORDERS, 99, 90, 7)]
    assert not_later(LATEST, chosen, before) == [chosen[0], StartPosition(ORDERS, position, left_out, 7)]


def test_retention_may_have_deleted_more_than_was_left_out() -> None:
    assert not_later(LATEST, [StartPosition(ORDERS, 99, 3)], {ORDERS: 90}) == [StartPosition(ORDERS, 90, 0)]


def test_only_latest_moves_on_by_itself() -> None:
    for mirror in (NOON, BY_OFFSET):
        chosen = [StartPosition(ORDERS, 99, 90)]
        assert not_later(mirror, chosen, {ORDERS: 95}) == chosen, "the stack file was changed"
    by_topic = settings(start_from="latest", start_from_by_topic={"orders": "earliest"}).mirror
    assert not_later(by_topic, chosen, {ORDERS: 95}) == chosen


def test_a_partition_that_mm2_knows_hides_none_behind_it() -> None:
    bounds = {ORDERS: Bounds(0, 100), TWO: Bounds(0, 50)}
    assert positions(LATEST, bounds, {}, known={ORDERS}) == [StartPosition(TWO, 49, 50)]


@pytest.mark.parametrize(("position", "found"), [(8, [ORDERS]), (9, []), (10, []), (3, [ORDERS])])
def test_a_position_before_the_given_offset_is_of_an_earlier_mirror(
    position: int, found: list[TopicPartition]
) -> None:
    """MM2 resumes at the position + 1."""
    known = {ORDERS: position, TWO: 5, TopicPartition("orders", 2): 0, TopicPartition("payments", 0): 0}
    assert resumed_before(BY_OFFSET, known) == found


def test_patterns_that_disagree_are_told_with_what_was_tried() -> None:
    mirror = settings(start_from_by_topic={"ord.*": "latest", ".*ers": "earliest"}).mirror
    with pytest.raises(CouldNotRun) as raised:
        start_of(mirror, "orders")
    assert raised.value.tried == "choosing where mirroring of topic orders begins"
