"""Tells whether the mirror of an identity is deployed, and which stack its objects record as their owner."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mirror.clients.kubernetes import Kubernetes
from mirror.estate.connection import connect, kubeconfig_path
from mirror.estate.ownership import MIRROR_MAKER2, DeployedObject
from mirror.mm2.identity import Identity
from mirror.problems import CouldNotRun, NotThere
from settings.model import Settings
from settings.names import Names


def is_deployed(identity: Identity, side: Mapping[str, str | None], root: Path) -> bool:
    """Whether the KafkaMirrorMaker2 of the identity exists, or cannot be asked for.

    `side`: `kubeconfig`, relative to `root`, and `context` of the target's Kubernetes.
    """
    namespace, _, name = identity.resource.partition("/")
    try:
        _kubernetes(side, root).strimzi(MIRROR_MAKER2, namespace, name)
    except NotThere:
        return False
    except CouldNotRun:
        return True
    return True


def deployed_objects(identity: Identity, side: Mapping[str, str | None], root: Path) -> list[DeployedObject]:
    """Return the KafkaMirrorMaker2 of the identity; where it does not exist, its KafkaUser if that records an
    owner. Parameters as for `is_deployed`. Raises CouldNotRun.
    """
    namespace, _, name = identity.resource.partition("/")
    kubernetes = _kubernetes(side, root)
    for kind in (MIRROR_MAKER2, "KafkaUser"):
        try:
            resource = kubernetes.strimzi(kind, namespace, name)
        except NotThere:
            continue
        found = DeployedObject.of(kind, identity.resource, resource)
        # A user without a mirror may remain from an earlier version, which recorded no owner.
        return [found] if found.mirror_maker2 is not None or found.owner is not None else []
    return []


def cluster_id(identity: Identity, side: Mapping[str, str | None], root: Path) -> str:
    """Return what tells the target's Kafka from every other one: its cluster id, else its uid; empty where it
    cannot be read. Parameters as for `is_deployed`.
    """
    namespace, _, _ = identity.resource.partition("/")
    try:
        kafka = _kubernetes(side, root).strimzi("Kafka", namespace, identity.target_cluster)
    except CouldNotRun:
        return ""
    return str((kafka.get("status") or {}).get("clusterId") or (kafka.get("metadata") or {}).get("uid") or "")


def can_log_in(settings: Settings, root: Path) -> bool:
    """Whether the verifier's Secret exists on the target, or cannot be asked for: without it, nobody can log
    in as the mirror's users (`DeployedResource.access`), and there is nothing to import a Kafka client for.
    """
    target = settings.target
    try:
        connect(target, root).secret_metadata(target.namespace, Names.of(settings).verifier_user)
    except NotThere:
        return False
    except CouldNotRun:
        return True
    return True


def _kubernetes(side: Mapping[str, str | None], root: Path) -> Kubernetes:
    return Kubernetes.connect(kubeconfig_path(side.get("kubeconfig"), root), side.get("context"))
