"""Tells whether the mirror of an identity is deployed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mirror.clients.kubernetes import Kubernetes
from mirror.mm2.identity import Identity
from mirror.problems import CouldNotRun, NotThere


def is_deployed(identity: Identity, side: Mapping[str, str | None], root: Path) -> bool:
    """Whether the KafkaMirrorMaker2 of the identity exists, or cannot be asked for.

    `side`: `kubeconfig`, relative to `root`, and `context` of the target's Kubernetes.
    """
    kubeconfig = side.get("kubeconfig")
    namespace, _, name = identity.resource.partition("/")
    try:
        kubernetes = Kubernetes.connect(root / kubeconfig if kubeconfig else None, side.get("context"))
        kubernetes.strimzi("KafkaMirrorMaker2", namespace, name)
    except NotThere:
        return False
    except CouldNotRun:
        return True
    return True
