"""A KafkaMirrorMaker2 with its Kubernetes, its workers and Kafka Connect, all made up."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from lab.operator.failures import Failure
from lab.operator.mirror_maker2 import reconcile as module
from lab.operator.mirror_maker2.connect_rest import Connect
from lab.operator.mirror_maker2.names import Names
from lab.operator.mirror_maker2.reconcile import MirrorMaker2Operator
from lab.operator.mirror_maker2.workers import Desired
from tests.unit.operator.fake_connect import FakeConnect
from tests.unit.operator.fake_kubernetes import FakeKubernetes
from tests.unit.operator.test_secrets_of_a_mirror_maker import certificate


@dataclass
class FakeWorkers:
    operation_seconds: float = 5.0
    desired: list[Desired] = field(default_factory=list)
    withdrawn: list[Names] = field(default_factory=list)
    failure: Failure | None = None

    def reconcile(self, names: Names, desired: Desired, token: object) -> None:
        self.desired.append(desired)
        if self.failure is not None:
            raise self.failure

    def rest_urls(self, names: Names) -> list[str]:
        return ["http://worker"]

    def withdraw(self, names: Names) -> None:
        self.withdrawn.append(names)


@dataclass
class World:
    kube: FakeKubernetes
    workers: FakeWorkers
    connect: FakeConnect
    operator: MirrorMaker2Operator

    def reconcile(self) -> None:
        self.operator.reconcile("mm2", "dr")

    @property
    def status(self) -> Any:
        return self.kube.resources["KafkaMirrorMaker2", "dr"]["status"]

    @property
    def reason(self) -> tuple[str, str | None, str | None]:
        condition = self.status["conditions"][0]
        return condition["type"], condition.get("reason"), condition.get("message")


def world_of(resource: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> World:
    """The world in which this resource was just made; a wait of the operator takes no time."""
    kube, connect = FakeKubernetes(), FakeConnect()
    kube.add(resource)
    kube.add_secret("tgt-cluster-ca-cert", ca_crt=certificate("tgt"))
    kube.add_secret("src-cluster-ca-cert", ca_crt=certificate("src"))
    kube.add_secret("mm2-tgt-user", user_crt=b"c", user_key=b"k")
    kube.add_secret("mm2-src-user", password=b"p")
    monkeypatch.setattr(
        module, "Connect", lambda urls, seconds: Connect(urls, seconds, transport=connect.transport)
    )
    monkeypatch.setattr("lab.operator.mirror_maker2.connect_rest.time.sleep", lambda seconds: None)
    workers = FakeWorkers()
    api: Any = kube
    processes: Any = workers
    return World(kube, workers, connect, MirrorMaker2Operator(api, processes))
