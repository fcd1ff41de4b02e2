"""topic-configs-match: what MM2 copies and what it leaves out, by where a value is set."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from mirror.clients.records import ConfigValue, Unread
from mirror.verify.checks.topic_configs_match import judge
from mirror.verify.reading.configs import kafka_topics
from mirror.verify.reading.look import Look
from mirror.verify.report import CheckResult
from mirror.verify.values.copy_rules import copy_rules as rules_of
from mirror.verify.values.topic_config import CopyRules, KafkaTopic, TopicConfig
from settings.filters import TOPIC_CONFIGS_EXCLUDE_DEFAULT
from tests.unit.support.fake_kubernetes import FakeKubernetes
from tests.unit.support.made_up import settings

TOPIC, DYNAMIC, FILE, DEFAULT = 1, 3, 4, 5
"""Where a value is set: on the topic, dynamically for all brokers, in the broker's file, nowhere."""
RULES = CopyRules(TOPIC_CONFIGS_EXCLUDE_DEFAULT)


def judged(
    source: tuple[str, int], target: tuple[str, int], *, name: str = "retention.ms", rules: CopyRules = RULES
) -> CheckResult:
    here, there = {name: ConfigValue(*source)}, {name: ConfigValue(*target)}
    return judge({"orders": "east.orders"}, {"orders": here}, {"east.orders": there}, rules)


def test_equal_values_pass_wherever_they_are_set() -> None:
    for source in (TOPIC, DYNAMIC, FILE, DEFAULT):
        result = judged(("1", source), ("1", DEFAULT))
        assert result.passed
        assert result.summary == "1 topic is configured as on the source"


def test_a_value_of_the_topic_that_differs_is_found_and_named() -> None:
    for source in (TOPIC, DYNAMIC):
        (finding,) = judged(("1", source), ("2", TOPIC)).findings
        assert finding.subject == "orders"
        assert finding.message == "retention.ms is 2 on the target, 1 on the source"
        assert "60 s" in finding.remedy


def test_a_value_that_was_set_on_the_copy_alone_is_found() -> None:
    (finding,) = judged(("1", DEFAULT), ("2", TOPIC)).findings
    assert finding.message == "retention.ms is 2 on the target, 1 on the source"


def test_excluded_by_name_is_told_and_no_finding() -> None:
    result = judged(("2", TOPIC), ("1", TOPIC), name="min.insync.replicas")
    assert result.passed
    assert "that MM2 does not copy and that differ (topics): min.insync.replicas (1)" in result.summary
    assert result.facts["left_out"] == {
        "min.insync.replicas": {"orders": "excluded: 2 on the source, 1 here"},
    }


def test_the_brokers_own_file_is_not_copied() -> None:
    result = judged(("1", FILE), ("2", DEFAULT))
    assert result.passed
    assert "from the source broker's own file" in str(result.facts["left_out"])


def test_a_property_that_the_source_has_lost_to_its_brokers_file_is_found() -> None:
    """findings/mm2-keeps-properties-that-a-source-topic-has-lost.sh"""
    (finding,) = judged(("604800000", FILE), ("1000", TOPIC)).findings
    assert finding.message.startswith(
        "retention.ms is 1000 on the target, 604800000 on the source. MM2 leaves"
    )
    assert "--entity-name east.orders --add-config retention.ms=604800000`" in finding.remedy
    (policy,) = judged(("compact,delete", FILE), ("delete", TOPIC), name="cleanup.policy").findings
    assert "--add-config 'cleanup.policy=[compact,delete]'`" in policy.remedy
    excluded = CopyRules(("retention[.]ms",))
    assert judged(("604800000", FILE), ("1000", TOPIC), rules=excluded).passed


def test_another_default_is_told_unless_defaults_come_from_the_source() -> None:
    result = judged(("1", DEFAULT), ("2", FILE))
    assert result.passed
    assert "Kafka's default at the source" in str(result.facts["left_out"])
    assert not judged(("1", DEFAULT), ("2", FILE), rules=CopyRules((), defaults_from_source=True)).passed


def test_read_only_and_sensitive_ones_are_not_compared() -> None:
    here = {"a": ConfigValue("1", TOPIC, read_only=True), "b": ConfigValue(None, TOPIC, sensitive=True)}
    there = {"a": ConfigValue("2", TOPIC), "b": ConfigValue("x", TOPIC)}
    assert judge({"orders": "orders"}, {"orders": here}, {"orders": there}, RULES).passed


