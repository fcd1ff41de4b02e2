"""tail-matches: the target's newest record against the source from MM2's position on."""

from __future__ import annotations

from dataclasses import replace

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.verify.values.tail import matched, tail_verdict
from tests.unit.support.made_up import NOW, record, records, window, window_of
from tests.unit.verify.tails import judged, message, moved, state, tail


def test_the_record_of_the_position_is_the_same() -> None:
    assert state(tail(record(17, "f"))) == "same"


def test_a_mirror_that_moved_on_since_is_the_same_too() -> None:
    assert state(tail(record(19, "h"))) == "same"


def test_another_timestamp_alone_is_a_difference() -> None:
    assert state(tail(record(17, "f", age=2))) == "different"


def test_a_target_that_stamps_on_arrival_is_compared_without_timestamps() -> None:
    stamped = record(17, "f", age=2)._replace(no_producer_time=True)
    assert state(tail(stamped)) == "same"


def test_an_altered_record_is_found() -> None:
    one = tail(record(17, "F"), before=window("abcde"))
    assert "altered, or written by somebody else" in message(one)


def test_records_missing_at_the_tail_are_counted() -> None:
    one = tail(record(14, "d"), before=window("abcde"))
    assert message(one).startswith("2 records are missing at the tail")
    assert "source offset 3, but MM2 has committed 5" in message(one)


def test_a_start_position_behind_the_last_record_is_no_missing_record() -> None:
    """The way back starts at the end of MM2's own copies, where the last offset is a transaction's marker."""
    one = tail(
        record(17, "e"),
        position=5,
        source=Bounds(0, 6),
        window=window("", 6),
        before=window("abcde"),
        start=5,
    )
    assert state(one) == "same"
    assert state(replace(one, compacted=True)) == "same", "no tombstone is missing either"


def test_both_sides_empty_is_fine() -> None:
    one = tail(None, position=None, source=Bounds(0, 0), target=Bounds(0, 0), window=None)
    result = judged(one)
    assert result.passed
    assert "1 empty on both sides" in result.summary


def test_an_emptied_target_is_found() -> None:
    assert "holds no record, though MM2 has mirrored up to source offset 5" in message(
        tail(None, target=Bounds(20, 20))
    )


def test_a_partition_that_only_the_target_writes_to_has_moved() -> None:
    never = tail(record(0, "x"), position=None, source=Bounds(0, 0), window=window(""))
    markers = tail(record(0, "x"), position=None, source=Bounds(0, 8), window=window("........"))
    for one in (never, markers):
        assert tail_verdict(one, NOW).state == "moved"
        assert tail_verdict(one, NOW).reason == "target offsets 0 to 0"
        assert judged(one).passed


def test_producers_that_moved_to_the_target_fail_nothing() -> None:
    result = judged(moved("defghXYZ"))
    assert result.passed, result.findings
    assert "1 moved: written to on the target after the last mirrored record" in result.summary
    assert "orders-0 (target offsets 15 to 17)" in result.summary
    assert result.facts["partitions"]["orders-0"]["state"] == "moved"
    assert result.facts["moved"] == 1


def test_the_mirrored_part_before_them_must_still_match() -> None:
    assert "2 records up to MM2's position are not on the target" in message(moved("defXYZ"))
    assert "3 records up to MM2's position are not on the target" in message(moved("deFGHXYZ"))
    assert "altered, or written by somebody else" in message(moved("XYZ"))


def test_two_writers_are_named_and_the_target_is_kept() -> None:
    waiting = moved("defX", "f", position=5, window=window("fgh", 5))
    assert message(waiting).startswith("both regions are written to: target offsets 13 to 13")
    assert "2 source records are not mirrored yet" in message(waiting)
    between = moved("defXghY")
    assert "target offsets 16 to 16" in message(between)
    assert "1 more between the mirrored" in message(between)
    for one in (waiting, between, moved("defXYZ")):
        finding = tail_verdict(one, NOW).finding
        assert finding is not None
        assert finding.remedy.startswith("keep the topic on the target")


def test_without_a_position_yet_the_whole_source_counts() -> None:
    assert state(tail(record(0, "a"), position=None, window=window("abcdefgh"))) == "same"


def test_a_window_that_was_not_read_to_its_end_proves_nothing() -> None:
    one = tail(record(17, "x"), window=window("fgh", 5, at_end=False))
    assert "the rest was not read" in message(one)


def test_what_cannot_be_read_is_a_failure() -> None:
    assert "Topic authorization failed" in message(tail(Unread("Topic authorization failed")))
    assert state(tail(record(17, "f"), window=Unread("x"))) == "different"
    assert state(tail(record(17, "f"), source=Unread("x"))) == "different"


def test_nothing_mirrored_yet_since_the_start_is_empty() -> None:
    assert state(tail(None, target=Bounds(0, 0), position=5, start=5)) == "empty"


def test_the_start_excuses_nothing_that_was_mirrored_behind_it() -> None:
    assert state(tail(None, target=Bounds(0, 0), position=5, start=4)) == "different"


