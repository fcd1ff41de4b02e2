"""What is said of a group without reading a record."""

from __future__ import annotations

from mirror.clients.records import Bounds, Unread
from mirror.status.groups import GroupRow, group_row, group_rows
from mirror.status.snapshot import OffsetSeen
from tests.unit.status.made_up import group, offset


def row(*offsets: OffsetSeen, **more: object) -> GroupRow:
    return group_row(group("billing", *offsets, **more))


def test_a_group_at_the_end_of_the_target_reads_nothing_again() -> None:
    found = row(offset(100, 120, target_end=120))
    assert (found.trouble.word, found.rereads, found.quality) == ("exact", 0, "exactly")


def test_a_group_that_has_read_all_reads_again_what_lies_ahead_at_most() -> None:
    found = row(offset(100, 90, target_end=100))
    assert (found.trouble.word, found.rereads, found.quality) == ("behind", 10, "at most")


def test_a_group_in_the_middle_is_estimated() -> None:
    found = row(offset(60, 50, target_end=100))
    assert (found.rereads, found.quality) == (10, "about")
    assert row(offset(60, 60, target_end=100)).trouble.word == "exact"


def test_offset_syncs_tell_better() -> None:
    found = row(offset(60, 50, target_end=180, resumes_at=57))
    assert (found.rereads, found.quality) == (3, "at most")
    assert row(offset(60, 50, target_end=180, resumes_at=60)).quality == "exactly"


def test_what_is_not_mirrored_yet_is_not_read_again() -> None:
    assert row(offset(90, 80, position=79, target_end=80)).rereads == 0


def test_no_translation_of_what_was_read() -> None:
    found = row(offset(60, None), offset(50, 50, number=1))
    assert (found.trouble.word, found.wrong) == ("not-translated", 1)
    assert found.says == "orders-0: no translation of source offset 60"
    assert "no record of the partition is mirrored" in row(offset(60, None, position=None)).says


def test_where_positions_could_not_be_read_nobody_knows_whether_a_translation_is_missing() -> None:
    """It told that no record of the partition was mirrored yet."""
    for committed in (0, 60):
        found = row(offset(committed, None, position=None)._replace(position_read=False))
        assert found.trouble.word == "unreadable"
        assert found.says == (
            f"orders-0: no translation of source offset {committed}, and MM2's positions could not be read"
        )
    assert row(offset(50, 50, position=None)._replace(position_read=False)).trouble.word == "behind"


def test_nothing_to_translate() -> None:
    """It has read nothing of what is mirrored."""
    assert row(offset(0, None, position=None)).trouble.word == "exact"
    assert row(offset(60, None, start=60)).trouble.word == "exact"
    assert row(offset(61, None, start=60, position=60)).trouble.word == "exact"


def test_at_the_first_record_after_the_start_a_mirrored_record_must_be_translated() -> None:
    assert row(offset(61, None, start=60)).trouble.word == "not-translated"


def test_only_markers_before_the_offset_are_nothing_to_translate() -> None:
    assert row(offset(60, None, position=59)._replace(read_before=False)).trouble.word == "exact"


def test_a_group_at_the_first_record_must_be_translated_once_that_is_mirrored() -> None:
    """With `auto.offset.reset: latest` it would skip every copy."""
    assert row(offset(0, None)).trouble.word == "not-translated"
    assert row(offset(60, None)._replace(read_before=False)).trouble.word == "not-translated"


def test_an_offset_below_the_log_start_is_wrong_unless_the_log_is_empty() -> None:
    below = offset(60, 5, target_end=100)._replace(target=Bounds(10, 100))
    assert row(below).trouble.word == "below-start"
    assert row(below._replace(target=Bounds(10, 10))).trouble.word == "exact"
    on_both = below._replace(source=Bounds(61, 100))
    assert row(on_both).trouble.word == "exact", "its auto.offset.reset decides at the source, too"
    assert row(below._replace(source=Bounds(60, 100))).trouble.word == "below-start"


def test_a_group_that_was_set_back_on_the_source_is_not_exact() -> None:
    """MM2 leaves its offset on the target where it was, from which the group would read nothing again."""
    found = row(offset(20, 100, target_end=100)._replace(passes_by=80))
    assert (found.trouble.word, found.trouble.bad, found.wrong) == ("ahead", True, 1)
    assert found.says == (
        "orders-0: its offset on the target, 100, is past up to 80 records from 20 on the source: it was set "
        "back there, or has read on the target"
    )
    active = row(offset(20, 100, target_end=100)._replace(passes_by=80), active_on_target=True)
    assert active.trouble.word == "blocked"


def test_an_offset_past_the_end_is_worst() -> None:
    found = row(offset(60, 101, target_end=100), active_on_target=True)
    assert found.trouble.word == "past-end"


def test_a_group_that_is_active_on_the_target_is_blocked() -> None:
    found = row(offset(60, 60), active_on_target=True)
    assert found.trouble.word == "blocked"
    assert "active on the target" in found.says


def test_what_could_not_be_read_says_why() -> None:
    assert "refused" in row(unread="refused").says
    gone = offset(60, 60)._replace(target=Unread("no leader"))
    assert row(gone).trouble.word == "unreadable"


def test_the_worst_group_comes_first_and_groups_without_offsets_are_left_out() -> None:
    rows = group_rows(
        [
            group("exact", offset(100, 100)),
            group("elsewhere"),
            group("behind", offset(100, 10)),
            group("blocked", offset(100, 100), active_on_target=True),
            group("missing", offset(60, None)),
        ]
    )
    assert [one.group for one in rows] == ["blocked", "missing", "behind", "exact"]


def test_what_it_has_not_read_on_the_source() -> None:
    assert row(offset(60, 60), offset(90, 90, number=1)).unread_at_source == 50
