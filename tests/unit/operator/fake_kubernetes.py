"""A Kubernetes API in memory, as far as the lab operator asks it."""

import base64
import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lab.operator.kube import secret_data

Resource = dict[str, Any]


@dataclass
class FakeKubernetes:
    resources: dict[tuple[str, str], Resource] = field(default_factory=dict)
    """By kind and name; there is one namespace."""
    statuses: list[Mapping[str, Any]] = field(default_factory=list)
    """Every status that was written."""
    writes: list[tuple[str, str]] = field(default_factory=list)

    def add(self, resource: Resource) -> None:
        self.resources[resource["kind"], resource["metadata"]["name"]] = copy.deepcopy(resource)

    def add_secret(self, name: str, labels: Mapping[str, str] | None = None, **data: bytes) -> None:
        encoded = {key.replace("_", "."): base64.b64encode(value).decode() for key, value in data.items()}
        metadata = {"name": name, "labels": dict(labels or {}), "resourceVersion": "1"}
        self.add({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": encoded})

    def read(self, kind: str, namespace: str, name: str) -> Resource | None:
        return copy.deepcopy(self.resources.get((kind, name)))

    def list(self, kind: str, namespace: str, labels: Mapping[str, str] | None = None) -> "list[Resource]":
        return [
            resource
            for (of_kind, _), resource in self.resources.items()
            if of_kind == kind
            and (labels or {}).items() <= (resource["metadata"].get("labels") or {}).items()
        ]

    def secret(self, namespace: str, name: str) -> dict[str, bytes] | None:
        return secret_data(self.read("Secret", namespace, name))

    def apply(self, manifest: Mapping[str, Any]) -> None:
        self.writes.append((manifest["kind"], manifest["metadata"]["name"]))
        self.add(dict(manifest))

    def put(self, manifest: Mapping[str, Any], current: Mapping[str, Any] | None) -> None:
        self.writes.append((manifest["kind"], manifest["metadata"]["name"]))
        encoded = {key: base64.b64encode(value).decode() for key, value in manifest["data"].items()}
        self.add({**manifest, "data": encoded, "metadata": {**manifest["metadata"], "resourceVersion": "2"}})

    def delete(self, kind: str, namespace: str, name: str) -> None:
        self.writes.append((f"delete {kind}", name))
        self.resources.pop((kind, name), None)

    def write_status(self, resource: Mapping[str, Any], status: Mapping[str, Any]) -> None:
        self.statuses.append(status)
        self.resources[resource["kind"], resource["metadata"]["name"]]["status"] = dict(status)

    def remove_annotations(self, resource: Mapping[str, Any], keys: Sequence[str]) -> None:
        self.writes.append(("remove annotations", ",".join(keys)))
