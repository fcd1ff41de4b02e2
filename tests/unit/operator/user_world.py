"""KafkaUsers with their Kubernetes and their Kafka, all made up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from lab.operator.failures import Failure
from lab.operator.user import reconcile as module
from lab.operator.user.model import AclRule
from lab.operator.user.reconcile import UserOperator
from tests.unit.operator.fake_kubernetes import FakeKubernetes

OWN = {"strimzi.io/cluster": "west", "strimzi.io/kind": "KafkaUser"}


RULE = AclRule("topic", "t", "literal", "Read", "*", "allow")


ACLS = {
    "type": "simple",
    "acls": [{"resource": {"type": "topic", "name": "t"}, "operations": ["Read"]}],
}


@dataclass
class FakeKafka:
    passwords: dict[str, str] = field(default_factory=dict)
    acls: dict[str, set[AclRule]] = field(default_factory=dict)
    quotas: dict[str, dict[str, float]] = field(default_factory=dict)
    refuses: str | None = None

    def reconcile_acls(self, username: str, desired: Iterable[AclRule]) -> None:
        self.acls[username] = set(desired)
        if not self.acls[username]:
            del self.acls[username]

    def upsert_password(self, username: str, password: str) -> None:
        if self.refuses:
            raise Failure("org.apache.kafka.common.errors.TimeoutException", self.refuses)
        self.passwords[username] = password

    def delete_password(self, username: str) -> None:
        self.passwords.pop(username, None)

    def scram_users(self) -> set[str]:
        return set(self.passwords)

    def acl_users(self) -> set[str]:
        return set(self.acls)

    # The quotas of the cluster, as UserQuotas: the connection is not looked at.
    def reconcile(self, client: object, username: str, desired: Mapping[str, float]) -> None:
        self.quotas[username] = dict(desired)
        if not desired:
            del self.quotas[username]

    def users(self, client: object) -> set[str]:
        return set(self.quotas)


@dataclass
class World:
    kube: FakeKubernetes
    kafka: FakeKafka
    operator: UserOperator

    def declare(self, name: str = "u", labels: Mapping[str, str] | None = None, **spec: Any) -> None:
        metadata = {
            "name": name,
            "namespace": "kafka",
            "uid": "1",
            "generation": 3,
            "labels": dict(labels if labels is not None else {"strimzi.io/cluster": "west"}),
        }
        kind = {"apiVersion": "kafka.strimzi.io/v1", "kind": "KafkaUser"}
        self.kube.add({**kind, "metadata": metadata, "spec": spec})

    @property
    def status(self) -> Any:
        return self.kube.resources["KafkaUser", "u"].get("status")


def world_without_users(monkeypatch: pytest.MonkeyPatch) -> World:
    """No KafkaUser yet; Kafka and Kubernetes are in memory."""
    kube, kafka = FakeKubernetes(), FakeKafka()
    api: Any = kube
    quotas: Any = kafka
    monkeypatch.setattr(module, "kafka_client", lambda *where: FakeClient())
    monkeypatch.setattr(module, "Kafka", lambda config: kafka)
    return World(kube, kafka, UserOperator(api, "kafka", "west", quotas))


@dataclass(frozen=True)
class FakeClient:
    librdkafka: Mapping[str, str] = field(default_factory=dict, hash=False)


def scram(secret: str | None = None) -> dict[str, Any]:
    if secret is None:
        return {"type": "scram-sha-512"}
    reference = {"secretKeyRef": {"name": secret, "key": "pw"}}
    return {"type": "scram-sha-512", "password": {"valueFrom": reference}}
