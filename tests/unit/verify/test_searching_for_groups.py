"""What the search for a group's place takes for its record, and for nothing read."""

from __future__ import annotations

from collections.abc import Iterable

from mirror.clients.reader import Stretch
from mirror.clients.records import TopicPartition, Window
from mirror.verify.reading.group_search import _is
from mirror.verify.reading.read_before import nothing_before
from tests.unit.support.made_up import record, window

TWO = TopicPartition("orders", 1)


def test_an_original_is_not_mistaken_for_a_later_record_with_the_same_content() -> None:
    """A copy that was stamped anew is younger than its original, so the search begins behind the original."""
    copy = record(7, "up", age=5.0)._replace(log_append_time=True)
    later = record(40, "up", age=4.0)
    assert copy.same_as(later)
    assert not _is(copy, originals=True)(later)
    assert _is(copy, originals=True)(record(7, "up", age=5.0))
    assert _is(copy, originals=False)(later), "a mirror's own copies are never older than their originals"


def test_an_empty_window_says_nothing_of_another_group() -> None:
    """Both windows begin at the log's start; only the one before 2 is empty."""
    gap = TopicPartition("gap", 0)
    windows = {2: Window(0, 2, (), False), 5: Window(0, 5, window("abc", 2).records, True)}

    class OfGap:
        def records(self, stretches: Iterable[Stretch]) -> dict[TopicPartition, list[Window]]:
            return {gap: [windows[one.stop] for one in stretches]}

    found = nothing_before(OfGap(), {(gap, 2): 0, (gap, 5): 0, (TWO, 3): 3})  # type: ignore[arg-type]
    assert found == {(gap, 2), (TWO, 3)}
