"""internal-topics-safe: absent, not compacted, too few replicas, too many partitions."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from mirror.clients.records import ConfigValue, Topic, Unread
from mirror.clients.topics import Topics
from mirror.problems import Finding
from mirror.verify.checks.internal_topics_safe import judge
from mirror.verify.reading.configs import internal_topics
from mirror.verify.reading.look import Look, Session, sides, topics
from mirror.verify.values.internal_topic import InternalTopic
from tests.unit.support.made_up import settings

COMPACT = {"cleanup.policy": ConfigValue("compact", 1)}
FINE = InternalTopic(
    role="Connect's topic of configs",
    name="__m-config",
    where="west",
    user="verifier",
    holds="connectors are forgotten",
    topic=Topic("__m-config", 1, 3),
    config=COMPACT,
    brokers=3,
    one_partition=True,
)


def found(**changes: Any) -> Finding:
    (finding,) = judge([replace(FINE, **changes)]).findings
    assert finding.subject == "__m-config"
    return finding


def test_compacted_and_replicated_passes() -> None:
    result = judge([FINE])
    assert result.passed
    assert result.summary == "1 internal topics are compacted, with 3 replicas or more"


def test_another_cleanup_policy_says_what_goes_and_how_to_set_it() -> None:
    for policy in ("delete", "compact,delete"):
        finding = found(config={"cleanup.policy": ConfigValue(policy, 1)})
        assert f"cleanup.policy {policy}, not compact" in finding.message
        assert "connectors are forgotten" in finding.message
        assert "--entity-name __m-config --add-config cleanup.policy=compact" in finding.remedy


def test_a_topic_without_a_cleanup_policy_is_not_compacted() -> None:
    finding = found(config={})
    assert "has cleanup.policy (none), not compact" in finding.message
    assert finding.remedy.startswith("correct it in what declares the topic")
    assert "destroy records of keys that have a newer record, and no other" in finding.remedy


def test_an_absent_topic() -> None:
    finding = found(topic=None)
    assert "is not on west, or the verifier may not Describe it" in finding.message
    assert finding.remedy.startswith("the mirror makes it when it starts")


def test_a_configuration_that_cannot_be_read() -> None:
    finding = found(config=Unread("refused"))
    assert finding.message == "Connect's topic of configs: its configuration could not be read: refused"
    assert finding.remedy == "the verifier needs DescribeConfigs on the topic"


def test_replicas_are_three_or_as_many_as_there_are_brokers() -> None:
    two = Topic("__m-config", 1, 2)
    finding = found(topic=two)
    assert "has 2 replicas, and needs 3 (west has 3 brokers)" in finding.message
    assert finding.remedy.startswith("reassign its partitions")
    assert judge([replace(FINE, topic=two, brokers=2)]).passed


def test_replicas_that_the_stack_file_asks_for() -> None:
    assert "needs 5" in found(asked=5).message
    assert judge([replace(FINE, topic=Topic("__m-config", 1, 2), asked=2)]).passed


def test_connects_configs_have_one_partition() -> None:
    several = Topic("__m-config", 3, 3)
    finding = found(topic=several)
    assert "has 3 partitions" in finding.message
    assert finding.remedy.startswith("there is no way that keeps it")
    assert "destroy its 3 partitions; MM2's positions are in another topic and remain" in finding.remedy
    assert "stop the mirror, delete the topic and `pulumi up`" in finding.remedy
    assert judge([replace(FINE, topic=several, one_partition=False)]).passed


def test_all_that_is_wrong_with_a_topic_is_said_and_the_facts_hold_every_topic() -> None:
    wrong = replace(FINE, topic=Topic("__m-config", 2, 1), config=Unread("refused"))
    absent = replace(FINE, name="__m-status", role="Connect's topic of statuses", topic=None)
    offsets = replace(FINE, name="__m-offset", topic=Topic("__m-offset", 25, 4), one_partition=False)
    result = judge([wrong, absent, offsets])
    assert [one.subject for one in result.findings] == ["__m-config"] * 3 + ["__m-status"]
    assert result.name == "internal-topics-safe"
    assert result.summary == "2 of 3 internal topics may lose their records"
    facts = {"role": "Connect's topic of configs", "cluster": "west", "replication_factor_needed": 3}
    assert result.facts == {
        "topics": {
            "__m-config": {**facts, "cleanup_policy": None, "partitions": 2, "replication_factor": 1},
            "__m-status": {
                **facts,
                "role": "Connect's topic of statuses",
                "cleanup_policy": "compact",
                "partitions": None,
                "replication_factor": None,
            },
            "__m-offset": {**facts, "cleanup_policy": "compact", "partitions": 25, "replication_factor": 4},
        }
    }
    assert "with 3 replicas or more" in judge([offsets, FINE]).summary, "the fewest"


class Side:
    """A cluster that knows the configuration of its topics."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self.asked: list[str] = []

    def topic_config_values(self, names: Any) -> dict[str, Any]:
        self.asked = list(names)
        return dict.fromkeys(self.asked, COMPACT)


class Both:
    def __init__(self) -> None:
        self.source, self.target = Side("east"), Side("west")


def looked_at(location: str, on_source: str) -> tuple[list[InternalTopic], Both]:
    declared = settings(offset_syncs_topic_location=location)
    both, look = Both(), Look(Session(declared, Path(), ExitStack()), [internal_topics])
    here = {f"__east-to-west-{kind}" for kind in ("config", "offset", "status")}
    there = {
        name: Topic(name, 1, 1)
        for name in {*here, "east.checkpoints.internal", "mm2-offset-syncs.east.internal"}
    }
    source = {on_source: Topic(on_source, 1, 1)}
    look.give(topics, Topics(source, there, {}, source_brokers=1, target_brokers=3))
    look.give(sides, both)  # type: ignore[arg-type]
    return look.of(internal_topics), both


def test_the_five_topics_are_asked_for_at_once() -> None:
    found, both = looked_at("target", "orders")
    assert [one.name for one in found] == both.target.asked
    assert len(found) == 5
    assert both.source.asked == []
    assert {one.replicas for one in found} == {3}
    assert [one.name for one in found if one.one_partition] == ["__east-to-west-config"]


def test_offset_syncs_on_the_source_are_looked_for_there() -> None:
    found, both = looked_at("source", "mm2-offset-syncs.west.internal")
    assert both.source.asked == ["mm2-offset-syncs.west.internal"]
    assert (found[-1].where, found[-1].user, found[-1].replicas) == ("east", "source user", 1)
    assert found[-1].topic is not None
    assert len(found) == 5
