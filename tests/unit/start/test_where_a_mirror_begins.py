"""mirror.start_from: which position each partition gets, and how Connect will read it."""

from __future__ import annotations

import pytest

from mirror.clients.records import Bounds, TopicPartition
from mirror.mm2.connect_format import StartPosition, key, records, value
from mirror.mm2.positions import START_MARK, parse_key, parse_value
from mirror.problems import CouldNotRun
from mirror.start.initial_offsets.choice import (
    begins_elsewhere,
    beyond,
    moments,
    positions,
    start_of,
    summary,
)
from settings.problems import SettingsError
from tests.unit.support.made_up import ORDERS, settings

CONNECTOR = "east->west.MirrorSourceConnector"
NOON = "2026-11-01T12:00:00+00:00"
LATEST = settings(start_from="latest").mirror
AT_NOON = settings(start_from=NOON).mirror


def test_from_the_beginning_nothing_is_written() -> None:
    assert positions(settings().mirror, {ORDERS: Bounds(0, 100)}, {}) == []
    assert not begins_elsewhere(settings().mirror)


def test_latest_begins_behind_the_last_stable_offset() -> None:
    assert positions(LATEST, {ORDERS: Bounds(10, 100)}, {}) == [StartPosition(ORDERS, 99, 90)]


@pytest.mark.parametrize("log", [Bounds(0, 0), Bounds(40, 40)])
def test_a_partition_of_which_nothing_is_left_out_needs_no_position(log: Bounds) -> None:
    assert positions(LATEST, {ORDERS: log}, {}) == []


def test_a_moment_begins_at_its_first_record() -> None:
    assert positions(AT_NOON, {ORDERS: Bounds(10, 100)}, {ORDERS: 40}) == [StartPosition(ORDERS, 39, 30)]


def test_a_moment_before_all_records_is_the_beginning() -> None:
    assert positions(AT_NOON, {ORDERS: Bounds(10, 100)}, {ORDERS: 10}) == []


def test_a_moment_after_all_records_is_the_end() -> None:
    assert positions(AT_NOON, {ORDERS: Bounds(10, 100)}, {}) == [StartPosition(ORDERS, 99, 90)]


def test_what_an_open_transaction_holds_is_not_left_out() -> None:
    """The last stable offset is 100: the moment's first record lies behind it, undecided."""
    assert positions(AT_NOON, {ORDERS: Bounds(0, 100)}, {ORDERS: 120}) == [StartPosition(ORDERS, 99, 100)]


def test_a_position_of_mm2_itself_counts_more() -> None:
    assert positions(LATEST, {ORDERS: Bounds(0, 100)}, {}, known={ORDERS}) == []


@pytest.mark.parametrize("order", [1, -1])
def test_a_name_counts_before_a_pattern_in_any_order(order: int) -> None:
    """Pulumi sorts the keys of a mapping: the first one in the stack file was not the first in `pulumi up`,
    which left out the records of the topic that was named before the pattern.
    """
    starts = [("orders", "earliest"), ("ord.*", NOON)][::order]
    mirror = settings(start_from="latest", start_from_by_topic=dict(starts)).mirror
    assert start_of(mirror, "orders") == "earliest"
    assert start_of(mirror, "ordinary") == NOON
    assert start_of(mirror, "my-orders") == "latest"


@pytest.mark.parametrize("name", ["orders.eu", r"orders\.eu"])
def test_a_name_with_dots_is_a_name(name: str) -> None:
    """The dot of `orders.eu` matches any character: it was refused, and told to add the topic's own name."""
    mirror = settings(start_from_by_topic={name: "earliest", r"orders\..*": "latest"}).mirror
    assert start_of(mirror, "orders.eu") == "earliest"
    assert start_of(mirror, "orders.us") == "latest"


