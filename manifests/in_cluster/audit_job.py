"""The audit of every record as an Indexed Job beside the target: each pod audits its slice of the partitions.

Nothing of it is declared by the stack: it is printed for `kubectl create`, runs once, and goes by itself. It
lives on what a verification by a Job has: its account, its settings, its image.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from manifests.in_cluster.job import KEPT_SECONDS, failure_policy
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
    """Render the Job; `options` are more of those of `python -m mirror audit`, the same for each slice."""
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
            # The other slices go on.
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
            # The audit's state, and the machine code of its reader.
            "env": [{"name": "XDG_CACHE_HOME", "value": _SCRATCH}],
        },
        token_seconds=_DAY,
        scratch=_SCRATCH,
    )
