"""How the operators reach their Kafka cluster: all of it from Kubernetes, as Strimzi's do."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lab.operator.kube import Kubernetes
from lab.operator.work_queue import TryLater

LISTENER = "mtls"
_IGNORED_USERS = "STRIMZI_IGNORED_USERS_PATTERN"


@dataclass(frozen=True, slots=True)
class KafkaClient:
    """How an administrator connects."""

    bootstrap_servers: str
    authority: str = field(repr=False)
    certificate: str = field(repr=False)
    key: str = field(repr=False)

    @property
    def librdkafka(self) -> dict[str, Any]:
        """A configuration for confluent-kafka."""
        return {
            "bootstrap.servers": self.bootstrap_servers,
            "client.id": "strimzi-user-operator",
            "security.protocol": "SSL",
            "ssl.ca.pem": self.authority,
            "ssl.certificate.pem": self.certificate,
            "ssl.key.pem": self.key,
            "socket.connection.setup.timeout.ms": 5000,
            "reconnect.backoff.max.ms": 2000,
            "log_level": 2,
        }


def kafka_client(kube: Kubernetes, namespace: str, cluster: str) -> KafkaClient:
    """Read where Kafka is and how the operators log in; TryLater names what is not there yet."""
    kafka = kube.read("Kafka", namespace, cluster)
    if kafka is None:
        raise TryLater(f"there is no Kafka resource {namespace}/{cluster}")
    authority = _trusted(kube, namespace, f"{cluster}-cluster-ca-cert")
    certificates = f"{cluster}-cluster-operator-certs"
    return KafkaClient(
        bootstrap_servers=_bootstrap_servers(kafka),
        authority=authority,
        certificate=_value(kube, namespace, certificates, "cluster-operator.crt"),
        key=_value(kube, namespace, certificates, "cluster-operator.key"),
    )


def ignored_users(kube: Kubernetes, namespace: str, cluster: str) -> re.Pattern[str] | None:
    """Which of Kafka's users the User Operator leaves alone (UserOperatorConfig.IGNORED_USERS_PATTERN).

    It is set in the Kafka resource, in the template of the User Operator's container.
    """
    spec = (kube.read("Kafka", namespace, cluster) or {}).get("spec") or {}
    template = (spec.get("entityOperator") or {}).get("template") or {}
    variables = (template.get("userOperatorContainer") or {}).get("env") or []
    pattern = next((given.get("value") for given in variables if given.get("name") == _IGNORED_USERS), None)
    return re.compile(pattern) if pattern else None


def _bootstrap_servers(kafka: Mapping[str, Any]) -> str:
    for listener in (kafka.get("status") or {}).get("listeners") or []:
        if listener.get("name") == LISTENER and listener.get("bootstrapServers"):
            return str(listener["bootstrapServers"])
    name = kafka["metadata"]["name"]
    raise TryLater(f"the status of Kafka {name} gives no address of its listener {LISTENER!r}")


def _trusted(kube: Kubernetes, namespace: str, secret: str) -> str:
    """Every certificate of the authority: during its renewal there are two (`PemTrustSet`)."""
    data = kube.secret(namespace, secret) or {}
    found = [data[key].decode() for key in sorted(data) if key.endswith(".crt")]
    if not found:
        raise TryLater(f"there is no Secret {namespace}/{secret} with a certificate")
    return "".join(found)


def _value(kube: Kubernetes, namespace: str, secret: str, key: str) -> str:
    data = kube.secret(namespace, secret)
    if data is None or key not in data:
        raise TryLater(f"there is no Secret {namespace}/{secret} with the key {key!r}")
    return data[key].decode()
