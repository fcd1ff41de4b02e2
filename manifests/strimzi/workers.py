"""The fields of `KafkaMirrorMaker2.spec` that configure the pods, equal in v1 and v1beta2."""

from __future__ import annotations

from typing import Any

from manifests.strimzi import loggers, metrics, oauth
from manifests.strimzi.scalars import typed
from settings.model import Settings, WorkersSettings


def fields(settings: Settings) -> dict[str, Any]:
    """Render the fields; Strimzi's defaults apply to settings that are not set, `loggers` excepted."""
    workers = settings.workers
    optional = {
        "version": workers.version,
        "image": workers.image,
        "resources": typed(workers.resources),
        "jvmOptions": typed(oauth.jvm_options(settings, workers.jvm_options)),
        "rack": {"topologyKey": workers.rack_topology_key} if workers.rack_topology_key else None,
        "logging": loggers.logging(workers),
        "metricsConfig": metrics.config(settings),
        "tracing": {"type": workers.tracing} if workers.tracing != "none" else None,
        "template": _template(workers),
    }
    return {"replicas": workers.replicas, **{key: value for key, value in optional.items() if value}}


def _template(workers: WorkersSettings) -> dict[str, Any]:
    """Add the dedicated settings to the template; `settings.consistency` rejects duplicate fields."""
    template: dict[str, Any] = typed(workers.template)
    pod = {
        "affinity": typed(workers.affinity),
        "topologySpreadConstraints": typed(workers.topology_spread_constraints),
        "tolerations": typed(workers.tolerations),
    }
    pod = {key: value for key, value in pod.items() if value}
    if pod:
        template["pod"] = {**template.get("pod", {}), **pod}
    if workers.max_unavailable is not None:
        budget = template.get("podDisruptionBudget", {})
        template["podDisruptionBudget"] = {**budget, "maxUnavailable": workers.max_unavailable}
    return template
