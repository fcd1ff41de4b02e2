"""Raw properties that break a no-loss default: refused, unless the stack file permits that rule by name."""

from __future__ import annotations

from typing import Any

import pytest

from manifests.strimzi import connectors
from settings import no_loss
from settings.load import load
from settings.model import Settings
from settings.no_loss.rule import Breach
from settings.problems import Problem, SettingsError
from tests.unit.settings.sample import raw, settings

BREACHES = [
    ("read-committed", "source_connector", "source.consumer.isolation.level", "read_uncommitted"),
    ("read-committed", "source_connector", "consumer.isolation.level", "read_uncommitted"),
    ("acks-all", "source_connector", "producer.override.acks", "1"),
    ("acks-all", "checkpoint_connector", "producer.override.acks", "0"),
    ("acks-all", "worker", "producer.acks", "1"),
    ("records-in-order", "source_connector", "producer.override.max.in.flight.requests.per.connection", "6"),
    ("errors-tolerance", "source_connector", "errors.tolerance", "all"),
    ("errors-tolerance", "checkpoint_connector", "errors.tolerance", "all"),
    ("offset-reset-earliest", "source_connector", "source.consumer.auto.offset.reset", "latest"),
    ("records-unchanged", "source_connector", "transforms", "drop"),
    ("records-unchanged", "worker", "value.converter", "org.apache.kafka.connect.json.JsonConverter"),
    ("new-topics-mirrored", "source_connector", "refresh.topics.enabled", "false"),
    ("topic-configs-synced", "source_connector", "sync.topic.configs.enabled", "False"),
    ("group-offsets-synced", "source_connector", "emit.offset-syncs.enabled", "false"),
    ("group-offsets-synced", "checkpoint_connector", "sync.group.offsets.enabled", "false"),
    ("group-offsets-synced", "checkpoint_connector", "emit.checkpoints.enabled", "false"),
    ("internal-topics-replicated", "worker", "offset.storage.replication.factor", "1"),
    ("internal-topics-replicated", "source_connector", "offset-syncs.topic.replication.factor", "1"),
    ("internal-topics-replicated", "checkpoint_connector", "checkpoints.topic.replication.factor", "1"),
    ("host-names-verified", "source_client", "ssl.endpoint.identification.algorithm", ""),
    ("host-names-verified", "worker", "ssl.endpoint.identification.algorithm", " "),
]
NEVER = [
    ("exactly-once", "source_connector", "exactly.once.support", "requested"),
    ("exactly-once", "worker", "exactly.once.source.support", "preparing"),
    ("idempotence", "source_connector", "producer.override.enable.idempotence", "false"),
    ("connectors-enabled", "source_connector", "enabled", "false"),
    ("connectors-enabled", "checkpoint_connector", "enabled", "False"),
    ("replication-policy-agrees", "checkpoint_connector", "replication.policy.class", "my.Policy"),
    ("replication-policy-agrees", "source_connector", "replication.policy.separator", "-"),
    ("offset-syncs-location", "checkpoint_connector", "offset-syncs.topic.location", "source"),
    ("no-acl-sync", "source_connector", "sync.topic.acls.enabled", "true"),
    ("client-overrides", "worker", "connector.client.config.override.policy", "None"),
]


def problems(sections: dict[str, Any]) -> tuple[Problem, ...]:
    with pytest.raises(SettingsError) as error:
        load(sections)
    return error.value.problems


def with_config(section: str, key: str, value: str, **more: Any) -> dict[str, Any]:
    return raw(mirror__config={section: {key: value}}, **more)


@pytest.mark.parametrize(("rule", "section", "key", "value"), [*BREACHES, *NEVER])
def test_a_breach_is_refused_with_what_is_lost(rule: str, section: str, key: str, value: str) -> None:
    (problem,) = problems(with_config(section, key, value))
    assert problem.path == f"mirror.config.{section}.{key}"
    assert f"breaks the no-loss rule {rule}" in problem.rule
    assert no_loss.BY_NAME[rule].lost in problem.rule
    assert no_loss.BY_NAME[rule].instead in problem.remedy


@pytest.mark.parametrize(("rule", "section", "key", "value"), BREACHES)
def test_a_permitted_breach_is_let_through_and_told(rule: str, section: str, key: str, value: str) -> None:
    allowed = load(
        with_config(section, key, value, mirror__exactly_once=False, mirror__allow_data_loss=[rule])
    )
    (breach,) = no_loss.permitted(allowed)
    assert breach.rule.name == rule
    assert str(breach).startswith(f"{rule}: mirror.config.{section}.{key} = {value!r}. ")


@pytest.mark.parametrize(("rule", "section", "key", "value"), NEVER)
def test_some_breaches_nothing_permits(rule: str, section: str, key: str, value: str) -> None:
    found = problems(with_config(section, key, value, mirror__allow_data_loss=[rule]))
    assert [problem.path for problem in found] == [
        f"mirror.config.{section}.{key}",
        "mirror.allow_data_loss[0]",
    ]
    assert "cannot be allowed" in found[1].rule


def test_every_rule_is_broken_by_one_of_these() -> None:
    of_a_setting = {"cleanup-policy-copied"}
    assert {rule for rule, *_ in (*BREACHES, *NEVER)} | of_a_setting == set(no_loss.BY_NAME)


