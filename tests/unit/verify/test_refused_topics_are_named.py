"""A topic that the target refuses to create stalls every topic of its task, with no trace: it is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from mirror.clients.records import Bounds, ConfigValue, Topic, TopicPartition, Unread
from mirror.clients.topics import Topics
from mirror.verify.checks import lag, topics_present
from mirror.verify.checks.topics_present import MirrorNow, judge
from mirror.verify.reading import look as reading
from mirror.verify.reading.look import Look, resource
from mirror.verify.reading.refused_topics import MissingTopic, missing_topics
from mirror.verify.values.partition_lag import PartitionLag
from mirror.verify.values.refused_topic import Refused, TargetBrokers, copied, refusals, refused_records
from mirror.verify.values.topic_config import CopyRules
from settings.names import Names
from tests.unit.support.made_up import NOW, ORDERS, settings, window

RULES = CopyRules(excludes=("min.insync.replicas", "local.*"))
MIB = 1 << 20
OLD, NEW = TargetBrokers((3, 9), False), TargetBrokers((4, 1), False)


def config(**on_topic: str) -> dict[str, ConfigValue]:
    """Properties that are set on a topic; `_` stands for a dot."""
    return {name.replace("_", "."): ConfigValue(value, 1) for name, value in on_topic.items()}


def names(found: tuple[Refused, ...]) -> list[str]:
    return [one.name for one in found]


def test_only_what_mm2_copies_can_be_refused() -> None:
    values = {
        "remote.storage.enable": ConfigValue("true", 1),
        "segment.bytes": ConfigValue("1024", 4),  # from the broker's file
        "segment.ms": ConfigValue("1", 5),  # Kafka's default
        "retention.ms": ConfigValue("2", 2),  # dynamic, for all topics
        "min.insync.replicas": ConfigValue("2", 1),  # excluded
        "local.retention.ms": ConfigValue("2", 1),  # excluded by a pattern
        "a.password": ConfigValue(None, 1, sensitive=True),
    }
    assert copied(values, RULES) == {"remote.storage.enable": "true", "retention.ms": "2"}
    assert "segment.ms" in copied(values, replace(RULES, defaults_from_source=True))


@pytest.mark.parametrize(
    ("on_topic", "target", "refused"),
    [
        (config(remote_storage_enable="true"), OLD, ["remote.storage.enable"]),
        (config(remote_storage_enable="true"), TargetBrokers(), ["remote.storage.enable"]),
        (config(remote_storage_enable="true"), TargetBrokers((4, 1), True), []),
        (config(remote_storage_enable="false"), OLD, []),
        (config(segment_bytes="1048575"), NEW, ["segment.bytes"]),
        (config(segment_bytes="1048576"), NEW, []),
        (config(segment_bytes="1024"), OLD, []),
        (config(segment_bytes="1024"), TargetBrokers(), []),
        (config(segment_bytes="1024"), TargetBrokers(known=frozenset({"segment.bytes"})), ["segment.bytes"]),
        (config(message_format_version="3.0"), NEW, ["message.format.version"]),
        (config(message_format_version="3.0"), OLD, []),
        (config(message_timestamp_difference_max_ms="1"), NEW, ["message.timestamp.difference.max.ms"]),
        (config(message_downconversion_enable="true"), NEW, ["message.downconversion.enable"]),
        (config(confluent_tier_enable="true"), TargetBrokers(known=frozenset({"segment.bytes"})), [
            "confluent.tier.enable"
        ]),
        (config(retention_ms="1", cleanup_policy="compact"), NEW, []),
    ],
)  # fmt: skip
def test_what_the_target_refuses(
    on_topic: dict[str, ConfigValue], target: TargetBrokers, refused: list[str]
) -> None:
    assert names(refusals(on_topic, RULES, target)) == refused


def kafka(version: str = "4.1.0", tiered: bool = False, **brokers: object) -> dict[str, Any]:
    tier = {"tieredStorage": {"type": "custom"}} if tiered else {}
    values = {name.replace("_", "."): value for name, value in brokers.items()}
    return {"spec": {"kafka": {"config": values, **tier}}, "status": {"kafkaVersion": version}}


def test_the_targets_resource_says_what_its_brokers_take() -> None:
    found = TargetBrokers.of_resource(kafka("3.9.1", message_max_bytes=2 * MIB))
    assert (found.version, found.remote_storage) == ((3, 9), False)
    assert found.limits is not None
    assert found.limits["max.message.bytes"] == 2 * MIB
    assert TargetBrokers.of_resource(kafka(tiered=True)).remote_storage
    assert TargetBrokers.of_resource(kafka(remote_log_storage_system_enable=True)).remote_storage
    assert TargetBrokers.of_resource({}) == TargetBrokers()


def records(target: dict[str, Any], request: int = MIB, **on_topic: str) -> list[str]:
    values = {"retention.ms": ConfigValue("604800000", 5), "cleanup.policy": ConfigValue("delete", 5)}
    found = refused_records(
        {**values, **config(**on_topic)}, RULES, TargetBrokers.of_resource(target), request
    )
    return [str(one) for one in found]


def test_records_that_are_larger_than_the_producer_sends() -> None:
    (found,) = records(kafka(), max_message_bytes=str(8 * MIB))
    assert "MM2's producer sends at most 1,048,576 bytes (mirror.expected_record_bytes)" in found
    assert records(kafka(), 8 * MIB, max_message_bytes=str(8 * MIB)) == []
    assert records(kafka(), max_message_bytes=str(MIB + 12)) == [], "the default of both"


def test_records_that_are_larger_than_the_copy_takes() -> None:
    """The source's limit is in its brokers' file, so MM2 does not copy it."""
    source = {"max.message.bytes": ConfigValue(str(8 * MIB), 4)}
    (found,) = refused_records(source, RULES, TargetBrokers.of_resource(kafka()), 8 * MIB)
    assert found.why == "the copy takes records of at most 1,048,588 bytes"


def test_timestamps_that_the_copy_refuses() -> None:
    (found,) = records(kafka(log_message_timestamp_before_max_ms=86_400_000), retention_ms="604800000")
    assert "older than 1 d, the source keeps them for 7 d" in found
    assert records(kafka(log_message_timestamp_before_max_ms=604_800_000)) == []
    (ever,) = records(kafka(log_message_timestamp_before_max_ms=1), cleanup_policy="compact")
    assert "keeps them for ever" in ever
    source = {"message.timestamp.after.max.ms": str(2**63 - 1)}
    (future,) = refused_records(
        {name: ConfigValue(value, 5) for name, value in source.items()},
        RULES,
        TargetBrokers.of_resource(kafka("4.1.0")),
        MIB,
    )
    assert "more than 1 h in the future" in future.why
    assert records(kafka("3.9.0"), message_timestamp_after_max_ms="9") == []


SOURCE = {name: Topic(name, 1, 1) for name in ("orders", "tiered")}
MATCHED = {"orders": "orders", "tiered": "tiered"}
TIERED = MissingTopic(
    (Refused("remote.storage.enable", "true", "no tiered storage"),), ("remote.storage.enable",)
)


def present(mirror: MirrorNow) -> tuple[str, str]:
    (finding,) = judge(
        MATCHED, SOURCE, {"orders": SOURCE["orders"]}, replication_factor=-1, mirror=mirror
    ).findings
    assert finding.subject == "tiered"
    return finding.message, finding.remedy


def test_the_refused_topic_and_the_property_to_exclude_are_named() -> None:
    message, remedy = present(MirrorNow("running", {"tiered": TIERED}, 3))
    assert "3 partitions of other topics are late" in message
    assert "stalls every topic of its task, although connector and task are RUNNING" in message
    assert "The target refuses remote.storage.enable=true: no tiered storage" in message
    assert remedy.startswith("add remote.storage.enable to `mirror.topic_configs_exclude` and deploy")


def test_where_the_property_is_not_known_the_candidates_are_named() -> None:
    _, remedy = present(MirrorNow("running", {"tiered": MissingTopic((), ("retention.ms", "x.y"))}, 1))
    assert "Could not create topic" in remedy
    assert "MM2 would set retention.ms, x.y" in remedy


def test_a_topic_that_stalls_nothing_is_waited_for() -> None:
    message, remedy = present(MirrorNow("running", {"tiered": MissingTopic((), ("retention.ms",))}, 0))
    assert message == "it is not on the target"
    assert remedy.startswith("wait for `mirror.refresh_topics_interval_seconds`")


def test_a_stopped_mirror_stalls_nothing() -> None:
    message, remedy = present(MirrorNow("stopped", {}, 5))
    assert "late" not in message
    assert "`mirror.state: stopped`, so nothing is mirrored" in remedy


def late(partition: TopicPartition) -> PartitionLag:
    return PartitionLag(partition, 0, Bounds(0, 9), window("a", 1))


def judged_lag(*missing: str, state: str = "running") -> list[str]:
    both = [late(ORDERS), late(TopicPartition("tiered", 0))]
    result = lag.judge(both, max_lag_seconds=0, at=NOW, state=state, missing=missing)
    return [one.remedy for one in result.findings]


def test_late_partitions_name_the_missing_topic_as_the_cause() -> None:
    orders, tiered = judged_lag("tiered")
    assert orders.startswith("tiered is not on the target. A topic that the target refuses to create stalls")
    assert tiered.startswith("wait;")
    assert judged_lag()[0].startswith("wait;")
    assert "mirror.state" in judged_lag("tiered", state="paused")[0]
    assert "a, b, c and 1 more are not on the target" in judged_lag("a", "b", "c", "d")[0]


class Side:
    def __init__(self, configs: dict[str, Any]) -> None:
        self.configs = configs
        self.asked: list[str] = []

    def topic_config_values(self, topics: list[str]) -> dict[str, Any]:
        self.asked += topics
        return {topic: self.configs[topic] for topic in topics}


class Both:
    def __init__(self, source: Side, target: Side) -> None:
        self.source, self.target = source, target

    def together(self, first: Any, second: Any) -> Any:
        return first(), second()


def look(source: Side, target: Side, *copies: str) -> Look:
    given = settings()
    session = SimpleNamespace(settings=given, names=Names.of(given))
    found = Look(session, ())  # type: ignore[arg-type]
    nothing: Mapping[str, Any] = {}
    found.give(resource, nothing)
    offsets = session.names.offsets_topic
    there = {name: Topic(name, 1, 1) for name in (*copies, offsets)}
    found.give(reading.sides, Both(source, target))  # type: ignore[arg-type]
    found.give(reading.topics, Topics(SOURCE, there, MATCHED))
    return found


def test_nothing_is_read_where_every_topic_has_a_copy() -> None:
    source, target = Side({}), Side({})
    assert missing_topics(look(source, target, "orders", "tiered")) == {}
    assert not source.asked + target.asked


def test_the_targets_own_topic_says_which_properties_it_knows() -> None:
    offsets = Names.of(settings()).offsets_topic
    on_source = config(remote_storage_enable="true", confluent_tier="x", segment_bytes="1024")
    there = config(remote_storage_enable="false", segment_bytes="9", message_downconversion_enable="true")
    found = missing_topics(look(Side({"tiered": on_source}), Side({offsets: there}), "orders"))
    assert names(found["tiered"].refused) == ["confluent.tier", "remote.storage.enable"]
    assert found["tiered"].copied == ("confluent.tier", "remote.storage.enable", "segment.bytes")
    hidden = look(Side({"tiered": Unread("no right")}), Side({offsets: Unread("no right")}), "orders")
    assert missing_topics(hidden) == {"tiered": MissingTopic()}


def test_the_parts_are_those_of_the_checks() -> None:
    assert missing_topics in topics_present.CHECK.reads
