"""Clients of a region with all rights: for the lab itself and for the faults that tests make."""

from typing import Any

from lightkube import Client, KubeConfig

from lab.layout import NAMESPACE, Lab
from lab.ports import known
from lab.region import pki

CONNECT_SECONDS = 5.0


def admin_client_config(lab: Lab, region: str) -> dict[str, Any]:
    """A confluent-kafka configuration that logs in as `User:CN=cluster-operator`, a super user."""
    operator = pki.read(lab.pki(region), "cluster-operator")
    return {
        "bootstrap.servers": f"localhost:{known(lab)[f'{region}-kafka-mtls']}",
        "security.protocol": "SSL",
        "ssl.ca.pem": (lab.pki(region) / "cluster-ca.crt").read_text(),
        "ssl.certificate.pem": operator.certificate,
        "ssl.key.pem": operator.key,
        "socket.connection.setup.timeout.ms": int(CONNECT_SECONDS * 1000),
    }


def kubernetes(lab: Lab, region: str) -> Client:
    """The administrator of the region's Kubernetes API, in the namespace of Strimzi's resources."""
    config = KubeConfig.from_file(lab.kubeconfig(region)).get()
    return Client(config=config, namespace=NAMESPACE, timeout=None)