def test_two_patterns_that_disagree_about_a_topic_are_refused() -> None:
    mirror = settings(
        start_from_by_topic={"ord.*": "latest", ".*-eu": "earliest", ".*s-eu": "earliest"}
    ).mirror
    assert start_of(mirror, "payments-eu") == "earliest"
    with pytest.raises(CouldNotRun) as refused:
        start_of(mirror, "orders-eu")
    told = ".*-eu (earliest) and .*s-eu (earliest) and ord.* (latest) in mirror.start_from_by_topic"
    assert told in refused.value.happened
    assert "the topic's own name" in refused.value.way_out


def test_patterns_match_whole_names() -> None:
    assert begins_elsewhere(settings(start_from_by_topic={"orders": "latest"}).mirror)


def test_moments_are_milliseconds_in_their_own_time_zone() -> None:
    east = settings(start_from_by_topic={"orders": "2026-11-01T14:00:00+02:00"}).mirror
    asked = [ORDERS, TopicPartition("payments", 0)]
    assert moments(east, asked) == moments(AT_NOON, [ORDERS]) == {ORDERS: 1_793_534_400_000}


def test_what_is_left_out_is_told_by_topic() -> None:
    chosen = [StartPosition(TopicPartition("orders", n), 9, 10) for n in range(3)]
    chosen.append(StartPosition(TopicPartition("payments", 0), 999, 1000))
    assert summary(chosen) == (
        "up to 1,030 records are left out on purpose (mirror.start_from): payments 1,000, orders 30"
    )
    assert summary([]) == "every record is mirrored from the beginning"


def test_keys_are_connects_byte_for_byte() -> None:
    """As MM2 4.3.1 wrote them on the lab, where a test compares them again."""
    expected = b'["east->west.MirrorSourceConnector",{"cluster":"east","partition":3,"topic":"orders"}]'
    assert key(CONNECTOR, "east", TopicPartition("orders", 3)) == expected
    assert value(41) == b'{"offset":41}'


def test_every_position_is_kept_beside_itself_under_no_connectors_name() -> None:
    kept, taken = records(CONNECTOR, "east", [StartPosition(ORDERS, 41, 42)])
    assert parse_key(taken[0], CONNECTOR, "east") == ORDERS
    assert parse_key(kept[0], CONNECTOR, "east") is None
    assert parse_key(kept[0], START_MARK + CONNECTOR, "east") == ORDERS
    assert parse_value(kept[1]) == parse_value(taken[1]) == 41


def test_given_offsets_begin_each_partition_at_its_own() -> None:
    mirror = settings(start_from_by_topic={"orders": "offsets 40,0,99"}).mirror
    partitions = {TopicPartition("orders", number): Bounds(0, 100) for number in range(4)}
    first, second, third, added = partitions
    assert positions(mirror, partitions, {}) == [
        StartPosition(first, 39, 40),
        StartPosition(second, -1, 0),
        StartPosition(third, 98, 99),
        StartPosition(added, -1, 0),
    ]


def test_without_a_position_only_the_mark_is_written_with_the_end_of_the_copy() -> None:
    one = StartPosition(ORDERS, -1, 0, copy_end=7)
    ((mark, content),) = records(CONNECTOR, "east", [one])
    assert parse_key(mark, START_MARK + CONNECTOR, "east") == ORDERS
    assert (parse_value(content), parse_value(content, "target")) == (-1, 7)
    assert len(records(CONNECTOR, "east", [StartPosition(ORDERS, 0, 1)])) == 2


def test_an_offset_behind_the_end_is_refused_because_mm2_would_begin_at_the_beginning() -> None:
    mirror = settings(start_from_by_topic={"orders": "offsets 101"}).mirror
    assert beyond(mirror, {ORDERS: Bounds(0, 100)}) == {ORDERS: 101}
    assert beyond(mirror, {ORDERS: Bounds(0, 101)}) == {}


def test_offsets_are_no_start_of_all_topics() -> None:
    with pytest.raises(SettingsError):
        settings(start_from="offsets 1")
    with pytest.raises(SettingsError):
        settings(start_from_by_topic={"orders": "offsets 1,"})
