"""The no-loss rules: the properties that break each, the consequence, and whether it can be allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from settings import replication_policy
from settings.model import Settings
from settings.no_loss.rule import BreachTest, ConfigSection, NoLossRule
from settings.patterns import matches

SOURCE, CHECKPOINT, WORKER, CLIENT = "source_connector", "checkpoint_connector", "worker", "source_client"
CONNECTORS = (SOURCE, CHECKPOINT)
CLEANUP_POLICY = "cleanup.policy"
_BYTES = "org.apache.kafka.connect.converters.ByteArrayConverter"


def other_than(*kept: str) -> BreachTest:
    """Return a test that every value except these fails."""
    return lambda value, _: value.strip().lower() not in kept


def _on(
    sections: Iterable[ConfigSection], keys: Iterable[str], test: BreachTest
) -> Mapping[ConfigSection, Mapping[str, BreachTest]]:
    return {section: dict.fromkeys(keys, test) for section in sections}


def _not_exactly_once(value: str, settings: Settings) -> bool:
    return (value.strip().lower() in ("enabled", "required")) != settings.mirror.exactly_once


def _other_policy(value: str, settings: Settings) -> bool:
    return value != replication_policy.java_class(settings.mirror.replication_policy)


def _other_separator(value: str, settings: Settings) -> bool:
    return value != settings.mirror.replication_policy_separator


def _other_location(value: str, settings: Settings) -> bool:
    return value != settings.mirror.offset_syncs_topic_location


def _single_replica(value: str, _: Settings) -> bool:
    return value.strip() in ("0", "1")


def _reorders(value: str, settings: Settings) -> bool:
    idempotent = settings.mirror.config.source_connector.get("producer.override.enable.idempotence", "")
    safe = settings.mirror.exactly_once or idempotent.strip().lower() == "true"
    return value.strip() not in (("1", "2", "3", "4", "5") if safe else ("1",))


def _repeats(value: str, settings: Settings) -> bool:
    return settings.mirror.exactly_once and value.strip().lower() != "true"


def _any_value(value: str, _: Settings) -> bool:
    return bool(value.strip())


def _converts(value: str, _: Settings) -> bool:
    return value.strip() != _BYTES


def _never(value: str, _: Settings) -> bool:
    """MM2's scheduler leaves out what has a negative interval (`Scheduler.scheduleRepeating`)."""
    return value.strip().startswith("-")


def _running(*names: str) -> dict[str, BreachTest]:
    """Return the tests for what MM2 does at an interval, and can be told not to do."""
    enabled = {f"{name}.enabled": other_than("true") for name in names}
    return {**enabled, **{f"{name}.interval.seconds": _never for name in names}}


def _leaves_out_cleanup(value: str, _: Settings) -> bool:
    return matches([one.strip() for one in value.split(",") if one.strip()], CLEANUP_POLICY)


