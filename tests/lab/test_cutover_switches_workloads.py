"""A cutover stops pods at the source and starts them on the target, where they read through the binding.

In the middle of an earlier attempt a GitOps controller undoes the fence: the command finds and names it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException
from lightkube.models.meta_v1 import ObjectMeta

from lab.layout import NAMESPACE
from mirror.clients.kubernetes import Kubernetes
from mirror.cutover.workloads.workload import annotation
from mirror.problems import NotThere
from settings.acls import Acl
from tests.lab.support import kafka
from tests.lab.support.lab import KafkaUser, Regions
from tests.lab.support.own_mirror import OwnMirror, own_mirror
from tests.lab.support.wait import until

RECORDS, READ = 20, 7
JOINS = """
import os, pathlib, sys
from confluent_kafka import Consumer
files = [one for folder in sys.argv[1:] for one in pathlib.Path(folder).glob("*")]
told = {one.name: one.read_bytes().decode(errors="replace") for one in files}
consumer = Consumer({
    "bootstrap.servers": told.get("bootstrapServers") or os.environ["BOOTSTRAP"],
    "security.protocol": told.get("securityProtocol", "SASL_SSL"),
    "sasl.mechanism": told.get("saslMechanism", "SCRAM-SHA-512"),
    "sasl.username": told.get("user") or os.environ["NAME"],
    "sasl.password": told["password"],
    "ssl.ca.pem": told.get("ssl.truststore.crt") or told["ca.crt"],
    "group.id": os.environ["GROUP"],
    "enable.auto.commit": False,
    "auto.offset.reset": "error",
    "session.timeout.ms": 6000,
})
consumer.subscribe([os.environ["TOPIC"]])
while True:
    message = consumer.poll(1)
    if message is not None and message.error() is None and "COMMITS" in os.environ:
        print(message.value().decode(), flush=True)
        consumer.commit(message, asynchronous=False)
