"""What the search for a group's place takes for its record, and for nothing read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mirror.clients.reader import Stretch
from mirror.clients.records import TopicPartition, Window
from mirror.verify.reading.group_search import _is_unread
from mirror.verify.reading.read_before import nothing_before
from mirror.verify.values.translation import find
from tests.unit.support.made_up import record, window, window_of
from tests.unit.verify.translations import at

TWO = TopicPartition("orders", 1)


def test_an_original_is_not_mistaken_for_a_later_record_with_the_same_content() -> None:
    """A copy that was stamped anew is younger than its original, so the search begins behind the original."""
    copy = record(7, "up", age=5.0)._replace(log_append_time=True)
    later = record(40, "up", age=4.0)
    assert copy.same_as(later)
    unread = replace(at(7, None), unread=window_of([copy], 7, 8), originals=True)
    assert not _is_unread(unread)(later)
    assert _is_unread(unread)(record(7, "up", age=5.0))
    own = _is_unread(replace(unread, originals=False))
    assert own(later._replace(log_append_time=True)), "its own copy is never older than the original"
    assert own(record(40, "up", age=5.0))
    assert not own(later), "MM2 keeps the timestamp, whoever has set it"


def test_where_compaction_may_have_removed_the_copy_every_unread_record_is_one() -> None:
    """The copy of the first one is gone, and the state that it had set was set again behind another key."""
    here = [record(5, "on", age=5.0), record(6, "x", age=4.0), record(8, "on", age=3.0)]
    unread = replace(at(5, None), unread=window_of(here, 5, 9), compacted=True)
    there = [here[1]._replace(log_append_time=True), here[2]._replace(log_append_time=True)]
    assert _is_unread(unread)(there[0])
    assert not _is_unread(replace(unread, compacted=False))(there[0])
    assert find(here, there, compacted=True) == (0, 1)
    assert find(here, [here[0]._replace(offset=3), *here[1:]], compacted=True) == (0, 0)
    again = [record(2, "on", age=9.0)._replace(log_append_time=True), *here[1:]]
    assert find(here, again, compacted=True) == (1, 1), "a timestamp that MM2 has kept is surer"


def test_an_empty_window_says_nothing_of_another_group() -> None:
    """Both windows begin at the log's start; only the one before 2 is empty."""
    gap = TopicPartition("gap", 0)
    windows = {2: Window(0, 2, (), False), 5: Window(0, 5, window("abc", 2).records, True)}

    class OfGap:
        def records(self, stretches: Iterable[Stretch]) -> dict[TopicPartition, list[Window]]:
            return {gap: [windows[one.stop] for one in stretches]}

    found = nothing_before(OfGap(), {(gap, 2): 0, (gap, 5): 0, (TWO, 3): 3})  # type: ignore[arg-type]
    assert found == {(gap, 2), (TWO, 3)}
