"""Reads the deployed mirror of an identity."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mirror.clients.kubernetes import Kubernetes
from mirror.mm2.identity import Identity
from mirror.problems import CouldNotRun, NotThere


def is_deployed(identity: Identity, side: Mapping[str, str | None], root: Path) -> bool:
    """Whether the KafkaMirrorMaker2 of the identity exists, or cannot be asked for; parameters as for
    `deployed`.
    """
    try:
        return deployed(identity, side, root) is not None
    except CouldNotRun:
        return True


def deployed(identity: Identity, side: Mapping[str, str | None], root: Path) -> Mapping[str, Any] | None:
    """Return the KafkaMirrorMaker2 of the identity, None where it does not exist. Raises CouldNotRun.

    `side`: `kubeconfig`, relative to `root`, and `context` of the target's Kubernetes.
    """
    kubeconfig = side.get("kubeconfig")
    namespace, _, name = identity.resource.partition("/")
    kubernetes = Kubernetes.connect(root / kubeconfig if kubeconfig else None, side.get("context"))
    try:
        return kubernetes.strimzi("KafkaMirrorMaker2", namespace, name)
    except NotThere:
        return None
