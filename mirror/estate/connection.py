"""Opens the Kubernetes API of one side from its settings in the stack file."""

from __future__ import annotations

from pathlib import Path

from mirror.clients.kubernetes import Kubernetes
from settings.model import SourceSettings, TargetSettings


def connect(side: SourceSettings | TargetSettings, root: Path) -> Kubernetes:
    """The Kubernetes API of one side. Its kubeconfig is relative to `root`."""
    return Kubernetes.connect(root / side.kubeconfig if side.kubeconfig else None, side.context)
