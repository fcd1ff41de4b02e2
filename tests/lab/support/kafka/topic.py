"""Topics: created, deleted, configured, and shortened as retention does."""

from __future__ import annotations

from confluent_kafka import (
    KafkaError,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import (
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourceType,
)

from tests.lab.support.kafka.client import ANSWER_SECONDS, Config, administrator


def create_topic(config: Config, topic: str, partitions: int = 1) -> None:
    """A topic with the broker's defaults; fine when it is there already."""
    admin = administrator(config)
    try:
        admin.create_topics([NewTopic(topic, partitions)])[topic].result(ANSWER_SECONDS)
    except KafkaException as error:
        if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise


def add_partition(config: Config, topic: str, broker: int) -> int:
    """Add a partition, with one copy on this broker. Its number."""
    admin = administrator(config)
    number = len(admin.list_topics(topic, timeout=ANSWER_SECONDS).topics[topic].partitions)
    wanted = NewPartitions(topic, number + 1, replica_assignment=[[broker]])
    admin.create_partitions([wanted])[topic].result(ANSWER_SECONDS)
    return number


def delete_topic(config: Config, topic: str) -> None:
    """Remove the topic; fine when it is not there."""
    admin = administrator(config)
    try:
        admin.delete_topics([topic])[topic].result(ANSWER_SECONDS)
    except KafkaException as error:
        if error.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise


def configure(config: Config, topic: str, name: str, value: str | None) -> None:
    """Set one property of a topic; None removes it."""
    admin = administrator(config)
    operation = AlterConfigOpType.DELETE if value is None else AlterConfigOpType.SET
    entry = ConfigEntry(name, value, incremental_operation=operation)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    admin.incremental_alter_configs([resource])[resource].result(ANSWER_SECONDS)


def delete_records(config: Config, topic: str, before: int, *, partition: int = 0) -> None:
    """Remove the records before an offset, as retention does."""
    admin = administrator(config)
    where = TopicPartition(topic, partition, before)
    admin.delete_records([where])[where].result(ANSWER_SECONDS)


def topics(config: Config) -> set[str]:
    """The names of all topics."""
    admin = administrator(config)
    return set(admin.list_topics(timeout=ANSWER_SECONDS).topics)
