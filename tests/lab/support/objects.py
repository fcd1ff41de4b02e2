"""Kubernetes' own objects in region west, as plain JSON."""

from __future__ import annotations

from typing import Any

from mirror.clients.kubernetes import Kubernetes
from tests.lab.support.lab import NAMESPACE, Regions

CORE, BATCH, RBAC = "/api/v1", "/apis/batch/v1", "/apis/rbac.authorization.k8s.io/v1"
APPS, MONITORING = "/apis/apps/v1", "/apis/monitoring.coreos.com/v1"
NETWORKING = "/apis/networking.k8s.io/v1"


class Objects:
    """What the stack has in region west, as plain JSON."""

    def __init__(self, regions: Regions) -> None:
        self.api = Kubernetes.connect(regions.lab.kubeconfig("west"))

    def get(self, api: str, plural: str, name: str) -> dict[str, Any]:
        """One object."""
        path = f"{api}/namespaces/{NAMESPACE}/{plural}/{name}"
        return self.api.request("GET", path, name, verb="get")

    def all(self, api: str, plural: str) -> list[dict[str, Any]]:
        """Every object of a kind."""
        path = f"{api}/namespaces/{NAMESPACE}/{plural}"
        found: list[dict[str, Any]] = self.api.request("GET", path, plural, verb="list")["items"]
        return found

    def patch(self, api: str, plural: str, name: str, body: dict[str, Any]) -> None:
        """Change one object."""
        path = f"{api}/namespaces/{NAMESPACE}/{plural}/{name}"
        self.api.request("PATCH", path, name, verb="patch", body=body)

    def make(self, api: str, plural: str, body: dict[str, Any]) -> None:
        """Create one object."""
        self.api.request("POST", f"{api}/namespaces/{NAMESPACE}/{plural}", plural, verb="create", body=body)

    def delete(self, api: str, plural: str, name: str) -> None:
        """Remove one object and what belongs to it."""
        path = f"{api}/namespaces/{NAMESPACE}/{plural}/{name}"
        background = {"propagationPolicy": "Background"}
        self.api.request("DELETE", path, name, verb="delete", parameters=background)

    def token(self, account: str) -> str:
        """A token of a ServiceAccount."""
        path = f"{CORE}/namespaces/{NAMESPACE}/serviceaccounts/{account}/token"
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": []}}
        answer = self.api.request("POST", path, account, verb="create", body=body)
        return str(answer["status"]["token"])
