"""One Deployment or StatefulSet: how far it has stopped or started, and the changes that scale it. Pure.

What a rollback needs is an annotation in the same change that scales it, so it is never lost. A
HorizontalPodAutoscaler does not scale a workload with 0 replicas (Kubernetes, "Implicit maintenance-mode
deactivation"), and takes over again afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mirror.cutover.connectors.change import MANAGER
from mirror.problems import one_line

KINDS = ("Deployment", "StatefulSet")
_PREFIX = "region-mirror/replicas."
_STOPPED_BY = "region-mirror/stopped-by."
"""Annotation with the uid of the KafkaMirrorMaker2 whose cutover has stopped it. The replicas beside it
survive the promotion, and the workload may run with others when a mirror of the same name moves again."""
_ENDED = ("Succeeded", "Failed")


def annotation(mirror: str) -> str:
    """Name the annotation with a workload's replicas: those that it had at the source, or those that it is
    to have on the target."""
    return f"{_PREFIX}{mirror}"


def uid_of(resource: Mapping[str, Any]) -> str:
    """The uid of a KafkaMirrorMaker2: one that is made anew under the same name has another."""
    return str((resource.get("metadata") or {}).get("uid") or "")


@dataclass(frozen=True, slots=True)
class Workload:
    """A workload and its pods as the API has them."""

    kind: str
    resource: Mapping[str, Any] = field(repr=False)
    pods: Sequence[Mapping[str, Any]] = field(default=(), repr=False)

    @property
    def name(self) -> str:
        """`metadata.name`."""
        return str(self.resource["metadata"]["name"])

    @property
    def namespace(self) -> str:
        """`metadata.namespace`."""
        return str(self.resource["metadata"]["namespace"])

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"

    @property
    def replicas(self) -> int:
        """`spec.replicas`; the API's default is 1."""
        found = (self.resource.get("spec") or {}).get("replicas")
        return 1 if found is None else int(found)

    def noted(self, mirror: str) -> int | None:
        """The replicas in the annotation; None without one, or where it is no number from 1."""
        text = self._annotation(annotation(mirror))
        return int(text) if text.isdecimal() and int(text) else None

    def stopped_with(self, mirror: str, uid: str) -> int | None:
        """The replicas that it had when a cutover of this very mirror stopped it; None where none has. `uid`:
        of the KafkaMirrorMaker2."""
        return self.noted(mirror) if self._annotation(_STOPPED_BY + mirror) == uid else None

    def _annotation(self, name: str) -> str:
        return str((self.resource["metadata"].get("annotations") or {}).get(name, ""))

    @property
    def running(self) -> list[str]:
        """The pods that have not ended. The status of a workload does not count pods that terminate."""
        return [
            str(one["metadata"]["name"])
            for one in self.pods
            if (one.get("status") or {}).get("phase") not in _ENDED
        ]

    @property
    def settled(self) -> bool:
        """Whether its controllers have observed that it has 0 replicas: until then they may still start
        pods."""
        status, generation = self.resource.get("status") or {}, self.resource["metadata"].get("generation")
        return int(status.get("observedGeneration") or 0) >= int(generation or 0) and not status.get(
            "replicas"
        )

    @property
    def unavailable(self) -> str:
        """Why the rollout is not complete; empty where every replica is of the newest template and available
        (as `kubectl rollout status`)."""
        status, generation = self.resource.get("status") or {}, self.resource["metadata"].get("generation")
        if int(status.get("observedGeneration") or 0) < int(generation or 0):
            return "its controller has not observed the change yet"
        wanted = self.replicas
        for key in ("updatedReplicas", "availableReplicas"):
            if (found := int(status.get(key) or 0)) < wanted:
                name = key.removesuffix("Replicas")
                return f"{found} of {wanted} replicas are {name}{self._reason()}"
        return ""

    def _reason(self) -> str:
        """The reason of a pod that waits, else of a condition of the workload."""
        for pod in self.pods:
            for one in (pod.get("status") or {}).get("containerStatuses") or []:
                waiting = (one.get("state") or {}).get("waiting") or {}
                if waiting.get("reason") not in (None, "ContainerCreating", "PodInitializing"):
                    said = one_line(f"{waiting['reason']} {waiting.get('message') or ''}")
                    return f" (pod {pod['metadata']['name']}: {said})"
        for one in (self.resource.get("status") or {}).get("conditions") or []:
            failed = one.get("type") == "ReplicaFailure" and one.get("status") == "True"
            stuck = one.get("type") == "Progressing" and one.get("status") == "False"
            if failed or stuck:
                return f" ({one_line(one.get('message') or one.get('reason') or one['type'])})"
        return ""

    @property
    def scaled_by(self) -> str:
        """Who set `spec.replicas` last, where that was not the cutover; from `metadata.managedFields`."""
        others = [
            (str(one.get("time") or ""), str(one.get("manager")))
            for one in self.resource["metadata"].get("managedFields") or []
            if one.get("manager") != MANAGER
            and "f:replicas" in ((one.get("fieldsV1") or {}).get("f:spec") or {})
        ]
        return max(others)[1] if others else ""

    def scaled(self, replicas: int, mirror: str, note: int | None, uid: str | None = None) -> dict[str, Any]:
        """Render the merge patch that scales this version of the workload. `note`: the number for the
        annotation, `uid`: the mirror that stops it; None removes them."""
        return {
            "metadata": {
                "resourceVersion": self.resource["metadata"]["resourceVersion"],
                "annotations": {
                    annotation(mirror): None if note is None else str(note),
                    _STOPPED_BY + mirror: uid,
                },
            },
            "spec": {"replicas": replicas},
        }


def selector_of(resource: Mapping[str, Any]) -> str:
    """Render `spec.selector` of a workload as the text that the API takes; empty selects every pod."""
    selector = (resource.get("spec") or {}).get("selector") or {}
    parts = [f"{key}={value}" for key, value in sorted((selector.get("matchLabels") or {}).items())]
    for one in selector.get("matchExpressions") or []:
        key, values = one["key"], ",".join(one.get("values") or [])
        parts.append(
            {
                "In": f"{key} in ({values})",
                "NotIn": f"{key} notin ({values})",
                "Exists": key,
                "DoesNotExist": f"!{key}",
            }[one["operator"]]
        )
    return ",".join(parts)
