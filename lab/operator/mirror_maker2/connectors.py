"""The connectors that a KafkaMirrorMaker2 declares, and their configuration (KafkaMirrorMaker2Connectors)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lab.operator.failures import Failure
from lab.operator.mirror_maker2 import authentication, metrics
from lab.operator.mirror_maker2.names import Names, certificates_key
from lab.operator.properties import as_strings

_PACKAGE = "org.apache.kafka.connect.mirror"
_KINDS = (("MirrorCheckpointConnector", "checkpointConnector"), ("MirrorSourceConnector", "sourceConnector"))
_RESERVED = frozenset({"name", "connector.class", "tasks.max", "connector.plugin.version"})
"""AbstractConnectorSpec.FORBIDDEN_PARAMETERS: dropped from a connector's `config`."""


@dataclass(frozen=True, slots=True)
class Connector:
    """One desired connector."""

    name: str
    connector_class: str
    config: Mapping[str, str]
    """Without name, class, tasks.max and version."""
    tasks_max: int | None
    version: str | None
    state: str | None
    """running | paused | stopped, or None where the resource does not say."""
    auto_restart: Mapping[str, Any] | None
    list_offsets: Mapping[str, Any] | None
    alter_offsets: Mapping[str, Any] | None

    @property
    def body(self) -> dict[str, Any]:
        """The configuration as Strimzi sends it: tasks.max is a number, everything else a string."""
        body: dict[str, Any] = dict(self.config)
        if self.tasks_max is not None:
            body["tasks.max"] = self.tasks_max
        if self.version is not None:
            body["connector.plugin.version"] = self.version
        return body | {"connector.class": self.connector_class}

    @property
    def creation(self) -> dict[str, Any]:
        """The body of POST /connectors."""
        request: dict[str, Any] = {"name": self.name, "config": self.body}
        if self.state is not None:
            request["initial_state"] = self.state.upper()
        return request

    @property
    def replacement(self) -> dict[str, Any]:
        """The body of PUT /connectors/NAME/config. It has a name, too (needsReconfiguring adds it)."""
        return self.body | {"name": self.name}

    @property
    def expected(self) -> dict[str, str]:
        """What GET /connectors/NAME/config answers when nothing has to be changed: the very same map."""
        return {key: str(value) for key, value in self.replacement.items()}


def desired_connectors(spec: Mapping[str, Any], names: Names) -> list[Connector]:
    """The connectors of the `spec` of a KafkaMirrorMaker2; there is none that the resource does not name."""
    target_alias = spec["target"]["alias"]
    connectors = []
    for mirror in spec.get("mirrors") or []:
        for kind, field in _KINDS:
            connector = mirror.get(field)
            if connector is None:
                continue
            connectors.append(
                Connector(
                    name=f"{mirror['source']['alias']}->{target_alias}.{kind}",
                    connector_class=f"{_PACKAGE}.{kind}",
                    config=connector_config(spec, mirror, connector, names),
                    tasks_max=connector.get("tasksMax"),
                    version=connector.get("version"),
                    state=connector.get("state"),
                    auto_restart=connector.get("autoRestart"),
                    list_offsets=connector.get("listOffsets"),
                    alter_offsets=connector.get("alterOffsets"),
                )
            )
    return connectors


def connector_config(
    spec: Mapping[str, Any], mirror: Mapping[str, Any], connector: Mapping[str, Any], names: Names
) -> dict[str, str]:
    """prepareMirrorMaker2ConnectorConfig; later values win over earlier ones."""
    config: dict[str, Any] = {}
    config |= _cluster("target.cluster.", spec["target"], names)
    config |= _cluster("source.cluster.", mirror["source"], names)
    config |= connector.get("config") or {}
    patterns = {
        "topics": mirror.get("topicsPattern"),
        "topics.exclude": mirror.get("topicsExcludePattern"),
        "groups": mirror.get("groupsPattern"),
        "groups.exclude": mirror.get("groupsExcludePattern"),
    }
    config |= {key: pattern for key, pattern in patterns.items() if pattern is not None}
    if spec.get("rack"):
        config["consumer.client.rack"] = "${strimzifile:/tmp/strimzi-connect.properties:consumer.client.rack}"
    config |= metrics.connector_properties(spec, config)
    strings = as_strings(config)
    return {key: value for key, value in strings.items() if key.lower() not in _RESERVED}


def _cluster(prefix: str, cluster: Mapping[str, Any], names: Names) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "alias": cluster["alias"],
        "bootstrap.servers": cluster["bootstrapServers"],
    }
    if authentication.trusts_certificates(cluster):
        properties |= authentication.truststore(names, certificates_key(cluster["alias"]))
    properties |= authentication.client_properties(cluster, names)
    properties["security.protocol"] = authentication.security_protocol(cluster)
    given = cluster.get("config") or {}
    if None in given.values():
        raise Failure("java.lang.NullPointerException", None)  # Collectors.toMap takes no null
    properties |= given
    return {f"{prefix}{key}": value for key, value in properties.items()}
