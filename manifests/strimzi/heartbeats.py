"""Heartbeats as KafkaConnect and KafkaConnector: v1 removed them from KafkaMirrorMaker2.

A heartbeat proves the flow only if it is written to the source and mirrored like other records (KIP-382).
The connector of v1beta2's KafkaMirrorMaker2 writes to the target, the cluster of its Connect, which proves
nothing about a mirror in one direction. So both API versions get the same two resources.

This Connect keeps its own state on the target. Only the connector's producer (`producer.override.*`) and the
client that creates the topic (`target.cluster.*`, for `MirrorHeartbeatConnector.createInternalTopics`)
connect to the source. The source user may write only this one topic.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manifests.estate import Estate
from manifests.metadata import metadata
from manifests.strimzi.api import api_version
from manifests.strimzi.connectors import BROKER_DEFAULT
from manifests.strimzi.login_keys import LoginKeys
from manifests.strimzi.neutral import MirrorMaker2, auto_restart
from manifests.strimzi.oauth import client_properties, jvm_options
from settings.model import Settings
from settings.names import Names
from settings.replication_policy import java_class
from settings.security_protocol import security_protocol

USE_CONNECTOR_RESOURCES = "strimzi.io/use-connector-resources"
_CA, _USER = "/mnt/source-ca", "/mnt/source-user"
"""The mount paths of the source's CA and credential; Strimzi mounts nothing outside /mnt."""
_OF_EVERY_POD = (
    "imagePullSecrets", "securityContext", "priorityClassName", "tolerations",
    "hostAliases", "dnsPolicy", "dnsConfig",
)  # fmt: skip
"""Fields of the workers' `template.pod` without which no pod may start here, or finds the source. Others, as
`affinity`, are about where the workers are beside each other.
"""
_BYTES = "org.apache.kafka.connect.converters.ByteArrayConverter"
_DIRECTORIES = "org.apache.kafka.common.config.provider.DirectoryConfigProvider"
_LOGIN_MODULES = {
    "plain": "org.apache.kafka.common.security.plain.PlainLoginModule",
    "scram-sha-256": "org.apache.kafka.common.security.scram.ScramLoginModule",
    "scram-sha-512": "org.apache.kafka.common.security.scram.ScramLoginModule",
}


def heartbeats(settings: Settings, estate: Estate) -> tuple[dict[str, Any], ...]:
    """Render the KafkaConnect and its KafkaConnector; nothing if heartbeats are disabled."""
    if not settings.mirror.heartbeats_interval_seconds:
        return ()
    return _connect(settings, estate), _connector(settings, estate)


def _connect(settings: Settings, estate: Estate) -> dict[str, Any]:
    names, mirror = Names.of(settings), MirrorMaker2.of(settings, estate)
    config = {
        **{f"{kind}.storage.replication.factor": BROKER_DEFAULT for kind in ("config", "offset", "status")},
        "config.providers": "directory",
        "config.providers.directory.class": _DIRECTORIES,
        "config.providers.directory.param.allowed.paths": "/mnt",
        # How the workers' clients check TLS on the target, such as names that certificates do not contain.
        **{key: value for key, value in settings.mirror.config.worker.items() if key.startswith("ssl.")},
    }
    name = names.heartbeats
    group = {
        "groupId": name,
        "configStorageTopic": names.heartbeats_topics[0],
        "offsetStorageTopic": names.heartbeats_topics[1],
        "statusStorageTopic": names.heartbeats_topics[2],
    }
    if estate.target.api == "v1beta2":
        keys = ("group.id", "config.storage.topic", "offset.storage.topic", "status.storage.topic")
        config |= dict(zip(keys, group.values(), strict=True))
        group = {}
    volumes = {"source-user": (_USER, names.source_user_secret)} if settings.source.has_credential else {}
    if estate.source.ca:
        volumes["source-ca"] = (_CA, names.source_ca_secret)
    target = mirror.target
    pods = {key: mirror.workers[key] for key in ("version", "image") if key in mirror.workers}
    return {
        "apiVersion": api_version(estate.target.api),
        "kind": "KafkaConnect",
        "metadata": metadata(settings, name, annotations={USE_CONNECTOR_RESOURCES: "true"}),
        "spec": {
            "replicas": 1,
            **pods,
            **({"jvmOptions": jvm} if (jvm := jvm_options(settings, {})) else {}),
            "bootstrapServers": target.bootstrap_servers,
            **group,
            **{key: value for key, value in target.fields().items() if key in ("tls", "authentication")},
            "config": config,
            **({"template": template} if (template := _template(mirror.workers, volumes)) else {}),
        },
    }


