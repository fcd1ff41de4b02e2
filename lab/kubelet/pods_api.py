"""What the node asks and tells the API about pods."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from lab.kubelet.pod import Pod
from lab.kubelet.pod_status import Told, status, waits_as_told
from mirror.clients.kubernetes import Kubernetes


class PodsApi:
    """The pods of one region's Kubernetes. Raises `mirror.problems.CouldNotRun`."""

    def __init__(self, kubernetes: Kubernetes) -> None:
        self._kubernetes = kubernetes

    def all(self) -> list[Pod]:
        """Every pod."""
        answer = self._kubernetes.request("GET", "/api/v1/pods", "all pods", verb="list")
        return [Pod(one) for one in answer.get("items") or []]

    def bind(self, pod: Pod, node: str) -> None:
        """The scheduler's part."""
        body = {
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": {"name": pod.name},
            "target": {"apiVersion": "v1", "kind": "Node", "name": node},
        }
        self._ask("POST", pod, "/binding", "create", body)

    def tell(self, pod: Pod, told: Told) -> None:
        """How it fares, unless the API knows that it still waits for the same."""
        if not waits_as_told(pod, told):
            self._ask("PATCH", pod, "/status", "patch", {"status": status(pod, told, at(time.time()))})

    def delete(self, pod: Pod) -> None:
        """The last word on a deleted pod: its container has ended."""
        body = {"gracePeriodSeconds": 0, "preconditions": {"uid": pod.uid}}
        self._ask("DELETE", pod, "", "delete", body)

    def _ask(self, method: str, pod: Pod, part: str, verb: str, body: dict[str, Any]) -> None:
        path = f"/api/v1/namespaces/{pod.namespace}/pods/{pod.name}{part}"
        self._kubernetes.request(method, path, f"pod {pod.where}", verb=verb, body=body)


def at(seconds: float) -> str:
    """A moment as the API writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