_CONVERTERS = ("key.converter", "value.converter", "header.converter")
RULES: tuple[NoLossRule, ...] = (
    NoLossRule(
        "exactly-once",
        {
            SOURCE: {"exactly.once.support": _not_exactly_once},
            WORKER: {"exactly.once.source.support": _not_exactly_once},
        },
        "Workers and connector would disagree about exactly-once: one of them does not start, or records are "
        "repeated unnoticed after a crash (KIP-618)",
        "Set mirror.exactly_once, which sets both",
        permissible=False,
    ),
    NoLossRule(
        "read-committed",
        {
            SOURCE: dict.fromkeys(
                ("source.consumer.isolation.level", "consumer.isolation.level"), other_than("read_committed")
            )
        },
        "Records of aborted transactions would be copied and look committed on the target, where no consumer "
        "can tell them apart (`MirrorSourceConnector.validateExactlyOnceConfigs`)",
        "Remove the line: read_committed is the default here",
        excluded_by_exactly_once=True,
    ),
    NoLossRule(
        "acks-all",
        {
            **_on(
                CONNECTORS,
                ("producer.override.acks", "producer.acks", "source.producer.acks", "target.producer.acks"),
                other_than("all", "-1"),
            ),
            WORKER: {"producer.acks": other_than("all", "-1")},
        },
        "Records that only the leader has would be lost when its broker fails, although the mirror counts "
        "them as copied (`ProducerConfig.ACKS_CONFIG`; `Worker.baseProducerConfigs` sets all)",
        "Remove the line: all is the default here",
        excluded_by_exactly_once=True,
    ),
    NoLossRule(
        "idempotence",
        {
            SOURCE: {"producer.override.enable.idempotence": _repeats},
            WORKER: {"producer.enable.idempotence": _repeats},
        },
        "A producer without idempotence cannot be transactional: retries would repeat records (KIP-618, "
        "`Worker.exactlyOnceSourceTaskProducerConfigs`)",
        "Remove the line, or set mirror.exactly_once: false",
        permissible=False,
    ),
    NoLossRule(
        "records-in-order",
        {
            SOURCE: {"producer.override.max.in.flight.requests.per.connection": _reorders},
            WORKER: {"producer.max.in.flight.requests.per.connection": _reorders},
        },
        "A retry could change the order of records, and a compacted topic could keep the older value "
        "(`Worker.baseProducerConfigs` allows one request in flight for that reason)",
        "Write 1, at most 5 with mirror.exactly_once, or leave it to the profile",
        excluded_by_exactly_once=True,
    ),
    NoLossRule(
        "errors-tolerance",
        _on(CONNECTORS, ("errors.tolerance",), other_than("none")),
        "Records that cannot be written would be skipped silently (KIP-298)",
        "Remove the line: a failed task is restarted and loses no record",
    ),
    NoLossRule(
        "offset-reset-earliest",
        {
            SOURCE: dict.fromkeys(
                ("source.consumer.auto.offset.reset", "consumer.auto.offset.reset"), other_than("earliest")
            )
        },
        "Records that are written to a new topic or partition before MM2 finds it would never be copied "
        "(`MirrorSourceTask.initializeConsumer` seeks only in partitions with a known position)",
        "Set mirror.start_from, which applies to the first deployment only",
    ),
    NoLossRule(
        "records-unchanged",
        {
            CHECKPOINT: {"transforms": _any_value},
            SOURCE: {"transforms": _any_value, **dict.fromkeys(_CONVERTERS, _converts)},
            WORKER: dict.fromkeys(_CONVERTERS, _converts),
        },
        "Copies would differ from their originals or be missing: verification would be impossible, and "
        "consumers might not be able to read them (KIP-66; MM2 copies bytes)",
        "Transform records with a separate connector on the target",
    ),
    NoLossRule(
        "connectors-enabled",
        _on(CONNECTORS, ("enabled",), other_than("true")),
        "The connector would be RUNNING without a task: nothing would be copied or translated, and no error "
        "would say so (`MirrorSourceConnector.taskConfigs`, `MirrorCheckpointConnector.taskConfigs`)",
        "Remove the line; mirror.state: stopped stops both connectors",
        permissible=False,
    ),
    NoLossRule(
        "new-topics-mirrored",
        {SOURCE: _running("refresh.topics")},
        "Topics and partitions that appear later would never be mirrored "
        "(`MirrorSourceConnector.refreshTopicPartitions`)",
        "Remove the line; mirror.refresh_topics_interval_seconds sets the interval",
    ),
    NoLossRule(
        "cleanup-policy-copied",
        {SOURCE: {"config.properties.exclude": _leaves_out_cleanup}},
        "A compacted topic would be copied into one with the brokers' cleanup.policy, by default delete: its "
        "retention deletes records that the source keeps for ever (`MirrorSourceConnector.targetConfig`)",
        "Leave out other properties only",
    ),
    NoLossRule(
        "topic-configs-synced",
        {SOURCE: _running("sync.topic.configs")},
        "The target would keep its own retention and compaction settings, and could delete records that the "
        "source keeps (KIP-382)",
        "Remove the line; mirror.topic_configs_exclude excludes single properties",
    ),
    NoLossRule(
        "group-offsets-synced",
        {
            SOURCE: {"emit.offset-syncs.enabled": other_than("true")},
            CHECKPOINT: {
                "emit.offset-syncs.enabled": other_than("true"),
                **_running("emit.checkpoints", "sync.group.offsets", "refresh.groups"),
            },
        },
        "Consumer groups would have no offset on the target: depending on auto.offset.reset they would "
        "re-read all records or skip unread ones (KIP-545)",
        "Remove the line; mirror.groups selects the groups",
    ),
    NoLossRule(
        "internal-topics-replicated",
        {
            SOURCE: {"offset-syncs.topic.replication.factor": _single_replica},
            CHECKPOINT: {"checkpoints.topic.replication.factor": _single_replica},
            WORKER: dict.fromkeys(
                (f"{kind}.storage.replication.factor" for kind in ("config", "offset", "status")),
                _single_replica,
            ),
        },
        "If the only broker with a replica fails, the mirror would lose its position, and copy all records "
        "again or skip some (Connect, `DistributedConfig`)",
        "Remove the line: -1 is the brokers' default.replication.factor",
    ),
    NoLossRule(
        "replication-policy-agrees",
        {
            section: {
                "replication.policy.class": _other_policy,
                "replication.policy.separator": _other_separator,
            }
            for section in CONNECTORS
        },
        "Checkpoints would name topics that the mirror does not write, so that no group has offsets on the "
        "target, and ACLs would have the wrong names (`MirrorCheckpointTask.renameTopicPartition`)",
        "Set mirror.replication_policy and mirror.replication_policy_separator, which apply everywhere",
        permissible=False,
    ),
    NoLossRule(
        "offset-syncs-location",
        _on(CONNECTORS, ("offset-syncs.topic.location",), _other_location),
        "One connector would write offset syncs to a cluster from which the other does not read them: no "
        "group's offset is translated (KIP-716)",
        "Set mirror.offset_syncs_topic_location, which applies to both",
        permissible=False,
    ),
    NoLossRule(
        "no-acl-sync",
        {SOURCE: {"sync.topic.acls.enabled": other_than("false")}},
        "MM2 and Strimzi's User Operator would delete each other's ACLs: clients lose permissions repeatedly "
        "(Strimzi, con-config-mirrormaker2-sync-acls)",
        "Remove the line and copy KafkaUsers: users.copy, users.selector",
        permissible=False,
    ),
    NoLossRule(
        "client-overrides",
        {WORKER: {"connector.client.config.override.policy": other_than("all")}},
        "Connect would refuse the producer settings of the connectors, including acks (KIP-458)",
        "Remove the line: All is Connect's default",
        permissible=False,
    ),
    NoLossRule(
        "host-names-verified",
        {
            section: {
                f"{prefix}ssl.endpoint.identification.algorithm": other_than("https") for prefix in prefixes
            }
            for section, prefixes in {
                WORKER: ("", "producer.", "consumer.", "admin."),
                CLIENT: ("",),
                SOURCE: (
                    "producer.override.",
                    "source.consumer.",
                    "source.admin.",
                    "target.admin.",
                    "target.producer.",
                ),
                CHECKPOINT: (
                    "producer.override.",
                    "source.consumer.",
                    "source.admin.",
                    "target.admin.",
                    "target.consumer.",
                ),
            }.items()
        },
        "An attacker between the regions could impersonate a cluster, read records and drop them (KIP-294)",
        "Use host names that the brokers' certificates contain",
    ),
)
BY_NAME: Mapping[str, NoLossRule] = {rule.name: rule for rule in RULES}
