"""The Kubernetes of one side, as the stack file names it."""

from __future__ import annotations

from pathlib import Path

from mirror.clients.kubernetes import Kubernetes
from settings.model import SourceSettings, TargetSettings


def connect(side: SourceSettings | TargetSettings, root: Path) -> Kubernetes:
    """The Kubernetes of one side, from its kubeconfig (relative to `root`) and context."""
    return Kubernetes.connect(root / side.kubeconfig if side.kubeconfig else None, side.context)