def _template(workers: Mapping[str, Any], volumes: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """Render the template of the pods: what every pod needs, and paths and Secrets by volume."""
    given = workers.get("template") or {}
    pod = {key: value for key, value in (given.get("pod") or {}).items() if key in _OF_EVERY_POD}
    container = {
        key: value for key, value in (given.get("connectContainer") or {}).items() if key == "securityContext"
    }
    if volumes:
        pod["volumes"] = [
            {"name": volume, "secret": {"secretName": secret}}
            for volume, (_, secret) in sorted(volumes.items())
        ]
        container["volumeMounts"] = [
            {"name": volume, "mountPath": path} for volume, (path, _) in sorted(volumes.items())
        ]
    return {key: part for key, part in (("pod", pod), ("connectContainer", container)) if part}


def _connector(settings: Settings, estate: Estate) -> dict[str, Any]:
    name = Names.of(settings).heartbeats
    to_source = source_connection(settings, estate)
    policy = settings.mirror
    config = {
        # Connect runs beside the target and writes to the source: to this connector the source is `target`
        # (KIP-382).
        "source.cluster.alias": settings.target.alias,
        "target.cluster.alias": settings.source.alias,
        **{f"target.cluster.{key}": value for key, value in to_source.items()},
        **{f"producer.override.{key}": value for key, value in to_source.items()},
        "emit.heartbeats.enabled": "true",
        "emit.heartbeats.interval.seconds": str(policy.heartbeats_interval_seconds),
        "heartbeats.topic.replication.factor": BROKER_DEFAULT,
        "replication.policy.class": java_class(policy.replication_policy),
        "replication.policy.separator": policy.replication_policy_separator,
        # Heartbeats are bytes; Strimzi's KafkaConnect would write them as JSON.
        **{f"{part}.converter": _BYTES for part in ("key", "value", "header")},
    }
    return {
        "apiVersion": api_version(estate.target.api),
        "kind": "KafkaConnector",
        "metadata": metadata(settings, name, labels={"strimzi.io/cluster": name}),
        "spec": {
            "class": "org.apache.kafka.connect.mirror.MirrorHeartbeatConnector",
            "tasksMax": 1,
            # Nothing mirrors heartbeats after a promotion, and `recover` would find each of them missing.
            "state": policy.connector_state,
            "autoRestart": auto_restart(settings),
            "config": config,
        },
    }


def source_connection(settings: Settings, estate: Estate) -> dict[str, str]:
    """Render how a client of Kafka reaches the source from these pods. Secrets are named, not held: the
    workers read them from the mounted files.
    """
    source, keys = settings.source, LoginKeys.of_source(settings)
    authentication = source.authentication
    sasl = authentication not in ("tls", "none")
    connection = {
        "bootstrap.servers": estate.source.bootstrap_servers,
        "security.protocol": security_protocol(tls=source.encrypted, sasl=sasl),
        # About TLS only (`settings.no_loss.derived`): the workers' clients of the source have it, too.
        **settings.mirror.config.source_client,
    }
    if estate.source.ca:
        certificates = "\n".join(f"${{directory:{_CA}:{key}}}" for key in sorted(estate.source.ca))
        connection |= {"ssl.truststore.type": "PEM", "ssl.truststore.certificates": certificates}
    if not source.logs_in:
        return connection
    if (oauth := source.oauth) is not None:
        return connection | client_properties(oauth, f"${{directory:{_USER}:{keys.password}}}")
    if authentication == "tls":
        return {
            **connection,
            "ssl.keystore.type": "PEM",
            "ssl.keystore.certificate.chain": f"${{directory:{_USER}:{keys.certificate}}}",
            "ssl.keystore.key": f"${{directory:{_USER}:{keys.key}}}",
        }
    login = f'username="{source.user}" password="${{directory:{_USER}:{keys.password}}}"'
    return {
        **connection,
        "sasl.mechanism": authentication.upper(),
        "sasl.jaas.config": f"{_LOGIN_MODULES[authentication]} required {login};",
    }
