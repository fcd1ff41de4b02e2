"""A Kubernetes that answers from dictionaries and keeps count of what it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manifests.estate import StrimziApi
from mirror.problems import CouldNotConnect, CouldNotRead, NotThere
from tests.unit.support.pki import Issued, issue

OPERATOR: dict[str, Any] = {"entityOperator": {"userOperator": {}}}
"""The part of a Kafka's `spec` by which a User Operator runs."""


class FakeKubernetes:
    """What is not there, and what is `forbidden` (Secret, secrets, KafkaUser ...), raises as the real one
    does.
    """

    def __init__(self, where: str) -> None:
        self.where = where
        self.secrets_there: dict[str, dict[str, bytes]] = {}
        self.secret_labels: dict[str, dict[str, str]] = {}
        self.secret_annotations: dict[str, dict[str, str]] = {}
        self.resources: dict[tuple[str, str], dict[str, Any]] = {}
        self.apis: tuple[StrimziApi, ...] = ("v1",)
        self.forbidden: set[str] = set()
        self.asked: list[str] = []
        self.dead = False

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.dead:
            raise CouldNotConnect(f"reaching {self.where}", "no answer in time", "check the address")
        if what.split()[0] in self.forbidden or what in self.forbidden:
            raise CouldNotRead(f"reading {what} from {self.where}", "forbidden", f"allow {what}")

    def _found(self, what: str, there: dict[Any, Any], key: object) -> Any:
        self._ask(what)
        if key not in there:
            raise NotThere(f"reading {what} from {self.where}", "it does not exist", "check the name")
        return there[key]

    def secret(self, namespace: str, name: str) -> dict[str, bytes]:
        found: dict[str, bytes] = self._found(f"Secret {namespace}/{name}", self.secrets_there, name)
        return found

    def secrets(self, namespace: str, labels: Mapping[str, str]) -> dict[str, dict[str, bytes]]:
        self._ask("secrets")
        return {
            name: data
            for name, data in self.secrets_there.items()
            if labels.items() <= self.secret_labels.get(name, {}).items()
        }

    def secret_metadata(self, namespace: str, name: str) -> dict[str, Any]:
        self._found(f"metadata-of-Secret {namespace}/{name}", self.secrets_there, name)
        return {
            "name": name,
            "labels": self.secret_labels.get(name),
            "annotations": self.secret_annotations.get(name),
        }

    def metadata(self, kind: str, namespace: str) -> list[dict[str, Any]]:
        self._ask(f"names-of-{kind}")
        return [one["metadata"] for (of, _), one in self.resources.items() if of == kind]

    def strimzi(self, kind: str, namespace: str, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self._found(f"{kind} {namespace}/{name}", self.resources, (kind, name))
        return found

    def strimzi_list(
        self, kind: str, namespace: str, labels: Mapping[str, str] | None = None
    ) -> list[dict[str, Any]]:
        self._ask(f"{kind}s")
        return [
            one
            for (of, _), one in self.resources.items()
            if of == kind
            and (labels or {}).items() <= ((one.get("metadata") or {}).get("labels") or {}).items()
        ]

    def serves(self, version: StrimziApi, kind: str) -> bool:
        return version in self.apis

    def strimzi_api(self, kind: str) -> StrimziApi:
        self._ask("discovery")
        if not self.apis:
            raise NotThere("reading which versions", "none", "install Strimzi")
        return self.apis[0]

    def add_user(
        self,
        name: str,
        spec: Mapping[str, Any] | None = None,
        *,
        password: str | None = None,
        cluster: str = "east",
        **labels: str,
    ) -> None:
        """A KafkaUser of a cluster; with a password, its Secret too."""
        labels = {"strimzi.io/cluster": cluster, **labels}
        authentication = {"type": "scram-sha-512" if password else "tls"}
        self.resources[("KafkaUser", name)] = {
            "kind": "KafkaUser",
            "metadata": {"name": name, "labels": labels},
            "spec": {"authentication": authentication, **(spec or {})},
        }
        if password:
            self.secrets_there[name] = {"password": password.encode()}
            self.secret_labels[name] = {**labels, "strimzi.io/kind": "KafkaUser"}


def kafka(listener: str, address: str | None) -> dict[str, Any]:
    """A Kafka resource whose status tells of one listener."""
    return {"status": {"listeners": [{"name": listener, "bootstrapServers": address}]}}


def two_regions(ca: Issued) -> dict[str, FakeKubernetes]:
    """Both as they must be for `made_up.settings()`, without users to copy."""
    both = {"east": FakeKubernetes("https://east"), "west": FakeKubernetes("https://west")}
    both["east"].resources[("Kafka", "east")] = kafka("scram", "east:9094")
    both["west"].resources[("Kafka", "west")] = kafka("mtls", "west:9093")
    for name, side in both.items():
        side.secrets_there[f"{name}-cluster-ca-cert"] = {
            "ca.crt": ca.pem.encode(), "ca.p12": b"x", "ca.password": b"x",
        }  # fmt: skip
    both["east"].secrets_there["mirror-source"] = {"password": b"s0urcepassword", "sasl.jaas.config": b"x"}
    return both


def authority(name: str = "cluster-ca v0") -> Issued:
    """A CA that lasts."""
    return issue(name, days=36_500)
