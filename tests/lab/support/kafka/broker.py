"""Brokers: which there are, and which of them lead partitions."""

from __future__ import annotations

from confluent_kafka import (
    ElectionType,
)

from tests.lab.support.kafka.client import ANSWER_SECONDS, Config, administrator


def brokers(config: Config) -> set[int]:
    """The brokers that the cluster has now."""
    return set(administrator(config).list_topics(timeout=ANSWER_SECONDS).brokers)


def leaders(config: Config, topic: str) -> set[int]:
    """The brokers that lead a partition of the topic; -1 for a partition without a leader."""
    found = administrator(config).list_topics(topic, timeout=ANSWER_SECONDS).topics[topic]
    return {partition.leader for partition in found.partitions.values()}


def elect_preferred_leaders(config: Config) -> None:
    """Let each partition be led by its first replica again, where that is in sync."""
    administrator(config).elect_leaders(ElectionType.PREFERRED).result(ANSWER_SECONDS)
