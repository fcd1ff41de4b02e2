"""What all Jobs of this program have in common."""

from __future__ import annotations

from typing import Any

NAME_LABEL = "batch.kubernetes.io/job-name"
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
