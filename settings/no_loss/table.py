"""Every no-loss rule: what breaks it, what is lost then and why, and whether that can be permitted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from settings import replication_policy
from settings.model import Settings
from settings.no_loss.model import NoLossRule, Section, Test

SOURCE, CHECKPOINT, WORKER, CLIENT = "source_connector", "checkpoint_connector", "worker", "source_client"
CONNECTORS = (SOURCE, CHECKPOINT)
_BYTES = "org.apache.kafka.connect.converters.ByteArrayConverter"


def other_than(*kept: str) -> Test:
    """Everything but these values breaks the rule."""
    return lambda value, _: value.strip().lower() not in kept


def _on(sections: Iterable[Section], keys: Iterable[str], test: Test) -> Mapping[Section, Mapping[str, Test]]:
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


_CONVERTERS = ("key.converter", "value.converter", "header.converter")
RULES: tuple[NoLossRule, ...] = (
    NoLossRule(
        "exactly-once",
        {
            SOURCE: {"exactly.once.support": _not_exactly_once},
            WORKER: {"exactly.once.source.support": _not_exactly_once},
        },
        "Workers and connector would disagree about exactly-once: one refuses to start, or a crash repeats "
        "records unnoticed (KIP-618)",
        "Set mirror.exactly_once, which renders both",
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
        "Records that only the leader had would be gone when its broker dies, while the mirror counts them "
        "as copied (`ProducerConfig.ACKS_CONFIG`; `Worker.baseProducerConfigs` sets all)",
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
        "A retry would overtake: records change places, and a compacted topic can keep the older value "
        "(`Worker.baseProducerConfigs` allows one request in flight for that reason)",
        "Write 1, at most 5 with mirror.exactly_once, or leave it to the profile",
        excluded_by_exactly_once=True,
    ),
    NoLossRule(
        "errors-tolerance",
        _on(CONNECTORS, ("errors.tolerance",), other_than("none")),
        "Records that cannot be written would be skipped without a word, and the mirror go on (KIP-298)",
        "Remove the line: a task that fails is restarted and loses nothing",
    ),
    NoLossRule(
        "offset-reset-earliest",
        {
            SOURCE: dict.fromkeys(
                ("source.consumer.auto.offset.reset", "consumer.auto.offset.reset"), other_than("earliest")
            )
        },
        "What is written to a new topic or partition before MM2 finds it would never be copied "
        "(`MirrorSourceTask.initializeConsumer` seeks only where it has been before)",
        "Set mirror.start_from, which holds for the first deployment alone",
    ),
    NoLossRule(
        "records-unchanged",
        {
            CHECKPOINT: {"transforms": _any_value},
            SOURCE: {"transforms": _any_value, **dict.fromkeys(_CONVERTERS, _converts)},
            WORKER: dict.fromkeys(_CONVERTERS, _converts),
        },
        "Copies would differ from their originals, or be left out: nothing could be verified, and consumers "
        "might not read them (KIP-66; MM2 hands on bytes)",
        "Transform in a connector of its own, on the target",
    ),
    NoLossRule(
        "new-topics-mirrored",
        {SOURCE: {"refresh.topics.enabled": other_than("true")}},
        "Topics and partitions that appear later would never be mirrored "
        "(`MirrorSourceConnector.refreshTopicPartitions`)",
        "Remove the line; mirror.refresh_topics_interval_seconds says how often to look",
    ),
    NoLossRule(
        "topic-configs-synced",
        {SOURCE: {"sync.topic.configs.enabled": other_than("true")}},
        "The target would go on with its own retention and compaction, and could delete records that the "
        "source keeps (KIP-382)",
        "Remove the line; mirror.topic_configs_exclude leaves single properties out",
    ),
    NoLossRule(
        "group-offsets-synced",
        {
            SOURCE: {"emit.offset-syncs.enabled": other_than("true")},
            CHECKPOINT: dict.fromkeys(
                (
                    "emit.offset-syncs.enabled",
                    "emit.checkpoints.enabled",
                    "sync.group.offsets.enabled",
                    "refresh.groups.enabled",
                ),
                other_than("true"),
            ),
        },
        "Consumer groups would find no offset on the target: by their auto.offset.reset they read everything "
        "again or skip what they have not read (KIP-545)",
        "Remove the line; mirror.groups says which groups",
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
        "With its only broker the mirror would lose its position, and copy everything again or skip what it "
        "cannot place (Connect, `DistributedConfig`)",
        "Remove the line: -1 takes the brokers' default.replication.factor",
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
        "Checkpoints would name topics that the mirror does not write, so that no group finds its offsets, "
        "and ACLs would not fit (`MirrorCheckpointTask.renameTopicPartition`)",
        "Set mirror.replication_policy and mirror.replication_policy_separator, which hold for everything",
        permissible=False,
    ),
    NoLossRule(
        "offset-syncs-location",
        _on(CONNECTORS, ("offset-syncs.topic.location",), _other_location),
        "One connector would write offset syncs where the other does not look: no group's offset is "
        "translated (KIP-716)",
        "Set mirror.offset_syncs_topic_location, which holds for both",
        permissible=False,
    ),
    NoLossRule(
        "no-acl-sync",
        {SOURCE: {"sync.topic.acls.enabled": other_than("false")}},
        "MM2 and Strimzi's User Operator would undo each other's ACLs: clients lose rights again and again "
        "(Strimzi, con-config-mirrormaker2-sync-acls)",
        "Remove the line and copy KafkaUsers: users.copy, users.selector",
        permissible=False,
    ),
    NoLossRule(
        "client-overrides",
        {WORKER: {"connector.client.config.override.policy": other_than("all")}},
        "Connect would refuse the connectors' own producer settings, acks among them (KIP-458)",
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
        "Whoever stands between the regions could pose as a cluster, read records and drop them (KIP-294)",
        "Use names that stand in the brokers' certificates",
    ),
)
BY_NAME: Mapping[str, NoLossRule] = {rule.name: rule for rule in RULES}
