"""Rules about the pods and how failures are handled."""

from __future__ import annotations

from collections.abc import Iterator

from manifests.strimzi.resource import CONNECTOR_FIELDS, DEFAULT_REPLICAS
from policy.documents import Documents
from policy.examples import MIRROR, REMOVED, sound
from policy.rule import Context, Rule, Violation

_BUDGET = 1
"""Strimzi's default of `maxUnavailable` (`PodDisruptionBudgetUtils.DEFAULT_MAX_UNAVAILABLE`, 1.2.0)."""
_NEEDED = (("requests", "cpu"), ("requests", "memory"), ("limits", "memory"))


def _resources(documents: Documents, _: Context) -> Iterator[Violation]:
    for document, spec in documents.mirror_makers():
        given = spec.pods.get("resources") or {}
        missing = [f"{kind}.{what}" for kind, what in _NEEDED if not (given.get(kind) or {}).get(what)]
        if missing:
            yield Violation(document.subject, f"spec.resources has no {', '.join(missing)}")


def _survives(documents: Documents, _: Context) -> Iterator[Violation]:
    for document, spec in documents.mirror_makers():
        if document.ended:
            continue
        replicas = spec.pods.get("replicas", DEFAULT_REPLICAS)
        budget = ((spec.pods.get("template") or {}).get("podDisruptionBudget") or {}).get(
            "maxUnavailable", _BUDGET
        )
        if not isinstance(replicas, int | float) or not isinstance(budget, int | float):
            continue
        if replicas and replicas < 2:
            yield Violation(document.subject, "spec.replicas is 1: the drain of its node stops mirroring")
        elif replicas and budget >= replicas:
            yield Violation(
                document.subject,
                f"maxUnavailable {budget:g} lets all {replicas:g} pods be evicted at once",
            )


def _restarts(documents: Documents, _: Context) -> Iterator[Violation]:
    for mirror in documents.mirrors():
        for name, connector in mirror.flow.connectors.items():
            restart = connector.get("autoRestart") or {}
            enabled = restart and str(restart.get("enabled", True)).lower() != "false"
            if name not in mirror.flow.undeclared and not enabled:
                yield Violation(
                    mirror.document.subject,
                    f"{mirror.direction}: {CONNECTOR_FIELDS[name]} has no autoRestart",
                )


RULES = (
    Rule(
        id="resources-set",
        title="The pods have requests and a limit of memory",
        severity="warning",
        reason="Without requests Kubernetes evicts the workers first, and places all of them on a full node. "
        "Without a limit Strimzi does not derive the heap from it",
        source="Kubernetes, node-pressure eviction; Strimzi, `jvmOptions`",
        remedy="Set resources.requests.cpu, requests.memory and limits.memory (workers.resources)",
        judge=_resources,
        passing=(sound(),),
        failing=(sound((("spec", "resources"), REMOVED)),),
        production=True,
    ),
    Rule(
        id="survives-a-drain",
        title="The mirror survives the drain of a node",
        severity="warning",
        reason="A drained node evicts its pods. Strimzi's disruption budget, one pod by default, keeps the "
        "others only if there are others",
        source="Strimzi, `PodDisruptionBudgetUtils`",
        remedy="Set replicas to 2 or more and keep template.podDisruptionBudget.maxUnavailable below it "
        "(workers.replicas, workers.max_unavailable)",
        judge=_survives,
        passing=(sound(),),
        failing=(sound((("spec", "replicas"), 1)),),
        production=True,
    ),
    Rule(
        id="restarts-itself",
        title="Failed connectors and tasks are restarted",
        severity="warning",
        reason="Without autoRestart a failed task stays failed, although the resource is Ready: Strimzi "
        "looks at the states of connectors only",
        source="Strimzi, `AbstractConnectOperator`",
        remedy="Add autoRestart: {enabled: true} to both connectors",
        judge=_restarts,
        passing=(sound(),),
        failing=(sound(((*MIRROR, "checkpointConnector", "autoRestart"), REMOVED)),),
    ),
)
