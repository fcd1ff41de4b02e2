"""Tells whether the mirror of an identity is deployed, by which names, and which stack owns its objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from manifests.strimzi.resource import read_mirror_maker2
from mirror.clients.kubernetes import Kubernetes
from mirror.estate.connection import connect, connect_by
from mirror.estate.ownership import MIRROR_MAKER2, DeployedObject
from mirror.estate.seen import kafka_id, objects_of
from mirror.mm2 import deployed_identity
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


def other_names(settings: Settings, root: Path) -> Iterator[str]:
    """Refuse names that are not those of the deployed KafkaMirrorMaker2, which this stack takes over. Nothing
    where there is none, or where it cannot be read.
    """
    name, target = settings.mirror.name, settings.target
    try:
        resource = connect(target, root).strimzi(MIRROR_MAKER2, target.namespace, name)
    except CouldNotRun:
        return
    yield from deployed_identity.other_names(settings, read_mirror_maker2(resource))


def deployed_objects(identity: Identity, side: Mapping[str, str | None], root: Path) -> list[DeployedObject]:
    """Return `objects_of` the identity. Parameters as for `is_deployed`. Raises CouldNotRun."""
    namespace, _, name = identity.resource.partition("/")
    kubernetes = _kubernetes(side, root)

    def read(kind: str) -> Mapping[str, Any] | None:
        try:
            return kubernetes.strimzi(kind, namespace, name)
        except NotThere:
            return None

    mirror_maker2 = read(MIRROR_MAKER2)
    return objects_of(identity.resource, mirror_maker2, read("KafkaUser") if mirror_maker2 is None else None)


def cluster_id(identity: Identity, side: Mapping[str, str | None], root: Path) -> str:
    """Return `kafka_id` of the target; empty where it cannot be read. Parameters as for `is_deployed`."""
    namespace, _, _ = identity.resource.partition("/")
    try:
        return kafka_id(_kubernetes(side, root).strimzi("Kafka", namespace, identity.target_cluster))
    except CouldNotRun:
        return ""


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
    return connect_by(side.get("kubeconfig"), side.get("context"), root)
