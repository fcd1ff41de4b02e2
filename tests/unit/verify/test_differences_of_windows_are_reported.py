"""records-match: facts, summaries, and what a finding names."""

from __future__ import annotations

from dataclasses import replace

from mirror.clients.records import Record, TopicPartition, Unread, Window
from mirror.verify.checks.records_match import judge
from mirror.verify.comparison import Copy
from mirror.verify.reading.windows import Windows, windows
from mirror.verify.report import CheckResult
from mirror.verify.run import judge as judge_look
from mirror.verify.values.probe import Probe, Sample
from tests.unit.support.made_up import ORDERS, record, records, settings, window
from tests.unit.verify.looks import BOTH, look
from tests.unit.verify.probes import ONE, probe, whole


def test_an_altered_record_is_named_with_both_offsets() -> None:
    result = judge([probe("abcdef", "abXdef")], ONE, exactly_once=True)
    [finding] = result.findings
    assert not result.passed
    assert finding.subject == "orders-0, whole"
    assert (
        "1 altered: altered in its value or headers at source offset 2 and target offset 102"
        in finding.message
    )


def test_unreadable_sides_are_findings_with_their_reason() -> None:
    refused = Unread("Topic authorization failed")
    for broken in (
        Probe(ORDERS, ORDERS, "head", refused),
        Probe(ORDERS, ORDERS, "head", window("a"), refused),
    ):
        [finding] = judge([broken], ONE, exactly_once=True).findings
        assert "Topic authorization failed" in finding.message
        assert "Read" in finding.remedy


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


def test_only_what_was_altered_is_described_further() -> None:
    [finding] = judge([probe("abcdefg", "abdcefg")], ONE, exactly_once=True).findings
    assert "out of order at source offset" in finding.message
    [finding] = judge([probe("abcd", "abbcd")], ONE, exactly_once=True).findings
    assert finding.message.startswith("1 doubled: doubled at ")
    assert " in its " not in finding.message
    [finding] = judge([probe("abcd", "abzcd")], ONE, exactly_once=True).findings
    assert finding.message == "1 alien: alien at target offset 102"
    assert finding.remedy.count("rewind the topic: stop the source connector") == 1


def test_the_summary_names_all_that_it_counts() -> None:
    lost = Probe(ORDERS, ORDERS, "middle", window("cdef"), Copy(records("uvwxyz", 20)), gone=True)
    seen = [probe("abcd", "abbcd"), lost]
    assert judge(seen, Sample(2, 9, 3), exactly_once=False).summary == (
        "4 records in 2 windows of 2 partitions are the same, in order; 3 have nothing to compare; 1 are "
        "there twice, as an at-least-once mirror may write them; not comparable: 1 window; 5 of 9 partitions "
        "checked in this run; the next run checks others"
    )


def test_a_run_that_looked_at_every_partition_is_no_sample() -> None:
    assert "next run" not in judge([probe("abc", "abc")], Sample(2, 5, 3), exactly_once=True).summary


def test_a_copy_that_is_not_there_is_named_by_its_window() -> None:
    lost = Probe(ORDERS, ORDERS, "middle", window("cdef"), Copy(records("uvwxyz", 20)))
    [finding] = judge([lost], ONE, exactly_once=True).findings
    assert finding.subject == "orders-0, middle"


def test_the_end_of_a_log_is_judged_once_and_doubles_as_the_mirror_promises() -> None:
    """tail-matches reports records that are missing at the very end, where it is judged as well."""
    short, doubled = probe("abcdef", "abcd"), probe("abcd", "abbcd")

    def judged(one: Probe, *names: str, exactly_once: bool = True) -> CheckResult:
        seen = look(BOTH, *names)
        seen.give(windows, Windows([one], ONE))
        seen.session.settings = settings(exactly_once=exactly_once)
        return next(one for one in judge_look(seen, names) if one.name == "records-match")

    assert not judged(short, "records-match").passed
    assert judged(short, "tail-matches", "records-match").passed
    assert not judged(doubled, "records-match").passed
    assert judged(doubled, "records-match", exactly_once=False).passed
