"""The pod that runs `python -m mirror` beside the target, with its account and its settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from manifests.in_cluster.pod_settings import SETTINGS_FOLDER
from settings.model import Settings

_ACCOUNT_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount"
_TOKEN_LEAST, _TOKEN_MOST = 3600, 86_400


@dataclass(frozen=True, slots=True)
class Identity:
    """The names of a pod's ServiceAccount and of the ConfigMap with its settings."""

    account: str
    settings: str


def pod(
    settings: Settings,
    identity: Identity,
    container: Mapping[str, Any],
    *,
    token_seconds: int,
    scratch: str | None = None,
    restart: Literal["Always", "Never"] = "Never",
) -> dict[str, Any]:
    """Render the spec of a pod with this container. Its token is valid for `token_seconds`, but at least an
    hour and at most a day; `scratch` is a writable folder.
    """
    pull = settings.verification.image_pull_secrets
    return {
        "serviceAccountName": identity.account,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "restartPolicy": restart,
        **({"imagePullSecrets": [{"name": name} for name in pull]} if pull else {}),
        # Kubernetes' Pod Security Standard `restricted`, here and in the container.
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [
            {
                **container,
                "image": settings.verification.image,
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"drop": ["ALL"]},
                    "readOnlyRootFilesystem": True,
                },
                "volumeMounts": [
                    {"name": "settings", "mountPath": SETTINGS_FOLDER, "readOnly": True},
                    {"name": "token", "mountPath": _ACCOUNT_FOLDER, "readOnly": True},
                    *([{"name": "scratch", "mountPath": scratch}] if scratch else []),
                ],
            }
        ],
        "volumes": [
            {"name": "settings", "configMap": {"name": identity.settings}},
            {"name": "token", "projected": {"sources": _token(token_seconds)}},
            *([{"name": "scratch", "emptyDir": {}}] if scratch else []),
        ],
    }


def _token(seconds: int) -> list[dict[str, Any]]:
    """Render the volume that Kubernetes mounts by default, but with a chosen expiry of the token."""
    seconds = min(max(_TOKEN_LEAST, seconds), _TOKEN_MOST)  # the kubelet renews it meanwhile
    root = {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}
    field = {"apiVersion": "v1", "fieldPath": "metadata.namespace"}
    return [
        {"serviceAccountToken": {"path": "token", "expirationSeconds": seconds}},
        {"configMap": root},
        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": field}]}},
    ]
