"""source-unbroken: its facts, its summary, and all problems of a source in one report."""

from __future__ import annotations

from dataclasses import replace

from mirror.clients.records import Bounds, TopicPartition
from mirror.verify.baseline import Baseline, TopicThen
from mirror.verify.values.source_partition import PartitionNow, Risk
from tests.unit.verify.sources import ONE, at, judged


def test_a_topic_that_entered_since_is_told() -> None:
    new = PartitionNow(TopicPartition("new", 0), None, Bounds(40, 50))
    result = judged(at(150, 100, 200), new, ids={"orders": "id-1", "new": "id-9"})
    assert result.passed
    assert result.facts["not_in_baseline"] == ["new"]
    assert "new since the baseline: 1 topic;" in result.summary


def test_retention_that_wins_soon_is_told_the_worst_first() -> None:
    risks = [Risk(ONE, 60, 100), Risk(TopicPartition("orders", 1), 90, 100), Risk(ONE, 10, 100)]
    result = judged(at(150, 100, 200), risks=risks)
    assert result.passed
    soon = (
        "retention will soon delete records that are not mirrored: orders-1 (90% of its retention) and 1 more"
    )
    assert soon in result.summary
    assert result.facts["retention_wins_soon"] == {"orders-1": 0.9, "orders-0": 0.6}


def test_the_facts_of_a_source_that_is_whole() -> None:
    result = judged(at(150, 100, 200))
    assert result.name == "source-unbroken"
    assert result.facts == {
        "baseline": "2026-11-01T00:00:00+00:00",
        "topics": 1,
        "partitions": 1,
        "lost_offsets": {},
        "one_offset_gone": [],
        "no_records_gone": [],
        "not_in_baseline": [],
        "retention_wins_soon": {},
    }
    assert result.summary == (
        "1 topic unchanged since the baseline of 2026-11-01T00:00:00+00:00; no record was deleted before it "
        "was mirrored"
    )


def test_all_that_is_wrong_is_in_one_report() -> None:
    """`orders` was made anew, `payments` lost records in one partition of two, `gone` was deleted."""
    payments = [TopicPartition("payments", one) for one in range(2)]
    then = Baseline(
        "then",
        "cluster",
        {
            "orders": TopicThen("id-1", 1, (100,)),
            "payments": TopicThen("id-3", 2, (0, 0)),
            "gone": TopicThen("id-4", 1, (0,)),
        },
    )
    result = judged(
        at(150, 0, 20),
        PartitionNow(payments[0], 9, Bounds(20, 30)),
        PartitionNow(payments[1], 9, Bounds(10, 30)),
        baseline=then,
        ids={"orders": "id-2", "payments": "id-3"},
        matched_by_pattern=["orders", "payments", "gone"],
    )
    assert [one.subject for one in result.findings] == ["gone", "orders", "payments-0"]
    assert result.facts["lost_offsets"] == {"payments-0": 10}
    assert result.summary == (
        "3 topics or partitions are not those that the mirror was started with, or lost records"
    )
    assert "up to 151 records mirrored so far" in result.findings[1].remedy


def test_mirrored_offsets_of_other_topics_and_of_none_are_not_counted() -> None:
    others = [
        at(None, 0, 20),
        PartitionNow(TopicPartition("orders", 1), 6, Bounds(0, 20)),
        PartitionNow(TopicPartition("orders", 2), 2, Bounds(0, 20)),
        PartitionNow(TopicPartition("payments", 0), 70, Bounds(0, 200)),
    ]
    (finding,) = judged(*others, ids={"orders": "id-2"}).findings
    assert "up to 10 records mirrored so far" in finding.remedy


def test_counts_are_in_the_plural_where_there_are_more() -> None:
    second = TopicPartition("orders", 1)
    single = [at(149, 151, 160), PartitionNow(second, 9, Bounds(11, 20))]
    result = judged(*single)
    assert "one offset after the position was deleted in 2 partitions" in result.summary
    assert result.facts["one_offset_gone"] == ["orders-0", "orders-1"]
    known = [replace(one, no_record_before=151 if one.position == 149 else 11) for one in single]
    result = judged(*known)
    assert "offsets after the position were deleted in 2 partitions, which held no record" in result.summary
    assert "one offset" not in result.summary
    soon = judged(at(150, 100, 200), risks=[Risk(ONE, 50, 100)])
    assert soon.summary.endswith("records that are not mirrored: orders-0 (50% of its retention)")
    assert judged(at(150, 100, 200), risks=[Risk(ONE, 49.9, 100)]).facts["retention_wins_soon"] == {}
    entered = judged(ids={"orders": "id-1", "b": "id-8", "a": "id-9"})
    assert entered.facts["not_in_baseline"] == ["a", "b"]
    assert "new since the baseline: 2 topics; `pulumi up` adds them to it" in entered.summary
