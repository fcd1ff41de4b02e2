"""What MirrorMaker 2 and Kafka Connect are told: the no-loss defaults, then what the stack file overrides.

Values are text throughout, as Kafka takes them: Strimzi passes them on verbatim, and a number would be shown
and compared as a float by some of the tools on the way.
"""

from __future__ import annotations

from settings import profiles
from settings.filters import TOPIC_FILTER_CLASS, topic_config_excludes
from settings.model import Settings
from settings.replication_policy import java_class

BROKER_DEFAULT = "-1"
"""As a replication factor: what the target's brokers have as `default.replication.factor` (KIP-464)."""


def worker_config(settings: Settings) -> dict[str, str]:
    """Render the Connect workers' configuration.

    Strimzi also hands each of these keys to both connectors as `target.cluster.<key>`, unfiltered. MM2 takes
    from there only its clients' connection settings (`MirrorClientConfig.CLIENT_CONFIG_DEF`), so nothing like
    `bootstrap.servers` or `sasl.*` must ever stand here.
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
    """Render what the clients that connect to the source are told besides their connection: nothing, unless
    the stack file does. Strimzi hands it to both connectors as `source.cluster.<key>`, unfiltered.
    """
    return dict(settings.mirror.config.source_client)


def shared_connector_config(settings: Settings) -> dict[str, str]:
    """Render what has to be equal in both connectors, else the checkpoints do not fit what was mirrored."""
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
        # Else topics named heartbeats are mirrored although no pattern asks for them.
        "heartbeats.replication.enabled": "false",
        # Aborted transactions of the source stay on the source.
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
