"""Reads one Kafka cluster through an AdminClient: all requests are sent before any answer is awaited."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any

from confluent_kafka import ConsumerGroupState, IsolationLevel, KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient

from mirror.clients import log_offsets
from mirror.clients.access import ClusterAccess
from mirror.clients.answers import REQUEST_SECONDS, all_settled, moved, not_there
from mirror.clients.config_values import config_values
from mirror.clients.connection import Errors, await_metadata, explain
from mirror.clients.group_helper import GroupHelper
from mirror.clients.group_offsets import Commit, GroupOffsets
from mirror.clients.group_states import with_members
from mirror.clients.listed_states import listed_states
from mirror.clients.other_groups import MEMBERS_UNSEEN, ListedGroup, described, other_groups
from mirror.clients.records import Bounds, ConfigValue, Topic, TopicPartition, Unread
from mirror.problems import one_line

_FRESH_SECONDS = 2.0
"""So long the metadata that the login has read answers the first question for topics."""


class Cluster:
    """Reads one cluster; nothing here writes. Keeps its AdminClient until closed, because librdkafka fails
    the pending requests of a client that was destroyed (`_DESTROY`)."""

    def __init__(self, access: ClusterAccess) -> None:
        self.access = access
        self.errors = Errors()
        self.brokers = 0
        """The number of brokers, as of the last call of `topics`."""
        self.cluster_id = ""  # known once connected
        self._nodes: list[Any] = []
        self._admin: AdminClient | None = None
        self._of_login: tuple[float, Any] = (float("-inf"), None)
        """When the login read the metadata, and the metadata until it was asked for."""
        self._describing: AdminClient | None = None
        """The client that describes groups, once a coordinator has moved."""
        self._group_helper = GroupHelper(access)
        self._group_offsets = GroupOffsets(self._group_helper)

    @property
    def alias(self) -> str:
        """The cluster's alias in the stack file."""
        return self.access.alias

    def connect(self) -> None:
        """Log in. Raises CouldNotConnect."""
        self._admin = self._client()
        metadata = await_metadata(self._admin, self.access, self.errors)
        self._of_login, self.cluster_id = (time.monotonic(), metadata), metadata.cluster_id or ""
        self._nodes = list(metadata.brokers.values())

    def start_group_helper(self) -> None:
        """Start the process that answers `other_groups`, so that it is ready when it is asked."""
        self._group_helper.start()

    def _client(self) -> AdminClient:
        config = {
            **self.access.client_config(),
            "error_cb": self.errors,
            "log_level": 0,  # librdkafka would write to stderr; error_cb receives the same errors
            "socket.connection.setup.timeout.ms": 8000,
            "client.id": "region-mirror-verify",
        }
        try:
            return AdminClient(config)
        except KafkaException as error:
            # The constructor parses the certificates, and raises where they are invalid.
            raise explain(self.access, [(KafkaError._SSL, one_line(error.args[0].str()))]) from error

    def __enter__(self) -> Cluster:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._admin = None
        self._describing = None
        self._group_helper.close()

    @property
    def admin(self) -> AdminClient:
        """The AdminClient. Raises RuntimeError before `connect`."""
        if self._admin is None:
            raise RuntimeError("connect() first")
        return self._admin

    def nodes(self) -> list[Any]:
        """The brokers as advertised on this listener, as of the last metadata: id, host and port.

        `AdminClient.describe_cluster` is not asked: on a connection whose broker had been frozen for some
        seconds librdkafka 2.16.1 ends the process (`rd_kafka_admin_worker`: Assertion `rko_result' failed).
        """
        return list(self._nodes)

    def topics(self) -> dict[str, Topic]:
        """Every topic that the user may describe, from one metadata request."""
        (read, metadata), self._of_login = self._of_login, (float("-inf"), None)
        if time.monotonic() > read + _FRESH_SECONDS:
            metadata = await_metadata(self.admin, self.access, self.errors)
        self.brokers, self._nodes = len(metadata.brokers), list(metadata.brokers.values())
        found = {}
        for name, topic in metadata.topics.items():
            if topic.error is None and topic.partitions:
                replicas = min(len(partition.replicas) for partition in topic.partitions.values())
                found[name] = Topic(name, len(topic.partitions), replicas)
        return found

    def bounds(
        self, partitions: Iterable[TopicPartition], isolation: IsolationLevel = IsolationLevel.READ_COMMITTED
    ) -> dict[TopicPartition, Bounds | Unread]:
        """Start and last stable offset of each partition: two requests a broker for a thousand of them."""
        return log_offsets.bounds(self.admin, partitions, isolation)

    def ends(
        self, partitions: Iterable[TopicPartition], isolation: IsolationLevel
    ) -> dict[TopicPartition, int]:
        """Last stable offset or high watermark of each partition; those without an answer are omitted."""
        return log_offsets.ends(self.admin, partitions, isolation)

    def offsets_at(self, timestamps: log_offsets.Timestamps) -> dict[TopicPartition, int]:
        """Offset of the first record at or after each timestamp (milliseconds). Partitions without such a
        record, or without an answer, are omitted."""
        return self.offsets_at_each([timestamps])[0]

    def offsets_at_each(self, questions: Iterable[log_offsets.Timestamps]) -> list[dict[TopicPartition, int]]:
        """The same for several times of a partition."""
        return log_offsets.offsets_at(self.admin, questions)

    def offsets_from(self, timestamps: log_offsets.Timestamps) -> dict[TopicPartition, int | Unread]:
        """As `offsets_at`, with Unread for a partition without an answer."""
        return log_offsets.offsets_from(self.admin, [timestamps])[0]

    def groups(self) -> list[str]:
        """All consumer groups that the user may describe."""
        return sorted(self.group_states())

    def listed_groups(self) -> dict[str, bool]:
        """All consumer groups that the user may describe, and whether each has members; as `group_states`."""
        return with_members(self.group_states(), self.members)

    def group_states(self) -> dict[str, str]:
        """State of every consumer group that the user may describe: one request to each broker.

        Raises CouldNotRead, also where only one broker does not answer: its groups would be missing."""
        return listed_states(self.access, self.admin)

    def other_groups(self) -> list[str]:
        """All groups that are no consumer groups (streams and share groups). Raises CouldNotRead."""
        return other_groups(self._group_helper, self.group_states)

    def any_group(self, group: str) -> ListedGroup | None:
        """Describe a group of any type, also one of Connect; None where none is seen. Raises CouldNotRead."""
        return described(self._group_helper, group)

    def group_offsets(self, groups: Iterable[str]) -> dict[str, dict[TopicPartition, int] | Unread]:
        """Committed offsets of each group. Raises CouldNotRead."""
        return self._group_offsets.read(groups)

    def group_commits(self, groups: Iterable[str]) -> dict[str, dict[TopicPartition, Commit] | Unread]:
        """Committed offsets of each group with their leader epochs. Raises CouldNotRead."""
        return self._group_offsets.commits(groups)

    def pending_offsets(self, groups: Iterable[str]) -> dict[str, list[TopicPartition] | Unread]:
        """Where an offset of each group waits for the end of a transaction. Raises CouldNotRead."""
        return self._group_offsets.pending(groups)

    def members(self, groups: Iterable[str]) -> dict[str, int | Unread]:
        """The number of members of each group: 0 for one that does not exist, or Unread.

        Raises CouldNotRead."""
        answers = self.described_groups(groups)
        dead = {
            group
            for group, answer in answers.items()
            if not isinstance(answer, Unread) and answer.state is ConsumerGroupState.DEAD
        }
        hidden = dead.intersection(self.other_groups()) if dead else dead
        found: dict[str, int | Unread] = {}
        for group, answer in answers.items():
            if group in hidden:
                found[group] = Unread(MEMBERS_UNSEEN)
            elif isinstance(answer, Unread):
                found[group] = 0 if not_there(answer) else answer
            else:
                found[group] = len(answer.members)
        return found

    def described_groups(self, groups: Iterable[str]) -> dict[str, Any]:
        """confluent-kafka's description of each group, or Unread.

        A client that lasts goes on asking the broker that coordinated a group before (librdkafka's cache of
        coordinators keeps what is used). So a new client asks about groups that have moved, and is kept.
        """
        wanted = list(groups)
        if not wanted:
            return {}
        answers = _descriptions(self._describing or self.admin, wanted)
        if late := [group for group, answer in answers.items() if moved(answer)]:
            # Not in place of `admin`, of which requests of other threads may be pending.
            self._describing = fresh = self._client()
            answers |= _descriptions(fresh, late)
        return answers

    def topic_configs(self, topics: Iterable[str]) -> dict[str, Mapping[str, str] | Unread]:
        """The effective configuration of topics, wherever each value is set."""
        return {
            topic: found
            if isinstance(found, Unread)
            else {name: one.value for name, one in found.items() if one.value is not None}
            for topic, found in self.topic_config_values(topics).items()
        }

    def topic_config_values(self, topics: Iterable[str]) -> dict[str, Mapping[str, ConfigValue] | Unread]:
        """The effective configuration of topics, with the source of each value (topic, broker, default)."""
        return config_values(self.admin, topics)

    def topic_ids(self, topics: Iterable[str]) -> dict[str, str | Unread]:
        """The id of each topic, from one request; empty for a cluster without topic ids (before Kafka
        2.8).
        """
        wanted = list(dict.fromkeys(topics))
        if not wanted:
            return {}
        futures = self.admin.describe_topics(TopicCollection(wanted), request_timeout=REQUEST_SECONDS)
        return {
            topic: answer if isinstance(answer, Unread) else _id(answer.topic_id)
            for topic, answer in all_settled(futures).items()
        }


def _descriptions(admin: AdminClient, groups: list[str]) -> dict[str, Any]:
    return dict(all_settled(admin.describe_consumer_groups(groups, request_timeout=REQUEST_SECONDS)))


def _id(uuid: Any) -> str:
    zero = not uuid.get_most_significant_bits() and not uuid.get_least_significant_bits()
    return "" if zero else str(uuid)
