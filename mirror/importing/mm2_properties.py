"""A flow of MirrorMaker 2's own properties (dedicated mode) as a KafkaMirrorMaker2. Pure.

The rules are those of `MirrorMakerConfig` (Kafka 4.3.1): `A.x` is for a cluster, `A->B.x` for a flow, and
`x` for all. In dedicated mode the connectors are named after their classes; Strimzi names them
`A->B.MirrorSourceConnector`. Connect keeps positions by the connector's name, so they cannot be continued.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from manifests.strimzi.jaas import options
from manifests.strimzi.oauth import MECHANISM
from manifests.strimzi.resource import split_list
from mirror.importing.oauth import without_secrets
from settings.profiles import ConfigOwner, read_by_another
from settings.profiles.kafka_defaults import HEARTBEAT, SOURCE
from settings.replication_policy import java_class

DEDICATED = "region-mirror/imported-from"
"""Annotation of the resource that is made here; it is never deployed."""
DEDICATED_FIELD = "dedicatedMode"
"""Field of its `spec` with the properties that have no counterpart, so that each is reported."""
_SECURITY = ("bootstrap.servers", "security.protocol", "sasl.", "ssl.")
_NOT_OF_CONNECTORS = ("clusters", "mm.", "dedicated.", "workers.", "listeners", "config.providers")
_WORKER = ("offset.storage.", "config.storage.", "status.storage.")
_CLIENT = re.compile(r"(consumer|producer|admin)\.")
_PROTOCOL = re.compile(r"[A-Z_]+://")
"""Kafka's clients accept a protocol before each address, and ignore it (`Utils.getHost`)."""
_ALIASES = ("source.cluster.alias", "target.cluster.alias")
_SEPARATOR = "replication.policy.separator"
_POLICY = "replication.policy.class"
_IDENTITY = java_class("identity")