"""
KINDS = {"consumer": "Deployment", "producer": "StatefulSet"}
WRITES = "import time\nwhile True: time.sleep(1)"


@dataclass(frozen=True)
class Scene:
    """The mirror, and a Deployment and a StatefulSet on both sides."""

    mirror: OwnMirror
    regions: Regions

    @property
    def user(self) -> str:
        return f"{self.mirror.name}-client"

    @property
    def group(self) -> str:
        return f"{self.mirror.name}-readers"

    def name(self, role: str) -> str:
        return f"{self.mirror.name}-{role}"

    def api(self, region: str) -> Kubernetes:
        return Kubernetes.connect(self.regions.lab.kubeconfig(region))

    def make(self, region: str, role: str, replicas: int, script: str, *secrets: str, **env: str) -> None:
        labels = {"app": self.name(role)}
        volumes = [
            {"name": f"v{number}", "secret": {"secretName": one}} for number, one in enumerate(secrets)
        ]
        mounts = [{"name": one["name"], "mountPath": f"/told/{one['name']}"} for one in volumes]
        container = {
            "name": "run",
            "image": "registry.example.com/region-mirror:1",
            "command": ["python", "-c", script, *(str(one["mountPath"]) for one in mounts)],
            "env": [{"name": key, "value": value} for key, value in env.items()],
            "volumeMounts": mounts,
        }
        pod = {"serviceAccountName": "default", "containers": [container], "volumes": volumes}
        body = {
            "apiVersion": "apps/v1",
            "kind": KINDS[role],
            "metadata": {"name": self.name(role), "labels": labels},
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": pod},
            },
        }
        api = self.api(region)
        api.request("POST", api.path(KINDS[role], NAMESPACE), "it", verb="create", body=body)

    def workload(self, region: str, role: str) -> dict[str, Any]:
        api = self.api(region)
        return api.request("GET", api.path(KINDS[role], NAMESPACE, self.name(role)), "it", verb="get")

    def delete(self, kind: str, region: str, name: str) -> None:
        api = self.api(region)
        parameters = {"propagationPolicy": "Background"}
        with suppress(NotThere):
            api.request("DELETE", api.path(kind, NAMESPACE, name), "it", verb="delete", parameters=parameters)

    def pods(self, region: str, role: str) -> list[dict[str, Any]]:
        return self.api(region).selected("Pod", NAMESPACE, f"app={self.name(role)}")

    def cutover(self, *arguments: str, seen: Callable[[dict[str, Any]], None] = lambda _: None) -> Any:
        """Run the command, and hand over each event as it arrives. Return code and events."""
        stack = self.mirror.stack
        argv = [sys.executable, "-m", "mirror", "cutover", *arguments, "--config-file", str(stack.file)]
        events = []
        with subprocess.Popen(
            [*argv, "-o", "json"],
            cwd=stack.project,
            env=dict(stack.environment),
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                events.append(json.loads(line))
                seen(events[-1])
        return process.returncode, events


def forgotten(config: kafka.Config, group: str) -> bool:
    """Delete a group; False while the session of a member that was killed has not ended."""
    try:
        kafka.delete_group(config, group)
    except KafkaException as error:
        if error.args[0].code() != KafkaError.NON_EMPTY_GROUP:
            raise
        return False
    return True


@pytest.fixture(scope="module")
def scene(regions: Regions) -> Iterator[Scene]:
    def configured(config: dict[str, Any]) -> None:
        name = config["mirror"]["name"]
        config["users"]["copy"] = [f"{name}-client"]
        config["cutover"] = {
            "workloads": [
                {"side": side, "role": role, "namespace": NAMESPACE, "labels": {"app": f"{name}-{role}"}}
                for side in ("source", "target")
                for role in ("consumer", "producer")
            ],
            "binding": {"name": f"{name}-active", "users": [f"{name}-client"]},
            "switch_command": [
                sys.executable, "-c",
                "import os; print('clients go to', os.environ['REGION_MIRROR_TARGET_BOOTSTRAP_SERVERS'])",
            ],
        }  # fmt: skip

    with own_mirror(regions, "switch", configured) as mirror:
        made = Scene(mirror, regions)
        east, west = regions.kafka("east"), regions.kafka("west")
        kafka.create_topic(east, mirror.topic())
        mirror.produce(*(f"v{number}" for number in range(RECORDS)))
        kafka.commit(east, made.group, mirror.topic(), READ)
        rules = [
            Acl("topic", mirror.topic(), "literal", ("Describe", "Read", "Write")),
            Acl("topic", mirror.copy(), "literal", ("Describe", "Read")),
            Acl("group", made.group, "literal", ("Read",)),
        ]
        regions.make_user("east", made.user, "scram-sha-512", rules)
        binding = f"{mirror.name}-active-{made.user}"
        told = {"NAME": made.user, "GROUP": made.group}
        at_source = {**told, "TOPIC": mirror.topic(), "BOOTSTRAP": regions.listener("east", "scram")}
        made.make("east", "consumer", 2, JOINS, made.user, "east-cluster-ca-cert", **at_source)
        made.make("east", "producer", 1, WRITES)
        made.make("west", "consumer", 0, JOINS, binding, TOPIC=mirror.copy(), COMMITS="yes", **told)
        made.make("west", "producer", 0, WRITES)
        mirror.stack.up().ok()
        try:
            yield made
        finally:
            for region in ("east", "west"):
                for role in ("consumer", "producer"):
                    made.delete(KINDS[role], region, made.name(role))
                until("its pods to end", lambda: not made.pods(region, "consumer"), seconds=60)  # noqa: B023
            made.delete("Secret", "west", binding)
            made.delete("ConfigMap", "west", f"{mirror.name}-active")
            regions.remove_user("east", made.user)
            for side in (east, west):
                until("its members to be forgotten", lambda: forgotten(side, made.group), seconds=60)  # noqa: B023


def test_a_gitops_controller_that_undoes_the_fence_is_found_and_named(scene: Scene) -> None:
    regions = scene.regions
    before = regions.kubernetes("east").get(KafkaUser, scene.user, namespace=NAMESPACE).spec

    def revert(event: dict[str, Any]) -> None:
        if (event["event"], event.get("step")) == ("done", "prove-fence"):
            user = KafkaUser(metadata=ObjectMeta(name=scene.user, namespace=NAMESPACE), spec=before)
            regions.kubernetes("east").apply(user, field_manager="argocd-controller", force=True)

    code, events = scene.cutover("--yes", seen=revert)
    assert code == 1
    assert events[-1]["event"] == "stopped"
    assert (
        f"step fence is no longer done: the fence was removed from KafkaUser {scene.user} "
        "(argocd-controller): they may write again"
    ) in events[-1]["text"]
    assert "pause the GitOps controller" in events[-1]["remedy"]
    assert "promote" not in {event.get("step") for event in events}
    assert scene.workload("east", "producer")["spec"]["replicas"] == 0

    code, events = scene.cutover("rollback", "--yes")
    assert code == 0, events[-1]
    for role, replicas in (("consumer", 2), ("producer", 1)):
        there = scene.workload("east", role)
        assert there["spec"]["replicas"] == replicas
        assert annotation(scene.mirror.name) not in (there["metadata"].get("annotations") or {})


def test_clients_move_with_their_mirror(scene: Scene) -> None:
    until("the readers at the source", lambda: len(scene.pods("east", "consumer")) == 2, seconds=60)
    code, events = scene.cutover("--yes")
    assert code == 0, events[-1]
    assert [event["step"] for event in events if event["event"] == "done"] == [
        "preflight", "find-workloads", "bind-source", "stop-producers", "fence", "prove-fence", "drain",
        "stop-sync", "stop-consumers", "move-groups", "prove", "promote", "bind-target", "switch-command",
        "start-consumers", "start-producers",
    ]  # fmt: skip
    west = scene.regions.listener("west", "scram")
    assert any("clients go to localhost:" in event["text"] for event in events)
    for role in ("consumer", "producer"):
        assert not scene.pods("east", role)
    assert scene.workload("west", "consumer")["status"]["availableReplicas"] == 2
    assert scene.workload("west", "producer")["status"]["availableReplicas"] == 1
    active = scene.api("west").config_map(NAMESPACE, f"{scene.mirror.name}-active")
    assert active["bootstrapServers"].decode() == west
    kafka_west, copy = scene.regions.kafka("west"), scene.mirror.copy()
    until(
        "the readers on the target to have read the rest",
        lambda: kafka.committed(kafka_west, scene.group, copy) == RECORDS,
        seconds=60,
    )
    logs = (scene.regions.lab.logs / "pods").glob(f"west_{NAMESPACE}_{scene.name('consumer')}-*.log")
    values = [line for log in logs for line in log.read_text().splitlines() if line.startswith("v")]
    assert values == [f"v{number}" for number in range(READ, RECORDS)]
    code, events = scene.cutover("--yes")
    assert code == 0
    assert any("nothing to do" in event["text"] for event in events)
