"""Kafka as a test's own hand: topics, records and offsets, as super user, to break things on purpose."""

from tests.lab.support.kafka.broker import brokers, elect_preferred_leaders, leaders
from tests.lab.support.kafka.client import ANSWER_SECONDS, Config, administrator, forget_administrators
from tests.lab.support.kafka.group import (
    commit,
    commit_all,
    committed,
    committed_all,
    coordinators,
    delete_empty_group,
    delete_group,
    member,
)
from tests.lab.support.kafka.record import (
    Record,
    arrived,
    contents,
    produce,
    produce_at,
    read,
    reader,
    reproduce,
)
from tests.lab.support.kafka.topic import (
    add_partition,
    configure,
    create_topic,
    delete_records,
    delete_topic,
    topics,
)

__all__ = [
    "ANSWER_SECONDS",
    "Config",
    "Record",
    "add_partition",
    "administrator",
    "arrived",
    "brokers",
    "commit",
    "commit_all",
    "committed",
    "committed_all",
    "configure",
    "contents",
    "coordinators",
    "create_topic",
    "delete_empty_group",
    "delete_group",
    "delete_records",
    "delete_topic",
    "elect_preferred_leaders",
    "forget_administrators",
    "leaders",
    "member",
    "produce",
    "produce_at",
    "read",
    "reader",
    "reproduce",
    "topics",
]
