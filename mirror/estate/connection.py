"""Opens the Kubernetes API of one side from its settings in the stack file."""

from __future__ import annotations

from pathlib import Path

from mirror.clients.kubernetes import Kubernetes
from settings.model import SourceSettings, TargetSettings


def connect(side: SourceSettings | TargetSettings, root: Path) -> Kubernetes:
    """The Kubernetes API of one side. Its kubeconfig is relative to `root`."""
    return Kubernetes.connect(kubeconfig_path(side.kubeconfig, root), side.context)


def kubeconfig_path(given: str | None, root: Path) -> Path | None:
    """The path of a kubeconfig in a stack file: relative to `root`; `~` is the home folder, as in Pulumi's
    Kubernetes provider.
    """
    return root / Path(given).expanduser() if given else None