def flows_of(properties: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the enabled flows, as aliases of source and target."""
    clusters = split_list(properties.get("clusters"))
    return [
        (source, target)
        for source in clusters
        for target in clusters
        if source != target and properties.get(f"{source}->{target}.enabled", "").strip().lower() == "true"
    ]


def resource_of(properties: Mapping[str, str], source: str, target: str) -> dict[str, Any]:
    """Return a flow as a KafkaMirrorMaker2 of API version v1, without any value of a secret."""
    flow = f"{source}->{target}."
    clusters = split_list(properties.get("clusters"))
    own = {key.removeprefix(flow): value for key, value in properties.items() if key.startswith(flow)}
    # A cluster may be called source: then these look like properties of that cluster.
    given = {**{key: properties[key] for key in _ALIASES if key in properties}, **own}
    own = {key: value for key, value in own.items() if key not in _ALIASES}
    properties = {key: value for key, value in properties.items() if key not in _ALIASES}
    common = {key: value for key, value in properties.items() if not _is_scoped(key, clusters)}
    config = {
        key: value
        for key, value in {**common, **own}.items()
        if not key.startswith((*_NOT_OF_CONNECTORS, *_SECURITY, *_WORKER, "worker.")) and key != "enabled"
    }
    config = {key: value for key, value in config.items() if key in own or not _ignored(key)}
    named = _alias(config, given.get("source.cluster.alias", source), source)
    config = {re.sub(r"^connectors\.", "", key): value for key, value in config.items()}
    # `MirrorMakerConfig.workerConfig`: what is for the target's cluster and no client, such as exactly-once.
    worker = {
        key.removeprefix(f"{target}."): value
        for key, value in properties.items()
        if key.startswith(f"{target}.") and not _of_client(key.removeprefix(f"{target}."))
    }
    worker |= {key: value for key, value in common.items() if key.startswith(_WORKER)}
    worker |= {
        key.removeprefix("workers."): value for key, value in common.items() if key.startswith("workers.")
    }
    worker |= {key.removeprefix("worker."): value for key, value in own.items() if key.startswith("worker.")}
    for alias, prefix in ((source, "source."), (target, "target.")):
        config |= {
            f"{prefix}{key}": value
            for key, value in _of_cluster(properties, alias).items()
            if _CLIENT.match(key)
        }
    patterns = {
        field: config.pop(key)
        for field, key in (
            ("topicsPattern", "topics"),
            # Of an older and a newer name MM2 takes the newer one: it is last here.
            ("topicsExcludePattern", "topics.blacklist"),
            ("topicsExcludePattern", "topics.exclude"),
            ("groupsPattern", "groups"),
            ("groupsExcludePattern", "groups.blacklist"),
            ("groupsExcludePattern", "groups.exclude"),
        )
        if key in config
    }
    tasks = config.pop("tasks.max", None)
    number = {"tasksMax": int(tasks)} if tasks is not None and tasks.isdecimal() else {}
    name = re.sub(r"[^a-z0-9]+", "-", f"{source}-to-{target}".lower()).strip("-")
    return {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "KafkaMirrorMaker2",
        "metadata": {"name": name, "annotations": {DEDICATED: "mm2.properties"}},
        "spec": {
            "replicas": 2,
            DEDICATED_FIELD: _without_counterpart(properties, common, source, target),
            "target": {**_cluster(properties, target), "config": worker},
            "mirrors": [
                {
                    "source": {**_cluster(properties, source), "alias": named},
                    "sourceConnector": {**number, "config": _read_by("source", config)},
                    "checkpointConnector": {**number, "config": _read_by("checkpoint", config)},
                    **patterns,
                }
            ],
        },
    }


def _alias(config: dict[str, str], alias: str, source: str) -> str:
    """Return the alias in the names of the copies: a property wins over `clusters` (`connectorBaseConfig`).

    Without alias and separator the names remain, as people had it before Kafka had a policy for that
    (KAFKA-9726): then the policy is that one in `config`.
    """
    if not alias and not config.get(_SEPARATOR, "."):
        del config[_SEPARATOR]
        config[_POLICY] = _IDENTITY
        return source
    return alias


def _read_by(connector: ConfigOwner, config: Mapping[str, str]) -> dict[str, str]:
    """Leave out what only another connector reads: dedicated mode gives every property to each of them."""
    return {key: value for key, value in config.items() if not read_by_another(connector, key)}


def _ignored(key: str) -> bool:
    """Tell whether MM2 ignores a property that names no cluster: one of a client (`connectorBaseConfig` keeps
    only names that a connector defines).
    """
    return bool(_CLIENT.match(key)) and key not in SOURCE


def _without_counterpart(
    properties: Mapping[str, str], common: Mapping[str, str], source: str, target: str
) -> dict[str, str]:
    """Return the properties of dedicated mode, and those of the clusters' stores and logins."""
    found = {
        key: value
        for key, value in common.items()
        if (key.startswith(_NOT_OF_CONNECTORS) and key != "clusters" and not key.startswith("workers."))
        or _ignored(key)
    }
    flow = f"{source}->{target}."
    found |= {
        key: value
        for key, value in properties.items()
        if key.removeprefix(flow).removeprefix("connectors.") in HEARTBEAT
    }
    stores = tuple(f"{alias}.{part}" for alias in (source, target) for part in ("ssl.", "sasl.jaas"))
    return found | {
        key: value for key, value in properties.items() if key.startswith((*stores, "ssl.", "sasl.jaas"))
    }


def _of_client(key: str) -> bool:
    return key.startswith(_SECURITY) or bool(_CLIENT.match(key))


def _is_scoped(key: str, clusters: tuple[str, ...]) -> bool:
    return "->" in key or any(key.startswith(f"{alias}.") for alias in clusters)


def _of_cluster(properties: Mapping[str, str], alias: str) -> dict[str, str]:
    """Return the properties of a cluster; those for all clusters count where it has none."""
    prefix = f"{alias}."
    common = {key: value for key, value in properties.items() if key.startswith(_SECURITY)}
    return common | {
        key.removeprefix(prefix): value for key, value in properties.items() if key.startswith(prefix)
    }


def _cluster(properties: Mapping[str, str], alias: str) -> dict[str, Any]:
    """Return how a cluster is reached. Passwords and stores are files or texts there: no Secret is named."""
    own = _of_cluster(properties, alias)
    servers = _PROTOCOL.sub("", own.get("bootstrap.servers", ""))
    found: dict[str, Any] = {"alias": alias, "bootstrapServers": servers}
    protocol = own.get("security.protocol", "PLAINTEXT").upper()
    if protocol.endswith("SSL"):
        found["tls"] = {"trustedCertificates": []} if _stores(own) else {}
    mechanism = own.get("sasl.mechanism", "").lower()
    if protocol.startswith("SASL"):
        username = options(own.get("sasl.jaas.config", "")).get("username", "")
        found["authentication"] = {"type": mechanism, "username": username}
        if mechanism == MECHANISM.lower():
            sasl = {key: value for key, value in own.items() if key.startswith("sasl.")}
            found["authentication"] = {"type": "custom", "sasl": True, "config": without_secrets(sasl)}
    elif any(key.startswith("ssl.keystore.") for key in own):
        found["authentication"] = {"type": "tls"}
    return found


def _stores(own: Mapping[str, str]) -> bool:
    return any(key.startswith("ssl.truststore.") for key in own)
