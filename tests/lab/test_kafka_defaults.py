"""What `explain` calls Kafka's default is what Kafka says. Needs the toolchain, not the clusters."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from lab.toolchain.toolchain import Toolchain
from settings.profiles import kafka_defaults

CLIENTS, CONNECT = "org.apache.kafka.clients", "org.apache.kafka.connect"
CLASSES = (
    f"{CLIENTS}.producer.ProducerConfig",
    f"{CLIENTS}.consumer.ConsumerConfig",
    f"{CONNECT}.mirror.MirrorSourceConfig",
    f"{CONNECT}.mirror.MirrorCheckpointConfig",
    f"{CONNECT}.runtime.SourceConnectorConfig",
    f"{CONNECT}.runtime.distributed.DistributedConfig",
    f"{CONNECT}.mirror.DefaultTopicFilter$TopicFilterConfig",
)
MM2_SETS = {"auto.offset.reset", "enable.auto.commit"}
"""Of the consumer: `MirrorConnectorConfig.sourceConsumerConfig` puts its own values in their place."""


@cache
def of_kafka() -> dict[str, dict[str, str]]:
    """Defaults by class and property."""
    tools = Toolchain.load()
    program = Path(__file__).with_name("KafkaDefaults.java")
    command: list[str | Path] = [tools.java, "-cp", f"{tools.kafka_libs}/*", program, *CLASSES]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    found: dict[str, dict[str, str]] = {}
    for line in ran.stdout.splitlines():
        kind, key, value = line.split("\t")
        found.setdefault(kind, {})[key] = value
    return found


@pytest.mark.parametrize(
    ("table", "classes"),
    [
        (kafka_defaults.PRODUCER, ["ProducerConfig"]),
        (kafka_defaults.CONSUMER, ["ConsumerConfig"]),
        (kafka_defaults.SOURCE, ["TopicFilterConfig", "SourceConnectorConfig", "MirrorSourceConfig"]),
        (kafka_defaults.CHECKPOINT, ["TopicFilterConfig", "MirrorCheckpointConfig"]),
        (kafka_defaults.WORKER, ["DistributedConfig"]),
    ],
)
def test_defaults_are_those_of_the_jars(table: Mapping[str, str], classes: list[str]) -> None:
    defaults: dict[str, str] = {}
    for name in classes:
        defaults |= of_kafka()[name]
    assert table
    wrong = {key: (value, defaults.get(key)) for key, value in table.items() if value != defaults.get(key)}
    for key in MM2_SETS:
        wrong.pop(key, None)
    assert not wrong


def test_the_jars_are_of_the_version_that_is_named() -> None:
    assert list(Toolchain.load().kafka_libs.glob(f"kafka-clients-{kafka_defaults.KAFKA_VERSION}.jar"))
