"""topics-present: absent, smaller and differently replicated copies are found."""

from __future__ import annotations

from mirror.clients.records import Topic
from mirror.verify.checks.topics_present import judge
from mirror.verify.report import CheckResult


def topics(**sizes: tuple[int, int]) -> dict[str, Topic]:
    return {name: Topic(name, partitions, factor) for name, (partitions, factor) in sizes.items()}


SOURCE = topics(orders=(6, 3), payments=(3, 3))


def judged(target: dict[str, Topic], factor: int = -1, **more: object) -> CheckResult:
    matched = {"orders": "orders", "payments": "payments"}
    return judge(matched, SOURCE, target, replication_factor=factor, **more)  # type: ignore[arg-type]


def test_copies_at_least_as_large_pass() -> None:
    result = judged(topics(orders=(8, 1), payments=(3, 2)))
    assert result.passed
    assert "2 topics with 9 partitions" in result.summary


def test_an_absent_topic_is_named() -> None:
    result = judged(topics(orders=(6, 1)))
    assert [finding.subject for finding in result.findings] == ["payments"]
    assert "not on the target" in result.findings[0].message


def test_an_absent_topic_is_looked_for_under_its_remote_name() -> None:
    result = judge({"orders": "east.orders"}, SOURCE, topics(orders=(6, 3)), replication_factor=-1)
    assert "as east.orders" in result.findings[0].message


def test_missing_partitions_are_counted() -> None:
    result = judged(topics(orders=(4, 1), payments=(3, 1)))
    assert result.findings[0].message.endswith("6 partitions on the source, 4 on the target")


def test_the_replication_factor_counts_only_when_asked_for() -> None:
    target = topics(orders=(6, 1), payments=(3, 3))
    assert judged(target, factor=-1).passed
    [finding] = judged(target, factor=3).findings
    assert finding.subject == "orders"
    assert "asks for 3" in finding.message


def test_a_mirror_that_matches_nothing_is_not_proven() -> None:
    result = judge({}, SOURCE, {}, replication_factor=-1)
    assert not result.passed
    assert "nothing is mirrored" in result.findings[0].message


def test_patterns_that_match_nothing_are_told() -> None:
    result = judged(SOURCE, unmatched_patterns=["paymnts"])
    assert result.passed
    assert "no topic matches paymnts" in result.summary
