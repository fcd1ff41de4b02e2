"""topics-present: absent, smaller and differently replicated copies are found."""

from __future__ import annotations

from typing import Any

import pytest

from mirror.clients.records import Topic
from mirror.clients.topics import own_topics
from mirror.verify.checks.topics_present import MirrorNow, judge
from mirror.verify.reading.refused_topics import MissingTopic
from mirror.verify.reading.source_permissions import SourcePermissions, hidden_scopes
from mirror.verify.report import CheckResult
from mirror.verify.values.refused_topic import Refused
from settings.scopes import Scope
from tests.unit.support.made_up import settings


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


def test_a_mirror_of_which_everything_was_moved_in_parts_has_no_topic_left_and_passes() -> None:
    result = judge({}, SOURCE, {}, replication_factor=-1, mirror=MirrorNow(moved=True))
    assert result.passed
    nothing = judge({}, SOURCE, {}, replication_factor=-1)
    assert "nothing is mirrored" in nothing.findings[0].message


def test_heartbeats_alone_are_no_mirror() -> None:
    """The mirror writes them itself: with them, patterns that match no topic of clients were PROVEN."""
    beats = topics(heartbeats=(1, 3))
    only = {"heartbeats": "east.heartbeats"}
    there = topics(**{"east.heartbeats": (1, 3)})
    own = own_topics(settings(topics=["orders"], heartbeats_interval_seconds=5), only)
    [finding] = judge(only, beats, there, replication_factor=-1, mirror=MirrorNow(own=own)).findings
    assert "but for the mirror's own heartbeats: nothing is mirrored" in finding.message
    moved = MirrorNow(own=own, moved=True)
    assert judge(only, beats, there, replication_factor=-1, mirror=moved).passed
    both = only | {"orders": "orders"}
    assert judge(
        both, SOURCE | beats, SOURCE | there, replication_factor=-1, mirror=MirrorNow(own=own)
    ).passed


def test_heartbeats_that_are_asked_for_are_a_mirror() -> None:
    only = {"heartbeats": "east.heartbeats"}
    for chosen in (
        settings(topics=["heartbeats"], heartbeats_interval_seconds=5),
        settings(topics=["orders"], heartbeats_interval_seconds=0),
    ):
        assert not own_topics(chosen, only)


def test_an_absent_topic_is_named() -> None:
    result = judged(topics(orders=(6, 1)))
    assert [finding.subject for finding in result.findings] == ["payments"]
    assert "not on the target" in result.findings[0].message


def test_an_absent_topic_is_looked_for_under_its_remote_name() -> None:
    result = judge({"orders": "east.orders"}, SOURCE, topics(orders=(6, 3)), replication_factor=-1)
    assert "as east.orders" in result.findings[0].message


def test_missing_partitions_are_counted() -> None:
    result = judged(topics(orders=(4, 1), payments=(3, 1)))
    [finding] = result.findings
    assert finding.subject == "orders"
    assert finding.message.endswith("6 partitions on the source, 4 on the target")
    assert finding.remedy.startswith("wait for the next refresh of topics: MM2 adds partitions")
    stopped = judged(topics(orders=(4, 1), payments=(3, 1)), mirror=MirrorNow(state="stopped"))
    assert stopped.findings[0].remedy.startswith("the stack file declares `mirror.state: stopped`")


def test_the_replication_factor_counts_only_when_asked_for() -> None:
    target = topics(orders=(6, 1), payments=(3, 3))
    assert judged(target, factor=-1).passed
    [finding] = judged(target, factor=3).findings
    assert finding.subject == "orders"
    assert "asks for 3" in finding.message
    assert finding.remedy.startswith("MM2 sets it only when it creates a topic: reassign the partitions")


def test_more_replicas_than_asked_for_are_told_and_fail_nothing() -> None:
    """Cruise Control moves the only partition of a topic for hours: it has the replicas of both places."""
    result = judged(topics(orders=(6, 3), payments=(3, 5)), factor=3)
    assert result.passed
    assert result.summary == "2 topics with 9 partitions are on the target; 1 topic with more than 3 replicas"
    assert "replicas" not in judged(topics(orders=(6, 3), payments=(3, 5))).summary


def test_a_mirror_that_matches_nothing_is_not_proven() -> None:
    result = judge({}, SOURCE, {}, replication_factor=-1)
    assert not result.passed
    [finding] = result.findings
    assert finding.subject == "mirror.topics"
    assert "nothing is mirrored" in finding.message
    assert finding.remedy.startswith("check the patterns, and that the source user may Describe")


