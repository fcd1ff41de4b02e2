"""The Kubernetes API of one region, as far as the operators need it. Resources are dictionaries."""

import base64
import contextlib
import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import yaml
from lightkube import ApiError, Client, KubeConfig
from lightkube.codecs import from_dict
from lightkube.core import decoders
from lightkube.core.resource_registry import resource_registry
from lightkube.generic_resource import create_namespaced_resource, get_generic_resource
from lightkube.models.authentication_v1 import TokenRequestSpec
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import ServiceAccountToken
from lightkube.types import PatchType

from lab.operator.labels import CLUSTER_OPERATOR

log = logging.getLogger(__name__)

Resource = dict[str, Any]

STRIMZI = "kafka.strimzi.io/v1"
_PLURALS = {"Kafka": "kafkas", "KafkaUser": "kafkausers", "KafkaMirrorMaker2": "kafkamirrormaker2s"}
_API_VERSIONS = {
    **dict.fromkeys(_PLURALS, STRIMZI),
    "Secret": "v1",
    "ConfigMap": "v1",
    "ServiceAccount": "v1",
    "Role": "rbac.authorization.k8s.io/v1",
    "RoleBinding": "rbac.authorization.k8s.io/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "Service": "v1",
    "PodDisruptionBudget": "policy/v1",
}
_TIMEOUT = httpx2.Timeout(30.0, connect=5.0)

Unreachable = (httpx2.HTTPError, ApiError)
"""What calls raise when the API server is away or refuses: try again later."""


class Kubernetes:
    """Safe to share between threads."""

    def __init__(self, kubeconfig: Path, transport: httpx2.BaseTransport | None = None) -> None:
        for kind, plural in _PLURALS.items():
            if get_generic_resource(STRIMZI, kind) is None:  # type: ignore[no-untyped-call]
                group, version = STRIMZI.split("/")
                create_namespaced_resource(group, version, kind, plural)
        _decode_everything_once()
        self._kubeconfig = kubeconfig
        self._client = Client(
            config=KubeConfig.from_file(kubeconfig).get(),
            timeout=_TIMEOUT,
            field_manager=CLUSTER_OPERATOR,
            trust_env=False,
            transport=transport,
        )

    def kubeconfig(self, namespace: str, token: str) -> str:
        """A kubeconfig for this API server and the holder of the token."""
        given = yaml.safe_load(self._kubeconfig.read_text())
        cluster = given["clusters"][0]["cluster"]
        if "certificate-authority" in cluster:
            authority = self._kubeconfig.parent / cluster.pop("certificate-authority")
            cluster["certificate-authority-data"] = base64.b64encode(authority.read_bytes()).decode()
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "lab", "cluster": cluster}],
            "users": [{"name": "pod", "user": {"token": token}}],
            "contexts": [
                {"name": "pod", "context": {"cluster": "lab", "user": "pod", "namespace": namespace}}
            ],
            "current-context": "pod",
        }
        return json.dumps(config, indent=2) + "\n"

    def read(self, kind: str, namespace: str, name: str) -> Resource | None:
        """Read one object; None when it is absent."""
        try:
            return _as_dict(self._client.get(_model(kind), name, namespace=namespace))
        except ApiError as error:
            _must_be_absent(error)
            return None

    def list(self, kind: str, namespace: str, labels: Mapping[str, str] | None = None) -> list[Resource]:
        """List the objects of a kind that carry these labels; namespace `*` means all."""
        found = self._client.list(_model(kind), namespace=namespace, labels=dict(labels or {}))
        return [_as_dict(resource) for resource in found]

    def serves_strimzi(self) -> bool:
        """Tell whether the API server answers for Strimzi's kinds. One that has just started does not, for a
        moment, although it says that it is ready.
        """
        try:
            for kind in _PLURALS:
                self.list(kind, "*")
        except Unreachable as problem:
            log.info("Strimzi's kinds are not served yet: %s", problem)
            return False
        return True

    def secret(self, namespace: str, name: str) -> dict[str, bytes] | None:
        """The decoded data of a Secret; None when it is absent."""
        return secret_data(self.read("Secret", namespace, name))

    def apply(self, manifest: Mapping[str, Any]) -> None:
        """Server-side apply: no write when nothing differs. `data` of a Secret may be bytes."""
        self._client.apply(from_dict(_encoded(manifest)), force=True)

    def put(self, manifest: Mapping[str, Any], current: Mapping[str, Any] | None) -> None:
        """Create, or replace `current` as a whole, so that what is not in the manifest goes."""
        wanted = _encoded(manifest)
        if current is None:
            self._client.create(from_dict(wanted))
            return
        wanted["metadata"]["resourceVersion"] = current["metadata"]["resourceVersion"]
        self._client.replace(from_dict(wanted))

    def delete(self, kind: str, namespace: str, name: str) -> None:
        """Delete one object; fine when it is absent."""
        try:
            self._client.delete(_model(kind), name, namespace=namespace)
        except ApiError as error:
            _must_be_absent(error)

    def write_status(self, resource: Mapping[str, Any], status: Mapping[str, Any]) -> None:
        """Replace the status as a whole. Nobody minds when the resource has just been deleted or changed."""
        body = {**resource, "status": dict(status)}
        model = _model(resource["kind"]).Status
        metadata = resource["metadata"]
        try:
            self._client.replace(
                model.from_dict(body), name=metadata["name"], namespace=metadata["namespace"]
            )
        except ApiError as error:
            if error.status.code not in (404, 409):
                raise

    def remove_annotations(self, resource: Mapping[str, Any], keys: Sequence[str]) -> None:
        """Remove these annotations of an object."""
        patch = {"metadata": {"annotations": dict.fromkeys(keys)}}
        metadata = resource["metadata"]
        self._client.patch(
            _model(resource["kind"]),
            metadata["name"],
            patch,
            namespace=metadata["namespace"],
            patch_type=PatchType.MERGE,
        )

    def token(self, namespace: str, service_account: str, seconds: int) -> str:
        """A token of the ServiceAccount (TokenRequest), as the kubelet would project it into a Pod."""
        spec = TokenRequestSpec(audiences=[], expirationSeconds=seconds)
        request = ServiceAccountToken(metadata=ObjectMeta(), spec=spec)
        answer = self._client.create(request, service_account, namespace=namespace)
        if answer.status is None:
            raise ValueError(f"no token for ServiceAccount {namespace}/{service_account} in the API's answer")
        return str(answer.status.token)


