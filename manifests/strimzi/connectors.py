"""The properties of MirrorMaker 2 and Kafka Connect: no-loss defaults, overridden by the stack file.

All values are text, the format that Kafka reads. Strimzi passes them on unchanged; some tools in between
would show and compare a number as a float.
"""

from __future__ import annotations

from settings import profiles
from settings.filters import TOPIC_FILTER_CLASS, topic_config_excludes
from settings.model import Settings
from settings.replication_policy import java_class

BROKER_DEFAULT = "-1"
"""As a replication factor: `default.replication.factor` of the target's brokers (KIP-464)."""


def worker_config(settings: Settings) -> dict[str, str]:
    """Render the Connect workers' configuration.

    Strimzi also passes each of these keys to both connectors as `target.cluster.<key>`, unfiltered. MM2 reads
    from them only the connection settings of its clients (`MirrorClientConfig.CLIENT_CONFIG_DEF`), so this
    configuration must never contain `bootstrap.servers` or `sasl.*`.
    """
    config = {
        "config.storage.replication.factor": BROKER_DEFAULT,
        "offset.storage.replication.factor": BROKER_DEFAULT,
        "status.storage.replication.factor": BROKER_DEFAULT,
        **profiles.tuning(settings).worker,
    }
    if settings.mirror.exactly_once:
        config["exactly.once.source.support"] = "enabled"
    return {**config, **settings.mirror.config.worker}


def source_client_config(settings: Settings) -> dict[str, str]:
    """Render additional properties of the source's clients: none, unless the stack file sets some. Strimzi
    passes them to both connectors as `source.cluster.<key>`, unfiltered.
    """
    return dict(settings.mirror.config.source_client)


def shared_connector_config(settings: Settings) -> dict[str, str]:
    """Render the properties that must be equal in both connectors; otherwise checkpoints are wrong."""
    mirror = settings.mirror
    return {
        "replication.policy.class": java_class(mirror.replication_policy),
        "replication.policy.separator": mirror.replication_policy_separator,
        "offset-syncs.topic.location": mirror.offset_syncs_topic_location,
        "topic.filter.class": TOPIC_FILTER_CLASS,
    }


def source_connector_config(settings: Settings) -> dict[str, str]:
    """Render `sourceConnector.config`: MirrorSourceConnector copies records, topics and their
    configuration.
    """
    mirror = settings.mirror
    config = {
        **shared_connector_config(settings),
        "replication.factor": str(mirror.replication_factor),
        "offset-syncs.topic.replication.factor": BROKER_DEFAULT,
        "offset.lag.max": str(mirror.offset_lag_max),
        "refresh.topics.enabled": "true",
        "refresh.topics.interval.seconds": str(mirror.refresh_topics_interval_seconds),
        "sync.topic.configs.enabled": "true",
        "sync.topic.configs.interval.seconds": str(mirror.sync_topic_configs_interval_seconds),
        # The User Operator owns the ACLs and would delete what MM2 writes.
        "sync.topic.acls.enabled": "false",
        # Otherwise topics named heartbeats are mirrored although no pattern matches them.
        "heartbeats.replication.enabled": "false",
        # Otherwise a topic that is deleted on the source comes back: MM2's consumer asks for it.
        "source.consumer.allow.auto.create.topics": "false",
        # Records of aborted transactions are not mirrored.
        "source.consumer.isolation.level": "read_committed",
        "producer.override.acks": "all",
        **profiles.tuning(settings).source_connector,
    }
    if mirror.exactly_once:
        config["exactly.once.support"] = "required"
    if mirror.topic_configs_exclude:
        config["config.properties.exclude"] = ",".join(topic_config_excludes(mirror))
    return {**config, **mirror.config.source_connector}


def checkpoint_connector_config(settings: Settings) -> dict[str, str]:
    """Render `checkpointConnector.config`: MirrorCheckpointConnector translates consumer groups' offsets."""
    mirror = settings.mirror
    return {
        **shared_connector_config(settings),
        "checkpoints.topic.replication.factor": BROKER_DEFAULT,
        "refresh.groups.enabled": "true",
        "refresh.groups.interval.seconds": str(mirror.refresh_groups_interval_seconds),
        "emit.checkpoints.enabled": "true",
        "emit.checkpoints.interval.seconds": str(mirror.emit_checkpoints_interval_seconds),
        "sync.group.offsets.enabled": "true",
        "sync.group.offsets.interval.seconds": str(mirror.sync_group_offsets_interval_seconds),
        **profiles.tuning(settings).checkpoint_connector,
        **mirror.config.checkpoint_connector,
    }
