"""Rules for the resources of pods: Kubernetes' quantities, and no request above its limit.

Strimzi's CRD accepts any text there. Strimzi then fails to reconcile, or Kubernetes refuses the pods: in both
cases after the deployment, and without a word in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from settings.model import Settings
from settings.problems import Problem
from settings.profiles.quantity import quantity

_KINDS = ("requests", "limits")


def quantities_are_kubernetes(settings: Settings) -> Iterator[Problem]:
    """Find amounts that are no quantities, and requests above their limits."""
    for path, resources in (
        ("workers.resources", settings.workers.resources),
        ("verification.resources", settings.verification.resources),
        ("monitoring.exporter_resources", settings.monitoring.exporter_resources),
    ):
        amounts = {kind: resources.get(kind) or {} for kind in _KINDS}
        for kind, given in amounts.items():
            yield from _broken(f"{path}.{kind}", given)
        if all(isinstance(given, Mapping) for given in amounts.values()):
            yield from _above(path, amounts["requests"], amounts["limits"])


def _broken(path: str, given: object) -> Iterator[Problem]:
    if not isinstance(given, Mapping):
        yield Problem(path, given, "must be a mapping of amounts", "Write e.g. {cpu: 500m, memory: 2Gi}")
        return
    for name, amount in given.items():
        size = quantity(amount) if isinstance(amount, int | float | str) else None
        if size is None or size < 0:
            rule = "must be a quantity of Kubernetes, and not below 0"
            yield Problem(f"{path}.{name}", amount, rule, "Write e.g. 500m or 2 for cpu, 2Gi for memory")


def _above(path: str, requests: Mapping[str, Any], limits: Mapping[str, Any]) -> Iterator[Problem]:
    for name, amount in requests.items():
        request, limit = quantity(amount), quantity(limits.get(name))
        if request is not None and limit is not None and request > limit:
            rule = f"must be at most the limit {limits[name]}, else Kubernetes refuses the pods"
            yield Problem(f"{path}.requests.{name}", amount, rule, "Lower the request, or raise the limit")


RULES = (quantities_are_kubernetes,)
