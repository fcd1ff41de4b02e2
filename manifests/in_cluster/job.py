"""The common parts of all Jobs."""

from __future__ import annotations

from typing import Any

NAME_LABEL = "batch.kubernetes.io/job-name"
"""The label that Kubernetes sets on the pods of a Job."""
KEPT_SECONDS = 86_400
"""Kubernetes deletes a finished Job after this time."""
FOUND = 10
"""Exit code of a pod with findings. Python itself ends with 1 when it cannot start the program (a missing
module, a broken image): such a pod is retried, and is no finding.
"""
FOUND_VARIABLE = "REGION_MIRROR_EXIT_CODE_FOUND"
"""Environment variable with that exit code (mirror.exit_codes)."""
FOUND_ENVIRONMENT = {"name": FOUND_VARIABLE, "value": str(FOUND)}


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
