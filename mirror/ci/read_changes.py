"""Reads from the target's Kubernetes who changed the objects of a mirror outside Pulumi."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from manifests.metadata import KINDS_BESIDE_THE_MIRROR, mirror_of
from mirror.ci.changed_by import OutsideChange, OutsideChanges, outside_changes
from mirror.clients.kubernetes import Kubernetes
from mirror.estate.connection import connect
from mirror.problems import CouldNotRead, NotThere, one_line
from settings.model import Settings
from settings.names import Names, source_secrets

_STRIMZI = ("KafkaMirrorMaker2", "KafkaUser", "KafkaConnect", "KafkaConnector")

Metadata = Mapping[str, Any]


def read_outside_changes(settings: Settings, root: Path) -> OutsideChanges:
    """Read the changes to every kind of object that a mirror declares. A kind that must not be read is named
    in the result. `root`: base folder of kubeconfig paths. Raises CouldNotRun where nothing can be read.
    """
    kubernetes, name = connect(settings.target, root), settings.mirror.name
    changes: list[OutsideChange] = []
    unread: dict[str, str] = {}
    users: list[str] = []
    for kind in (*_STRIMZI, *KINDS_BESIDE_THE_MIRROR):
        for one in _or_unread(kind, unread, partial(_objects, kubernetes, settings, kind)):
            if mirror_of(one) == name:
                changes += outside_changes(kind, {"metadata": one})
                users += [str(one["name"])] if kind == "KafkaUser" else []
    for one in _or_unread("Secret", unread, partial(_secrets, kubernetes, settings, users)):
        changes += outside_changes("Secret", {"metadata": one})
    return OutsideChanges(name, tuple(changes), unread)


def _or_unread(
    kind: str, unread: dict[str, str], read: Callable[[], Sequence[Metadata]]
) -> Sequence[Metadata]:
    """Return what is read; nothing of a kind that the API does not serve, or that must not be read."""
    try:
        return read()
    except NotThere:
        return []
    except CouldNotRead as error:
        unread[kind] = one_line(error.happened)
        return []


def _objects(kubernetes: Kubernetes, settings: Settings, kind: str) -> Sequence[Metadata]:
    namespace = settings.target.namespace
    if kind in _STRIMZI:
        return [one.get("metadata") or {} for one in kubernetes.strimzi_list(kind, namespace)]
    # Whoever looks writes the last look, and the Job of each verification its report.
    names = Names.of(settings)
    own = {("ConfigMap", names.last_look), ("ConfigMap", names.verification)}
    return [one for one in kubernetes.metadata(kind, namespace) if (kind, one.get("name")) not in own]


def _secrets(kubernetes: Kubernetes, settings: Settings, users: list[str]) -> Sequence[Metadata]:
    """The metadata of the Secrets that the stack declares, each by its name: a list would need the permission
    to read every Secret of the namespace.
    """
    found = []
    for name in (*source_secrets(settings), *map(Names.of(settings).password_secret, users)):
        try:
            found.append(kubernetes.secret_metadata(settings.target.namespace, name))
        except NotThere:
            continue
    return found
