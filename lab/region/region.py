"""One region of the lab: a Kafka cluster and a Kubernetes API that knows it, as Strimzi leaves them."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx2
from lightkube import ApiError

from lab.errors import LabError
from lab.files import remove_half_made
from lab.layout import Lab
from lab.processes import declare
from lab.progress import Steps
from lab.region import apply, clients, kafka, kubernetes, pki, strimzi
from lab.region.tools import Tools
from lab.waiting import wait_ready

PORTS = (*kafka.PORTS, *kubernetes.PORTS)


@dataclass(frozen=True, slots=True)
class Region:
    """Brings one region up. Each method may be called again and says whether it changed anything."""

    lab: Lab
    name: str
    ports: Mapping[str, int]
    tools: Tools
    steps: Steps

    def certificates(self) -> bool:
        """Everything else needs these."""
        folder = self.lab.pki(self.name)
        folder.parent.mkdir(parents=True, exist_ok=True)
        remove_half_made(folder.parent)
        changed = pki.create(folder, self.name)
        if pki.expires(folder) < dt.datetime.now(dt.UTC):
            raise LabError(f"the lab's certificates in {folder} have expired: run `lab down`, then `lab up`")
        return changed

    def kafka(self) -> bool:
        """Start the broker and wait until it serves."""
        changed = self._unless_there("Kafka: format storage", self._has_storage(), self._prepare_kafka)
        spec = kafka.spec(self.lab, self.name, self.tools)
        changed |= declare(self.lab, spec)
        if changed or kafka.unready(self.lab, self.name, self.ports):
            with self.steps.step(self.name, "Kafka: broker answers its administrator"):
                wait_ready(self.lab, spec, lambda: kafka.unready(self.lab, self.name, self.ports))
            changed = True
        return changed

    def kubernetes(self) -> bool:
        """Start the API, wait until it serves, and put into it what Strimzi would; then its controllers."""
        changed = kubernetes.prepare(self.lab, self.name, self.ports)
        etcd = kubernetes.etcd(self.lab, self.name, self.ports, self.tools)
        api = kubernetes.apiserver(self.lab, self.name, self.ports, self.tools)
        changed |= declare(self.lab, etcd)
        if changed or declare(self.lab, api) or kubernetes.unready(self.lab, self.name, self.ports):
            with self.steps.step(self.name, "Kubernetes: API says it is ready"):
                wait_ready(self.lab, etcd, lambda: kubernetes.store_unready(self.name, self.ports))
                declare(self.lab, api)  # only now: without its store it fills its log with complaints
                wait_ready(self.lab, api, lambda: kubernetes.unready(self.lab, self.name, self.ports))
            changed = True
        changed |= self._definitions()
        # After the definitions: the garbage collector looks for new kinds only every 30 s.
        manager = kubernetes.controller_manager(self.lab, self.name, self.tools)
        changed |= declare(self.lab, manager)
        wait_ready(self.lab, manager, lambda: None)
        return changed

    def describe_kafka(self) -> bool:
        """Tell Kubernetes where the cluster is: the Kafka resource's status, once both of them serve."""
        listeners = {name: self.ports[f"{self.name}-kafka-{name}"] for name in ("scram", "mtls")}
        client = clients.kubernetes(self.lab, self.name)
        authority = (self.lab.pki(self.name) / "cluster-ca.crt").read_text()
        status = strimzi.kafka_status(
            listeners,
            kafka.cluster_id(self.lab, self.name),
            authority,
            apply.generation(client, "Kafka", self.name),
        )
        return apply.apply_status(client, "Kafka", self.name, status)

    def _definitions(self) -> bool:
        client = clients.kubernetes(self.lab, self.name)
        definitions = strimzi.custom_resource_definitions(self.tools.crds)
        resources = [
            strimzi.namespace(),
            *strimzi.secrets(self.name, self.lab.pki(self.name)),
            strimzi.kafka(self.name),
            strimzi.node_pool(self.name),
        ]
        try:
            if not apply.differing(client, [*definitions, *resources]):
                return False
            with self.steps.step(self.name, "Kubernetes: CRDs, CA Secrets, Kafka resource"):
                apply.apply(client, definitions)
                apply.await_established(client, definitions)
                apply.apply(client, resources)
        except (ApiError, httpx2.HTTPError) as problem:
            raise LabError(f"{self.name}: Kubernetes refused Strimzi's resources: {problem}") from problem
        return True

    def _has_storage(self) -> bool:
        return (self.lab.kafka(self.name) / "data").is_dir()

    def _prepare_kafka(self) -> bool:
        return kafka.prepare(self.lab, self.name, self.ports, self.tools)

    def _unless_there(self, what: str, there: bool, act: Callable[[], bool]) -> bool:
        if there:
            return act()
        with self.steps.step(self.name, what):
            return act()