def test_the_facts_of_every_partition() -> None:
    second = replace(tail(None, position=None, target=Bounds(0, 0)), partition=TopicPartition("orders", 1))
    third = replace(tail(record(14, "d"), before=window("abcde")), partition=TopicPartition("orders", 2))
    result = judged(tail(record(17, "f")), second, third)
    assert result.name == "tail-matches"
    reason = tail_verdict(third, NOW).reason
    assert result.facts == {
        "partitions": {
            "orders-0": {"state": "same", "reason": "", "position": 5, "target_offset": 17},
            "orders-1": {"state": "empty", "reason": "", "position": None, "target_offset": None},
            "orders-2": {"state": "different", "reason": reason, "position": 5, "target_offset": 14},
        },
        "same": 1,
        "empty": 1,
        "moved": 0,
        "not_comparable": 0,
    }
    assert result.summary == "1 of 3 partitions differ at the tail"


def test_the_summary_names_what_could_not_be_compared_and_what_moved() -> None:
    gone = tail(record(17, "f"), source=Bounds(7, 8), window=window("h", 7))
    gone = replace(gone, partition=TopicPartition("orders", 1), remote=TopicPartition("orders", 1))
    result = judged(tail(record(17, "f")), gone)
    assert result.summary == (
        "1 of 2 partitions end in the same record; not comparable: orders-1 (retention has removed that part "
        "of the source)"
    )
    assert result.facts["not_comparable"] == 1
    assert judged(tail(record(17, "f"))).summary == "1 of 1 partitions end in the same record"
    assert judged(moved("defghXYZ")).summary == (
        "0 of 1 partitions end in the same record; 1 moved: written to on the target after the last mirrored "
        "record, while the source has no newer record: orders-0 (target offsets 15 to 17)"
    )


def test_each_side_that_cannot_be_read_is_named() -> None:
    refused = Unread("not authorized")
    for one, side in (
        (tail(record(17, "f"), source=refused), "source"),
        (tail(record(17, "f"), window=refused), "source"),
        (tail(record(17, "f"), target=refused), "target"),
        (tail(refused), "target"),
        (tail(record(14, "X"), before=refused), "source"),
        (tail(record(14, "X"), before=window("abcde"), on_target=refused), "target"),
    ):
        verdict = tail_verdict(one, NOW)
        assert verdict.state == "different"
        assert verdict.reason == message(one) == f"it could not be read on the {side}: not authorized"
        assert verdict.finding is not None
        assert verdict.finding.subject == "orders-0"
        assert verdict.finding.remedy.startswith("check that the user may Read the topic")


def test_a_renamed_copy_is_named_beside_its_original() -> None:
    one = replace(tail(Unread("no leader")), remote=TopicPartition("east.orders", 0))
    finding = tail_verdict(one, NOW).finding
    assert finding is not None
    assert finding.subject == "orders-0 (east.orders-0 on the target)"


def test_a_match_needs_records_on_both_sides() -> None:
    assert matched(tail(record(17, "f")))
    assert matched(tail(record(19, "h")))
    assert not matched(tail(record(17, "x")))
    assert not matched(tail(None))
    assert not matched(tail(record(17, "f"), window=None))
    assert not matched(tail(record(17, "f"), window=Unread("no leader")))


def test_an_emptied_target_says_how_much_is_mirrored_again() -> None:
    one = tail(None, target=Bounds(20, 20), source=Bounds(2, 8))
    finding = tail_verdict(one, NOW).finding
    assert finding is not None
    assert finding.remedy.startswith("it was emptied or created again on the target: find out by whom")
    assert "rewind the topic, of which this partition has up to 4 records" in finding.remedy


def test_a_part_of_the_window_names_where_reading_began() -> None:
    one = tail(record(17, "x"), window=window("fgh", 5, at_end=False))
    assert message(one) == (
        "the target's newest record is not among the 3 source records from offset 5 on; the rest was not read"
    )
    finding = tail_verdict(one, NOW).finding
    assert finding is not None
    assert finding.remedy == "verify again when the lag is smaller"
    unread = tail(record(17, "x"), position=None, source=Bounds(3, 8), window=None)
    assert "among the 0 source records from offset 3 on" in message(unread)


def test_missing_records_are_counted_on_both_sides_of_the_position() -> None:
    one = tail(record(12, "b"), before=window("abcde"))
    finding = tail_verdict(one, NOW).finding
    assert finding is not None
    assert finding.message == (
        "4 records are missing at the tail: the target ends in the record of source offset 1, but MM2 has "
        "committed 5"
    )
    assert finding.remedy.startswith("records were lost on the target")
    assert "rewind this partition by 4 records" in finding.remedy
    assert "set its offset of this partition to 1" in finding.remedy
    twice = tail(record(12, "b"), before=window_of([*records("ab"), record(4, "b")], 0, 5))
    assert "1 records are missing" in message(twice), "the last of equal records counts"


def test_an_altered_record_names_its_offset_and_what_the_copy_holds() -> None:
    one = tail(record(17, "F"), before=window("abcde"), target=Bounds(4, 20))
    finding = tail_verdict(one, NOW).finding
    assert finding is not None
    assert finding.message == (
        "the target's newest record (offset 17) is no record of the source at or after MM2's position 5: it "
        "was altered, or written by somebody else"
    )
    assert finding.remedy.startswith("`region-mirror audit` names every record that differs")
    assert "of which this partition has up to 16 records" in finding.remedy
