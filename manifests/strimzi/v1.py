"""KafkaMirrorMaker2 of `kafka.strimzi.io/v1` (Strimzi 1.x): the no-loss defaults, rendered.

Values in `config` are text throughout, as Kafka takes them: Strimzi passes them on verbatim, and a number
would be shown and compared as a float by some of the tools on the way.
"""

from __future__ import annotations

from typing import Any

from manifests.metadata import metadata
from settings import profiles
from settings.filters import TOPIC_FILTER_CLASS, group_excludes, topic_excludes
from settings.model import Settings, SourceAuthentication
from settings.names import Names
from settings.replication_policy import java_class

API_VERSION = "kafka.strimzi.io/v1"
BROKER_DEFAULT = "-1"
"""As a replication factor: what the target's brokers have as `default.replication.factor` (KIP-464)."""


def mirror_maker2(
    settings: Settings, *, source_bootstrap_servers: str, target_bootstrap_servers: str
) -> dict[str, Any]:
    """Render the KafkaMirrorMaker2 without its metadata's annotations.

    Trust is always by `pattern: "*.crt"`: while a CA is renewed its Secret holds two certificates, and both
    count.
    """
    names = Names.of(settings)
    mirror = settings.mirror
    return {
        "apiVersion": API_VERSION,
        "kind": "KafkaMirrorMaker2",
        "metadata": metadata(settings, names.mirror),
        "spec": {
            "replicas": settings.workers.replicas,
            "target": {
                "alias": settings.target.alias,
                "bootstrapServers": target_bootstrap_servers,
                "groupId": names.group_id,
                "configStorageTopic": names.configs_topic,
                "offsetStorageTopic": names.offsets_topic,
                "statusStorageTopic": names.status_topic,
                "tls": _trust(names.target_ca_secret),
                "authentication": _login(
                    settings.target.authentication, names.mirror_user, names.mirror_user
                ),
                "config": worker_config(settings),
            },
            "mirrors": [
                {
                    "source": {
                        "alias": settings.source.alias,
                        "bootstrapServers": source_bootstrap_servers,
                        "tls": _trust(names.source_ca_secret),
                        "authentication": _login(
                            settings.source.authentication, settings.source.user, names.source_user_secret
                        ),
                    },
                    "sourceConnector": _connector(
                        settings, profiles.tasks_max(settings), source_connector_config(settings)
                    ),
                    "checkpointConnector": _connector(
                        settings, mirror.checkpoint_tasks_max, checkpoint_connector_config(settings)
                    ),
                    "topicsPattern": ",".join(mirror.topics),
                    "topicsExcludePattern": ",".join(topic_excludes(mirror)),
                    "groupsPattern": ",".join(mirror.groups),
                    "groupsExcludePattern": ",".join(group_excludes(mirror)),
                }
            ],
        },
    }


def worker_config(settings: Settings) -> dict[str, str]:
    """Render `spec.target.config`, the Connect workers' configuration.

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
    return config


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
    return config


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
    }


def _connector(settings: Settings, tasks_max: int, config: dict[str, str]) -> dict[str, Any]:
    return {
        "tasksMax": tasks_max,
        "state": settings.mirror.state,
        "autoRestart": {"enabled": True},
        "config": config,
    }


def _trust(secret: str) -> dict[str, Any]:
    return {"trustedCertificates": [{"secretName": secret, "pattern": "*.crt"}]}


def _login(authentication: SourceAuthentication, user: str, secret: str) -> dict[str, Any]:
    if authentication == "tls":
        return {
            "type": "tls",
            "certificateAndKey": {"secretName": secret, "certificate": "user.crt", "key": "user.key"},
        }
    return {
        "type": authentication,
        "username": user,
        "passwordSecret": {"secretName": secret, "password": "password"},
    }
