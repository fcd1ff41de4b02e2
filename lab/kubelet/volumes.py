"""A pod's volumes as folders of the lab."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab.kubelet.pod import Pod, Unsupported
from mirror.clients.kubernetes import Kubernetes

_TOKEN_SECONDS = 3600  # Kubernetes' own default


class Volumes:
    """Makes and removes the folders of one region's pods. Raises `mirror.problems.CouldNotRun` where
    something to be mounted is not there yet, and Unsupported.
    """

    def __init__(self, kubernetes: Kubernetes, root: Path) -> None:
        self._kubernetes = kubernetes
        self._root = root

    def folder(self, uid: str) -> Path:
        """The folder with the files of one pod."""
        return self._root / uid

    def mount(self, pod: Pod, container: Mapping[str, Any]) -> dict[str, Path]:
        """Make what the container mounts; return where each path is."""
        mounts: dict[str, Path] = {}
        for mount in container.get("volumeMounts") or []:
            volume = pod.volumes[mount["name"]]
            folder = self.folder(pod.uid) / "volumes" / mount["name"]
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for path, content in self._content(pod, volume).items():
                file = folder / path
                file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                file.touch(mode=0o600)
                file.write_bytes(content)
            mounts[mount["mountPath"]] = folder / mount["subPath"] if mount.get("subPath") else folder
        return mounts

    def remove(self, uid: str) -> None:
        """Remove all that was made for a pod: tokens are among it."""
        shutil.rmtree(self.folder(uid), ignore_errors=True)

    def config_map(self, namespace: str, name: str) -> dict[str, str]:
        """A ConfigMap's data."""
        path = f"/api/v1/namespaces/{namespace}/configmaps/{name}"
        answer = self._kubernetes.request("GET", path, f"ConfigMap {namespace}/{name}", verb="get")
        return dict(answer.get("data") or {})

    def _content(self, pod: Pod, volume: Mapping[str, Any]) -> dict[str, bytes]:
        if "emptyDir" in volume:
            return {}
        if "projected" in volume:
            parts = [self._source(pod, source) for source in volume["projected"]["sources"]]
            return {path: content for part in parts for path, content in part.items()}
        for kind in ("configMap", "secret", "downwardAPI"):
            if kind in volume:
                given = dict(volume[kind])
                given.setdefault("name", given.get("secretName"))
                return self._source(pod, {kind: given})
        raise Unsupported(f"the lab mounts no {next(key for key in volume if key != 'name')}")

    def _source(self, pod: Pod, source: Mapping[str, Any]) -> dict[str, bytes]:
        ((kind, given),) = source.items()
        if kind == "serviceAccountToken":
            return {given["path"]: self._token(pod, given).encode()}
        if kind == "downwardAPI":
            return {
                item["path"]: pod.field(item["fieldRef"]["fieldPath"]).encode() for item in given["items"]
            }
        if kind == "configMap":
            data = {
                key: value.encode() for key, value in self.config_map(pod.namespace, given["name"]).items()
            }
        elif kind == "secret":
            data = self._kubernetes.secret(pod.namespace, given["name"])
        else:
            raise Unsupported(f"the lab projects no {kind}")
        items = given.get("items")
        return {item["path"]: data[item["key"]] for item in items} if items else data

    def _token(self, pod: Pod, given: Mapping[str, Any]) -> str:
        """A token of the pod's account, bound to the pod: it is worth nothing once the pod is gone."""
        account = pod.service_account
        spec: dict[str, Any] = {
            "audiences": [given["audience"]] if given.get("audience") else [],
            "expirationSeconds": given.get("expirationSeconds", _TOKEN_SECONDS),
            "boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": pod.name, "uid": pod.uid},
        }
        answer = self._kubernetes.request(
            "POST",
            f"/api/v1/namespaces/{pod.namespace}/serviceaccounts/{account}/token",
            f"a token of ServiceAccount {pod.namespace}/{account}",
            verb="create",
            body={"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec},
        )
        return str(answer["status"]["token"])
