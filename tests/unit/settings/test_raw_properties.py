"""Raw properties that have a setting, that Strimzi derives or drops, or that are secret."""

from __future__ import annotations

import pytest

from settings.load import load
from settings.problems import Problem, SettingsError
from tests.unit.settings.sample import raw


def problem(section: str, key: str, value: object = "x") -> Problem:
    with pytest.raises(SettingsError) as error:
        load(raw(mirror__config={section: {key: value}}))
    (found,) = error.value.problems
    assert found.path == f"mirror.config.{section}.{key}"
    return found


@pytest.mark.parametrize(
    ("section", "key", "setting"),
    [
        ("source_connector", "name", "mirror.name"),
        ("source_connector", "tasks.max", "mirror.tasks_max"),
        ("checkpoint_connector", "tasks.max", "mirror.checkpoint_tasks_max"),
        ("source_connector", "topics", "mirror.topics"),
        ("source_connector", "topics.exclude", "mirror.topics_exclude"),
        ("checkpoint_connector", "groups", "mirror.groups"),
        ("source_connector", "config.properties.exclude", "mirror.topic_configs_exclude"),
        ("source_connector", "replication.factor", "mirror.replication_factor"),
        ("source_connector", "offset.lag.max", "mirror.offset_lag_max"),
        (
            "checkpoint_connector",
            "emit.checkpoints.interval.seconds",
            "mirror.emit_checkpoints_interval_seconds",
        ),
        ("source_connector", "offsets.storage.topic", "mirror.offsets_topic"),
        ("worker", "group.id", "mirror.group_id"),
        ("worker", "offset.storage.topic", "mirror.offsets_topic"),
    ],
)
def test_what_has_a_setting_is_refused_naming_it(section: str, key: str, setting: str) -> None:
    assert problem(section, key).rule == f"has a setting of its own, {setting}"


@pytest.mark.parametrize(
    ("section", "key", "side"),
    [
        ("worker", "bootstrap.servers", "target"),
        ("worker", "security.protocol", "target"),
        ("worker", "producer.bootstrap.servers", "target"),
        ("worker", "ssl.truststore.location", "target"),
        ("source_client", "bootstrap.servers", "source"),
        ("source_client", "security.protocol", "source"),
        ("source_client", "ssl.keystore.type", "source"),
        ("source_connector", "source.cluster.bootstrap.servers", "source"),
        ("source_connector", "target.cluster.security.protocol", "target"),
        ("source_connector", "producer.override.bootstrap.servers", "target"),
        ("source_connector", "source.consumer.sasl.mechanism", "source"),
        ("checkpoint_connector", "source.admin.security.protocol", "source"),
        ("source_connector", "producer.override.transactional.id", "target"),
    ],
)
def test_what_says_where_and_who_is_refused(section: str, key: str, side: str) -> None:
    assert f"derives from the section {side}" in problem(section, key).rule


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ("source_connector", "connector.class"),
        ("source_connector", "source.cluster.alias"),
        ("checkpoint_connector", "target.cluster.alias"),
        ("source_connector", "topic.filter.class"),
        ("checkpoint_connector", "group.filter.class"),
        ("source_connector", "replication.policy.internal.topic.separator.enabled"),
        ("worker", "rest.port"),
        ("worker", "listeners"),
        ("worker", "plugin.path"),
        ("worker", "producer.interceptor.classes"),
    ],
)
def test_what_others_derive_is_refused(section: str, key: str) -> None:
    assert problem(section, key).remedy


def test_what_reaches_no_client_is_refused_with_where_it_would() -> None:
    found = problem("source_client", "fetch.max.bytes")
    assert "has no effect: MM2 reads only connection settings" in found.rule
    assert "source.consumer.fetch.max.bytes" in found.remedy


@pytest.mark.parametrize(
    ("key", "remedy"),
    [
        ("consumer.max.poll.records", "Write source.consumer.max.poll.records in"),
        ("source.admin.retries", "Write source.admin.retries in"),
        ("config.storage.replication.factor", "Remove the line: it is a property of the workers"),
        ("value.converter.schemas.enable", "Remove the line: it is a property of the workers"),
    ],
)
def test_the_way_out_names_a_property_that_there_is(key: str, remedy: str) -> None:
    """It was source.consumer.consumer.max.poll.records, and source.consumer.config.storage... of public
    mirrors that have properties of the workers at both clusters.
    """
    assert problem("source_client", key).remedy.startswith(remedy)


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("source_connector", "producer.override.linger.ms", 20),
        ("source_connector", "source.consumer.fetch.max.bytes", 52428800),
        ("source_connector", "add.source.alias.to.metrics", True),
        ("checkpoint_connector", "consumer.poll.timeout.ms", 500),
        ("worker", "offset.flush.interval.ms", 5000),
        ("worker", "session.timeout.ms", "9000"),
        ("worker", "ssl.enabled.protocols", "TLSv1.3"),
        ("source_client", "ssl.cipher.suites", "TLS_AES_256_GCM_SHA384"),
    ],
)
def test_the_rest_is_handed_on(section: str, key: str, value: object) -> None:
    found = load(raw(mirror__config={section: {key: value}})).mirror.config
    assert getattr(found, section) == {key: str(value).lower() if isinstance(value, bool) else str(value)}


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("worker", "offset.flush.interval.ms", "5s"),
        ("source_connector", "producer.override.max.request.size", "5MB"),
        ("source_connector", "source.consumer.max.poll.records", "many"),
        ("checkpoint_connector", "admin.timeout.ms", 1.5),
    ],
)
def test_a_number_with_a_unit_is_refused_before_a_worker_fails(section: str, key: str, value: object) -> None:
    found = problem(section, key, value)
    assert "must be a whole number" in found.rule
    assert "Kafka's default is " in found.remedy


def test_a_number_that_a_provider_reads_is_handed_on() -> None:
    given = {"producer.override.max.request.size": "${env:REQUEST}", "producer.override.linger.ms": " 20 "}
    assert load(raw(mirror__config={"source_connector": given})).mirror.config.source_connector == given


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("worker", "config.providers.vault.param.token", "hunter2"),
        ("source_connector", "basic.auth.password", "hunter2"),
        ("source_connector", "forwarding.admin.api.key", "hunter2"),
        ("source_connector", "my.jdbc.url", "jdbc:x?user=a&password=hunter2"),
        ("source_connector", "my.pem", "-----BEGIN PRIVATE KEY----- hunter2"),
        ("worker", "sasl.jaas.config", "hunter2"),
        ("source_connector", "producer.override.sasl.jaas.config", "hunter2"),
        ("source_client", "ssl.key.password", "hunter2"),
        ("worker", "my.password", ["hunter2"]),
        ("worker", "my.password", "${vault:a:b}hunter2"),
    ],
)
def test_secrets_are_refused_and_not_repeated(section: str, key: str, value: object) -> None:
    assert "hunter2" not in str(problem(section, key, value))


def test_a_reference_to_a_secret_is_no_secret() -> None:
    config = {"worker": {"my.password": "${strimzisecrets:kafka/vault:password}"}}
    assert load(raw(mirror__config=config)).mirror.config.worker
