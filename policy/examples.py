"""Manifests for the examples of rules: a sound KafkaMirrorMaker2, and changes of it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from policy.documents import MIRROR_KIND

REMOVED = object()
"""The value of a change that removes a field."""
_IDENTITY = "org.apache.kafka.connect.mirror.IdentityReplicationPolicy"
_BOTH = {"replication.policy.class": _IDENTITY, "offset-syncs.topic.location": "target"}


def trusted(secret: str) -> dict[str, Any]:
    """Return the field `tls` that trusts every certificate of a Secret."""
    return {"trustedCertificates": [{"secretName": secret, "pattern": "*.crt"}]}


def login(user: str) -> dict[str, Any]:
    """Return the field `authentication` of a SCRAM user."""
    secret = {"secretName": user, "password": "password"}
    return {"type": "scram-sha-512", "username": user, "passwordSecret": secret}


def custom(client_secret: str) -> dict[str, Any]:
    """Return the field `authentication` of an OAuth client, of type custom."""
    module = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"
    jaas = f'{module} required clientId="mirror" clientSecret="{client_secret}";'
    config = {"sasl.mechanism": "OAUTHBEARER", "sasl.jaas.config": jaas}
    return {"type": "custom", "sasl": True, "config": config}


SOUND: dict[str, Any] = {
    "apiVersion": "kafka.strimzi.io/v1",
    "kind": "KafkaMirrorMaker2",
    "metadata": {"name": "east-to-west", "namespace": "kafka"},
    "spec": {
        "replicas": 2,
        "resources": {"requests": {"cpu": "1", "memory": "2Gi"}, "limits": {"memory": "2Gi"}},
        "target": {
            "alias": "west",
            "bootstrapServers": "west-kafka-bootstrap:9093",
            "tls": trusted("west-cluster-ca-cert"),
            "authentication": login("east-to-west"),
            "groupId": "east-to-west",
            "configStorageTopic": "__east-to-west-config",
            "offsetStorageTopic": "__east-to-west-offset",
            "statusStorageTopic": "__east-to-west-status",
            "config": {"exactly.once.source.support": "enabled"},
        },
        "mirrors": [
            {
                "source": {
                    "alias": "east",
                    "bootstrapServers": "kafka.east.example.com:9094",
                    "tls": trusted("east-cluster-ca-cert"),
                    "authentication": login("mirror-source"),
                },
                "sourceConnector": {
                    "autoRestart": {"enabled": True},
                    "config": {
                        **_BOTH,
                        "exactly.once.support": "required",
                        "source.consumer.isolation.level": "read_committed",
                        "sync.topic.acls.enabled": "false",
                        "heartbeats.replication.enabled": "false",
                    },
                },
                "checkpointConnector": {
                    "autoRestart": {"enabled": True},
                    "config": {**_BOTH, "sync.group.offsets.enabled": "true"},
                },
                "topicsPattern": r"orders\..*,customers",
                "groupsPattern": ".*",
            }
        ],
    },
}
"""A KafkaMirrorMaker2 of v1 that breaks no rule."""
TARGET = ("spec", "target")
WORKER = (*TARGET, "config")
MIRROR = ("spec", "mirrors", 0)
SOURCE = (*MIRROR, "source")
SOURCE_CONFIG = (*MIRROR, "sourceConnector", "config")
CHECKPOINT_CONFIG = (*MIRROR, "checkpointConnector", "config")

STACK: dict[str, Any] = {
    "kind": MIRROR_KIND,
    "metadata": {"name": "east-to-west"},
    "spec": {
        "source": {
            "alias": "east",
            "cluster": "east",
            "namespace": "kafka",
            "context": "east",
            "listener": "external",
            "user": "mirror-source",
        },
        "target": {
            "alias": "west",
            "cluster": "west",
            "namespace": "kafka",
            "context": "west",
            "listener": "tls",
        },
        "mirror": {"name": "east-to-west", "topics": ["orders"]},
    },
}
"""The settings of a mirror of a stack."""


def sound(*changes: tuple[tuple[str | int, ...], Any], name: str = "east-to-west") -> dict[str, Any]:
    """Return a copy of `SOUND` under a name, with fields that are set, or removed with `REMOVED`."""
    made = changed(SOUND, *changes)
    made["metadata"]["name"] = name
    return made


def changed(manifest: Mapping[str, Any], *changes: tuple[tuple[str | int, ...], Any]) -> dict[str, Any]:
    """Return a copy of a manifest with changed fields."""
    made: Any = copy.deepcopy(dict(manifest))
    for path, value in changes:
        *parents, last = path
        at = made
        for part in parents:
            at = at[part] if isinstance(part, int) else at.setdefault(part, {})
        if value is REMOVED:
            del at[last]
        else:
            at[last] = value
    return dict(made)


def back(*changes: tuple[tuple[str | int, ...], Any]) -> dict[str, Any]:
    """Return the mirror from west to east, with names of its own."""
    return sound(
        ((*TARGET, "alias"), "east"),
        ((*TARGET, "bootstrapServers"), "east-kafka-bootstrap:9093"),
        ((*TARGET, "groupId"), "west-to-east"),
        ((*TARGET, "configStorageTopic"), "__west-to-east-config"),
        ((*TARGET, "offsetStorageTopic"), "__west-to-east-offset"),
        ((*TARGET, "statusStorageTopic"), "__west-to-east-status"),
        ((*SOURCE, "alias"), "west"),
        ((*SOURCE, "bootstrapServers"), "kafka.west.example.com:9094"),
        *changes,
        name="west-to-east",
    )
