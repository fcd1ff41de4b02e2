"""What Strimzi's Cluster Operator leaves in Kubernetes for a Kafka cluster, as plain objects.

Layout of the CA Secrets: io.strimzi.operator.cluster.model.ModelUtils and .ClusterCa at 1.2.0; names from
io.strimzi.api.kafka.model.kafka.KafkaResources.
"""

import base64
import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from lab.layout import NAMESPACE
from lab.region.pki import generation, trusted

KAFKA_VERSION = "4.3.1"
API_VERSION = "kafka.strimzi.io/v1"

# Inside a real cluster; outside clients see what status.listeners says.
_LISTENERS = {
    "scram": {"port": 9094, "authentication": "scram-sha-512"},
    "mtls": {"port": 9095, "authentication": "tls"},
}


def custom_resource_definitions(folder: Path) -> list[dict[str, Any]]:
    """Strimzi's CRDs from a folder of YAML files."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    texts = [path.read_text() for path in sorted(folder.glob("*.yaml"))]
    return [yaml.load(text, Loader=loader) for text in texts]  # noqa: S506 - each of the two is a safe loader


def namespace() -> dict[str, Any]:
    """The namespace of Strimzi's resources."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}


def secrets(cluster: str, pki: Path) -> list[dict[str, Any]]:
    """The Secrets of the cluster's two authorities, and the cluster operator's own."""

    def content(*names: str) -> bytes:
        return b"".join((pki / name).read_bytes() for name in names)

    def authority(name: str, renewals: int) -> list[dict[str, Any]]:
        public = {key: text.encode() for key, text in trusted(pki, name).items()}
        public |= {f"ca.{end}": content(f"{name}.{end}") for end in ("p12", "password")}
        count = str(renewals)
        return [
            _secret(cluster, f"{name}-cert", public, {"strimzi.io/ca-cert-generation": count}),
            _secret(
                cluster, name, {"ca.key": content(f"{name}.key")}, {"strimzi.io/ca-key-generation": count}
            ),
        ]

    operator = {f"cluster-operator.{end}": content(f"cluster-operator.{end}") for end in ("crt", "key")}
    renewed = generation(pki)
    annotations = {"strimzi.io/cluster-ca-cert-generation": str(renewed)}
    return [
        *authority("cluster-ca", renewed),
        *authority("clients-ca", 0),
        _secret(cluster, "cluster-operator-certs", operator, annotations),
    ]


def kafka(cluster: str) -> dict[str, Any]:
    """The Kafka resource that would make Strimzi run what the lab runs."""
    listeners = [
        {
            "name": name,
            "port": listener["port"],
            "type": "nodeport",
            "tls": True,
            "authentication": {"type": listener["authentication"]},
        }
        for name, listener in _LISTENERS.items()
    ]
    return {
        "apiVersion": API_VERSION,
        "kind": "Kafka",
        "metadata": {"name": cluster, "namespace": NAMESPACE},
        "spec": {
            "kafka": {
                "version": KAFKA_VERSION,
                "listeners": listeners,
                "authorization": {"type": "simple"},
                "config": {
                    "auto.create.topics.enable": False,
                    "default.replication.factor": 1,
                    "min.insync.replicas": 1,
                    "offsets.topic.replication.factor": 1,
                    "transaction.state.log.replication.factor": 1,
                    "transaction.state.log.min.isr": 1,
                },
            },
            "entityOperator": {"userOperator": {}},
        },
    }


def node_pool(cluster: str) -> dict[str, Any]:
    """The one node of the cluster, broker and controller."""
    return {
        "apiVersion": API_VERSION,
        "kind": "KafkaNodePool",
        "metadata": {
            "name": "combined",
            "namespace": NAMESPACE,
            "labels": {"strimzi.io/cluster": cluster},
        },
        "spec": {"replicas": 1, "roles": ["controller", "broker"], "storage": {"type": "ephemeral"}},
    }


def kafka_status(
    ports: Mapping[str, int], cluster_id: str, authority: str, generation: int
) -> dict[str, Any]:
    """The Kafka resource's status; `ports` by listener name, `authority` the cluster CA in PEM."""
    listeners = [
        {
            "name": name,
            "addresses": [{"host": "localhost", "port": port}],
            "bootstrapServers": f"localhost:{port}",
            "certificates": [authority],
        }
        for name, port in ports.items()
    ]
    now = dt.datetime.now(dt.UTC).isoformat().replace("+00:00", "Z")
    return {
        "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": now}],
        "observedGeneration": generation,
        "clusterId": cluster_id,
        "kafkaVersion": KAFKA_VERSION,
        "kafkaMetadataVersion": "4.3-IV0",
        "kafkaNodePools": [{"name": "combined"}],
        "listeners": listeners,
    }


def _secret(
    cluster: str, suffix: str, data: Mapping[str, bytes], annotations: Mapping[str, str]
) -> dict[str, Any]:
    component = "certificate-authority" if "-ca" in suffix else "kafka"
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "metadata": {
            "name": f"{cluster}-{suffix}",
            "namespace": NAMESPACE,
            "labels": {
                "strimzi.io/cluster": cluster,
                "strimzi.io/kind": "Kafka",
                "strimzi.io/name": "strimzi",
                "strimzi.io/component-type": component,
            },
            "annotations": dict(annotations),
        },
        "data": {key: base64.b64encode(value).decode() for key, value in data.items()},
    }
