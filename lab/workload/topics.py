"""Creates the workload's topics and looks at offsets, as `topic-admin`."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec

from lab.workload.connection import Cluster
from lab.workload.roster import TOPIC_ADMIN, TOPICS, Group, Topic, topic_named
from mirror.problems import CouldNotRun, one_line

Offsets = dict[int, int]
"""Offset by partition."""

REQUEST_SECONDS = 10.0
PATIENCE_SECONDS = 30.0

# A user, its ACLs and a new topic's leader take a moment to reach the broker that is asked.
_PASSING = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.FENCED_LEADER_EPOCH,
    KafkaError.UNKNOWN_LEADER_EPOCH,  # metadata of a new topic may know an epoch that its leader does not yet
    KafkaError.OFFSET_NOT_AVAILABLE,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.NOT_COORDINATOR,
    KafkaError._TIMED_OUT,
    KafkaError._TRANSPORT,
    KafkaError._ALL_BROKERS_DOWN,
}


class TopicAdmin:
    """Topics and offsets of one cluster. Every method raises CouldNotRun when Kafka keeps refusing."""

    def __init__(self, cluster: Cluster) -> None:
        self._region = cluster.region
        self._config = cluster.config(TOPIC_ADMIN)
        self._admin = AdminClient(self._config)

    def create_missing(self) -> tuple[str, ...]:
        """Create the topics that are not there; their names. Too few partitions are an error."""
        wanted = {topic.name: topic for topic in TOPICS}
        existing = self._partition_counts(wanted)
        for name, count in existing.items():
            if count < wanted[name].partitions:
                raise CouldNotRun(
                    f"looking for topic {name} in region {self._region}",
                    f"it has {count} partitions where the workload needs {wanted[name].partitions}",
                    "delete the topic, or add partitions to it, and seed again",
                )
        absent = [topic for name, topic in wanted.items() if name not in existing]
        if absent:
            self._patiently(
                "creating topics " + ", ".join(topic.name for topic in absent), self._create, absent
            )
            self._patiently("waiting for the new topics", self._all_there, wanted)
        return tuple(topic.name for topic in absent)

    def end_offsets(self) -> dict[str, Offsets]:
        """The end offset of every partition the workload knows of; a topic that is absent is left out."""
        wanted = {topic.name: topic for topic in TOPICS}
        present = self._partition_counts(wanted)
        asked = [
            TopicPartition(name, partition)
            for name in present
            for partition in range(wanted[name].partitions)
        ]
        found: dict[str, Offsets] = {name: {} for name in present}
        if asked:
            for (name, partition), offset in self._patiently(
                "asking for end offsets", self._ends, asked
            ).items():
                found[name][partition] = offset
        return found

    def group_offsets(self, group: Group) -> Offsets:
        """What `group` has committed in its topic, by partition. Empty when it never committed."""
        # Not AdminClient.list_consumer_group_offsets: librdkafka 2.16 dies of a null pointer there when the
        # group's coordinator has moved or is still loading (confluentinc/librdkafka#5315).
        consumer = Consumer(self._config | {"group.id": group.name})
        try:
            found: Offsets = self._patiently(
                f"asking for the offsets of group {group.name}", self._committed, consumer, group
            )
            return found
        finally:
            consumer.close()

    def _partition_counts(self, names: Iterable[str]) -> dict[str, int]:
        metadata = self._patiently("asking for the topics", self._metadata)
        return {
            name: len(metadata[name].partitions)
            for name in names
            if name in metadata and metadata[name].error is None and metadata[name].partitions
        }

    def _metadata(self) -> Mapping[str, Any]:
        topics: Mapping[str, Any] = self._admin.list_topics(timeout=REQUEST_SECONDS).topics
        return topics

    def _create(self, topics: list[Topic]) -> None:
        new = [
            NewTopic(t.name, num_partitions=t.partitions, replication_factor=-1, config=dict(t.config))
            for t in topics
        ]
        for future in self._admin.create_topics(new, request_timeout=REQUEST_SECONDS).values():
            try:
                future.result()
            except KafkaException as error:
                if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                    raise

    def _all_there(self, names: Iterable[str]) -> None:
        absent = set(names) - self._partition_counts(names).keys()
        if absent:
            raise KafkaException(KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART, f"no {', '.join(absent)} yet"))

    def _ends(self, asked: list[TopicPartition]) -> dict[tuple[str, int], int]:
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        futures = self._admin.list_offsets(dict.fromkeys(asked, latest), request_timeout=REQUEST_SECONDS)
        return {(asked.topic, asked.partition): future.result().offset for asked, future in futures.items()}

    def _committed(self, consumer: Consumer, group: Group) -> Offsets:
        topic = topic_named(group.topic)
        if topic is None:
            raise LookupError(
                f"group {group.name} reads topic {group.topic}, which the workload does not have"
            )
        asked = [TopicPartition(topic.name, partition) for partition in range(topic.partitions)]
        positions = consumer.committed(asked, timeout=REQUEST_SECONDS)
        for position in positions:
            if position.error is not None:
                raise KafkaException(position.error)
        return {position.partition: position.offset for position in positions if position.offset >= 0}

    def _patiently(self, tried: str, ask: Any, *arguments: Any) -> Any:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return ask(*arguments)
            except KafkaException as error:
                if error.args[0].code() not in _PASSING or time.monotonic() > deadline:
                    raise CouldNotRun(
                        f"{tried} in region {self._region} as {TOPIC_ADMIN}",
                        one_line(error.args[0].str()),
                        "see that the brokers run (`python -m lab status`) and topic-admin is Ready",
                    ) from error
            time.sleep(0.2)