def test_a_default_that_the_target_does_not_know_is_told() -> None:
    here = {"new.in.5.0": ConfigValue("1", DEFAULT)}
    result = judge({"orders": "orders"}, {"orders": here}, {"orders": {}}, RULES)
    assert result.passed
    assert "unknown to the target's Kafka" in str(result.facts)


def test_a_mirror_that_copies_no_configuration_says_so() -> None:
    result = judged(("1", TOPIC), ("2", TOPIC), rules=CopyRules((), enabled=False))
    assert result.passed
    assert result.summary.startswith("1 topic is configured as on the source; MM2 copies no configuration")


def test_what_cannot_be_read_is_a_finding_with_the_right_that_lacks() -> None:
    refused = Unread("Topic authorization failed")
    here = {"retention.ms": ConfigValue("1", TOPIC)}
    (finding,) = judge({"orders": "orders"}, {"orders": here}, {"orders": refused}, RULES).findings
    assert (finding.subject, finding.remedy) == ("orders", "the verifier needs DescribeConfigs on the topic")
    (finding,) = judge({"orders": "orders"}, {"orders": refused}, {"orders": here}, RULES).findings
    assert "the source user needs DescribeConfigs" in finding.remedy
    assert finding.message == (
        "its configuration on the source could not be read: Topic authorization failed"
    )
    (finding,) = judge({"orders": "orders"}, {"orders": here}, {}, RULES).findings
    assert finding.message == "its configuration on the target could not be read: no answer"


def test_the_facts_and_the_summary_count_topics() -> None:
    """`a` cannot be read, `b` and `c` differ, also in properties that MM2 does not copy."""
    left_out = {
        name: ConfigValue("2", TOPIC)
        for name in ("min.insync.replicas", "follower.replication.throttled.replicas")
    }
    retention = {"retention.ms": ConfigValue("1", TOPIC), "segment.ms": ConfigValue("1", TOPIC)}
    source: dict[str, TopicConfig | Unread] = {
        "a": Unread("refused"),
        "b": {**retention, "min.insync.replicas": left_out["min.insync.replicas"]},
        "c": {**retention, **left_out},
        "d": {},
    }
    other = {name: ConfigValue("3", TOPIC) for name in (*retention, *left_out)}
    result = judge({name: name for name in "abcd"}, source, {"b": other, "c": other, "d": {}}, RULES)
    assert [one.subject for one in result.findings] == ["a", "b", "b", "c", "c"]
    assert result.name == "topic-configs-match"
    assert result.facts == {
        "topics": 3,
        "excluded": list(TOPIC_CONFIGS_EXCLUDE_DEFAULT),
        "defaults_from": "target",
        "left_out": {
            "follower.replication.throttled.replicas": {"c": "excluded: 2 on the source, 3 here"},
            "min.insync.replicas": {
                "b": "excluded: 2 on the source, 3 here",
                "c": "excluded: 2 on the source, 3 here",
            },
        },
    }
    assert result.summary == (
        "2 of 3 topics have another configuration than on the source; the configuration of 1 topic could not "
        "be read; properties that MM2 does not copy and that differ (topics): min.insync.replicas (2), "
        "follower.replication.throttled.replicas (1)"
    )
    from_source = judged(("1", TOPIC), ("1", TOPIC), rules=CopyRules((), defaults_from_source=True))
    assert from_source.facts["defaults_from"] == "source"


def test_topics_that_could_not_be_read_are_not_counted_as_different() -> None:
    """Where the verifier lacks DescribeConfigs, the summary said that 2 of 0 topics differ."""
    refused = Unread("Topic authorization failed")
    result = judge({"a": "a", "b": "b"}, {"a": {}, "b": {}}, {"a": refused, "b": refused}, RULES)
    assert not result.passed
    assert result.summary == (
        "0 topics are configured as on the source; the configuration of 2 topics could not be read"
    )


def test_only_the_properties_that_differ_in_most_topics_are_named() -> None:
    here = {f"x{number}": ConfigValue("1", FILE) for number in range(6)}
    there = {name: ConfigValue("2", DEFAULT) for name in here}
    result = judge({"orders": "orders"}, {"orders": here}, {"orders": there}, RULES)
    assert result.summary.endswith("(topics): x0 (1), x1 (1), x2 (1), x3 (1) and 2 more")