def test_patterns_that_match_nothing_are_told() -> None:
    result = judged(SOURCE, unmatched_patterns=["paymnts"])
    assert result.passed
    assert result.summary == "2 topics with 9 partitions are on the target; no topic matches paymnts"
    assert result.facts["unmatched_patterns"] == ["paymnts"]


def test_topics_that_the_source_user_may_not_see_are_not_proven() -> None:
    """Kafka hides them: they look like topics that do not exist, and MM2 never mirrors them."""
    result = judged(SOURCE, user="reader", hidden=[Scope("payments", "prefix"), Scope("*", "literal")])
    assert not result.passed
    prefix, everything = result.findings
    assert "reader has no ACL by which it may Describe every topic payments*" in prefix.message
    assert "may Describe every topic *: Kafka hides" in everything.message
    assert "source-user" in prefix.remedy
    assert result.summary.startswith("2 topics with 9 partitions are on the target")


def test_where_the_acls_are_not_known_the_summary_says_whose_topics_were_compared() -> None:
    result = judged(SOURCE, user="reader", hidden=None)
    assert result.passed
    assert result.summary == "2 topics with 9 partitions are on the target, of the topics that reader can see"


def test_the_facts_hold_every_matched_topic_and_what_the_target_refuses() -> None:
    refused = Refused("segment.bytes", "1024", "Kafka 4 refuses less than 1 MiB")
    mirror = MirrorNow(missing={"payments": MissingTopic((refused,))}, late=2)
    matched = {"payments": "east.payments", "orders": "east.orders"}
    target = {"east.orders": Topic("east.orders", 8, 2)}
    result = judge(
        matched, SOURCE, target, replication_factor=-1, mirror=mirror, unmatched_patterns=["paymnts"]
    )
    assert result.name == "topics-present"
    assert result.facts == {
        "topics": {
            "orders": {
                "remote": "east.orders",
                "partitions": 6,
                "target_partitions": 8,
                "target_replication_factor": 2,
            },
            "payments": {
                "remote": "east.payments",
                "partitions": 3,
                "target_partitions": None,
                "target_replication_factor": None,
            },
        },
        "unmatched_patterns": ["paymnts"],
        "refused": {"payments": [str(refused)]},
    }
    assert result.summary == (
        "1 of 2 topics are missing on the target, or differ in partitions or replicas; "
        "no topic matches paymnts"
    )
    [finding] = result.findings
    assert finding.message.startswith("it is not on the target as east.payments, and 2 partitions of other")


READS = {"operations": ["Read"]}


def reader(*acls: dict[str, Any]) -> dict[str, Any]:
    return {"spec": {"authorization": {"type": "simple", "acls": list(acls)}}}


def on(name: str, pattern: str = "literal", **more: Any) -> dict[str, Any]:
    return {"resource": {"type": "topic", "name": name, "patternType": pattern}, **READS, **more}


@pytest.mark.parametrize(
    ("user", "hidden"),
    [
        (reader(on("orders"), on("payments", "prefix")), ()),
        (reader(on("*")), ()),
        (reader(on("o", "prefix"), on("pay", "prefix")), ()),
        (reader(on("orders")), ("payments",)),
        (reader(on("orders"), on("payments-eu"), on("payments.us", "prefix")), ("payments",)),
        (reader(on("orders"), on("payments", "prefix", host="10.0.0.1")), ("payments",)),
        (reader(on("*"), on("payments.secret", type="deny", operations=["Describe"])), ("payments",)),
        (reader(on("*"), on("*", type="deny", operations=["All"])), ("orders", "payments")),
        ({"spec": {}}, ("orders", "payments")),
    ],
)
def test_the_scopes_that_a_kafka_user_hides(user: dict[str, Any], hidden: tuple[str, ...]) -> None:
    """The patterns are `orders` and `payments.*`; a prefix of it may be shorter, never longer."""
    found = hidden_scopes(settings(), STRICT, user).hidden_topics
    assert found is not None
    assert tuple(one.name for one in found) == hidden


def test_a_super_user_sees_everything_and_an_unknown_user_is_not_guessed() -> None:
    generous = {"spec": {"kafka": {"authorization": {"type": "simple", "superUsers": ["mirror-source"]}}}}
    nobody = reader()
    nobody["spec"]["authentication"] = {"type": "scram-sha-512"}
    everything = SourcePermissions((), ())
    assert hidden_scopes(settings(), generous, nobody) == everything
    assert hidden_scopes(settings(), {"spec": {"kafka": {}}}, nobody) == everything
    assert hidden_scopes(settings(), None, nobody) == SourcePermissions(None, None)
    assert hidden_scopes(settings(), STRICT, None) == SourcePermissions(None, None)


STRICT = {"spec": {"kafka": {"authorization": {"type": "simple"}}}}
