"""The common parts of all Jobs."""

from __future__ import annotations

from typing import Any

NAME_LABEL = "batch.kubernetes.io/job-name"
"""The label that Kubernetes sets on the pods of a Job."""
KEPT_SECONDS = 86_400
"""Kubernetes deletes a finished Job after this time."""
FOUND = 1
"""Exit code of a pod with findings (mirror.exit_codes)."""


def failure_policy(action: str, container: str) -> dict[str, Any]:
    """Render a Job's podFailurePolicy. After findings the Job or index fails (`action` is FailJob or
    FailIndex), because a retry would find the same. A drained node does not count as a failure.
    """
    exits = {"containerName": container, "operator": "In", "values": [FOUND]}
    disrupted = [{"type": "DisruptionTarget", "status": "True"}]
    return {
        "rules": [
            {"action": action, "onExitCodes": exits},
            {"action": "Ignore", "onPodConditions": disrupted},
        ]
    }
