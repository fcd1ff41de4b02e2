"""The audit of every record as an Indexed Job beside the target: each pod audits its slice of the partitions.

The stack does not declare the Job: a command prints it for `kubectl create`. The Job runs once, and
Kubernetes deletes it after a day. It uses the account, the settings and the image of the verification by a
Job.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from manifests.in_cluster.job import FOUND_ENVIRONMENT, KEPT_SECONDS, failure_policy
from manifests.in_cluster.pod import pod
from manifests.in_cluster.pod_settings import SETTINGS_PATH
from manifests.in_cluster.verification_job import identity
from manifests.metadata import metadata
from settings.model import Settings
from settings.names import Names

CONTAINER = "audit"
_SCRATCH = "/scratch"
_LABELS = {"app.kubernetes.io/name": "region-mirror", "app.kubernetes.io/component": "audit"}
_RETRIES = 3
_DAY = 86_400


def audit_job(
    settings: Settings, slices: int, *, at_once: int | None = None, options: Sequence[str] = ()
) -> dict[str, Any]:
    """Render the Job; `options` are further options of `python -m mirror audit`, the same for each slice."""
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata(settings, Names.of(settings).audit_job, labels=_LABELS),
        "spec": {
            "completionMode": "Indexed",
            "completions": slices,
            "parallelism": min(at_once or slices, slices),
            "backoffLimitPerIndex": _RETRIES,
            "ttlSecondsAfterFinished": KEPT_SECONDS,
            # The other slices continue.
            "podFailurePolicy": failure_policy("FailIndex", CONTAINER),
            "template": {"metadata": {"labels": _LABELS}, "spec": _pod(settings, slices, options)},
        },
    }


def _pod(settings: Settings, slices: int, options: Sequence[str]) -> dict[str, Any]:
    return pod(
        settings,
        identity(settings),
        {
            "name": CONTAINER,
            "command": ["python", "-m", "mirror", "audit"],
            "args": [
                f"--config-file={SETTINGS_PATH}",
                f"--partition-slice=/{slices}",
                "--json",
                "--progress-json",
                *options,
            ],
            # For the audit's state and the compiled reader.
            "env": [{"name": "XDG_CACHE_HOME", "value": _SCRATCH}, FOUND_ENVIRONMENT],
        },
        token_seconds=_DAY,
        scratch=_SCRATCH,
    )