def test_another_filter_cannot_be_judged() -> None:
    result = judged(("1", TOPIC), ("1", TOPIC), rules=CopyRules((), filter_class="com.example.Filter"))
    assert not result.passed
    [finding] = result.findings
    assert "com.example.Filter" in finding.message
    assert finding.remedy == "remove `config.property.filter.class` from `mirror.config.source_connector`"
    assert result.name == "topic-configs-match"


def rules(**overrides: Any) -> CopyRules:
    return rules_of(settings(config={"source_connector": overrides}))


def test_the_rules_are_those_of_the_connector() -> None:
    assert rules() == CopyRules(TOPIC_CONFIGS_EXCLUDE_DEFAULT, interval_seconds=60)
    assert rules(**{"use.defaults.from": "source"}).defaults_from_source
    more = rules_of(settings(topic_configs_exclude=["segment\\..*"]))
    assert more.excludes == (*TOPIC_CONFIGS_EXCLUDE_DEFAULT, "segment\\..*")


GITOPS = {
    "metadata": {"name": "orders-of-gitops", "labels": {"strimzi.io/cluster": "west"}},
    "spec": {"topicName": "east.orders", "config": {"retention.ms": 86400000, "cleanup.policy": ["delete"]}},
}


def of_gitops(source: str, target: str, name: str = "retention.ms") -> CheckResult:
    declared = KafkaTopic.of(GITOPS)
    here, there = {name: ConfigValue(source, TOPIC)}, {name: ConfigValue(target, TOPIC)}
    topics = {"orders": "east.orders"}
    return judge(topics, {"orders": here}, {"east.orders": there}, RULES, {declared.topic: declared})


def test_a_kafka_topic_that_sets_another_value_is_named() -> None:
    (finding,) = of_gitops("604800000", "86400000").findings
    assert finding.message == (
        "retention.ms is 86400000 on the target, 604800000 on the source; KafkaTopic orders-of-gitops of the "
        "target sets it to 86400000"
    )
    assert finding.subject == "orders"
    assert "set it to 604800000 in the KafkaTopic" in finding.remedy
    assert "mirror.topic_configs_exclude: [retention.ms]" in finding.remedy


def test_leaving_cleanup_policy_to_a_kafka_topic_needs_a_permission() -> None:
    declared = KafkaTopic.of({**GITOPS, "spec": {**GITOPS["spec"], "config": {"cleanup.policy": "delete"}}})
    here, there = ({"cleanup.policy": ConfigValue(value, TOPIC)} for value in ("compact", "delete"))
    found = judge(
        {"orders": "east.orders"}, {"orders": here}, {"east.orders": there}, RULES, {declared.topic: declared}
    )
    (finding,) = found.findings
    assert "mirror.allow_data_loss: [cleanup-policy-copied]" in finding.remedy


def test_a_kafka_topic_that_agrees_or_says_nothing_is_not_the_cause() -> None:
    for found in (of_gitops("86400000", "604800000"), of_gitops("7", "8", "segment.ms")):
        (finding,) = found.findings
        assert "KafkaTopic" not in finding.message
        assert "60 s" in finding.remedy


def test_values_are_compared_as_kafka_writes_them() -> None:
    declared = KafkaTopic.of(
        {"metadata": {"name": "a"}, "spec": {"config": {"x": True, "y": 1.0, "z": ["a", 2]}}}
    )
    assert (declared.topic, declared.config) == ("a", {"x": "true", "y": "1", "z": "a,2"})


def test_kafka_topics_of_another_cluster_or_without_permission_are_none() -> None:
    west = FakeKubernetes("https://west")
    other = {**GITOPS, "metadata": {"name": "other", "labels": {"strimzi.io/cluster": "north"}}}
    west.resources = {("KafkaTopic", "orders-of-gitops"): GITOPS, ("KafkaTopic", "other"): other}
    session = SimpleNamespace(settings=settings(), deployed=SimpleNamespace(kubernetes=west))
    look = cast(Look, SimpleNamespace(settings=settings(), session=session))
    assert [one.name for one in kafka_topics(look).values()] == ["orders-of-gitops"]
    west.forbidden = {"KafkaTopics"}
    assert kafka_topics(look) == {}
