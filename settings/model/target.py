"""Section `target`: the cluster that is copied to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from settings import rules
from settings.model.fields import meta

TargetAuthentication = Literal["scram-sha-512", "tls"]
StrimziApiChoice = Literal["auto", "v1", "v1beta2"]


@dataclass(frozen=True, slots=True)
class TargetSettings:
    """The cluster that is copied to. MirrorMaker 2 runs beside it."""

    alias: str = field(
        metadata=meta("MM2's name for the target cluster; not the source's alias.", rule=rules.alias)
    )
    cluster: str = field(
        metadata=meta("`metadata.name` of the target's Strimzi `Kafka` resource.", rule=rules.resource_name)
    )
    namespace: str = field(
        metadata=meta(
            "Kubernetes namespace of the target's Kafka; everything is declared here.", rule=rules.namespace
        )
    )
    listener: str = field(
        metadata=meta("Listener of the target's `Kafka` resource that MM2 connects to.", rule=rules.listener)
    )
    kubeconfig: str | None = field(
        default=None,
        metadata=meta("Kubeconfig of the target's Kubernetes, as `source.kubeconfig`.", rule=rules.not_blank),
    )
    context: str | None = field(
        default=None,
        metadata=meta("Context in that kubeconfig. Absent: its current context.", rule=rules.not_blank),
    )
    authentication: TargetAuthentication = field(
        default="scram-sha-512",
        metadata=meta("How the mirror's own users log in to the target; what `listener` asks for."),
    )
    api_version: StrimziApiChoice = field(
        default="auto",
        metadata=meta(
            "Version of `kafka.strimzi.io` to declare: `v1` (Strimzi 0.49 and newer), `v1beta2` (older, and "
            "AMQ Streams 2.x). `auto` takes the newest that the target's Kubernetes serves."
        ),
    )
