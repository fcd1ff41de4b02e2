"""records-match: a window and its copy are compared; whatever single fault there is, it is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from mirror.clients.records import Record, TopicPartition, Unread, Window
from mirror.verify.checks.records_match import judge
from mirror.verify.comparison import ALIVE, Copy, compare
from mirror.verify.values.compacted import Later
from mirror.verify.values.probe import Probe, Sample, needs_more, probe_verdict
from tests.unit.support.made_up import ORDERS, record, records, window

ONE = Sample(1, 1)
LOG = st.lists(st.integers(0, 1_000_000), min_size=6, max_size=40, unique=True)
"""The contents of a log, each record unlike the others."""


def log(contents: Sequence[int], start: int = 0, step: int = 1) -> list[Record]:
    return [record(start + step * index, f"r{one}") for index, one in enumerate(contents)]


def whole(found: Sequence[Record]) -> Copy:
    return Copy(found, from_start=True, at_end=True)


def probe(expected: str, copy: str, **more: object) -> Probe:
    """Letters are records; the copy is the whole log of the target."""
    made = Probe(ORDERS, ORDERS, "whole", window(expected), whole(records(copy, 100)))
    return replace(made, **more)  # type: ignore[arg-type]


def found(expected: str, copy: str, **more: object) -> list[str]:
    """The kinds of what is found."""
    return [one.kind for one in probe_verdict(probe(expected, copy, **more), exactly_once=True).differences]


@given(LOG, st.integers(1, 5), st.data())
def test_clean_windows_have_no_difference_wherever_they_are(
    contents: list[int], step: int, data: st.DataObject
) -> None:
    source, target = log(contents), log(contents, 500, step)
    start = data.draw(st.integers(0, len(source) - 1))
    end = data.draw(st.integers(start + 1, len(source)))
    assert compare(source[start:end], whole(target)).differences == ()
    before, after = data.draw(st.integers(0, start)), data.draw(st.integers(end, len(source)))
    seen = compare(source[start:end], Copy(target[before:after]))
    assert (seen.differences, seen.unclear, seen.same) == ((), False, end - start)


@given(LOG, st.sampled_from(["lost", "altered", "stamped", "alien", "doubled", "swapped"]), st.data())
def test_any_single_fault_within_a_window_is_found(
    contents: list[int], fault: str, data: st.DataObject
) -> None:
    source, target = log(contents), log(contents, 500)
    at = data.draw(st.integers(1, len(source) - 3))
    if fault == "lost":
        del target[at]
    elif fault == "altered":
        target[at] = target[at]._replace(content=-1)
    elif fault == "stamped":
        target[at] = target[at]._replace(timestamp=1)
    elif fault == "alien":
        target.insert(at, record(900, "alien")._replace(content=-1))
    elif fault == "doubled":
        target.insert(at + 1, target[at]._replace(offset=900))
    else:
        target[at], target[at + 1] = target[at + 1], target[at]
    kinds = {one.kind for one in compare(source, whole(target), first=True).differences}
    expected = {"lost": "missing", "stamped": "altered", "swapped": "out of order"}.get(fault, fault)
    assert expected in kinds
    assert kinds <= {expected, "missing"} if fault == "swapped" else kinds == {expected}


@given(LOG, st.data())
def test_a_fault_at_the_very_ends_is_found(contents: list[int], data: st.DataObject) -> None:
    source, target = log(contents), log(contents, 500)
    at = data.draw(st.sampled_from([0, len(source) - 1]))
    lost = [*target[:at], *target[at + 1 :]]
    seen = compare(source, whole(lost))
    assert [one.kind for one in (*seen.differences, *seen.short)] == ["missing"]
    inside = source[1:-1]
    edge = 1 if at == 0 else len(target) - 2
    lost = [*target[:edge], *target[edge + 1 :]]
    assert [one.source for one in compare(inside, whole(lost)).differences] == [source[edge]]


def test_an_altered_record_is_named_with_both_offsets() -> None:
    result = judge([probe("abcdef", "abXdef")], ONE, exactly_once=True)
    [finding] = result.findings
    assert not result.passed
    assert finding.subject == "orders-0, whole"
    assert (
        "1 altered: altered in its value or headers at source offset 2 and target offset 102"
        in finding.message
    )


def test_several_faults_are_told_apart() -> None:
    assert found("abcdefgh", "abXdfgh") == ["altered", "missing"]
    assert sorted(found("abcdefgh", "abcdefgh")) == []
    assert found("abcd", "abzcd") == ["alien"]
    assert found("abcd", "abbcd") == ["doubled"]
    assert set(found("abcdefg", "abedcfg")) <= {"out of order"}


def test_markers_and_aborted_records_take_offsets_and_make_no_difference() -> None:
    assert found("ab.cd..e", "a.b..c.d.e.") == []


def test_what_stands_before_the_first_record_is_alien_and_else_surroundings() -> None:
    assert found("cde", "abcdefg") == []
    assert found("cde", "abcde", first=True) == ["alien", "alien"]


def test_a_cut_log_has_lost_its_head_for_good_reason_and_a_whole_one_has_not() -> None:
    copy = Copy(records("defg", 50), from_start=True, at_end=True, cut=True)
    seen = compare(records("abcdefg"), copy)
    assert (seen.differences, seen.removed) == ((), 3)
    seen = compare(records("abcdefg"), whole(records("defg", 50)))
    assert [one.kind for one in seen.differences] == ["missing"] * 3


def test_what_was_not_read_far_enough_needs_more() -> None:
    assert needs_more(Probe(ORDERS, ORDERS, "middle", window("cdef")))
    for part in ("def", "cde", "xyz"):
        assert needs_more(Probe(ORDERS, ORDERS, "middle", window("cdef"), Copy(records(part))))
    assert not needs_more(Probe(ORDERS, ORDERS, "middle", window("cdef"), Copy(records("cdef"))))
    assert not needs_more(Probe(ORDERS, ORDERS, "middle", Unread("gone")))


def test_a_window_that_is_not_found_is_a_finding() -> None:
    lost = Probe(ORDERS, ORDERS, "middle", window("cdef"), Copy(records("uvwxyz", 20)))
    [finding] = judge([lost], ONE, exactly_once=True).findings
    assert "offsets 0 to 3 is not among the 6 records" in finding.message
    gone = probe_verdict(replace(lost, gone=True), exactly_once=True)
    assert gone.state == "not-comparable"


def test_all_records_of_a_target_that_was_emptied_are_missing() -> None:
    assert found("abc", "") == ["missing"] * 3


def test_what_is_missing_at_the_very_end_is_left_to_tail_matches_where_that_is_judged() -> None:
    short = [probe("abcdef", "abcd")]
    assert not judge(short, ONE, exactly_once=True).passed
    assert judge(short, ONE, exactly_once=True, ends_elsewhere=True).passed
    assert not judge([probe("abcdef", "acd")], ONE, exactly_once=True, ends_elsewhere=True).passed


def test_unreadable_sides_are_findings_with_their_reason() -> None:
    refused = Unread("Topic authorization failed")
    for broken in (
        Probe(ORDERS, ORDERS, "head", refused),
        Probe(ORDERS, ORDERS, "head", window("a"), refused),
    ):
        [finding] = judge([broken], ONE, exactly_once=True).findings
        assert "Topic authorization failed" in finding.message
        assert "Read" in finding.remedy


def test_an_at_least_once_mirror_may_write_again_and_says_so() -> None:
    again = [probe("abcdef", "abcdbcdef")]
    assert not judge(again, ONE, exactly_once=True).passed
    result = judge(again, ONE, exactly_once=False)
    assert result.passed
    assert "3 are there twice" in result.summary


def keyed(text: str, start: int = 0) -> list[Record]:
    """`k1 k2 j-`: key and value number, `-` for a tombstone, `..` for an offset without a record."""
    return [
        record(start + index, one, key=one[0], tombstone=one[1] == "-")
        for index, one in enumerate(text.split())
        if one != ".."
    ]


def compacted(source: str, target: str, *, complete: bool = True, rest: str = "") -> Probe:
    ours, theirs = keyed(source), keyed(target, 100)
    after = keyed(rest, len(source.split()))
    later = Later(
        {one.key: one.offset for one in (*ours, *after)},
        {one.key: one.offset for one in theirs},
        complete,
        alive=frozenset(one.key for one in {one.key: one for one in theirs}.values() if not one.tombstone),
    )
    seen = Window(0, len(ours), ours, True)
    return Probe(ORDERS, ORDERS, "whole", seen, whole(theirs), compacted=True, later=later)


def kinds(one: Probe) -> list[str]:
    return [difference.kind for difference in probe_verdict(one, exactly_once=True).differences]


def test_compaction_on_either_side_explains_what_a_later_record_supersedes() -> None:
    assert kinds(compacted("a1 b1 a2 c1", ".. b1 a2 c1")) == []
    assert kinds(compacted(".. b1 a2 c1", "a1 b1 a2 c1")) == []
    assert kinds(compacted("a1 b1 c1", "a1 .. c1", rest="b2")) == []
    assert kinds(compacted("a1 b- c1", "a1 .. c1")) == []


def test_compaction_does_not_explain_the_last_record_of_a_key() -> None:
    assert kinds(compacted("a1 b1 c1", "a1 .. c1")) == ["missing"]
    assert kinds(compacted("b1 a1 b2 c1", "b1 a1 .. c1")) == ["missing"]
    assert kinds(compacted("a1 b1 c1", "a1 b1 z9 c1")) == ["alien"]


def test_a_key_deleted_on_the_source_is_not_alive_on_the_target() -> None:
    assert kinds(compacted("a1 a- c1", "a1 .. c1")) == [ALIVE]
    assert kinds(compacted("a1 a- c1", "a1 .. c1", rest="a2")) == [], "what is newer may not be mirrored yet"
    gone = compacted(".. .. c1", "a1 .. c1")
    assert gone.later is not None
    assert kinds(gone) == [], "before the window, of which nothing more is known"
    [risen] = keyed("a1", 100)
    gone = replace(gone, later=replace(gone.later, deleted=[risen]))
    [finding] = judge([gone], ONE, exactly_once=True).findings
    assert "1 key deleted on the source, alive on the target" in finding.message
    assert "target offset 100" in finding.message
    assert "tombstone" in finding.remedy


def test_a_producers_later_record_on_the_target_explains_a_missing_one() -> None:
    one = compacted("a1 b1 c1", "a1 .. c1 b9")
    assert one.later is not None
    assert kinds(one) == ["missing"]
    assert kinds(replace(one, later=replace(one.later, written_from=103))) == []


def test_records_behind_foreign_ones_are_not_missing() -> None:
    """The copy is read on: as far as it was read, the rest may follow."""
    ends = Copy(records("abxyz", 100), from_start=True)
    assert compare(records("abcd"), ends).unclear
    begins = Copy(records("xyzcd", 100), at_end=True)
    assert compare(records("abcd"), begins).unclear
    assert [one.kind for one in compare(records("abcd"), whole(records("abxyzcd"))).differences] == [
        "alien"
    ] * 3


def test_a_cut_log_that_only_the_targets_producers_fill_is_not_comparable() -> None:
    written = Copy(records("xyz", 100), from_start=True, at_end=True, cut=True)
    one = Probe(ORDERS, ORDERS, "whole", window("abcd"), written, gone=True)
    assert probe_verdict(one, exactly_once=True).state == "not-comparable"
    assert probe_verdict(replace(one, gone=False), exactly_once=True).state == "different"


def test_where_too_much_follows_compaction_may_explain_anything() -> None:
    result = probe_verdict(compacted("a1 b1 c1", "a1 .. c1", complete=False), exactly_once=True)
    assert result.state == "not-comparable"
    assert "compaction" in result.reason


def test_arrival_stamps_of_the_target_are_no_difference() -> None:
    target = [one._replace(timestamp=9, log_append_time=True) for one in records("abcd", 50)]
    assert compare(records("abcd"), whole(target)).differences == ()


def test_a_sample_says_that_it_is_one() -> None:
    result = judge([probe("ab", "ab")], Sample(500, 10_000, 20), exactly_once=True)
    assert result.passed
    assert "520 of 10000 partitions checked in this run; the next run checks others" in result.summary
    assert result.facts["partitions_mirrored"] == 10_000


def test_the_facts_of_every_window() -> None:
    other = TopicPartition("orders", 1)
    head = probe("abc", "abc", place="head")
    tail = probe("cdef", "cdXf", place="tail")
    unread = replace(head, partition=other, window=Unread("no leader"))
    result = judge([head, tail, unread], Sample(2, 9, 3), exactly_once=True)
    assert result.name == "records-match"
    assert result.facts == {
        "partitions_looked_at": 5,
        "partitions_mirrored": 9,
        "partitions": {
            "orders-0": {
                "head": {
                    "state": "same",
                    "source_offsets": [0, 2],
                    "same": 3,
                    "removed_on_target": 0,
                    "differences": 0,
                    "reason": "",
                },
                "tail": {
                    "state": "different",
                    "source_offsets": [0, 3],
                    "same": 3,
                    "removed_on_target": 0,
                    "differences": 1,
                    "reason": "",
                },
            },
            "orders-1": {
                "head": {
                    "state": "different",
                    "source_offsets": [],
                    "same": 0,
                    "removed_on_target": 0,
                    "differences": 0,
                    "reason": "it could not be read on the source: no leader",
                }
            },
        },
    }
    assert result.summary == "2 of 2 partitions differ in 2 windows"


def test_the_summary_of_what_is_the_same() -> None:
    whole = judge([probe("abc", "abc"), probe("ab", "ab", place="tail")], ONE, exactly_once=True)
    assert whole.summary == "5 records in 2 windows of 1 partition are the same, in order"
    sample = judge([probe("abc", "abc")], Sample(2, 6, 3), exactly_once=True)
    assert sample.summary == (
        "3 records in 1 window of 2 partitions are the same, in order; 3 have nothing to compare; 5 of 6 "
        "partitions checked in this run; the next run checks others"
    )
    lost = Probe(ORDERS, ORDERS, "middle", window("cdef"), Copy(records("uvwxyz", 20)), gone=True)
    assert judge([lost], ONE, exactly_once=True).summary == (
        "0 records in 1 window of 1 partition are the same, in order; not comparable: 1 window"
    )
    both = judge([probe("abc", "aXc"), probe("abc", "aXc", place="tail")], Sample(4, 4), exactly_once=True)
    assert both.summary == "1 of 4 partitions differ in 2 windows"
    removed = Copy(records("defg", 50), from_start=True, at_end=True, cut=True)
    cut = judge([replace(probe("abcdefg", ""), copy=removed)], ONE, exactly_once=True)
    assert cut.facts["partitions"]["orders-0"]["whole"]["removed_on_target"] == 3


def test_the_first_three_differences_are_named_and_the_others_counted() -> None:
    [finding] = judge([probe("abcdefgh", "aXcYeZgh")], ONE, exactly_once=True).findings
    assert finding.message.startswith("3 altered: ")
    assert "more" not in finding.message
    [finding] = judge([probe("abcdefghij", "aXcYeZgWij")], ONE, exactly_once=True).findings
    assert finding.message.startswith("4 altered: altered in its value or headers at source offset 1 and ")
    assert finding.message.count("at source offset") == 3
    assert finding.message.endswith("; and 1 more")
    [finding] = judge([probe("abcdefgh", "aXdefzgh")], ONE, exactly_once=True).findings
    assert finding.message == (
        "1 altered, 1 missing, 1 alien: altered in its value or headers at source offset 1 and target offset "
        "101; missing at source offset 2; alien at target offset 105"
    )


def test_what_of_a_record_was_altered_is_named() -> None:
    source = [record(0, "a", key="k"), record(1, "b", key="k"), record(2, "c", key="k")]
    middle = source[1]

    def altered(other: Record) -> str:
        copy = whole([source[0], other, source[2]])
        one = Probe(ORDERS, ORDERS, "whole", Window(0, 3, source, True), copy)
        [finding] = judge([one], ONE, exactly_once=True).findings
        return finding.message

    stamped = middle._replace(timestamp=middle.timestamp + 1)
    assert "1 altered: altered in its timestamp at source offset 1" in altered(stamped)
    assert "altered in its key at" in altered(record(1, "b", key="other"))
    assert "altered in its value at" in altered(record(1, "b", key="k", tombstone=True))
    assert "altered in its value or headers at" in altered(record(1, "B", key="k"))


def test_a_window_that_differs_says_what_the_way_out_destroys() -> None:
    one = probe("abc", "aXc", held=2_000, remote=TopicPartition("east.orders", 0))
    [finding] = judge([one], ONE, exactly_once=True).findings
    assert finding.subject == "orders-0 (east.orders-0 on the target), whole"
    assert finding.remedy.startswith("`region-mirror audit` names every such record")
    assert (
        "destroy the topic on the target, of which this partition has up to 2,000 records" in finding.remedy
    )
    lost = Probe(ORDERS, ORDERS, "middle", window("cdef"), Copy(records("uvwxyz", 20)), held=7)
    [finding] = judge([lost], ONE, exactly_once=True).findings
    assert "up to 7 records" in finding.remedy


def test_deleted_keys_alone_need_only_a_tombstone() -> None:
    one = compacted("a1 a- c1 d1", "a1 .. c1 d1")
    [finding] = judge([one], ONE, exactly_once=True).findings
    assert finding.remedy.startswith("write a tombstone")
    mixed = compacted("a1 a- c1 d1", "a1 .. z1 d1")
    [finding] = judge([mixed], ONE, exactly_once=True).findings
    assert "destroy the topic" in finding.remedy


def test_only_what_was_altered_is_described_further() -> None:
    [finding] = judge([probe("abcdefg", "abdcefg")], ONE, exactly_once=True).findings
    assert "out of order at source offset" in finding.message
    [finding] = judge([probe("abcd", "abbcd")], ONE, exactly_once=True).findings
    assert finding.message.startswith("1 doubled: doubled at ")
    assert " in its " not in finding.message
    [finding] = judge([probe("abcd", "abzcd")], ONE, exactly_once=True).findings
    assert finding.message == "1 alien: alien at target offset 102"
    assert finding.remedy.count("rewind the topic: stop the source connector") == 1
