"""source-unbroken: offsets that were deleted before they were mirrored, and what is known of them."""

from __future__ import annotations

from dataclasses import replace

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.verify.values.source_partition import (
    PartitionNow,
    SeenAfterPosition,
    first_unmirrored,
    gap,
    lost_offsets,
    past_end,
)
from tests.unit.verify.sources import ONE, THEN, at, judged


def test_offsets_that_an_earlier_look_read_and_that_held_no_record_are_no_loss() -> None:
    known = SeenAfterPosition()
    known.saw(ONE, 150, 153)
    known.saw(ONE, 152, 158)
    assert known.before(ONE, 150) == 158
    assert known.before(ONE, 158) is None
    assert known.before(TopicPartition("orders", 1), 150) is None
    result = judged(PartitionNow(ONE, 149, Bounds(158, 158), no_record_before=known.before(ONE, 150)))
    assert result.passed
    assert "deleted in 1 partition, which held no record" in result.summary
    assert result.facts["no_records_gone"] == ["orders-0"]
    more = judged(PartitionNow(ONE, 149, Bounds(162, 170), no_record_before=158))
    assert more.facts["lost_offsets"] == {"orders-0": 4}
    assert not more.passed
    known.saw(ONE, 200, 210)
    assert known.before(ONE, 150) is None, "the position has moved on since"


def test_a_record_that_an_earlier_look_saw_is_lost_for_certain() -> None:
    known = SeenAfterPosition()
    known.saw_record(ONE, 150, 152)
    assert (known.record(ONE, 150), known.record(ONE, 153)) == (152, None)
    result = judged(PartitionNow(ONE, 149, Bounds(160, 170), record_at=known.record(ONE, 150)))
    (finding,) = result.findings
    assert finding.message.startswith("up to 10 records lost, at least one. 10 offsets were deleted")
    (never_mirrored,) = judged(replace(at(None, 130, 200), record_at=110)).findings
    assert never_mirrored.message.startswith("up to 30 records lost, at least one.")
    assert judged(PartitionNow(ONE, 149, Bounds(151, 170), record_at=150)).findings, "a single offset, too"
    still_there = judged(PartitionNow(ONE, 149, Bounds(151, 170), record_at=155))
    assert still_there.passed


def test_a_lost_record_is_not_forgotten_for_the_next_one_that_waits() -> None:
    """Each look noted the first record that it saw. So the look that found the loss also forgot it, and from
    the next one on a lost record was "one offset ..., probably a transaction's marker", and passed."""
    known = SeenAfterPosition()
    known.saw_record(ONE, 150, 150)
    known.saw_record(ONE, 150, 151)
    known.saw_record(ONE, 150, 170)
    assert known.record(ONE, 150) == 150
    assert not judged(PartitionNow(ONE, 149, Bounds(151, 180), record_at=known.record(ONE, 150))).passed
    known.saw_record(ONE, 151, 171)
    assert known.record(ONE, 151) == 171, "it is mirrored, after all"
    known.saw_record(ONE, 0, 3)
    assert known.record(ONE, 0) == 3, "the position went back"


def test_what_is_lost_of_a_partition() -> None:
    then = THEN.topics["orders"]
    one = at(149, 160, 200)
    assert (gap(one, then), lost_offsets(one, then)) == ("unknown", 10)
    assert (gap(at(149, 152, 200), then), lost_offsets(at(149, 152, 200), then)) == ("unknown", 2)
    assert (gap(at(149, 151, 200), then), lost_offsets(at(149, 151, 200), then)) == ("one-offset", 1)
    assert (gap(at(149, 150, 200), then), lost_offsets(at(149, 150, 200), then)) == ("none", 0)
    assert (gap(at(149, 100, 200), then), lost_offsets(at(149, 100, 200), then)) == ("none", 0)
    unread = PartitionNow(ONE, 149, Unread("no leader"))
    assert (gap(unread, then), lost_offsets(unread, then)) == ("none", 0)
    assert (gap(at(None, 130, 200), None), lost_offsets(at(None, 130, 200), None)) == ("none", 0)
    assert lost_offsets(at(None, 310, 400, start=299), None) == 10
    assert lost_offsets(at(304, 310, 400, start=299), None) == 5, "the position is what counts"


def test_what_earlier_looks_saw_of_the_deleted_offsets() -> None:
    one = replace(at(149, 160, 200), no_record_before=155)
    assert (gap(one, None), lost_offsets(one, None)) == ("unknown", 5)
    assert gap(replace(one, no_record_before=159), None) == "one-offset"
    assert gap(replace(one, no_record_before=160), None) == "no-records"
    assert lost_offsets(replace(one, no_record_before=170), None) == 0
    assert lost_offsets(replace(one, no_record_before=120), None) == 10, "an older look at an older position"
    seen = replace(one, no_record_before=160, record_at=152)
    assert (gap(seen, None), lost_offsets(seen, None)) == ("lost", 8)
    assert gap(replace(seen, record_at=150), None) == "lost"
    assert gap(replace(seen, record_at=159), None) == "lost"
    assert gap(replace(seen, record_at=160), None) == "no-records", "it is still there"
    assert gap(replace(seen, record_at=149), None) == "no-records", "it is mirrored"
    late = replace(one, record_at=158)
    assert lost_offsets(late, None) == 5, "what was unknown before the record counts, too"


def test_what_was_seen_after_positions_is_joined_where_it_meets() -> None:
    known = SeenAfterPosition()
    known.saw(ONE, 150, 150)
    assert known.before(ONE, 150) is None, "nothing was seen"
    known.saw(ONE, 150, 158)
    known.saw(ONE, 150, 154)
    known.saw(ONE, 152, 154)
    assert known.before(ONE, 150) == 158, "a shorter look takes nothing back"
    known.saw(ONE, 158, 160)
    assert known.before(ONE, 150) == 160
    assert known.before(ONE, 159) == 160
    assert known.before(ONE, 160) is None
    assert known.before(ONE, 149) is None
    known.saw(ONE, 140, 145)
    assert known.before(ONE, 140) == 145
    assert known.before(ONE, 150) is None, "the position went back: what lies between was not read"
    known.saw_record(ONE, 150, 152)
    assert known.record(ONE, 152) == 152
    assert known.record(TopicPartition("orders", 1), 0) is None


def test_where_a_log_is_not_mirrored_and_where_it_has_been_cut() -> None:
    assert first_unmirrored(None, Bounds(5, 9)) == 5
    assert first_unmirrored(3, Bounds(5, 9)) == 5
    assert first_unmirrored(6, Bounds(5, 9)) == 7
    assert past_end(9, Bounds(5, 9))
    assert not past_end(8, Bounds(5, 9))
    assert not past_end(None, Bounds(5, 9))
