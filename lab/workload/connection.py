"""How the workload's clients find a cluster and log in: as any application would, from Kubernetes.

The address comes from the Kafka resource's status, trust from `<cluster>-cluster-ca-cert`, the login from
the KafkaUser's Secret. A SCRAM user has one password on both sides of a mirror, so it is always read where
production keeps it, on the source; a client certificate is signed by each cluster's own clients CA and is
therefore read where it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lab.layout import NAMESPACE, Lab
from mirror.clients.access import ClusterAccess, Credential, ScramCredential, TlsCredential
from mirror.clients.kubernetes import Kubernetes
from mirror.problems import CouldNotRun

SOURCE = "east"
"""The region whose Kubernetes holds production's KafkaUsers."""

SCRAM_LISTENER = "scram"
TLS_LISTENER = "mtls"

_COMMON: dict[str, Any] = {
    "reconnect.backoff.ms": 250,
    "reconnect.backoff.max.ms": 1_000,
    # librdkafka's own log only when all is lost: what matters is raised, or told by error_cb.
    "log_level": 2,
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """One Kafka cluster to work with. `login` gives the client settings of a user, by the user's name."""

    region: str
    login: Callable[[str], dict[str, Any]]

    def config(self, user: str, settings: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Client settings for `user`, with `settings` (librdkafka's names) on top."""
        return _COMMON | {"client.id": f"workload-{user}"} | self.login(user) | dict(settings or {})

    def consumer_config(
        self, user: str, group: str, isolation_level: str, settings: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Settings of a consumer that starts with the earliest record and commits only when told."""
        consuming = {
            "group.id": group,
            "isolation.level": isolation_level,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            # A Python consumer stalls a second at a time with librdkafka's default of 1,000.
            "fetch.queue.backoff.ms": 10,
        }
        return self.config(user, consuming | dict(settings or {}))


def connect(lab: Lab, region: str) -> Cluster:
    """The Kafka cluster of a region of the lab. Nothing is asked yet; Kubernetes is read at the first login.

    The cluster's `config` raises CouldNotRun: no such lab, Kubernetes silent, Secret or listener missing.
    """
    try:
        kubeconfigs = {name: lab.kubeconfig(name) for name in {region, SOURCE}}
    except ValueError as error:
        raise CouldNotRun(f"looking for region {region}", str(error), "name one of the regions") from error
    opened: dict[str, Kubernetes] = {}

    def kubernetes(name: str) -> Kubernetes:
        if name not in opened:
            if not kubeconfigs[name].is_file():
                raise CouldNotRun(
                    f"looking for region {name} of the lab at {lab.root}",
                    f"there is no {kubeconfigs[name]}",
                    "start the lab with `python -m lab up`",
                )
            opened[name] = Kubernetes.connect(kubeconfigs[name], None)
        return opened[name]

    def login(user: str) -> dict[str, Any]:
        credential = _credential(kubernetes, region, user)
        listener = SCRAM_LISTENER if isinstance(credential, ScramCredential) else TLS_LISTENER
        trust = kubernetes(region).secret(NAMESPACE, f"{region}-cluster-ca-cert")
        return ClusterAccess(
            bootstrap_servers=_bootstrap_servers(kubernetes(region), region, listener),
            ca_pem="\n".join(trust[key].decode() for key in sorted(trust) if key.endswith(".crt")),
            credential=credential,
            alias=region,
        ).client_config()

    return Cluster(region, login)


def _credential(kubernetes: Callable[[str], Kubernetes], region: str, user: str) -> Credential:
    secret = kubernetes(SOURCE).secret(NAMESPACE, user)
    if "password" in secret:
        return ScramCredential(user, secret["password"].decode())
    if region != SOURCE:
        secret = kubernetes(region).secret(NAMESPACE, user)
    try:
        return TlsCredential(secret["user.crt"].decode(), secret["user.key"].decode(), user)
    except KeyError as error:
        raise CouldNotRun(
            f"reading the login of {user} from its Secret in region {region}",
            f"the Secret has neither `password` nor {error}",
            f"look at it: kubectl get secret {user} -n {NAMESPACE} -o yaml",
        ) from error


def _bootstrap_servers(kubernetes: Kubernetes, cluster: str, listener: str) -> str:
    status = kubernetes.strimzi("Kafka", NAMESPACE, cluster).get("status", {})
    listeners = {item.get("name"): item.get("bootstrapServers") for item in status.get("listeners", [])}
    address = listeners.get(listener)
    if not address:
        raise CouldNotRun(
            f"looking for listener {listener} of Kafka cluster {cluster}",
            f"the Kafka resource's status has {', '.join(sorted(filter(None, listeners))) or 'no listeners'}",
            f"look at it: kubectl get kafka {cluster} -n {NAMESPACE} -o yaml",
        )
    return str(address)
