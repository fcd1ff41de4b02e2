"""Reads Secrets, ConfigMaps and Strimzi's resources from one Kubernetes API."""

from __future__ import annotations

import base64
import binascii
import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2
from lightkube.core.exceptions import ConfigError

from manifests.estate import StrimziApi
from mirror.clients.kubeconfig import open_api
from mirror.clients.kubernetes_errors import not_reached, refused
from mirror.problems import CouldNotRead, CouldNotRun, NotThere

STRIMZI_GROUP = "kafka.strimzi.io"
STRIMZI_APIS: tuple[StrimziApi, ...] = ("v1", "v1beta2")
"""Newest first. v1 came with Strimzi 0.49; 1.0 serves nothing else."""
_PLURALS = {
    "Kafka": "kafkas",
    "KafkaUser": "kafkausers",
    "KafkaTopic": "kafkatopics",
    "KafkaMirrorMaker2": "kafkamirrormaker2s",
    "KafkaConnect": "kafkaconnects",
    "KafkaConnector": "kafkaconnectors",
}
_GROUPS = {
    "ConfigMap": "api/v1",
    "Secret": "api/v1",
    "Service": "api/v1",
    "ServiceAccount": "api/v1",
    "Pod": "api/v1",
    "Deployment": "apis/apps/v1",
    "StatefulSet": "apis/apps/v1",
    "CronJob": "apis/batch/v1",
    "NetworkPolicy": "apis/networking.k8s.io/v1",
    "Role": "apis/rbac.authorization.k8s.io/v1",
    "RoleBinding": "apis/rbac.authorization.k8s.io/v1",
    "PrometheusRule": "apis/monitoring.coreos.com/v1",
    "ServiceMonitor": "apis/monitoring.coreos.com/v1",
}
"""Kinds of other API groups; their plural is the kind with an s, or -ies."""
_METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_METADATA_ONLY = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
_PAGE = 500  # objects in one page of a list, as in kubectl


