"""A Deployment of consumers and a StatefulSet of producers on both sides of a test's own mirror."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from lab.layout import NAMESPACE
from mirror.clients.kubernetes import Kubernetes
from mirror.problems import NotThere
from tests.lab.support.lab import Regions
from tests.lab.support.own_mirror import OwnMirror

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
