"""Reads the deployed mirror of an identity, and which stack its objects record as their owner."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mirror.clients.kubernetes import Kubernetes
from mirror.estate.connection import kubeconfig_path
from mirror.estate.ownership import DeployedObject
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
    namespace, _, name = identity.resource.partition("/")
    try:
        return _kubernetes(side, root).strimzi("KafkaMirrorMaker2", namespace, name)
    except NotThere:
        return None


def deployed_objects(identity: Identity, side: Mapping[str, str | None], root: Path) -> list[DeployedObject]:
    """Return the KafkaMirrorMaker2 of the identity; where it does not exist, its KafkaUser if that records an
    owner. Raises CouldNotRun.
    """
    namespace, _, name = identity.resource.partition("/")
    kubernetes = _kubernetes(side, root)
    for kind in ("KafkaMirrorMaker2", "KafkaUser"):
        try:
            resource = kubernetes.strimzi(kind, namespace, name)
        except NotThere:
            continue
        found = DeployedObject.of(f"{kind} {namespace}/{name}", resource)
        # A user without a mirror may remain from an earlier version, which recorded no owner.
        return [found] if kind == "KafkaMirrorMaker2" or found.owner is not None else []
    return []


def _kubernetes(side: Mapping[str, str | None], root: Path) -> Kubernetes:
    return Kubernetes.connect(kubeconfig_path(side.get("kubeconfig"), root), side.get("context"))