class Kubernetes:
    """One Kubernetes API. Thread-safe. All methods read, except `request`, which can also write."""

    def __init__(self, client: httpx2.Client, where: str) -> None:
        self._client = client
        self.where = where
        self._lock = threading.Lock()
        self._kinds: dict[StrimziApi, frozenset[str]] = {}

    @classmethod
    def connect(cls, kubeconfig: Path | None, context: str | None = None) -> Kubernetes:
        """The API of a kubeconfig; None: the one that kubectl would use. The first read opens the
        connection.
        """
        return cls(*open_api(kubeconfig, context))

    def secret(self, namespace: str, name: str) -> dict[str, bytes]:
        """A Secret's decoded data. Raises NotThere, CouldNotConnect, CouldNotRead."""
        what = f"Secret {namespace}/{name}"
        return _decoded(self._get(f"/api/v1/namespaces/{namespace}/secrets/{name}", what), what)

    def secrets(self, namespace: str, labels: Mapping[str, str]) -> dict[str, dict[str, bytes]]:
        """The decoded data of every Secret that carries all the labels, by name, in few requests."""
        path = f"/api/v1/namespaces/{namespace}/secrets"
        found = self._list(path, f"the Secrets of namespace {namespace}", labels)
        named = {str(one["metadata"]["name"]): one for one in found}
        return {name: _decoded(one, f"Secret {namespace}/{name}") for name, one in named.items()}

    def config_map(self, namespace: str, name: str) -> dict[str, bytes]:
        """A ConfigMap's content, its binary part decoded. Raises NotThere, CouldNotConnect, CouldNotRead."""
        what = f"ConfigMap {namespace}/{name}"
        found = self._get(f"/api/v1/namespaces/{namespace}/configmaps/{name}", what)
        text = {key: str(value).encode() for key, value in (found.get("data") or {}).items()}
        return text | _decoded({"data": found.get("binaryData")}, what)

    def secret_metadata(self, namespace: str, name: str) -> dict[str, Any]:
        """A Secret's metadata. Its data is not transferred."""
        path, what = f"/api/v1/namespaces/{namespace}/secrets/{name}", f"Secret {namespace}/{name}"
        return dict(self._get(path, what, accept=_METADATA_ONLY).get("metadata") or {})

    def metadata(self, kind: str, namespace: str) -> list[dict[str, Any]]:
        """The metadata of every object of the kind in the namespace. Raises NotThere where the API does not
        serve the kind.
        """
        plural = _plural(kind)
        path, what = self.path(kind, namespace), f"the names of the {plural} of namespace {namespace}"
        found = self._list(path, what, {}, _METADATA_LIST)
        return [dict(one.get("metadata") or {}) for one in found]

    def selected(self, kind: str, namespace: str, selector: str) -> list[dict[str, Any]]:
        """Every object of the kind in the namespace that a label selector, as in kubectl, chooses."""
        what = f"the {_plural(kind)} of namespace {namespace}"
        return self._list(self.path(kind, namespace), what, {}, selector=selector)

    def path(self, kind: str, namespace: str, name: str = "") -> str:
        """The address of an object, or of all objects of a kind, for `request`."""
        plural = f"/{_GROUPS[kind]}/namespaces/{namespace}/{_plural(kind).lower()}"
        return f"{plural}/{name}" if name else plural

    def strimzi(self, kind: str, namespace: str, name: str) -> dict[str, Any]:
        """One of Strimzi's resources as plain JSON (kinds: Kafka, KafkaUser, KafkaMirrorMaker2), with all of
        its fields, whichever version wrote them.
        """
        return self._get(self.strimzi_path(kind, namespace, name), f"{kind} {namespace}/{name}")

    def strimzi_list(
        self, kind: str, namespace: str, labels: Mapping[str, str] | None = None
    ) -> list[dict[str, Any]]:
        """Every resource of the kind in the namespace that carries all the labels."""
        what = f"the {kind} resources of namespace {namespace}"
        return self._list(self._path(kind, namespace), what, labels or {})

    def strimzi_api(self, kind: str) -> StrimziApi:
        """The newest version of `kafka.strimzi.io` in which the API serves the kind.

        Raises NotThere where it serves none, CouldNotRead where discovery is forbidden.
        """
        for version in STRIMZI_APIS:
            if self.serves(version, kind):
                return version
        raise NotThere(
            f"reading which versions of {STRIMZI_GROUP} {self.where} serves",
            f"it serves {kind} in none of {', '.join(STRIMZI_APIS)}",
            "install Strimzi's CRDs in this cluster (or Streams for Apache Kafka 2.x or newer)",
        )

    def serves(self, version: StrimziApi, kind: str) -> bool:
        """Whether the API serves the kind in this version. Raises CouldNotRead where discovery is
        forbidden.
        """
        return kind in self._served(version)

    def strimzi_path(self, kind: str, namespace: str, name: str) -> str:
        """The address of one of Strimzi's resources, for `request`."""
        return f"{self._path(kind, namespace)}/{name}"

    def _path(self, kind: str, namespace: str) -> str:
        # Strimzi 0.49 to 0.51 serve both, v1beta2 has all of v1's fields, and the CRDs convert nothing: in v1
        # the API server leaves out what nobody has converted (`spec.clusters`, the `operation` of an ACL).
        try:
            version = "v1beta2" if self.serves("v1beta2", kind) else self.strimzi_api(kind)
        except CouldNotRead:  # discovery is forbidden; reading the resource may be permitted
            version = STRIMZI_APIS[0]
        return f"/apis/{STRIMZI_GROUP}/{version}/namespaces/{namespace}/{_PLURALS[kind]}"

    def _served(self, version: StrimziApi) -> frozenset[str]:
        """The kinds of one version. Requested once, also when several threads need it at the same time."""
        with self._lock:
            if version not in self._kinds:
                try:
                    what = f"the API {STRIMZI_GROUP}/{version}"
                    answer = self._get(f"/apis/{STRIMZI_GROUP}/{version}", what)
                    self._kinds[version] = frozenset(
                        str(one.get("kind")) for one in answer.get("resources") or []
                    )
                except NotThere:
                    self._kinds[version] = frozenset()
            return self._kinds[version]

    def _list(
        self,
        path: str,
        what: str,
        labels: Mapping[str, str],
        accept: str = "application/json",
        selector: str = "",
    ) -> list[dict[str, Any]]:
        parameters = {"limit": str(_PAGE)}
        if selector := selector or ",".join(f"{key}={value}" for key, value in sorted(labels.items())):
            parameters["labelSelector"] = selector
        found: list[dict[str, Any]] = []
        while True:
            page = self._get(path, what, parameters, verb="list", accept=accept)
            found += page.get("items") or []
            following = (page.get("metadata") or {}).get("continue")
            if not following:
                return found
            parameters["continue"] = str(following)

    def _get(
        self,
        path: str,
        what: str,
        parameters: Mapping[str, str] | None = None,
        *,
        verb: str = "get",
        accept: str = "application/json",
    ) -> dict[str, Any]:
        return self.request("GET", path, what, verb=verb, parameters=parameters, accept=accept)

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
        """Send a request to the API and return its answer. `what` and `verb` (as in RBAC) are for messages.

        A PATCH is a merge patch (RFC 7386). Raises NotThere, AlreadyChanged, CouldNotConnect, CouldNotRead,
        CouldNotRun.
        """
        headers = {"Accept": accept}
        if body is not None:
            kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
            headers["Content-Type"] = kind
        content = None if body is None else json.dumps(body).encode()
        try:
            response = self._client.request(
                method, path, params=dict(parameters or {}), headers=headers, content=content
            )
            if response.status_code >= 400:
                raise refused(self.where, what, verb, response)
            answer: dict[str, Any] = response.json()
            return answer
        except (ConfigError, httpx2.HTTPError, OSError, ValueError) as error:
            raise not_reached(self.where, error) from error


def _plural(kind: str) -> str:
    return f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"


def _decoded(secret: Mapping[str, Any], what: str) -> dict[str, bytes]:
    decoded: dict[str, bytes] = {}
    for key, value in (secret.get("data") or {}).items():
        try:
            decoded[key] = base64.b64decode(value or "", validate=True)
        except (binascii.Error, ValueError) as error:
            raise CouldNotRun(
                f"reading {what}", f"key {key} is not base64", "create the Secret again"
            ) from error
    return decoded
