"""Which offset `offsets export` names for a group, and how far it may go at most."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mirror.clients.records import Bounds, Unread
from mirror.mm2.expected import Expected
from mirror.offsets.proposal import Proposal, first_unread_offset, proposal, proven_to
from mirror.verify.values.group_partition import GroupPartition
from tests.unit.support.made_up import ORDERS, record, window, window_of


def at(committed: int, translated: int | None, **more: Any) -> GroupPartition:
    """The source holds abcdefgh at 0 to 7, the target the same at 10 to 17; all of it is mirrored."""
    values: dict[str, Any] = {
        "position": 7,
        "source": Bounds(0, 8),
        "target": Bounds(10, 18),
        "unread": window("abcdefgh"[committed:], committed) if committed < 8 else None,
        "ahead": None if translated is None else window("abcdefgh"[translated - 10 :], translated),
        **more,
    }
    return GroupPartition("billing", ORDERS, ORDERS, committed, translated, **values)


def told(one: GroupPartition, *, exact: bool = False) -> tuple[int | None, str, int | None]:
    row = proposal(one, exact=exact)
    return row.offset, row.how, row.rereads


def test_an_exact_translation_stays() -> None:
    assert told(at(4, 14)) == (14, "exact", 0)
    assert told(at(8, 18)) == (18, "exact", 0)


def test_a_translation_that_is_behind_stays_unless_the_exact_offset_is_asked_for() -> None:
    assert told(at(6, 13)) == (13, "behind 3", 3)
    assert told(at(6, 13), exact=True) == (16, "by-content", 0)
    assert told(at(8, 13)) == (13, "behind 5", 5)
    assert told(at(8, 13), exact=True) == (18, "by-content", 0)


def test_without_translation_content_tells() -> None:
    assert proposal(at(3, None, located=13)) == Proposal(
        "billing", ORDERS, 3, ORDERS, 13, "by-content", 0, True, None, "MM2 has no translation"
    )
    assert told(at(8, None)) == (18, "by-content", 0)


def test_an_unsafe_or_impossible_offset_is_put_right() -> None:
    row = proposal(at(3, 16, located=13))
    assert (row.offset, row.how, row.current) == (13, "by-content", 16)
    assert row.note == (
        "its offset on the target would skip 3 records; a lower one rewinds the group by 3 records"
    )
    assert told(at(3, 30, ahead=None, located=13)) == (13, "by-content", 0)


def test_where_nothing_shows_the_offset_none_is_named() -> None:
    row = proposal(at(3, None))
    assert (row.offset, row.how, row.rereads) == (None, "none", None)
    row = proposal(at(3, 13, target=Unread("no answer in time")))
    assert (row.offset, row.how, row.note) == (None, "none", "no answer in time")


def test_a_group_ahead_of_the_mirror_goes_on_at_the_targets_end() -> None:
    """Up to e (4) all is mirrored and on the target up to 15; the group has read f, too."""
    one = at(6, 13, position=4, target=Bounds(10, 15), ahead=window("de", 13))
    assert told(one) == (13, "behind 2", 2)
    assert told(one, exact=True) == (15, "by-content", 0)


def test_it_does_not_guess_where_the_next_record_may_have_come_meanwhile() -> None:
    """No translation, and the next record may be on the target by now: the end could lie past it."""
    assert first_unread_offset(at(6, None, position=4, target=Bounds(10, 18))) is None


def test_a_group_that_reads_on_is_noted() -> None:
    assert "2 active members on the source" in proposal(at(4, 14), active_on_source=2).note


def test_a_group_that_does_not_say_whether_it_reads_on_is_noted() -> None:
    assert "is unknown: no answer" in proposal(at(4, 14), active_on_source=Unread("no answer")).note
    assert "has not ended: export again" in proposal(at(4, 14), pending=True).note


def test_what_mm2_is_about_to_write_is_noted() -> None:
    mm2 = Expected(6, None, None, next=16, certain=True)
    assert proposal(at(6, 13, mm2=mm2)).note == "MM2 is about to set 16"


def test_the_last_safe_offset_is_the_first_unread_record() -> None:
    assert proven_to(at(6, 13)) == 16
    assert proven_to(at(3, 16, located=13)) == 13
    assert proven_to(at(3, None)) is None
    assert proven_to(at(3, 16)) is None
    assert proven_to(at(8, 13)) == 18


def test_many_records_that_were_not_looked_through_make_the_count_a_lower_bound() -> None:
    one = at(7, 11, ahead=window("bcd", 11, at_end=False), located=17)
    assert told(one) == (11, "behind more than 3", 3)
    assert not proposal(one).rereads_exact
    assert told(one, exact=True) == (17, "by-content", 0)


def test_a_moved_group_is_marked_and_nothing_is_proposed() -> None:
    row = proposal(at(3, 16, located=13, members_on_source=0, leader_epoch=0))
    assert (row.offset, row.how, row.current) == (None, "moved", 16)
    assert row.note.startswith("the group has moved: a consumer committed")


def test_below_the_log_start_the_log_start_skips_nothing() -> None:
    below = at(6, 8, ahead=window("abcdefgh", 10))
    assert told(below) == (10, "log-start", None)
    assert proven_to(below) == 10
    assert told(at(6, 8, located=16)) == (16, "by-content", 0)


def test_the_log_start_may_skip_what_retention_has_deleted_before_it_was_read() -> None:
    """The copies of e and f are gone on the target, and the source still has both."""
    one = at(4, 8, ahead=window("gh", 16), target=Bounds(16, 18))
    row = proposal(one)
    assert (row.offset, row.how, row.skips) == (16, "log-start", True)
    assert row.note.endswith(
        "may skip records that it has not read. The target's retention has deleted them, or they were not "
        "found there. The source still has them"
    ), "also of a group whose first unread record is too far ahead"
    assert proposal(replace(one, target=Bounds(16, 5_000))).note == row.note
    assert proven_to(one) is None
    gone = replace(one, source=Bounds(6, 8))
    assert not proposal(gone).skips, "the group's auto.offset.reset decides at the source as well"
    unmirrored = replace(one, committed=8, position=7, source=Bounds(0, 9), unread=window("i", 8))
    assert (proposal(unmirrored).skips, proven_to(unmirrored)) == (False, 16), "MM2 has yet to copy it"


def test_a_group_whose_rest_of_the_log_has_no_record_has_read_all() -> None:
    """The source's log ends in markers or aborted records, which no group commits past."""
    one = at(6, 13, unread=window("..", 6), ahead=window("defgh", 13))
    assert told(one, exact=True) == (18, "by-content", 0)
    assert told(at(6, None, unread=window("..", 6))) == (18, "by-content", 0)
    unfinished = at(6, None, unread=window(".", 6, at_end=False))
    assert first_unread_offset(unfinished) is None


