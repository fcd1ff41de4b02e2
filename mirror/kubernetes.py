"""Reads of one region's Kubernetes: Secrets and Strimzi's resources, with errors made for people."""

from __future__ import annotations

import base64
import binascii
import json
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import httpx2
import yaml
from lightkube import Client, KubeConfig
from lightkube.config.kubeconfig import SingleConfig
from lightkube.core.exceptions import ApiError, ConfigError
from lightkube.generic_resource import create_namespaced_resource
from lightkube.models.meta_v1 import ObjectMeta, Status
from lightkube.resources.core_v1 import Secret

from mirror.problems import CouldNotConnect, CouldNotRead, CouldNotRun, NotThere, one_line

# A laptop that left the VPN must be told within seconds.
TIMEOUT = httpx2.Timeout(15.0, connect=5.0)
STRIMZI_GROUP, STRIMZI_VERSION = "kafka.strimzi.io", "v1"
_PLURALS = {"Kafka": "kafkas", "KafkaUser": "kafkausers", "KafkaMirrorMaker2": "kafkamirrormaker2s"}
_RESOURCES = {
    kind: create_namespaced_resource(STRIMZI_GROUP, STRIMZI_VERSION, kind, plural)
    for kind, plural in _PLURALS.items()
}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_EXEC_V1 = "client.authentication.k8s.io/v1"

# What lightkube raises on a broken file; KeyError: the context names a cluster or user that it lacks.
_UNUSABLE = (OSError, KeyError, TypeError, AttributeError, ValueError, yaml.YAMLError, ssl.SSLError)

T = TypeVar("T")

# lightkube 1.0.1 decodes with msgspec, whose first decoding of a class is not thread-safe: two threads that
# read their first Secret at once end the process. So each class is decoded here, before any thread reads.
for _model in (Secret, ObjectMeta, Status):
    _model.from_dict({})


class Kubernetes:
    """One Kubernetes API. Thread-safe, read-only."""

    def __init__(self, client: Client, where: str) -> None:
        self._client = client
        self.where = where

    @classmethod
    def connect(cls, kubeconfig: Path | None, context: str | None = None) -> Kubernetes:
        """Opens nothing yet: the first read does. `kubeconfig` None means ambient: the service account
        inside a pod, else $KUBECONFIG, else ~/.kube/config, as kubectl does."""
        shown = str(kubeconfig) if kubeconfig else "the ambient kubeconfig"
        tried = f"reading {shown}"
        try:
            loaded = KubeConfig.from_file(kubeconfig) if kubeconfig else KubeConfig.from_env()
            config = loaded.get(context)
            if config is None or config.user is None:
                raise ConfigError("the context names no user")
            _accept_exec_v1(config)
            # kubectl (Go) never sends loopback through a proxy, httpx does unless NO_PROXY says otherwise.
            local = urlsplit(config.cluster.server).hostname in _LOOPBACK
            client = Client(config, timeout=TIMEOUT, trust_env=not local)
        except ConfigError as error:
            raise CouldNotRun(
                tried,
                one_line(error),
                "set `kubeconfig` (a path relative to the project folder) and `context` of this side in the "
                "stack file; `kubectl config get-contexts` lists the contexts",
            ) from error
        except _UNUSABLE as error:
            raise CouldNotRun(
                tried,
                f"not a usable kubeconfig ({type(error).__name__}: {one_line(error)})",
                "try the same file with kubectl",
            ) from error
        return cls(client, f"{config.cluster.server} (context {config.context_name}, {shown})")

    def secret(self, namespace: str, name: str) -> dict[str, bytes]:
        """A Secret's decoded data. Raises NotThere, CouldNotConnect."""
        secret = self._read(
            f"Secret {namespace}/{name}", lambda: self._client.get(Secret, name, namespace=namespace)
        )
        decoded: dict[str, bytes] = {}
        for key, value in (secret.data or {}).items():
            try:
                decoded[key] = base64.b64decode(value or "", validate=True)
            except (binascii.Error, ValueError) as error:
                raise CouldNotRun(
                    f"reading Secret {namespace}/{name}",
                    f"key {key} is not base64",
                    "create the Secret again",
                ) from error
        return decoded

    def strimzi(self, kind: str, namespace: str, name: str) -> dict[str, Any]:
        """One of Strimzi's resources as plain JSON (kinds: Kafka, KafkaUser, KafkaMirrorMaker2)."""
        found = self._read(
            f"{kind} {namespace}/{name}",
            lambda: self._client.get(_RESOURCES[kind], name, namespace=namespace),
        )
        return cast(dict[str, Any], found.to_dict())  # type: ignore[no-untyped-call]

    def _read(self, what: str, read: Callable[[], T]) -> T:
        # What concerns the API as a whole is worded without `what`: many reads fail with one message.
        reaching = f"reaching {self.where}"
        try:
            return read()
        except ApiError as error:
            raise self._refused(what, error) from error
        except ConfigError as error:  # raised late: an exec plugin that fails
            way_out = "log in to the cluster and try `kubectl get`"
            raise CouldNotConnect(reaching, one_line(error), way_out) from error
        except httpx2.TimeoutException as error:
            way_out = "check the address, the network and VPN, and that the API runs"
            raise CouldNotConnect(reaching, "no answer in time", way_out) from error
        except (httpx2.HTTPError, OSError, json.JSONDecodeError) as error:
            way_out = "check that the API runs there and that the kubeconfig's certificates are current"
            happened = one_line(error) or type(error).__name__
            raise CouldNotConnect(reaching, happened, way_out) from error

    def _refused(self, what: str, error: ApiError) -> CouldNotRun:
        status = error.response.status_code if error.response is not None else error.status.code
        message = one_line(error)
        tried = f"reading {what} from {self.where}"
        match status:
            case 404 if "could not find the requested resource" in message:
                happened = f"this API serves no {STRIMZI_GROUP}/{STRIMZI_VERSION} {what.split()[0]}"
                return NotThere(tried, happened, "install Strimzi's CRDs (1.0 or newer) in this cluster")
            case 404:
                return NotThere(tried, "it does not exist", "check name and namespace in the stack file")
            case 403:
                way_out = f"let this user `get` {what} (RBAC)"
                return CouldNotRead(tried, f"forbidden: {message}", way_out)
            case 401:
                way_out = "renew the kubeconfig's token or certificate"
                return CouldNotConnect(f"reaching {self.where}", "not logged in (401)", way_out)
        way_out = "look at the API server's health"
        return CouldNotConnect(f"reaching {self.where}", f"it answered {status}: {message}", way_out)


def _accept_exec_v1(config: SingleConfig) -> None:
    """lightkube takes exec plugins of v1beta1 only; v1 answers with the same `status.token`."""
    plugin = config.user.exec if config.user else None
    if plugin is not None and plugin.apiVersion == _EXEC_V1:
        plugin.apiVersion = "client.authentication.k8s.io/v1beta1"
