"""The metadata of every resource that this program declares, and how such a resource is recognised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from settings.model import Settings

Manifest = dict[str, Any]
"""A Kubernetes object as plain data."""

MIRROR = "region-mirror/mirror"
"""Annotation with the mirror's name, on every resource that a mirror declares.

It is no label, because Strimzi copies the labels of a resource to the objects that it creates for it.
"""

DECLARED = "region-mirror/declared"
"""Annotation that changes with the manifest of an object for monitoring or verification: a plan compares such
objects by their metadata.
"""
PHASE = "region-mirror/phase"
"""Annotation of the KafkaMirrorMaker2 whose connectors are stopped for good: `promoted` or `retired`.

The cutover writes it at the promotion; from then on the stack declares it, too (`mirror.phase`).
"""
PROMOTED_AT = "region-mirror/promoted-at"
"""Annotation with the time of the promotion, as ISO 8601 in UTC."""
SWITCHED = "region-mirror/switched"
"""Annotation of a promoted KafkaMirrorMaker2 whose `cutover.switch_command` has succeeded: the time, and a
digest of the command line."""
STATES_BEFORE = "region-mirror/states-before-cutover"
"""Annotation of a KafkaMirrorMaker2 that a cutover has changed and not promoted yet: a JSON object with the
declared state of each connector that it stopped (`{"checkpoint connector": "running"}`)."""

MOVED = "region-mirror/moved"
"""Annotation of a KafkaMirrorMaker2 of which a cutover has moved a part: a JSON object with the names of the
moved `topics` and `groups`, which the mirror excludes.

The cutover writes it with the exclusion; from then on the stack declares it, too (`mirror.moved`).
"""

KINDS_BESIDE_THE_MIRROR = (
    "ConfigMap",
    "CronJob",
    "Deployment",
    "NetworkPolicy",
    "PrometheusRule",
    "Role",
    "RoleBinding",
    "Service",
    "ServiceAccount",
    "ServiceMonitor",
)
"""The kinds of objects beside the mirror, its users and their Secrets: for monitoring and verification."""

LOOK_AGAIN = "region-mirror/look-again"
"""Annotation by which a cutover makes Strimzi reconcile the KafkaMirrorMaker2: seconds since the epoch."""
OWNER = "region-mirror/owner"
"""Annotation with the Pulumi stack that manages an object: an `Owner` as text."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The Pulumi stack that manages a mirror. Stacks of two backends may have the same names, not the same
    `id`, which is random and kept in the stack's state; empty where the state was not read.
    """

    project: str
    stack: str
    id: str = ""

    def __str__(self) -> str:
        return f"{self.project}/{self.stack}/{self.id}"

    @property
    def name(self) -> str:
        """The stack for people: `<project>/<stack>`."""
        return f"{self.project}/{self.stack}"

    @classmethod
    def read(cls, text: str) -> Owner:
        """The owner in an annotation; parts that are missing are empty."""
        project, stack, number, *_ = [*text.split("/"), "", "", ""]
        return cls(project, stack, number)

    def same_name(self, other: Owner | None) -> bool:
        """Tell whether both are stacks of the same name."""
        return other is not None and self.name == other.name


def metadata(
    settings: Settings,
    name: str,
    *,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Render `metadata` of a resource of this mirror, in the target's namespace."""
    result: dict[str, Any] = {
        "name": name,
        "namespace": settings.target.namespace,
        "annotations": {MIRROR: settings.mirror.name, **(annotations or {})},
    }
    if labels:
        result["labels"] = dict(labels)
    return result


def mirror_of(resource_metadata: Mapping[str, Any]) -> str | None:
    """Return the name of the mirror that declared a resource; None for a resource of others."""
    found = (resource_metadata.get("annotations") or {}).get(MIRROR)
    return None if found is None else str(found)


def owner_of(resource_metadata: Mapping[str, Any]) -> Owner | None:
    """Return the stack that manages a resource; None where none is recorded."""
    found = (resource_metadata.get("annotations") or {}).get(OWNER)
    return None if found is None else Owner.read(str(found))
