"""Clients of a region with all rights: for the lab itself and for the faults that tests make."""

import base64
from typing import Any

import httpx2
from lightkube import ApiError, Client, KubeConfig
from lightkube.resources.core_v1 import Secret

from lab.errors import LabError
from lab.layout import NAMESPACE, Lab
from lab.ports import known
from lab.region import pki

CONNECT_SECONDS = 5.0
_TIMEOUT = httpx2.Timeout(60.0, connect=CONNECT_SECONDS)


def admin_client_config(lab: Lab, region: str) -> dict[str, Any]:
    """A confluent-kafka configuration that logs in as a super user (`pki.administrator`)."""
    operator = pki.read(lab.pki(region), pki.administrator(region))
    return {
        "bootstrap.servers": f"localhost:{known(lab)[f'{region}-kafka-mtls']}",
        "security.protocol": "SSL",
        "ssl.ca.pem": (lab.pki(region) / "cluster-ca.crt").read_text(),
        "ssl.certificate.pem": operator.certificate,
        "ssl.key.pem": operator.key,
        "socket.connection.setup.timeout.ms": int(CONNECT_SECONDS * 1000),
    }


def scram_client_config(lab: Lab, region: str, user: str) -> dict[str, Any]:
    """A confluent-kafka configuration that logs in as a SCRAM KafkaUser, with its Secret's password.

    `LabError` when the region has no such user, or the operator has not made its Secret yet.
    """
    try:
        secret = kubernetes(lab, region).get(Secret, user)
    except ApiError as problem:
        raise LabError(f"the Secret of {user} in region {region} cannot be read: {problem}") from problem
    if "password" not in (secret.data or {}):
        raise LabError(f"the Secret of {user} in region {region} holds no password: no user of SCRAM")
    return {
        "bootstrap.servers": f"localhost:{known(lab)[f'{region}-kafka-scram']}",
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": user,
        "sasl.password": base64.b64decode((secret.data or {})["password"]).decode(),
        "ssl.ca.pem": (lab.pki(region) / "cluster-ca.crt").read_text(),
    }


def kubernetes(lab: Lab, region: str) -> Client:
    """The administrator of the region's Kubernetes API, in the namespace of Strimzi's resources."""
    config = KubeConfig.from_file(lab.kubeconfig(region)).get()
    # The API is on this machine: no proxy of the person's shell leads to it.
    return Client(config=config, namespace=NAMESPACE, timeout=_TIMEOUT, trust_env=False)
