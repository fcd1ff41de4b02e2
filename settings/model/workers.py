"""Section `workers`: the pods that run MirrorMaker 2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from settings.model.fields import meta
from settings.rules import kafka, text

Metrics = Literal["none", "jmx-exporter", "strimzi-reporter"]
Tracing = Literal["none", "opentelemetry"]


@dataclass(frozen=True, slots=True)
class WorkersSettings:
    """The pods of Kafka Connect that run MirrorMaker 2.

    Mappings have the fields of Strimzi's `KafkaMirrorMaker2`; the API server validates them at preview.
    """

    replicas: int = field(
        default=2,
        metadata=meta(
            "Number of Connect workers. With two, mirroring continues if one is lost.",
            minimum=1,
            maximum=1000,
        ),
    )
    version: str | None = field(
        default=None,
        metadata=meta("Kafka version of the workers. Absent: the operator's default.", rule=kafka.version),
    )
    image: str | None = field(
        default=None,
        metadata=meta("Container image of the workers. Absent: the operator's default.", rule=text.not_blank),
    )
    resources: Mapping[str, Any] = field(
        default_factory=dict,
        metadata=meta(
            "Resource `requests` and `limits`, as in `spec.resources`.",
            known=("requests", "limits", "claims"),
        ),
    )
    jvm_options: Mapping[str, Any] = field(
        default_factory=dict,
        metadata=meta(
            "Heap size and JVM flags (`-Xms`, `-Xmx`, `-XX`, `javaSystemProperties`), as in "
            "`spec.jvmOptions`.",
            known=("-Xms", "-Xmx", "-XX", "gcLoggingEnabled", "javaSystemProperties"),
        ),
    )
    rack_topology_key: str | None = field(
        default=None,
        metadata=meta(
            "Node label that holds a worker's zone (`topology.kubernetes.io/zone`), so that MM2 "
            "reads from the nearest replica of the source.",
            rule=text.not_blank,
        ),
    )
    affinity: Mapping[str, Any] = field(
        default_factory=dict, metadata=meta("Kubernetes affinity of the pods, as in `template.pod.affinity`.")
    )
    topology_spread_constraints: tuple[Mapping[str, Any], ...] = field(
        default=(),
        metadata=meta(
            "Rules for spreading the pods over zones, as in `template.pod.topologySpreadConstraints`."
        ),
    )
    tolerations: tuple[Mapping[str, Any], ...] = field(
        default=(), metadata=meta("Taints that the pods tolerate, as in `template.pod.tolerations`.")
    )
    max_unavailable: int | None = field(
        default=None,
        metadata=meta(
            "Maximum number of pods that may be unavailable during a node drain "
            "(`template.podDisruptionBudget`). Absent: Strimzi's default, 1.",
            minimum=0,
            maximum=1000,
        ),
    )
    template: Mapping[str, Any] = field(
        default_factory=dict,
        metadata=meta(
            "Any other part of `spec.template`: labels, annotations, security context, volumes ..."
        ),
    )
    loggers: Mapping[str, str] = field(
        default_factory=dict,
        metadata=meta(
            "Any key of log4j2 (`rootLogger.level: INFO`), as in `spec.logging` with type inline. Yours are "
            "added to the default, or replace its keys. By default a worker writes one message of "
            "MirrorSourceTask a second, because MM2 repeats a warning thousands of times a second while the "
            "source refuses the login; ERROR is not limited. "
            "`logger.mirrorsourcetask.filter.burst.onMismatch: NEUTRAL` turns the limit off.",
        ),
    )
    metrics: Metrics = field(
        default="none",
        metadata=meta(
            "How the workers export Prometheus metrics: by Strimzi's `strimzi-reporter` (0.48 and"
            " newer), or by the `jmx-exporter`, whose rules are kept in a ConfigMap beside the "
            "mirror."
        ),
    )
    tracing: Tracing = field(
        default="none", metadata=meta("Tracing of every mirrored record: `opentelemetry` or `none`.")
    )