@pytest.mark.parametrize("rule", ["read-committed", "acks-all", "records-in-order"])
def test_what_kafka_refuses_with_exactly_once_is_not_permitted_there(rule: str) -> None:
    _, section, key, value = next(breach for breach in BREACHES if breach[0] == rule)
    (problem,) = problems(with_config(section, key, value, mirror__allow_data_loss=[rule]))
    assert "refuses it with exactly-once" in problem.rule
    assert "mirror.exactly_once: false" in problem.remedy


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("source_connector", "producer.override.acks", "all"),
        ("source_connector", "producer.override.acks", "-1"),
        ("source_connector", "producer.override.linger.ms", "50"),
        ("source_connector", "producer.override.max.in.flight.requests.per.connection", "5"),
        ("source_connector", "exactly.once.support", "required"),
        ("source_connector", "errors.tolerance", "none"),
        ("source_connector", "transforms", ""),
        ("checkpoint_connector", "sync.group.offsets.enabled", "TRUE"),
        ("checkpoint_connector", "offset-syncs.topic.location", "target"),
        ("worker", "offset.storage.replication.factor", "3"),
        ("worker", "key.converter", "org.apache.kafka.connect.converters.ByteArrayConverter"),
        ("source_client", "ssl.endpoint.identification.algorithm", "https"),
    ],
)
def test_what_agrees_with_the_default_is_no_breach(section: str, key: str, value: str) -> None:
    assert no_loss.breaches(load(with_config(section, key, value))) == ()


def test_many_requests_in_flight_keep_the_order_only_with_idempotence() -> None:
    key = "producer.override.max.in.flight.requests.per.connection"
    given: dict[str, Any] = {"mirror__exactly_once": False}
    assert "records-in-order" in problems(with_config("source_connector", key, "5", **given))[0].rule
    both = {key: "5", "producer.override.enable.idempotence": "true"}
    assert load(raw(mirror__config={"source_connector": both}, **given))


@pytest.mark.parametrize("pattern", ["cleanup.policy", "cleanup\\..*", ".*"])
def test_copies_of_compacted_topics_stay_compacted(pattern: str) -> None:
    """MM2 creates them with the brokers' cleanup.policy, and retention deletes what the source keeps."""
    excluding = {"mirror__topic_configs_exclude": ["segment.bytes", pattern]}
    (problem,) = problems(raw(**excluding))
    assert problem.path == "mirror.topic_configs_exclude"
    assert "breaks the no-loss rule cleanup-policy-copied" in problem.rule
    allowed = load(raw(**excluding, mirror__allow_data_loss=["cleanup-policy-copied"]))
    (breach,) = no_loss.permitted(allowed)
    assert str(breach).startswith(f"cleanup-policy-copied: mirror.topic_configs_exclude = {pattern!r}. ")


def test_an_unknown_rule_is_guessed() -> None:
    (problem,) = problems(raw(mirror__allow_data_loss=["ack-all"]))
    assert problem.remedy == "Did you mean acks-all?"
    (problem,) = problems(raw(mirror__allow_data_loss=["zzz"]))
    assert "Known rules: read-committed, acks-all" in problem.remedy
    assert "exactly-once" not in problem.remedy


def test_a_permission_that_nothing_needs_is_refused() -> None:
    (problem,) = problems(raw(mirror__allow_data_loss=["acks-all"]))
    assert problem.path == "mirror.allow_data_loss[0]"
    assert "no property in mirror.config breaks this rule" in problem.rule


def test_several_breaches_are_said_at_once() -> None:
    config = {
        "source_connector": {"errors.tolerance": "all", "transforms": "x"},
        "worker": {"producer.acks": "1"},
    }
    assert len(problems(raw(mirror__config=config, workers__replicas=0))) == 4


@pytest.mark.parametrize("exactly_once", [True, False])
@pytest.mark.parametrize("profile", ["balanced", "throughput", "low-latency", "wan"])
@pytest.mark.parametrize("policy", ["identity", "default"])
def test_what_is_rendered_breaks_no_rule(exactly_once: bool, profile: str, policy: str) -> None:
    found = settings(
        mirror__exactly_once=exactly_once, mirror__profile=profile, mirror__replication_policy=policy
    )
    rendered = {
        "source_connector": connectors.source_connector_config(found),
        "checkpoint_connector": connectors.checkpoint_connector_config(found),
        "worker": connectors.worker_config(found),
        "source_client": connectors.source_client_config(found),
    }
    assert broken(found, rendered) == []


def broken(found: Settings, rendered: dict[str, dict[str, str]]) -> list[Breach]:
    return [
        Breach(rule, section, key, value)
        for rule in no_loss.RULES
        for section, tests in rule.breaks.items()
        for key, test in tests.items()
        if (value := rendered[section].get(key)) is not None and test(value, found)
    ]


@pytest.mark.parametrize("rule", no_loss.RULES, ids=lambda rule: rule.name)
def test_every_rule_says_why(rule: no_loss.NoLossRule) -> None:
    assert "KIP-" in rule.lost or "`" in rule.lost or "Strimzi" in rule.lost
    assert rule.instead
    assert rule.name == rule.name.lower()
