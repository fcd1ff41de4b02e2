"""What the search for a group's place takes for its record, and for nothing read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import cast
from unittest.mock import Mock

from hypothesis import given
from hypothesis import strategies as st

from mirror.clients.records import Record, TopicPartition, Window
from mirror.clients.sides import Sides
from mirror.clients.stretches import Stretch
from mirror.verify.reading.group_search import _found, _is_unread
from mirror.verify.reading.read_before import nothing_before
from mirror.verify.values.first_unread import find
from tests.unit.support.made_up import ORDERS, record, window_of
from tests.unit.verify.translations import at

TWO, GAP = TopicPartition("orders", 1), TopicPartition("gap", 0)


def test_an_original_is_not_mistaken_for_a_later_record_with_the_same_content() -> None:
    """A copy that was stamped anew is younger than its original, so the search begins behind the original."""
    copy = record(7, "up", age=5.0)._replace(no_producer_time=True)
    later = record(40, "up", age=4.0)
    assert copy.same_as(later)
    unread = replace(at(7, None), unread=window_of([copy], 7, 8), originals=True)
    assert not _is_unread(unread)(later)
    assert _is_unread(unread)(record(7, "up", age=5.0))
    own = _is_unread(replace(unread, originals=False))
    assert own(later._replace(no_producer_time=True)), "its own copy is never older than the original"
    assert own(record(40, "up", age=5.0))
    assert not own(later), "MM2 keeps the timestamp, whoever has set it"


def test_where_compaction_may_have_removed_the_copy_every_unread_record_is_one() -> None:
    """The copy of the first one is gone, and the state that it had set was set again behind another key."""
    here = [record(5, "on", age=5.0), record(6, "x", age=4.0), record(8, "on", age=3.0)]
    unread = replace(at(5, None), unread=window_of(here, 5, 9), compacted=True)
    there = [here[1]._replace(no_producer_time=True), here[2]._replace(no_producer_time=True)]
    assert _is_unread(unread)(there[0])
    assert not _is_unread(replace(unread, compacted=False))(there[0])
    assert find(here, there, compacted=True) == (0, 1)
    assert find(here, [here[0]._replace(offset=3), *here[1:]], compacted=True) == (0, 0)
    again = [record(2, "on", age=9.0)._replace(no_producer_time=True), *here[1:]]
    assert find(here, again, compacted=True) == (1, 1), "a timestamp that MM2 has kept is surer"


def test_a_group_is_not_placed_behind_a_record_without_a_timestamp() -> None:
    """Its copy is stamped anew, so that a search found a later record of a compacted topic: from there on the
    group would have skipped the first."""
    bare = record(5, "on")._replace(timestamp=-1, no_producer_time=True)
    here, there = [bare, record(6, "x", age=4.0)], [record(5, "on", age=1.0), record(6, "x", age=4.0)]
    assert find(here, there, compacted=True) == (0, 0)
    for compacted in (False, True):
        unread = replace(at(5, None), unread=window_of(here, 5, 7), compacted=compacted)
        assert _found(sides_with(there), [unread]) == {}
    stamped = replace(at(5, None), unread=window_of(here[1:], 6, 7), compacted=True)
    assert _found(sides_with(there), [stamped]) == {("billing", ORDERS): 6}


def sides_with(there: Sequence[Record]) -> Sides:
    """A target of these records, whose log is asked for the first one of each time."""

    def offsets(asked: Sequence[Mapping[TopicPartition, int]]) -> list[dict[TopicPartition, int]]:
        return [
            {
                one: min(record.offset for record in there if record.timestamp >= stamp)
                for one, stamp in each.items()
            }
            for each in asked
        ]

    sides = Mock()
    sides.target.offsets_at_each = offsets
    sides.target_reader.records = lambda stretches: {
        one.partition: [window_of(there, 5, 7)] for one in stretches
    }
    return cast(Sides, sides)


class Log:
    """A source partition with records at these offsets; notes what is read of it."""

    def __init__(self, *offsets: int) -> None:
        self.offsets = offsets
        self.asked: list[Stretch] = []

    def records(self, stretches: Iterable[Stretch]) -> dict[TopicPartition, list[Window]]:
        found: dict[TopicPartition, list[Window]] = {}
        for one in stretches:
            self.asked.append(one)
            there = [record(at, str(at)) for at in self.offsets if one.start <= at < one.stop][: one.limit]
            found.setdefault(one.partition, []).append(Window(one.start, one.stop, there, False))
        return found


def test_an_empty_log_before_one_group_says_nothing_of_another_group() -> None:
    found = nothing_before(Log(2, 3, 4), {(GAP, 2): 0, (GAP, 5): 0, (TWO, 3): 3})  # type: ignore[arg-type]
    assert found == {(GAP, 2), (TWO, 3)}


@given(offsets=st.frozensets(st.integers(0, 30)), committed=st.frozensets(st.integers(0, 30), min_size=1))
def test_one_record_of_a_partition_tells_it_of_all_groups(
    offsets: frozenset[int], committed: frozenset[int]
) -> None:
    """A consumer has one place in a partition: a stretch for each group would be a round trip for each."""
    log = Log(*sorted(offsets))
    found = nothing_before(log, {(GAP, one): 0 for one in committed})  # type: ignore[arg-type]
    assert found == {(GAP, one) for one in committed if not any(at < one for at in offsets)}
    assert len(log.asked) <= 1
