"""The pod in which `python -m mirror` runs beside the target: its account, its settings, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from settings.model import Settings
from settings.names import Names

SETTINGS_FILE = "Pulumi.mirror.yaml"
_SETTINGS_FOLDER = "/etc/region-mirror"
SETTINGS_PATH = f"{_SETTINGS_FOLDER}/{SETTINGS_FILE}"
"""Where the settings are in the container."""
_TOKEN_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount"

JOB_NAME_LABEL = "batch.kubernetes.io/job-name"
"""Kubernetes' own label of a Job's pods."""
KEPT_SECONDS = 86_400
"""How long a Job that has ended can be looked at."""
FOUND = 1
"""Exit code of a pod that found something (mirror.exit_codes)."""


def failure_policy(action: str, container: str) -> dict[str, Any]:
    """A Job's podFailurePolicy: `action` (FailJob or FailIndex) where a pod found something, since a second
    one would find the same; a node that is drained is nobody's fault.
    """
    exits = {"containerName": container, "operator": "In", "values": [FOUND]}
    disrupted = [{"type": "DisruptionTarget", "status": "True"}]
    return {
        "rules": [
            {"action": action, "onExitCodes": exits},
            {"action": "Ignore", "onPodConditions": disrupted},
        ]
    }


def pod(
    settings: Settings, container: Mapping[str, Any], *, seconds: int, scratch: str | None = None
) -> dict[str, Any]:
    """The spec of the pod with this one container; `seconds` are those that it may take, `scratch` is a
    folder to write to.
    """
    names, pull = Names.of(settings), settings.verification.image_pull_secrets
    return {
        "serviceAccountName": names.verification,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "restartPolicy": "Never",
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
                    {"name": "settings", "mountPath": _SETTINGS_FOLDER, "readOnly": True},
                    {"name": "token", "mountPath": _TOKEN_FOLDER, "readOnly": True},
                    *([{"name": "scratch", "mountPath": scratch}] if scratch else []),
                ],
            }
        ],
        "volumes": [
            {"name": "settings", "configMap": {"name": names.verification_settings}},
            {"name": "token", "projected": {"sources": _token(seconds)}},
            *([{"name": "scratch", "emptyDir": {}}] if scratch else []),
        ],
    }


def _token(seconds: int) -> list[dict[str, Any]]:
    """What Kubernetes would mount of itself, but with a token that ends soon after the Job."""
    seconds = min(max(3600, seconds), 86_400)  # the kubelet renews it meanwhile
    root = {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}
    field = {"apiVersion": "v1", "fieldPath": "metadata.namespace"}
    return [
        {"serviceAccountToken": {"path": "token", "expirationSeconds": seconds}},
        {"configMap": root},
        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": field}]}},
    ]
