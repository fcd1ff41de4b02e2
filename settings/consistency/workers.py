"""Rules for the pods of the workers: the raw template must not repeat a setting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from settings.model import Settings
from settings.problems import Problem

_IN_TEMPLATE = {
    "pod.affinity": "affinity",
    "pod.tolerations": "tolerations",
    "pod.topologySpreadConstraints": "topology_spread_constraints",
    "podDisruptionBudget.maxUnavailable": "max_unavailable",
}


def template_repeats_no_setting(settings: Settings) -> Iterator[Problem]:
    """Else one of the two values would be ignored silently."""
    for path, key in _IN_TEMPLATE.items():
        value: object = settings.workers.template
        for part in path.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        if value is not None:
            rule = f"has a setting of its own, workers.{key}"
            yield Problem(f"workers.template.{path}", value, rule, "Move it there")


RULES = (template_repeats_no_setting,)
