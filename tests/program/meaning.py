"""What Strimzi makes of a KafkaMirrorMaker2, whichever generation it is written in: the workers'
configuration, the connectors with all their properties, and the pods.

Written after Strimzi's sources and not after the renderers: `KafkaMirrorMaker2Connectors` and
`KafkaMirrorMaker2Cluster` at 0.48.0 (v1beta2) and at 1.2.0 (v1).
"""

from __future__ import annotations

from typing import Any

CONNECT = {
    "groupId": "group.id",
    "configStorageTopic": "config.storage.topic",
    "offsetStorageTopic": "offset.storage.topic",
    "statusStorageTopic": "status.storage.topic",
}
PATTERNS = {
    "topicsPattern": "topics",
    "topicsExcludePattern": "topics.exclude",
    "groupsPattern": "groups",
    "groupsExcludePattern": "groups.exclude",
}
KINDS = {"sourceConnector": "MirrorSourceConnector", "checkpointConnector": "MirrorCheckpointConnector"}
CLUSTERS = ("target", "mirrors", "clusters", "connectCluster")


def meaning(resource: dict[str, Any]) -> dict[str, Any]:
    """Return it as one comparable value."""
    spec = resource["spec"]
    if resource["apiVersion"].endswith("/v1beta2"):
        clusters = {cluster["alias"]: cluster for cluster in spec["clusters"]}
        target, connect = _split(clusters[spec["connectCluster"]])
        mirrors = [(clusters[m["sourceCluster"]], target, m) for m in spec["mirrors"]]
        assert all(m["targetCluster"] == spec["connectCluster"] for m in spec["mirrors"])
    else:
        target = {key: value for key, value in spec["target"].items() if key not in CONNECT}
        connect = {CONNECT[key]: spec["target"][key] for key in CONNECT}
        mirrors = [(m["source"], target, m) for m in spec["mirrors"]]
    return {
        "name": resource["metadata"]["name"],
        "pods": {key: value for key, value in spec.items() if key not in CLUSTERS},
        "workers": {**target, "connect": connect},
        "connectors": {
            f"{source['alias']}->{to['alias']}.{kind}": _connector(mirror[field], source, to, mirror)
            for source, to, mirror in mirrors
            for field, kind in KINDS.items()
            if field in mirror
        },
    }


def same_connect(resource: dict[str, Any]) -> dict[str, Any]:
    """Return a KafkaConnect with its group and topics in `config`, where v1beta2 has them."""
    spec = {key: value for key, value in resource["spec"].items() if key not in CONNECT}
    moved = {CONNECT[key]: resource["spec"][key] for key in CONNECT if key in resource["spec"]}
    return {**resource, "spec": {**spec, "config": {**spec["config"], **moved}}}


def _split(target: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Take Connect's group and topics, which v1 keeps apart, out of the target's configuration."""
    config = dict(target["config"])
    connect = {key: config.pop(key) for key in CONNECT.values()}
    return {**target, "config": config}, connect


def _connector(
    connector: dict[str, Any], source: dict[str, Any], target: dict[str, Any], mirror: dict[str, Any]
) -> dict[str, Any]:
    config = dict(connector.get("config", {}))
    for prefix, cluster in (("source.cluster.", source), ("target.cluster.", target)):
        config[f"{prefix}alias"] = cluster["alias"]
        config[f"{prefix}bootstrap.servers"] = cluster["bootstrapServers"]
        config[f"{prefix}trust"] = cluster.get("tls")
        config[f"{prefix}login"] = cluster.get("authentication")
        config.update({f"{prefix}{key}": value for key, value in cluster.get("config", {}).items()})
    config.update({key: mirror[field] for field, key in PATTERNS.items() if field in mirror})
    return {**connector, "config": config}