def secret_data(secret: Mapping[str, Any] | None) -> dict[str, bytes] | None:
    """The decoded data of a Secret; None for no Secret."""
    if secret is None:
        return None
    return {key: base64.b64decode(value) for key, value in (secret.get("data") or {}).items()}


def _decode_everything_once() -> None:
    """lightkube decodes by msgspec, whose first use of a class in two threads at once ends the process."""
    decoders.decode_status(b"{}")
    for model in (ServiceAccountToken, *map(_model, _API_VERSIONS)):
        # What a kind requires is not there, but by then msgspec knows the kind.
        with contextlib.suppress(msgspec.ValidationError):
            decoders.decode_object(b"{}", model)
        with contextlib.suppress(msgspec.ValidationError):
            decoders.decode_list(b'{"items": [{}], "metadata": {}}', model)
        with contextlib.suppress(msgspec.ValidationError):
            model.from_dict({"metadata": {}}).to_dict()


def _model(kind: str) -> Any:
    return resource_registry.load(_API_VERSIONS[kind], kind)


def _as_dict(resource: Any) -> Resource:
    value: Resource = resource.to_dict()
    return value


def _encoded(manifest: Mapping[str, Any]) -> Resource:
    encoded = {**manifest, "metadata": dict(manifest["metadata"])}
    if manifest["kind"] == "Secret":
        encoded["data"] = {
            key: base64.b64encode(value).decode() for key, value in (manifest.get("data") or {}).items()
        }
    return encoded


def _must_be_absent(error: ApiError) -> None:
    if error.status.code != 404:
        raise error