def test_an_exact_translation_stays_also_where_the_exact_offset_is_asked_for() -> None:
    row = proposal(at(4, 14), exact=True)
    assert (row.offset, row.how, row.rereads_exact, row.note) == (14, "exact", True, "")
    assert proposal(at(6, 13)).rereads_exact, "behind, by a known number"


def test_a_translation_is_proven_where_no_record_was_found_that_the_group_has_not_read() -> None:
    """It has read past what is mirrored, and the target is far ahead: the offset by content is not known."""
    one = at(7, 13, position=4, target=Bounds(10, 5_000), ahead=window("de", 13, at_end=False))
    assert first_unread_offset(one) is None
    assert proven_to(one) == 13
    assert told(one, exact=True) == (13, "behind more than 2", 2)
    assert told(at(7, 13, position=4, target=Bounds(10, 15), ahead=window("de", 13)), exact=True) == (
        15,
        "by-content",
        0,
    )


def test_what_cannot_be_read_proves_no_offset() -> None:
    unread = Unread("no answer in time")
    for one in (
        at(3, 13, source=unread, located=13),
        at(3, 13, target=unread, located=13),
        at(3, 13, ahead=unread),
    ):
        assert first_unread_offset(one) is None
        assert proven_to(one) is None


def test_the_copies_of_tombstones_may_be_gone_and_prove_no_offset() -> None:
    unread = window_of([record(6, "g", key="k", tombstone=True)], 6, 7)
    one = at(6, 14, position=6, source=Bounds(0, 7), target=Bounds(10, 16), unread=unread, compacted=True)
    one = replace(one, ahead=window("ef", 14))
    assert first_unread_offset(one) is None
    assert told(one, exact=True) == (14, "behind 2", 2)


def test_the_log_was_read_to_its_end_or_nobody_knows() -> None:
    for unread in (window_of([], 6, 7), window_of([], 6, 8, at_end=False)):
        assert first_unread_offset(at(6, None, unread=unread)) == 18


def test_what_mm2_has_written_already_is_not_noted() -> None:
    written = Expected(6, None, None, next=13, certain=True)
    assert proposal(at(6, 13, mm2=written)).note == ""


def test_why_a_translation_does_not_count_is_noted() -> None:
    nothing_mirrored = at(0, None, target=Bounds(10, 10), position=None)
    assert proposal(nothing_mirrored).note == "the group has read nothing yet"
    before = "the group's offset is before the start of the mirror (mirror.start_from)"
    assert proposal(at(3, None, start=5)).note == before
    below = "its offset on the target is below the start of the log"
    assert proposal(at(6, 8, ahead=window("abcdefgh", 10))).note == below
    cut = at(3, 16, located=13, unread=window("de", 3, at_end=False))
    assert proposal(cut).note == (
        "its offset on the target would skip more than 2 records; a lower one rewinds the group by more than "
        "2 records"
    )
