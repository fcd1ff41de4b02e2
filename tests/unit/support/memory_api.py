"""A Kubernetes API in memory that can be written to: resource versions, merge patches, conflicts."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from mirror.problems import AlreadyChanged, CouldNotConnect, CouldNotRead, NotThere

GROUPS = {"Deployment": "apis/apps/v1", "StatefulSet": "apis/apps/v1"}
PLURALS = {"KafkaUser": "kafkausers", "Kafka": "kafkas", "KafkaMirrorMaker2": "kafkamirrormaker2s"}


class MemoryApi:
    """`objects` by their path. `writes`: method and path of each write, in order."""

    where = "https://memory"

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.writes: list[tuple[str, str]] = []
        self.dead = False
        self.forbidden: set[str] = set()
        """Paths that must not be changed."""
        self._version = 0

    def request(
        self,
        method: str,
        path: str,
        what: str,
        *,
        verb: str,
        parameters: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        accept: str = "application/json",
    ) -> dict[str, Any]:
        if self.dead:
            raise CouldNotConnect(f"reaching {self.where}", "no answer in time", "check the network")
        given = copy.deepcopy(dict(body or {}))
        if method == "POST":
            path = f"{path}/{given['metadata']['name']}"
            if path in self.objects:
                raise AlreadyChanged(f"creating {what}", "refused: it exists", "run it again")
            return self._store(method, path, given)
        if path not in self.objects:
            raise NotThere(f"reading {what}", "it does not exist", "check the name")
        there = self.objects[path]
        if method == "GET":
            return copy.deepcopy(there)
        expected = (given.get("metadata") or {}).get("resourceVersion")
        if expected is not None and expected != there["metadata"]["resourceVersion"]:
            raise AlreadyChanged(f"changing {what}", "refused: it has been modified", "run it again")
        if path in self.forbidden:
            raise CouldNotRead(f"changing {what} in {self.where}", "forbidden: no", "grant `patch`")
        if (parameters or {}).get("dryRun"):
            return dict(merged(there, given))
        return self._store(method, path, given if method == "PUT" else merged(there, given))

    def strimzi(self, kind: str, namespace: str, name: str) -> dict[str, Any]:
        return self.request("GET", self.strimzi_path(kind, namespace, name), f"{kind} {name}", verb="get")

    def strimzi_list(
        self, kind: str, namespace: str, labels: Mapping[str, str] | None = None
    ) -> list[dict[str, Any]]:
        prefix = self.strimzi_path(kind, namespace, "")
        found = [copy.deepcopy(one) for path, one in self.objects.items() if path.startswith(prefix)]
        wanted = (labels or {}).items()
        return [one for one in found if wanted <= (one["metadata"].get("labels") or {}).items()]

    def strimzi_path(self, kind: str, namespace: str, name: str) -> str:
        return f"/apis/kafka.strimzi.io/v1/namespaces/{namespace}/{PLURALS[kind]}/{name}"

    def path(self, kind: str, namespace: str, name: str = "") -> str:
        return f"/{GROUPS.get(kind, 'api/v1')}/namespaces/{namespace}/{kind.lower()}s/{name}".rstrip("/")

    def selected(self, kind: str, namespace: str, selector: str) -> list[dict[str, Any]]:
        if self.dead:
            raise CouldNotConnect(f"reaching {self.where}", "no answer in time", "check the network")
        prefix = f"{self.path(kind, namespace)}/"
        wanted = dict(part.split("=") for part in selector.split(",")).items()
        found = [copy.deepcopy(one) for path, one in self.objects.items() if path.startswith(prefix)]
        return [one for one in found if wanted <= (one["metadata"].get("labels") or {}).items()]

    def put(self, path: str, content: Mapping[str, Any]) -> None:
        """Store an object as somebody else would."""
        self._store("", path, copy.deepcopy(dict(content)))

    def _store(self, method: str, path: str, content: dict[str, Any]) -> dict[str, Any]:
        self._version += 1
        there = self.objects.get(path, {})
        content.setdefault("metadata", {})["resourceVersion"] = str(self._version)
        generation = (there.get("metadata") or {}).get("generation", 0)
        changed = content.get("spec") != there.get("spec")
        content["metadata"]["generation"] = generation + (1 if changed else 0)
        self.objects[path] = content
        if method:
            self.writes.append((method, path))
        return copy.deepcopy(content)


def merged(there: Any, patch: Any) -> Any:
    """Apply a merge patch (RFC 7386)."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    result = dict(there) if isinstance(there, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result
