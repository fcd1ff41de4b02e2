"""A property that the target refuses keeps MM2 from setting any of a copy's: the check says so."""

from __future__ import annotations

from mirror.clients.records import ConfigValue
from mirror.verify.checks.topic_configs_match import judge
from mirror.verify.report import CheckResult
from mirror.verify.values.topic_config import CopyRules, TopicConfig
from settings.filters import TOPIC_CONFIGS_EXCLUDE_DEFAULT

TOPIC, FILE, DEFAULT = 1, 4, 5
"""Where a value is set: on the topic, in the broker's file, nowhere."""
RULES = CopyRules(TOPIC_CONFIGS_EXCLUDE_DEFAULT)


def refused_change(source: TopicConfig, target: TopicConfig, rules: CopyRules = RULES) -> CheckResult:
    return judge({"orders": "orders"}, {"orders": source}, {"orders": target}, rules)


def test_a_property_that_the_target_refuses_keeps_the_others_from_being_set() -> None:
    """Kafka refuses the request for the topic as a whole; MM2 says so in its log alone."""
    source = {
        "segment.bytes": ConfigValue("524288", TOPIC),
        "message.downconversion.enable": ConfigValue("false", TOPIC),
        "retention.ms": ConfigValue("1", TOPIC),
    }
    target = {"segment.bytes": ConfigValue("1073741824", DEFAULT), "retention.ms": ConfigValue("2", DEFAULT)}
    first, second = refused_change(source, target).findings
    assert first.message == (
        "the target refuses message.downconversion.enable=false: the target's Kafka does not know this "
        "property; segment.bytes=524288: Kafka 4.0 and newer require at least 1048576 (KIP-1030). MM2 sets "
        "the properties of a topic in one request, so no other property of this topic changes on the "
        "target, either"
    )
    assert second.message == "retention.ms is 2 on the target, 1 on the source"
    assert first.remedy == second.remedy
    assert first.remedy == (
        "add message.downconversion.enable, segment.bytes to `mirror.topic_configs_exclude` and deploy: "
        "MM2 then sets the others"
    )
    excluded = CopyRules(("segment.bytes", "message.downconversion.enable"))
    (finding,) = refused_change(source, target, excluded).findings
    assert "60 s" in finding.remedy
    assert refused_change(source, target, CopyRules((), enabled=False)).passed


def test_tiered_storage_is_refused_where_the_copy_has_none() -> None:
    source = {"remote.storage.enable": ConfigValue("true", TOPIC)}
    (finding,) = refused_change(source, {"remote.storage.enable": ConfigValue("false", DEFAULT)}).findings
    assert "refused unless the target's brokers have tiered storage" in finding.message
    assert refused_change(source, source).passed


def test_what_mm2_never_sets_is_set_by_hand_whatever_the_target_refuses() -> None:
    source = {"segment.bytes": ConfigValue("524288", TOPIC), "retention.ms": ConfigValue("9", FILE)}
    target = {"segment.bytes": ConfigValue("1073741824", DEFAULT), "retention.ms": ConfigValue("1", TOPIC)}
    refused, left = refused_change(source, target).findings
    assert "mirror.topic_configs_exclude" in refused.remedy
    assert "--add-config retention.ms=9`" in left.remedy
