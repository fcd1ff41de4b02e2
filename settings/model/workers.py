"""Section `workers`: the pods that run MirrorMaker 2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from settings import rules
from settings.model.fields import meta

Metrics = Literal["none", "jmx-exporter", "strimzi-reporter"]
Tracing = Literal["none", "opentelemetry"]


@dataclass(frozen=True, slots=True)
class WorkersSettings:
    """The pods of Kafka Connect that run MirrorMaker 2.

    Mappings are as Strimzi's `KafkaMirrorMaker2` spells them; the API server judges them at preview.
    """

    replicas: int = field(
        default=2, metadata=meta("Connect workers. Two survive the loss of one.", minimum=1, maximum=1000)
    )
    version: str | None = field(
        default=None,
        metadata=meta("Kafka version of the workers. Absent: the operator's.", rule=rules.kafka_version),
    )
    image: str | None = field(
        default=None,
        metadata=meta("Container image of the workers. Absent: the operator's.", rule=rules.not_blank),
    )
    resources: Mapping[str, Any] = field(
        default_factory=dict,
        metadata=meta(
            "`requests` and `limits`, as `spec.resources`.", known=("requests", "limits", "claims")
        ),
    )
    jvm_options: Mapping[str, Any] = field(
        default_factory=dict,
        metadata=meta(
            "Heap and flags (`-Xms`, `-Xmx`, `-XX`, `javaSystemProperties`), as `spec.jvmOptions`.",
            known=("-Xms", "-Xmx", "-XX", "gcLoggingEnabled", "javaSystemProperties"),
        ),
    )
    rack_topology_key: str | None = field(
        default=None,
        metadata=meta(
            "Node label that names a worker's zone (`topology.kubernetes.io/zone`), so that MM2 reads from "
            "the nearest replica of the source.",
            rule=rules.not_blank,
        ),
    )
    affinity: Mapping[str, Any] = field(
        default_factory=dict, metadata=meta("Kubernetes affinity of the pods, as `template.pod.affinity`.")
    )
    topology_spread_constraints: tuple[Mapping[str, Any], ...] = field(
        default=(),
        metadata=meta("How the pods spread over zones, as `template.pod.topologySpreadConstraints`."),
    )
    tolerations: tuple[Mapping[str, Any], ...] = field(
        default=(), metadata=meta("Taints that the pods tolerate, as `template.pod.tolerations`.")
    )
    max_unavailable: int | None = field(
        default=None,
        metadata=meta(
            "Pods that a drain may take at once (`template.podDisruptionBudget`). Absent: Strimzi's 1.",
            minimum=0,
            maximum=1000,
        ),
    )
    template: Mapping[str, Any] = field(
        default_factory=dict,
        metadata=meta("The rest of `spec.template`: labels, annotations, security context, volumes ..."),
    )
    loggers: Mapping[str, str] = field(
        default_factory=dict,
        metadata=meta(
            "Log levels by logger (`rootLogger.level: INFO`), as `spec.logging` of type inline.",
        ),
    )
    metrics: Metrics = field(
        default="none",
        metadata=meta(
            "How Prometheus reads the workers: Strimzi's `strimzi-reporter` (0.48 and newer) or the "
            "`jmx-exporter`, whose rules are then a ConfigMap beside the mirror."
        ),
    )
    tracing: Tracing = field(default="none", metadata=meta("`opentelemetry` traces every mirrored record."))
